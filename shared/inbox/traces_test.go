package inbox

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tidings.dev/shared/event"
)

// What an address finds is what concerns its actor, and nothing else: a retraction the items in which they are or took something back, and an event
// that is late those in which they took something back. That holds of members with a name and without, of large items, and of people who
// were erased.
func TestAnAddressFindsTheItemsOfItsActor(t *testing.T) {
	t.Parallel()
	commented := event.Type{Name: "comment.created", Category: "social", Priority: event.Medium, Group: &event.Group{Key: "comment", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountEvents}}
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		kind := []event.Type{liked, commented}[seed%2]
		b := newBox()
		people := 1 + rng.IntN(120)
		for i := range 300 {
			e := like(fmt.Sprint("fan", rng.IntN(people)), time.Duration(i)*time.Minute/4)
			e.Type = kind.Name
			if rng.IntN(2) == 0 {
				e.Actor.Name = ""
			}
			if rng.IntN(20) == 0 {
				e.Actor.ID = "" // nobody
			}
			if e.Retract = rng.IntN(6) == 0; e.Retract {
				e.Time = e.Time.Add(-time.Duration(rng.IntN(40)) * time.Minute)
			}
			if _, err := b.apply(t, kind, e); err != nil {
				t.Fatal(err)
			}
		}
		for _, item := range b.items {
			item.Forget("fan1", say)
		}
		now := b.now.Add(time.Hour)
		for p := range people {
			e := like(fmt.Sprint("fan", p), now.Sub(t0))
			e.Type = kind.Name
			wantFound(t, b, kind, e, now.Add(time.Hour), func(x *entry) bool { return x.takesBack })
			e.Retract = true
			wantFound(t, b, kind, e, now, func(*entry) bool { return true })
		}
		nobodys := like("", now.Sub(t0))
		nobodys.Type = kind.Name
		wantFound(t, b, kind, nobodys, now.Add(time.Hour), func(x *entry) bool { return x.takesBack })
	}
}

// wantFound compares what the event's address finds with the items that have such entries of its actor.
func wantFound(t *testing.T, b *box, kind event.Type, e event.Event, now time.Time, such func(*entry) bool) {
	t.Helper()
	at := Locate(kind, e, now)
	if at.Whole || len(at.Since) > 0 {
		t.Fatalf("%s by %q reads more than what its actor left", e.Type, e.Actor.ID)
	}
	for _, item := range b.items {
		want := false
		for x := range item.known() {
			want = want || x.owner == actorHash(&e) && such(x)
		}
		if got := found(at, item); got != want {
			t.Fatalf("%s by %q, retract %v: item %s is found: %v, want %v", e.Type, e.Actor.ID, e.Retract, item.ID, got, want)
		}
	}
}
