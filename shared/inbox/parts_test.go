package inbox

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestPartsCountExactly grows one group to 50,000 actors who like, like again and take back, showing the fold only the parts
// that it asked for, and compares the count with a plain set.
func TestPartsCountExactly(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	stored := map[int]Part{} // what the database would hold of the one item
	var item Item
	want := map[string]bool{}
	largest := 0
	for i := range 70_000 {
		actor := fmt.Sprint("actor-", rng.IntN(50_000))
		e := like(actor, time.Duration(i)*time.Millisecond)
		if e.Retract = rng.IntN(10) == 0; e.Retract {
			delete(want, actor)
		} else {
			want[actor] = true
		}
		op := Op{Event: &e, Type: &liked, Message: "m"}
		item.Parts = nil
		for _, p := range item.Needs(op) {
			item.Attach(p, stored[p])
		}
		at := Locate(liked, e, t0)
		view := new(Box)
		if item.ID != "" {
			view.Put(&item)
		}
		if _, err := view.Fold(at, op, t0, say); err != nil {
			t.Fatal(err)
		}
		for _, it := range view.Changed() {
			if it.EventCount > 0 {
				item = *it
			}
		}
		for n, p := range item.Parts {
			if p.Changed {
				stored[n] = Part{Members: p.Members}
				largest = max(largest, p.Members.Len())
			}
		}
		item.Members = reread(t, item.Members)
	}
	if item.ActorCount != len(want) {
		t.Errorf("actors: got %d, want %d", item.ActorCount, len(want))
	}
	if item.Members.Len() > InlineMax || largest > 3*PartTarget {
		t.Errorf("got %d entries inline and %d in the largest of %d parts; want at most %d and %d", item.Members.Len(), largest, item.PartCount, InlineMax, 3*PartTarget)
	}
	total := 0
	for _, p := range stored {
		total += p.Members.Len()
	}
	if total != item.EntryCount || len(stored) != item.PartCount {
		t.Errorf("got %d entries in %d parts, the item says %d in %d", total, len(stored), item.EntryCount, item.PartCount)
	}
}
