//go:build unix

package infra_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What a page says of itself, as the first lease of all, which makes the profile, and beside all else that a profile can have.
func TestWhatALeaseSays(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for _, tc := range []contentCase{
		{"as it should be", fields{}, allowed},
		{"over", fields{"expiresAt": ago(time.Minute)}, allowed},
		{"of almost two minutes", fields{"expiresAt": ahead(110 * time.Second)}, allowed},
		{"of more than two minutes", fields{"expiresAt": ahead(140 * time.Second)}, refused},
		{"without an end", fields{"expiresAt": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, refused},
		{"with an end by the server's clock, as text", fields{"expiresAt": "2026-11-21T00:00:00Z"}, refused},
		{"with an end as a number", fields{"expiresAt": 1}, refused},
		{"with an end as null", fields{"expiresAt": nil}, refused},
		{"without the end", fields{"expiresAt": removed}, refused},
		{"of nothing on the screen", fields{"target": nil}, allowed},
		{"of a target of 256 characters", fields{"target": strings.Repeat("t", 256)}, allowed},
		{"of a target of 257 characters", fields{"target": strings.Repeat("t", 257)}, refused},
		{"of a target as a map", fields{"target": fields{"type": "post", "id": "42"}}, refused},
		{"without a target", fields{"target": removed}, refused},
		{"of a hidden page", fields{"visible": false}, allowed},
		{"visible as a number", fields{"visible": 1}, refused},
		{"visible as null", fields{"visible": nil}, refused},
		{"without being visible or not", fields{"visible": removed}, refused},
		{"with more", fields{"device": "phone"}, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			uid := person(strings.ReplaceAll(tc.name, " ", "-"))
			path, lease := "users/"+string(uid), with(session(), tc.changes)
			if got := d.commit(t, uid, d.create(path, fields{"sessions": fields{"tab": lease}})); got != tc.want {
				t.Errorf("the first one: got %s, want %s", got, tc.want)
			}
			d.seed(t, path, with(profile(), fields{"devices": fields{"phone": now}, "sessions": fields{"tab": session(), "other": session()}}))
			if got := d.commit(t, uid, d.update(path, fields{"sessions.tab": lease})); got != tc.want {
				t.Errorf("renewed: got %s, want %s", got, tc.want)
			}
		})
	}
}

// A write adds or renews one lease, removes any number, and changes nothing else. Nobody has more than 20.
func TestAWriteIsAboutOneLease(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	longest := strings.Repeat("i", 128)
	other := func(s time.Duration) fields { return with(session(), fields{"expiresAt": ahead(s * time.Second)}) }
	dead := with(session(), fields{"expiresAt": ago(time.Hour)})
	few := fields{"mine": session(), "other": other(30), "dead": dead, "longdead": dead}
	many := numbered(20, "tab%02d", dead)
	for _, tc := range []struct {
		name   string
		before fields
		change fields
		want   verdict
	}{
		{"a page opens", few, fields{"sessions.new": session()}, allowed},
		{"a page opens, the first one", nil, fields{"sessions.new": session()}, allowed},
		{"a page renews its lease", few, fields{"sessions.mine": other(50)}, allowed},
		{"a page gives it back", few, fields{"sessions.mine": removed}, allowed},
		{"a page opens, and removes those that are over", few, fields{"sessions.new": session(), "sessions.dead": removed, "sessions.longdead": removed}, allowed},
		{"a page renews, and removes another one", few, fields{"sessions.mine": other(50), "sessions.other": removed}, allowed},
		{"all go", few, fields{"sessions": fields{}}, allowed},
		{"all go with the field", few, fields{"sessions": removed}, allowed},
		{"two pages open", few, fields{"sessions.new": session(), "sessions.newer": other(40)}, refused},
		{"two pages open that say the same", few, fields{"sessions.new": dead, "sessions.newer": dead}, refused},
		{"two pages renew", few, fields{"sessions.mine": other(50), "sessions.other": other(40)}, refused},
		{"one opens, another one renews", few, fields{"sessions.new": session(), "sessions.mine": other(50)}, refused},
		{"as a list", few, fields{"sessions": []any{session()}}, refused},
		{"as null", few, fields{"sessions": nil}, refused},
		{"as a time", few, fields{"sessions.mine": ahead(time.Minute)}, refused},
		{"an id of 128 characters", few, fields{"sessions." + longest: session()}, allowed},
		{"an id of 129 characters", few, fields{"sessions." + longest + "i": session()}, refused},
		{"one of twenty is renewed", many, fields{"sessions.tab07": session()}, allowed},
		{"the twenty-first", many, fields{"sessions.new": session()}, refused},
		{"the twenty-first, and one goes", many, fields{"sessions.new": session(), "sessions.tab03": removed}, allowed},
		{"the twentieth", with(many, fields{"tab03": removed}), fields{"sessions.new": session()}, allowed},
		{"a lease and a choice", few, fields{"sessions.mine": other(50), "locale": "fr"}, refused},
		{"a lease and who is due", few, fields{"sessions.mine": other(50), "dueAt": serverTime}, refused},
		{"a lease and the functions' field", few, fields{"sessions.mine": other(50), "devices": fields{}}, refused},
		{"a lease and the budget of pushes", few, fields{"sessions.mine": other(50), "pushBudget": removed}, refused},
		{"a choice beside leases", few, fields{"locale": "fr"}, allowed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			uid := person(strings.ReplaceAll(tc.name, " ", "-"))
			path := "users/" + string(uid)
			before := with(profile(), fields{"devices": fields{"phone": now}, "pushBudget": fields{"fullAt": now}})
			if tc.before != nil {
				before["sessions"] = tc.before
			}
			d.seed(t, path, before)
			if got := d.commit(t, "mallory", d.update(path, tc.change)); got != refused {
				t.Errorf("by somebody else: got %s, want %s", got, refused)
			}
			if got := d.commit(t, uid, d.update(path, tc.change)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	for _, tc := range []contentCase{
		{"a lease and a choice make a profile", fields{"sessions": fields{"tab": session()}, "locale": "de"}, refused},
		{"a lease and the functions' field make a profile", fields{"sessions": fields{"tab": session()}, "devices": fields{}}, refused},
		{"two leases make a profile", fields{"sessions": fields{"tab": session(), "other": other(40)}}, refused},
		{"no lease makes a profile", fields{"sessions": nil}, refused},
	} {
		uid := person(strings.ReplaceAll(tc.name, " ", "-"))
		if got := d.commit(t, uid, d.create("users/"+string(uid), tc.changes)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// With a lease, a page says what its person did lately: at most a hundred deeds, each of the form that functions read; alone, and when it gives the lease back.
func TestDeedsComeWithALease(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	const deed = "seen 1764240000123 3 7f3k2m9q1v5b8n4c6x0z2l3j4h-5931842"
	many := func(n int) (all []any) {
		for range n {
			all = append(all, deed)
		}
		return all
	}
	longest := strings.Repeat("i", 64)
	for _, tc := range []struct {
		name  string
		deeds any
		want  verdict
	}{
		{"none", []any{}, allowed},
		{"one", []any{deed}, allowed},
		{"of each kind", []any{deed, "opened 1764240000123 3 i-1", "acted 1764240000123 999999999 i_1"}, allowed},
		{"a hundred", many(100), allowed},
		{"a hundred and one", many(101), refused},
		{"of another kind", []any{"dismissed 1764240000123 3 i-1"}, refused},
		{"with a text", []any{deed, "seen 1764240000123 3 i Bob said no"}, refused},
		{"two in one", []any{deed + "," + deed}, allowed}, // which a function reads as none
		{"without an item", []any{"seen 1764240000123 3 "}, refused},
		{"of an item with 64 letters", []any{"seen 1764240000123 3 " + longest}, allowed},
		{"of an item with 65 letters", []any{"seen 1764240000123 3 " + longest + "i"}, refused},
		{"empty", []any{deed, ""}, refused},
		{"of numbers", []any{1}, refused},
		{"as a text", deed, refused},
		{"as a map", fields{"0": deed}, refused},
		{"as null", nil, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			uid := person(strings.ReplaceAll(tc.name, " ", "-"))
			path := "users/" + string(uid)
			if got := d.commit(t, uid, d.create(path, fields{"sessions": fields{"tab": session()}, "deeds": tc.deeds})); got != tc.want {
				t.Errorf("the first one: got %s, want %s", got, tc.want)
			}
			for what, change := range map[string]fields{
				"renewed": {"sessions.tab": with(session(), fields{"target": "post/1"}), "deeds": tc.deeds}, "given back": {"sessions.tab": removed, "deeds": tc.deeds}, "alone": {"deeds": tc.deeds},
			} {
				d.seed(t, path, with(profile(), fields{"devices": fields{"phone": now}, "sessions": fields{"tab": session()}, "deeds": []any{"acted 1764240000123 1 other"}}))
				if got := d.commit(t, "mallory", d.update(path, change)); got != refused {
					t.Errorf("%s, by somebody else: got %s, want %s", what, got, refused)
				}
				if got := d.commit(t, uid, d.update(path, with(change, fields{"locale": "fr"}))); got != refused {
					t.Errorf("%s, with a choice: got %s, want %s", what, got, refused)
				}
				if got := d.commit(t, uid, d.update(path, change)); got != tc.want {
					t.Errorf("%s: got %s, want %s", what, got, tc.want)
				}
			}
		})
	}
	if got := d.commit(t, "bob", d.create("users/bob", fields{"deeds": []any{deed}})); got != refused {
		t.Errorf("without a lease they make a profile: got %s, want %s", got, refused)
	}
}

// The rules of one request may have 1,000 expressions: both kinds of write fit, also in the largest profile.
func TestTheLargestProfile(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	choices := numbered(50, "category_%02d", true)
	var deeds []any
	for n := range 100 {
		deeds = append(deeds, fmt.Sprintf("opened 17642400001%02d 999999999 %s", n, strings.Repeat("i", 64)))
	}
	d.seed(t, "users/bob", with(profile(), fields{
		"mutes": numbered(200, "post/%03d", fields{"title": "A post", "until": ago(time.Hour)}), "sessions": numbered(20, "tab%02d", session()), "deeds": deeds,
		"quietHours":  fields{"enabled": true, "week": week("00:00-06:00", "12:00-13:00", "18:00-18:30", "23:59-00:00")},
		"preferences": fields{"in_app": choices, "push": choices, "email": choices},
	}))
	for _, tc := range []contentCase{
		{"a lease", fields{"sessions.tab07": with(session(), fields{"visible": false})}, allowed},
		{"a lease and deeds", fields{"sessions.tab07": session(), "deeds": deeds[1:]}, allowed},
		{"a choice", fields{"preferences.push.category_07": false}, allowed},
	} {
		if got := d.commit(t, "bob", d.update("users/bob", tc.changes)); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}
