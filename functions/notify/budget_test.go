package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// likes posts so many likes, each of another post, which are items of their own.
func (r *rig) likes(t *testing.T, uid string, n int) {
	t.Helper()
	for i := range n {
		e := r.like("alice", 0, uid)
		e.ID, e.Target.ID, e.Target.Title = fmt.Sprint("like", i), fmt.Sprint(i), fmt.Sprint("post ", i)
		r.post(t, e.ID, e)
	}
}

// budget is what is left of a person's pushes, as it is stored.
func (r *rig) budget(t *testing.T, uid string) profile.Budget {
	t.Helper()
	snap, err := r.Store.Load(context.Background(), []string{uid}, nil)
	must(t, err)
	return snap.Profiles[uid].Budget
}

// hasTaken sets how long the person's bucket takes to be full again.
func (r *rig) hasTaken(t *testing.T, uid string, d time.Duration) {
	t.Helper()
	r.says(t, uid, map[string]any{"pushBudget": map[string]any{"fullAt": r.clock().Add(d)}})
}

// wantWritten compares the bucket as it stands in the profile. The instance may have up to twenty minutes more in mind.
func (r *rig) wantWritten(t *testing.T, uid string, want time.Duration) {
	t.Helper()
	if got := r.budget(t, uid).FullAt.Sub(r.clock()); got != want {
		t.Errorf("the bucket is full again in %s, want %s", got, want)
	}
}

// held counts a person's items by what holds them back.
func (r *rig) held(t *testing.T, uid string) map[attention.Reason]int {
	t.Helper()
	docs, err := r.firestore.Collection("users/" + uid + "/notifications").Documents(context.Background()).GetAll()
	must(t, err)
	counts := map[attention.Reason]int{}
	for _, doc := range docs {
		reason, _ := doc.Data()["held"].(string)
		counts[attention.Reason(reason)]++
	}
	return counts
}

// twelve are the pushes of as many likes as the full bucket has room for: of medium, twelve.
func twelve(more ...string) (all []string) {
	for i := range 12 {
		all = append(all, fmt.Sprint("tok: Alice liked post ", i))
	}
	return append(all, more...)
}

const caughtUp = "tok: 38 notifications while you were away"

func TestWhatIsOverTheBudgetComesOutAsOnePush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.likes(t, "bob", 50)
	r.wantPushes(t, twelve()...)
	if got := len(r.inbox(t, "bob")); got != 50 {
		t.Errorf("%d items in the inbox at once, want 50", got)
	}
	if got := r.held(t, "bob"); got[attention.ByBudget] != 38 || got[""] != 12 {
		t.Errorf("held: %v, want 38 by the budget", got)
	}
	r.wantWritten(t, "bob", 40*time.Minute)
	r.run(t)
	r.advance(4*time.Minute - time.Second)
	r.run(t)
	r.wantPushes(t, twelve()...)
	r.advance(time.Second)
	r.run(t)
	r.run(t)
	r.wantPushes(t, twelve(caughtUp)...)
	if got := r.held(t, "bob"); got[""] != 50 {
		t.Errorf("held: %v, want nothing any more", got)
	}
	r.wantWritten(t, "bob", 36*time.Minute)
	r.advance(4*time.Minute - time.Second) // it took what had come back
	r.likes(t, "bob", 51)
	r.wantPushes(t, twelve(caughtUp)...)
}

func TestUrgentPassesTheBudgetAndTakesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.likes(t, "bob", 13)
	e := r.like("dave", 0, "bob")
	e.Priority, e.Target.Title = event.Urgent, "a burning house"
	r.post(t, "urgent", e)
	r.wantPushes(t, twelve("tok: Dave liked a burning house")...)
	r.advance(4 * time.Minute)
	r.run(t)
	r.wantPushes(t, twelve("tok: Dave liked a burning house", "tok: Alice liked post 12")...)
}

// TestTheBudgetWhileFCMFails: what is owed is repeated and takes nothing more.
func TestTheBudgetWhileFCMFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.fcm["tok"] = http.StatusServiceUnavailable
	r.likes(t, "bob", 50)
	r.wantWritten(t, "bob", 40*time.Minute)
	delete(r.fcm, "tok")
	r.advance(2 * time.Minute)
	r.run(t)
	got := r.pushes()
	slices.Sort(got)
	want := twelve()
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	r.fcm["tok"] = http.StatusServiceUnavailable
	r.advance(2 * time.Minute)
	r.run(t)
	delete(r.fcm, "tok")
	r.advance(2 * time.Minute)
	r.run(t)
	r.run(t)
	if got := r.pushes(); len(got) != 13 || got[12] != caughtUp {
		t.Errorf("got %q, want the twelve and the catch-up once", got)
	}
}

// TestEachPushOfAnItemTakes from the budget, and a message that comes again does not.
func TestEachPushOfAnItemTakes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"pushesPerHour": 3}) // so each is written
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.forget()
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.wantWritten(t, "bob", 20*time.Minute)
	r.post(t, "2", r.like("dave", time.Second, "bob"))
	r.wantWritten(t, "bob", 20*time.Minute)
	r.advance(time.Minute)
	r.run(t)
	r.wantWritten(t, "bob", 39*time.Minute)
	if got := len(r.pushes()); got != 3 { // the second is what nobody answered for
		t.Errorf("got %q, want three pushes", r.pushes())
	}
}

// TestWhoWantsFewerGetsFewer, and gets what waits within a minute when they want more.
func TestWhoWantsFewerGetsFewer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"pushesPerHour": 6})
	r.likes(t, "bob", 6)
	r.wantPushes(t, twelve()[:4]...) // ten minutes each, and medium leaves twelve
	r.advance(time.Minute)
	r.run(t)
	r.wantPushes(t, twelve()[:4]...)
	_, err := r.Store.ChangeSettings(context.Background(), "bob", r.clock(), func(s *profile.Settings) error {
		s.PushesPerHour = nil
		return nil
	})
	must(t, err)
	r.run(t)
	r.wantPushes(t, append(twelve()[:4], "tok: 2 notifications while you were away")...)
}

// TestALostRaceTakesOnce: the item was written by somebody else between reading and writing, but the budget was taken from.
func TestALostRaceTakesOnce(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"pushesPerHour": 3})
	slow, wire := r.other(t)
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.advance(2 * time.Minute)
	slow.now = r.now
	var raced atomic.Bool
	wire.Disturb(func(method string) tap.Fault {
		if method == "BatchWrite" && !raced.Swap(true) {
			r.mark(t, "bob", firestore.Update{Path: "seenAt", Value: r.clock()})
		}
		return tap.Fault{}
	})
	slow.post(t, "2", r.like("dave", 0, "bob"))
	r.wantPushes(t, "tok: Alice liked your post", "tok: Dave and Alice liked your post")
	r.wantWritten(t, "bob", 38*time.Minute)
}

// TestALittleIsNotWritten, and what an instance has in mind comes on top of what others have written.
func TestALittleIsNotWritten(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.likes(t, "bob", 4)
	if got := r.budget(t, "bob"); got != (profile.Budget{}) {
		t.Errorf("16 minutes are taken and %+v is written, want nothing", got)
	}
	another, _ := r.other(t)
	another.now = r.now
	for i := range 46 {
		e := r.like("alice", 0, "bob")
		e.ID, e.Target.ID = fmt.Sprint("other", i), fmt.Sprint("other", i)
		if i < 4 || i%2 == 0 {
			another.post(t, e.ID, e)
		} else {
			r.post(t, e.ID, e)
		}
	}
	r.wantWritten(t, "bob", 40*time.Minute)
	if got := len(r.pushes()); got != 12+2 {
		t.Errorf("%d pushes, want twelve, and two for what each of the instances has in mind and the other does not know", got)
	}
}

// TestWhatAnEventCosts: only each push that takes a third of a bucket, or makes it a third, costs a write more.
func TestWhatAnEventCosts(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.device(t, "full", "tok2")
	r.device(t, "third", "tok3")
	r.hasTaken(t, "third", 20*time.Minute)
	r.device(t, "calm", "tok4")
	r.says(t, "calm", map[string]any{"pushesPerHour": 3})
	r.hasTaken(t, "full", 2*time.Hour)
	wired, wire := r.other(t)
	mention := func(uid string) event.Event {
		return event.Event{ID: "mention", Source: "test", Type: "user.mentioned", Time: r.clock(), Recipients: []string{uid}, Actor: event.Actor{ID: "alice", Name: "Alice"}}
	}
	tests := []struct {
		name          string
		e             event.Event
		reads, writes int64
	}{
		{"groups, no device", r.like("alice", 0, "nobody"), 3, 1},
		{"groups, pushed", r.like("alice", 0, "bob"), 3, 1},
		{"groups, pushed, a third was taken", r.like("alice", 0, "third"), 3, 1},
		{"groups, pushed, three an hour are wanted", r.like("alice", 0, "calm"), 3, 2},
		{"groups, interval", r.like("dave", 0, "bob"), 3, 1},
		{"groups, over the budget", r.like("alice", 0, "full"), 3, 1},
		{"alone, no device", mention("nobody"), 1, 1},
		{"alone, pushed", mention("bob"), 1, 1},
		{"alone, pushed, a third was taken", mention("third"), 1, 1},
		{"alone, pushed, three an hour are wanted", mention("calm"), 1, 2},
		{"alone, over the budget", mention("full"), 1, 1},
	}
	for i, test := range tests {
		before := wire.Counts()
		wired.post(t, fmt.Sprint(i), test.e)
		if got := wire.Counts().Sub(before); got.Reads != test.reads || got.Writes != test.writes {
			t.Errorf("%s: %d reads and %d writes, want %d and %d", test.name, got.Reads, got.Writes, test.reads, test.writes)
		}
	}
}
