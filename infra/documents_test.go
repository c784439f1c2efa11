//go:build unix

package infra_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// kinds are the documents that their owner writes, with the rules for what is in them. Each case is tried as a new
// document and as a change of one that is there.
var kinds = []struct {
	name     string
	path     string // {id} is the case's own id, the owner's uid or part of it
	content  func() fields
	optional bool     // fields may be missing
	nullable []string // fields that may be null, for which there is a case
	noUpdate bool     // is created and deleted only
	fresh    fields   // what each write of it must say again
	member   string   // the membership that it takes
	cases    []contentCase
}{
	{
		name: "profile", path: "users/{id}", content: profile, optional: true, fresh: fields{"dueAt": serverTime},
		cases: []contentCase{
			{"locale, shortest", fields{"locale": "en"}, allowed},
			{"locale with script and region", fields{"locale": "zh-Hant-TW"}, allowed},
			{"locale of 35 characters", fields{"locale": "de-" + strings.Repeat("abcdefg-", 3) + "abcdefgh"}, allowed},
			{"locale of 36 characters", fields{"locale": "deu-" + strings.Repeat("abcdefg-", 3) + "abcdefgh"}, refused},
			{"locale, empty", fields{"locale": ""}, refused},
			{"locale with an underscore", fields{"locale": "en_US"}, refused},
			{"locale with something before", fields{"locale": " en"}, refused},
			{"locale with something behind", fields{"locale": "en-US\n"}, refused},
			{"locale as a list of characters", fields{"locale": []any{"e", "n"}}, refused},
			{"locale as bytes", fields{"locale": []byte("en")}, refused},
			{"time zone UTC", fields{"timeZone": "UTC"}, allowed},
			{"time zone with a sign", fields{"timeZone": "Etc/GMT+5"}, allowed},
			{"time zone with two slashes", fields{"timeZone": "America/Argentina/Buenos_Aires"}, allowed},
			{"time zone with dashes", fields{"timeZone": "America/Port-au-Prince"}, allowed},
			{"time zone of 64 characters", fields{"timeZone": strings.Repeat("a", 64)}, allowed},
			{"time zone of 65 characters", fields{"timeZone": strings.Repeat("a", 65)}, refused},
			{"time zone, empty", fields{"timeZone": ""}, refused},
			{"time zone as a way up", fields{"timeZone": "../../etc/passwd"}, refused},
			{"time zone from the root", fields{"timeZone": "/etc/localtime"}, refused},
			{"time zone as an offset", fields{"timeZone": 60}, refused},
			{"due, by a clock that is right", fields{"dueAt": ahead(0)}, refused},
			{"when the digest goes", fields{"digestAt": ahead(0)}, refused},
			{"when the digest goes, by the server's clock", fields{"digestAt": serverTime}, refused},
			{"the digest that was sent last", fields{"digested": "2026-11-26"}, refused},
			{"the digest that is being sent", fields{"digesting": "2026-11-26"}, refused},
			{"what is left of the pushes", fields{"pushBudget": fields{"fullAt": ago(time.Hour)}}, refused},
			{"what was received", fields{"received": fields{"hour": 1}}, refused},
		},
	},
	{
		name: "device", path: "users/{id}/devices/d", content: device, fresh: fields{"lastSeenAt": serverTime},
		cases: []contentCase{
			{"kind token", fields{"kind": "token"}, allowed},
			{"kind, unknown", fields{"kind": "apns"}, refused},
			{"value of 512 characters", fields{"value": strings.Repeat("v", 512)}, allowed},
			{"value of 513 characters", fields{"value": strings.Repeat("v", 513)}, refused},
			{"value of 4 kB", fields{"value": strings.Repeat("v", 4096)}, refused},
			{"value, empty", fields{"value": ""}, refused},
			{"value as bytes", fields{"value": []byte("fid-1")}, refused},
			{"value as a list", fields{"value": []any{"fid-1"}}, refused},
			{"platform android", fields{"platform": "android"}, allowed},
			{"platform ios", fields{"platform": "ios"}, allowed},
			{"platform, unknown", fields{"platform": "windows"}, refused},
			{"locale, wrong", fields{"locale": "en_US"}, refused},
			{"last seen by a clock that is right", fields{"lastSeenAt": ahead(0)}, refused},
			{"last seen by a clock that is fast", fields{"lastSeenAt": ahead(time.Minute)}, refused},
			{"last seen by a clock that is slow", fields{"lastSeenAt": ago(time.Minute)}, refused},
			{"last seen in three years", fields{"lastSeenAt": ahead(3 * 365 * day)}, refused},
			{"last seen as text", fields{"lastSeenAt": "2026-11-21T00:00:00Z"}, refused},
		},
	},
	{
		name: "withdrawal", path: "users/{id}/withdrawals/n-3", content: withdrawal, fresh: withdrawal(),
		cases: []contentCase{
			{"by a clock that is right", fields{"expireAt": ahead(0)}, refused},
			{"by a clock that is slow", fields{"expireAt": ago(time.Minute)}, refused},
			{"for good", fields{"expireAt": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, refused},
			{"of a revision", fields{"revision": 3}, refused},
		},
	},
	{
		name: "mark on an announcement", path: "users/{id}/announcements/" + announcementID, content: announcementMark, optional: true, fresh: fields{"expireAt": ahead(14 * day)},
		nullable: []string{"seenAt", "readAt", "archivedAt", "snoozedUntil"},
		cases: []contentCase{
			{"seen alone", fields{"readAt": removed, "archivedAt": removed, "snoozedUntil": removed}, allowed},
			{"seen by a clock that is fast", fields{"seenAt": ahead(4 * time.Minute)}, allowed},
			{"seen in the future", fields{"seenAt": ahead(6 * time.Minute)}, refused},
			{"unseen", fields{"seenAt": nil}, allowed},
			{"seen as a word", fields{"seenAt": "yes"}, refused},
			{"read in the future", fields{"readAt": ahead(6 * time.Minute)}, refused},
			{"unread", fields{"readAt": nil}, allowed},
			{"read as a word", fields{"readAt": "yes"}, refused},
			{"archived in the future", fields{"archivedAt": ahead(6 * time.Minute)}, refused},
			{"unarchived", fields{"archivedAt": nil}, allowed},
			{"archived as a switch", fields{"archivedAt": true}, refused},
			{"woken", fields{"snoozedUntil": nil}, allowed},
			{"snoozed for a number", fields{"snoozedUntil": 60}, refused},
			{"snoozed into the past", fields{"snoozedUntil": ago(time.Minute)}, refused},
			{"snoozed for more than a year", fields{"snoozedUntil": ahead(367 * day)}, refused},
			{"kept for 90 days", fields{"expireAt": ahead(90 * day)}, allowed},
			{"kept for longer", fields{"expireAt": ahead(92 * day)}, refused},
			{"kept as a number", fields{"expireAt": 1}, refused},
			{"kept as null", fields{"expireAt": nil}, refused},
			{"answered", fields{"doneAction": "accept"}, refused},
			{"a revision", fields{"revision": 1}, refused},
		},
	},
	{
		name: "presence", path: "audiences/staff/presence/{id}", content: presence, member: "audiences/staff/members/{id}",
		cases: []contentCase{
			{"lease that is over", fields{"expiresAt": ago(time.Minute)}, allowed},
			{"lease of almost two minutes", fields{"expiresAt": ahead(110 * time.Second)}, allowed},
			{"lease of more than two minutes", fields{"expiresAt": ahead(140 * time.Second)}, refused},
			{"lease without an end", fields{"expiresAt": time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, refused},
			{"typing", fields{"typing": true}, allowed},
			{"typing as a text", fields{"typing": "yes"}, refused},
			{"where somebody is", fields{"target": "post/42"}, refused},
		},
	},
	{
		name: "membership", path: "audiences/topic-go/members/{id}", content: membership, noUpdate: true,
		cases: []contentCase{
			{"since, by the server's clock", fields{"since": serverTime}, allowed},
			{"since, by a clock that is fast", fields{"since": ahead(4 * time.Minute)}, allowed},
			{"since the future", fields{"since": ahead(6 * time.Minute)}, refused},
			{"since, as text", fields{"since": "today"}, refused},
		},
	},
}

type contentCase struct {
	name    string
	changes fields
	want    verdict
}

func TestWhatOwnersWrite(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			d := newDatabase(t)
			cases := slices.Clone(kind.cases)
			cases = append(cases, contentCase{"as it should be", fields{}, allowed}, contentCase{"an extra field", fields{"admin": true}, refused})
			for name := range kind.content() {
				cases = append(cases,
					contentCase{name + " missing", fields{name: removed}, verdictOf(kind.optional && kind.fresh[name] == nil)},
					contentCase{name + " of a wrong type", fields{name: 1.5}, refused})
				if !slices.Contains(kind.nullable, name) {
					cases = append(cases, contentCase{name + " null", fields{name: nil}, refused})
				}
			}
			for i, tc := range cases {
				t.Run(tc.name, func(t *testing.T) {
					t.Parallel()
					id := fmt.Sprintf("u%d", i)
					path := strings.ReplaceAll(kind.path, "{id}", id)
					if kind.member != "" {
						d.seed(t, strings.ReplaceAll(kind.member, "{id}", id), membership())
					}
					if got := d.commit(t, person(id), d.create(path, with(kind.content(), tc.changes))); got != tc.want {
						t.Errorf("create: got %s, want %s", got, tc.want)
					}
					d.seed(t, path, kind.content())
					want := tc.want
					if kind.noUpdate {
						want = refused
					}
					changes := fields{}
					maps.Copy(changes, kind.fresh)
					maps.Copy(changes, tc.changes)
					write := d.update(path, changes)
					if len(tc.changes) == 0 {
						write = d.set(path, kind.content())
					}
					if got := d.commit(t, person(id), write); got != want {
						t.Errorf("update: got %s, want %s", got, want)
					}
				})
			}
		})
	}
}

// What functions keep in the profile document stays theirs, and does not stop owners from changing what is theirs.
func TestProfileBesideFieldsOfFunctions(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.seed(t, "users/bob", with(profile(), fields{"devices": fields{"phone": now}, "pushBudget": fields{"fullAt": now, "message": "m1"}}))
	for _, tc := range []contentCase{
		{"an own field", fields{"locale": "fr"}, allowed},
		{"one switch by its path", fields{"preferences.push.social": true}, allowed},
		{"a wrong switch by its path", fields{"preferences.push.social": "on"}, refused},
		{"the functions' field", fields{"devices": fields{}}, refused},
		{"a part of the functions' field", fields{"devices.phone": ago(time.Hour)}, refused},
		{"the functions' field removed", fields{"devices": removed}, refused},
		{"when a digest is due", fields{"digestAt": now}, refused},
		{"which digest was sent", fields{"digested": "2026-11-26"}, refused},
		{"the budget of pushes", fields{"pushBudget": fields{"fullAt": ago(time.Hour)}}, refused},
		{"the budget of pushes, a part of it", fields{"pushBudget.fullAt": ago(time.Hour)}, refused},
		{"the budget of pushes, taken away", fields{"pushBudget": removed}, refused},
		{"what was received", fields{"received": fields{"hour": 1}}, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := d.commit(t, "bob", d.update("users/bob", tc.changes)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	if got, want := d.commit(t, "bob", d.set("users/bob", profile())), refused; got != want {
		t.Errorf("replacing the document without the functions' field: got %s, want %s", got, want)
	}
}

func TestIds(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	long, longest := strings.Repeat("i", 129), strings.Repeat("i", 128)
	for _, tc := range []struct {
		name    string
		path    string
		content fields
		want    verdict
	}{
		{"device, longest", "users/bob/devices/" + longest, device(), allowed},
		{"device, too long", "users/bob/devices/" + long, device(), refused},
		{"withdrawal, longest", "users/bob/withdrawals/" + longest[2:] + "-3", withdrawal(), allowed},
		{"withdrawal, too long", "users/bob/withdrawals/" + longest[1:] + "-3", withdrawal(), refused},
		{"withdrawal of a large revision", "users/bob/withdrawals/q0jc7-5870016-" + strings.Repeat("9", 18), withdrawal(), allowed},
		{"withdrawal of a revision that is none", "users/bob/withdrawals/q0jc7-" + strings.Repeat("9", 19), withdrawal(), refused},
		{"withdrawal without a revision", "users/bob/withdrawals/q0jc7-", withdrawal(), refused},
		{"withdrawal of a word", "users/bob/withdrawals/q0jc7-three", withdrawal(), refused},
		{"withdrawal without an item", "users/bob/withdrawals/-3", withdrawal(), refused},
		{"mark on an announcement", "users/bob/announcements/" + announcementID, announcementMark(), allowed},
		{"mark on an announcement, too long", "users/bob/announcements/" + announcementID + "0", announcementMark(), refused},
		{"mark on an announcement, too short", "users/bob/announcements/" + announcementID[1:], announcementMark(), refused},
		{"mark on something else", "users/bob/announcements/" + announcementID[1:] + "x", announcementMark(), refused},
		{"topic, longest", "audiences/topic-" + longest[6:] + "/members/bob", membership(), allowed},
		{"topic, too long", "audiences/topic-" + longest[5:] + "/members/bob", membership(), refused},
		{"topic without a name", "audiences/topic-/members/bob", membership(), refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := d.commit(t, "bob", d.create(tc.path, tc.content)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}
