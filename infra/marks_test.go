//go:build unix

package infra_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/event"
)

// markFields are the only fields of a notification that its owner may change.
var markFields = []string{"seenAt", "readAt", "followedAt", "archivedAt", "snoozedUntil", "doneAction", "doneAt"}

const day = 24 * time.Hour

// taken makes an item one that was taken back.
var taken = fields{"archivedAt": removed, "retractedAt": ago(time.Minute)}

// marks is the table of what the owner may do to a notification. item is what differs from a fresh one.
var marks = []struct {
	name string
	item fields
	mark fields
	want verdict
}{
	{"nothing", nil, fields{}, allowed},

	{"seen", nil, fields{"seenAt": serverTime}, allowed},
	{"seen by the client's clock", nil, fields{"seenAt": ago(time.Hour)}, allowed},
	{"seen by a clock that is fast", nil, fields{"seenAt": ahead(4 * time.Minute)}, allowed},
	{"seen in the future", nil, fields{"seenAt": ahead(6 * time.Minute)}, refused},
	{"seen as a word", nil, fields{"seenAt": "now"}, refused},
	{"seen as a number", nil, fields{"seenAt": 1}, refused},
	{"seen as a switch", nil, fields{"seenAt": true}, refused},
	{"seen again, later", fields{"seenAt": ago(time.Hour)}, fields{"seenAt": serverTime}, allowed},
	{"seen again, the same", fields{"seenAt": ago(time.Hour)}, fields{"seenAt": ago(time.Hour)}, allowed},
	{"seen again, earlier", fields{"seenAt": ago(time.Hour)}, fields{"seenAt": ago(2 * time.Hour)}, refused},
	{"unseen", fields{"seenAt": ago(time.Hour)}, fields{"seenAt": nil}, refused},
	{"seen removed", nil, fields{"seenAt": removed}, refused},

	{"read and seen", nil, fields{"readAt": serverTime, "seenAt": serverTime}, allowed},
	{"read, seen before", fields{"seenAt": ago(time.Hour)}, fields{"readAt": serverTime}, allowed},
	{"read, which implies seen", nil, fields{"readAt": serverTime}, allowed},
	{"read by a clock that is fast", fields{"seenAt": now}, fields{"readAt": ahead(4 * time.Minute)}, allowed},
	{"read in the future", fields{"seenAt": now}, fields{"readAt": ahead(6 * time.Minute)}, refused},
	{"read as a word", fields{"seenAt": now}, fields{"readAt": "yes"}, refused},
	{"read again, earlier", fields{"seenAt": now, "readAt": now}, fields{"readAt": ago(time.Hour)}, allowed},
	{"unread", fields{"seenAt": now, "readAt": now}, fields{"readAt": nil}, allowed},
	{"unread and unseen", fields{"seenAt": now, "readAt": now}, fields{"readAt": nil, "seenAt": nil}, refused},
	{"read removed", fields{"seenAt": now}, fields{"readAt": removed}, refused},

	{"followed", nil, fields{"followedAt": serverTime, "readAt": serverTime, "seenAt": serverTime}, allowed},
	{"followed alone", nil, fields{"followedAt": serverTime}, allowed},
	{"followed again", fields{"followedAt": ago(time.Hour)}, fields{"followedAt": serverTime}, allowed},
	{"followed in the future", nil, fields{"followedAt": ahead(6 * time.Minute)}, refused},
	{"followed as a switch", nil, fields{"followedAt": true}, refused},
	{"not followed", fields{"followedAt": ago(time.Hour)}, fields{"followedAt": nil}, refused},
	{"followed removed", fields{"followedAt": ago(time.Hour)}, fields{"followedAt": removed}, refused},

	{"archived", nil, fields{"archivedAt": serverTime}, allowed},
	{"archived by a clock that is fast", nil, fields{"archivedAt": ahead(4 * time.Minute)}, allowed},
	{"archived in the future", nil, fields{"archivedAt": ahead(6 * time.Minute)}, refused},
	{"archived as a switch", nil, fields{"archivedAt": true}, refused},
	{"unarchived", fields{"archivedAt": now}, fields{"archivedAt": nil}, allowed},
	{"archived removed", nil, fields{"archivedAt": removed}, refused},
	{"seen, archived by functions ahead of the clock", fields{"archivedAt": now.Add(7 * day)}, fields{"seenAt": serverTime}, allowed},
	{"archived, with marks of functions ahead of the clock",
		fields{"seenAt": now.Add(7 * day), "readAt": now.Add(7 * day)}, fields{"archivedAt": serverTime}, allowed},

	{"archived after it was taken back", taken, fields{"archivedAt": serverTime}, refused},
	{"archived after it was taken back, for its old revision", taken, fields{"archivedAt": serverTime, "revision": 3}, refused},
	{"brought back into the feed", taken, fields{"archivedAt": nil}, refused},
	{"seen and read after it was taken back", taken, fields{"seenAt": serverTime, "readAt": serverTime}, allowed},

	{"snoozed for an hour", nil, fields{"snoozedUntil": ahead(time.Hour)}, allowed},
	{"snoozed for a year", nil, fields{"snoozedUntil": ahead(365 * day)}, allowed},
	{"snoozed for longer", nil, fields{"snoozedUntil": ahead(367 * day)}, refused},
	{"snoozed into the past", nil, fields{"snoozedUntil": ago(time.Minute)}, refused},
	{"snoozed until now", nil, fields{"snoozedUntil": serverTime}, refused},
	{"snoozed for a number of minutes", nil, fields{"snoozedUntil": 60}, refused},
	{"woken", fields{"snoozedUntil": ahead(time.Hour)}, fields{"snoozedUntil": nil}, allowed},
	{"snoozed removed", nil, fields{"snoozedUntil": removed}, refused},
	{"archived after a snooze that is over", fields{"snoozedUntil": ago(time.Hour)}, fields{"archivedAt": serverTime}, allowed},

	{"the first action", nil, fields{"doneAction": "accept"}, allowed},
	{"the second action", nil, fields{"doneAction": "decline"}, allowed},
	{"no action of this item", nil, fields{"doneAction": "delete-everything"}, refused},
	{"an action of an item that has none", fields{"actions": []any{}}, fields{"doneAction": "accept"}, refused},
	{"no action of an item that has all", fields{"actions": allActions()}, fields{"doneAction": "a9"}, refused},
	{"an action twice", fields{"doneAction": "accept"}, fields{"doneAction": "accept"}, allowed},
	{"an action, and when", nil, fields{"doneAction": "accept", "doneAt": serverTime}, allowed},
	{"an action twice, and when", fields{"doneAction": "accept", "doneAt": ago(time.Minute)}, fields{"doneAction": "accept", "doneAt": serverTime}, allowed},
	{"an action in the future", nil, fields{"doneAction": "accept", "doneAt": ahead(6 * time.Minute)}, refused},
	{"an action at null", nil, fields{"doneAction": "accept", "doneAt": nil}, refused},
	{"when without an action", nil, fields{"doneAt": serverTime}, refused},
	{"another action afterwards", fields{"doneAction": "accept"}, fields{"doneAction": "decline"}, refused},
	{"an action taken back", fields{"doneAction": "accept"}, fields{"doneAction": nil}, refused},
	{"an action removed", nil, fields{"doneAction": removed}, refused},
	{"an action by its number", nil, fields{"doneAction": 0}, refused},
	{"an action brought along", nil,
		fields{"doneAction": "mine", "actions": []any{action("mine")}}, refused},
	{"an action read and seen in one", nil,
		fields{"doneAction": "accept", "readAt": serverTime, "seenAt": serverTime, "revision": 3}, allowed},

	{"the revision it was made for", nil, fields{"archivedAt": serverTime, "revision": 3}, allowed},
	{"an old revision", nil, fields{"archivedAt": serverTime, "revision": 2}, refused},
	{"a revision to come", nil, fields{"archivedAt": serverTime, "revision": 4}, refused},
	{"the old revision alone", nil, fields{"revision": 2}, refused},
	{"the revision removed", nil, fields{"archivedAt": serverTime, "revision": removed}, refused},
	{"a revision that is not a whole number", nil, fields{"revision": 3.0}, refused},
	{"a pushed revision that is not a whole number", nil, fields{"push.revision": 3.0}, refused},
	{"a rank that is not a whole number", nil, fields{"rank": 2.0}, refused},
	{"actors that are not a whole number", nil, fields{"actorCount": 1.0}, refused},
	{"entries that are not a whole number", nil, fields{"entryCount": 1.0}, refused},
	{"parts that are not a whole number", nil, fields{"partCount": 1.0}, refused},
	{"seen, in an item without parts", fields{"partCount": removed, "entryCount": removed}, fields{"seenAt": serverTime}, allowed},
	{"a withdrawn revision that is not a whole number", nil, fields{"withdrawn": fields{"revision": 2.0, "message": "m0"}}, refused},
	{"a mailed revision that is not a whole number", nil, fields{"mail": fields{"at": ago(time.Hour), "revision": 3.0}}, refused},
	{"when it is mailed", nil, fields{"mailAt": removed}, refused},
	{"seen, of what was never withdrawn, nor mailed, nor is due", fields{"withdrawn": removed, "dueAt": removed, "mailAt": removed, "mail": removed}, fields{"seenAt": serverTime}, allowed},
	{"due at another time", nil, fields{"dueAt": now}, refused},
	{"parts brought along", fields{"partCount": removed}, fields{"seenAt": serverTime, "partCount": 0}, refused},
	{"events that are not a whole number", nil, fields{"eventCount": 1.0}, refused},
}

// allActions is as many as an event may have.
func allActions() []any {
	actions := make([]any, event.MaxActions)
	for i := range actions {
		actions[i] = action(fmt.Sprintf("a%d", i))
	}
	return actions
}

func TestMarks(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for i, tc := range marks {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := fmt.Sprintf("users/bob/notifications/n%d", i)
			d.seed(t, path, with(item(), tc.item))
			if got := d.commit(t, "bob", d.update(path, tc.mark)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

// Each of the most actions that an event can have can be taken.
func TestEveryActionCanBeTaken(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for i := range event.MaxActions {
		path := fmt.Sprintf("users/bob/notifications/n%d", i)
		d.seed(t, path, with(item(), fields{"actions": allActions()}))
		mark := d.update(path, fields{"doneAction": fmt.Sprintf("a%d", i)})
		if got, want := d.commit(t, "bob", mark), allowed; got != want {
			t.Errorf("action %d of %d: got %s, want %s", i+1, event.MaxActions, got, want)
		}
	}
}

// Whatever functions wrote is theirs: each field by itself, changed to a value of its own type, to null, and removed.
func TestEachFieldOfTheFunctions(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.seed(t, "users/bob/notifications/n", item())
	for name, value := range item() {
		if slices.Contains(markFields, name) {
			continue
		}
		changes := map[string]any{"another value": another(value), "removed": removed}
		if value != nil {
			changes["null"] = nil
		}
		for how, v := range changes {
			t.Run(name+"/"+how, func(t *testing.T) {
				t.Parallel()
				for _, mark := range []fields{{}, {"archivedAt": serverTime}} {
					mark := with(mark, fields{})
					mark[name] = v
					if got := d.commit(t, "bob", d.update("users/bob/notifications/n", mark)); got != refused {
						t.Errorf("%v: got %s, want %s", slices.Sorted(maps.Keys(mark)), got, refused)
					}
				}
			})
		}
	}
}

// another returns a different value of the same type.
func another(v any) any {
	switch v := v.(type) {
	case int:
		return v + 1
	case string:
		return v + "!"
	case time.Time:
		return v.Add(time.Second)
	case []byte:
		return append(slices.Clone(v), 4)
	case []any:
		return append(slices.Clone(v), "more")
	case fields:
		return with(v, fields{"more": true})
	}
	return now // for what is null in a fresh item
}

// Any set of fields with one outside the list among them is refused, however good the others are.
func TestAnyFieldOutsideTheListIsRefused(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	d.seed(t, "users/bob/notifications/n", item())
	good := fields{"seenAt": serverTime, "readAt": serverTime, "archivedAt": serverTime, "snoozedUntil": ahead(day), "doneAction": "accept", "doneAt": serverTime, "followedAt": serverTime}
	outside := []string{"admin", "uid", "seenat", "ReadAt", "_", "target.url", "push.revision"}
	for name := range item() {
		if !slices.Contains(markFields, name) && name != "target" && name != "push" { // not beside a part of itself
			outside = append(outside, name)
		}
	}
	slices.Sort(outside)
	for range 60 {
		mark := fields{}
		for name, v := range good {
			if random.IntN(2) == 0 {
				mark[name] = v
			}
		}
		for n := 1 + random.IntN(3); n > 0; n-- {
			name := outside[random.IntN(len(outside))]
			mark[name] = another(item()[name])
		}
		if got := d.commit(t, "bob", d.update("users/bob/notifications/n", mark)); got != refused {
			t.Fatalf("%v: got %s, want %s", mark, got, refused)
		}
	}
}
