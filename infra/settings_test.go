//go:build unix

package infra_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// settings are the profile's fields of which a person's attention follows, each case as a new document and as a change of a full one. The
// general cases (missing, null, of a wrong type) are in documents_test.go.
var settings = []struct {
	field string
	cases []settingCase
}{
	{"preferences", []settingCase{
		{"none", fields{}, allowed},
		{"one choice", fields{"push": fields{"social": false}}, allowed},
		{"a category that no list names", fields{"email": fields{"gossip_2": true}}, allowed},
		{"a channel without choices", fields{"in_app": fields{}}, allowed},
		{"fifty categories", fields{"push": numbered(50, "category_%02d", true)}, allowed},
		{"a thousand letters", fields{"push": fields{strings.Repeat("c", 1000): true}}, allowed},
		{"a thousand and one", fields{"push": fields{strings.Repeat("c", 1001): true}}, refused},
		{"an unknown channel", fields{"sms": fields{"social": true}}, refused},
		{"a channel as a switch", fields{"push": true}, refused},
		{"a channel as a list", fields{"email": []any{"social"}}, refused},
		{"a channel as null", fields{"in_app": nil}, refused},
		{"a word in the app", fields{"in_app": fields{"social": "on"}}, refused},
		{"a word for pushes", fields{"push": fields{"social": "on"}}, refused},
		{"a word for mails", fields{"email": fields{"social": "on"}}, refused},
		{"a number", fields{"push": fields{"social": 1}}, refused},
		{"null", fields{"push": fields{"social": nil}}, refused},
		{"one of several", fields{"push": fields{"social": true, "code": "on"}}, refused},
		{"a category in capital letters", fields{"push": fields{"Social": true}}, refused},
		{"a category with a dot", fields{"push": fields{"social.media": true}}, refused},
		{"as a list", []any{"social"}, refused},
	}},
	{"mutes", []settingCase{
		{"none", fields{}, allowed},
		{"without anything", fields{"post/1": fields{}}, allowed},
		{"with an end", fields{"post/1": fields{"until": ahead(time.Hour)}}, allowed},
		{"that is over", fields{"post/1": fields{"until": ago(time.Hour)}}, allowed},
		{"with a source", fields{"order/1001/%2Fshop": fields{"title": "Order 1001"}}, allowed},
		{"a title of 100 characters", fields{"post/1": fields{"title": strings.Repeat("t", 100)}}, allowed},
		{"a title of 101 characters", fields{"post/1": fields{"title": strings.Repeat("t", 101)}}, refused},
		{"a title as a number", fields{"post/1": fields{"title": 1}}, refused},
		{"an end as a text", fields{"post/1": fields{"until": "tomorrow"}}, refused},
		{"more than that", fields{"post/1": fields{"why": "loud"}}, refused},
		{"as a switch", fields{"post/1": true}, refused},
		{"a key of 400 characters", fields{"post/" + strings.Repeat("1", 395): fields{}}, allowed},
		{"a key of 401 characters", fields{"post/" + strings.Repeat("1", 396): fields{}}, refused},
		{"a key without an id", fields{"post": fields{}}, refused},
		{"a key with an empty id", fields{"post/": fields{}}, refused},
		{"a key of four parts", fields{"post/1/a/b": fields{}}, refused},
		{"a key that is not encoded", fields{"post/a b": fields{}}, refused},
		{"two at once", fields{"post/1": fields{}, "post/2": fields{"title": "Two"}}, refused},
		{"two ends at once", fields{"post/1": fields{"until": ahead(time.Hour)}, "post/42": fields{"until": ahead(time.Minute)}}, refused},
		{"as a list", []any{"post/1"}, refused},
	}},
	{"quietHours", []settingCase{
		{"off", fields{"enabled": false}, allowed},
		{"on, and never", fields{"enabled": true, "week": fields{}}, allowed},
		{"within a day", monday("12:30-13:05"), allowed},
		{"all day", monday("00:00-24:00"), allowed},
		{"none on a day", monday(), allowed},
		{"four a day, all week", fields{"enabled": true, "week": week("00:00-06:00", "12:00-13:00", "18:00-18:30", "23:59-00:00")}, allowed},
		{"five a day", monday("00:00-06:00", "12:00-13:00", "14:00-15:00", "18:00-18:30", "23:59-00:00"), refused},
		{"without the switch", fields{"week": week("22:00-07:00")}, refused},
		{"switched by a word", fields{"enabled": "yes", "week": week("22:00-07:00")}, refused},
		{"with more", fields{"enabled": true, "from": "22:00"}, refused},
		{"a week as a list", fields{"enabled": true, "week": []any{"22:00-07:00"}}, refused},
		{"a day by its full name", fields{"enabled": true, "week": fields{"monday": []any{"22:00-07:00"}}}, refused},
		{"a day as a text", fields{"enabled": true, "week": fields{"mon": "22:00-07:00"}}, refused},
		{"from 24:00", monday("24:00-07:00"), refused},
		{"to 24:01", monday("22:00-24:01"), refused},
		{"at minute 60", monday("21:60-07:00"), refused},
		{"with seconds", monday("22:00:00-07:00"), refused},
		{"without a zero", monday("22:00-7:00"), refused},
		{"without an end", monday("22:00"), refused},
		{"two ranges in one", monday("22:00-07:00,12:00-13:00"), refused},
		{"one range in two", monday("22:00-", "07:00"), refused},
		{"two in one and an empty one", monday("22:00-07:00,12:00-13:00", ""), refused},
		{"a range as a map", monday(fields{"from": "22:00", "to": "07:00"}), refused},
		{"in minutes", monday(1320), refused},
		{"as a word", "nights", refused},
	}},
	{"doNotDisturb", []settingCase{
		{"off", fields{"enabled": false}, allowed},
		{"until it is turned off", fields{"enabled": true}, allowed},
		{"for two hours", fields{"enabled": true, "until": ahead(2 * time.Hour)}, allowed},
		{"over", fields{"enabled": true, "until": ago(time.Hour)}, allowed},
		{"for a year", fields{"enabled": true, "until": ahead(365 * day)}, allowed},
		{"for longer", fields{"enabled": true, "until": ahead(367 * day)}, refused},
		{"an end as a text", fields{"enabled": true, "until": "08:00"}, refused},
		{"an end as null", fields{"enabled": true, "until": nil}, refused},
		{"without the switch", fields{"until": ahead(time.Hour)}, refused},
		{"switched by a word", fields{"enabled": "on"}, refused},
		{"with more", fields{"enabled": true, "from": ago(time.Hour)}, refused},
		{"as a switch", true, refused},
	}},
	{"digest", []settingCase{
		{"each day", fields{"every": "day"}, allowed},
		{"each day at seven", fields{"every": "day", "at": "07:00"}, allowed},
		{"each week", fields{"every": "week", "at": "23:59", "on": "sun"}, allowed},
		{"each month", fields{"every": "month"}, refused},
		{"without a rhythm", fields{"at": "07:00"}, refused},
		{"a rhythm as a switch", fields{"every": true}, refused},
		{"at 24:00", fields{"every": "day", "at": "24:00"}, refused},
		{"at 7", fields{"every": "day", "at": "7:00"}, refused},
		{"a time as a number", fields{"every": "day", "at": 7}, refused},
		{"a day by its full name", fields{"every": "week", "on": "monday"}, refused},
		{"a day as a number", fields{"every": "week", "on": 1}, refused},
		{"with more", fields{"every": "day", "zone": "UTC"}, refused},
		{"none, by null", nil, refused},
		{"as a word", "daily", refused},
	}},
	{"pushesPerHour", []settingCase{
		{"one", 1, allowed},
		{"sixty", 60, allowed},
		{"none", 0, refused},
		{"fewer than none", -1, refused},
		{"sixty-one", 61, refused},
		{"one and a half", 1.5, refused},
		{"twelve as a fraction", 12.0, refused},
		{"as a text", "12", refused},
		{"the default, by null", nil, refused},
	}},
}

type settingCase struct {
	name  string
	value any
	want  verdict
}

// monday are quiet hours with ranges on Mondays.
func monday(ranges ...any) fields {
	return fields{"enabled": true, "week": fields{"mon": ranges}}
}

// numbered is a map of n names with that value.
func numbered(n int, name string, value any) fields {
	all := fields{}
	for i := range n {
		all[fmt.Sprintf(name, i)] = value
	}
	return all
}

func TestSettings(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, s := range settings {
		cases := s.cases
		if s.field == "quietHours" { // each day is looked at by a line of its own
			for day := range week() {
				wrong := with(week("22:00-07:00"), fields{day: []any{"late"}})
				cases = append(cases, settingCase{day + " is wrong", fields{"enabled": true, "week": wrong}, refused})
			}
		}
		for i, tc := range cases {
			t.Run(s.field+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				uid := person(fmt.Sprintf("%s%d", s.field, i))
				path := "users/" + string(uid)
				if got := d.commit(t, uid, d.create(path, fields{s.field: tc.value, "dueAt": serverTime})); got != tc.want {
					t.Errorf("create: got %s, want %s", got, tc.want)
				}
				d.seed(t, path, profile())
				if got := d.commit(t, uid, d.update(path, fields{s.field: tc.value, "dueAt": serverTime})); got != tc.want {
					t.Errorf("update: got %s, want %s", got, tc.want)
				}
			})
		}
	}
}

// Who changes when they may be disturbed says so by the server's clock: what is held back for them is found by that.
func TestAChangeOfQuietSaysWhen(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.seed(t, "users/bob", with(profile(), fields{"dueAt": removed}))
	for _, tc := range []contentCase{
		{"quiet hours", fields{"quietHours": fields{"enabled": false}}, refused},
		{"do not disturb", fields{"doNotDisturb": removed}, refused},
		{"the time zone", fields{"timeZone": "UTC"}, refused},
		{"the digest", fields{"digest": removed}, refused},
		{"the digest, with the time", fields{"digest": fields{"every": "week"}, "dueAt": serverTime}, allowed},
		{"quiet hours, by the client's clock", fields{"quietHours": fields{"enabled": false}, "dueAt": ahead(0)}, refused},
		{"quiet hours, with the time", fields{"quietHours": fields{"enabled": false}, "dueAt": serverTime}, allowed},
		{"the same again, without a time", fields{"quietHours": fields{"enabled": false}}, allowed},
		{"other settings", fields{"locale": "fr", "preferences": fields{}, "mutes": fields{}, "pushesPerHour": 3}, allowed},
		{"the time alone", fields{"dueAt": serverTime}, allowed},
		{"the time taken away", fields{"dueAt": removed}, refused},
	} {
		if got := d.commit(t, "bob", d.update("users/bob", tc.changes)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// Mutes come one by one, up to 200, and go in any number.
func TestMutes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	many := numbered(200, "post/%03d", fields{"title": "A post", "until": ago(time.Hour)})
	d.seed(t, "users/bob", fields{"mutes": many})
	long := numbered(49, "post/"+strings.Repeat("1", 392)+"%03d", fields{})
	d.seed(t, "users/carol", fields{"mutes": long})
	for _, tc := range []struct {
		name  string
		who   person
		mutes fields
		want  verdict
	}{
		{"one more than 200", "bob", with(many, fields{"post/200": fields{}}), refused},
		{"one of 200 gets another end", "bob", with(many, fields{"post/007": fields{"until": ahead(time.Hour)}}), allowed},
		{"two of 200 get another end", "bob", with(many, fields{"post/007": fields{}, "post/008": fields{"title": "x"}}), refused},
		{"one goes, another comes", "bob", with(many, fields{"post/001": removed, "post/200": fields{}}), allowed},
		{"a hundred go", "bob", numbered(100, "post/%03d", fields{"title": "A post", "until": ago(time.Hour)}), allowed}, // what 007 gets back is among the values
		{"all but one go", "bob", fields{"post/002": fields{"title": "A post", "until": ago(time.Hour)}}, allowed},
		{"all go", "bob", fields{}, allowed},
		{"keys that are too long together", "carol", with(long, fields{"post/" + strings.Repeat("2", 395): fields{}, "post/" + strings.Repeat("1", 392) + "000": removed, "order/" + strings.Repeat("2", 394): fields{}}), refused},
		{"keys of 20,000 characters", "carol", with(long, fields{"post/" + strings.Repeat("2", 395): fields{}}), allowed},
		{"keys of more", "carol", with(long, fields{"post/" + strings.Repeat("2", 395): fields{}, "post/3": fields{}}), refused},
	} {
		write := d.update("users/"+string(tc.who), fields{"mutes": tc.mutes})
		if got := d.commit(t, tc.who, write); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}
