package inbox

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// database is what two subscribers share: documents with versions. What one of them has read may be out of date when it
// writes; a write is refused where its own document has changed, and only there.
type database struct {
	box
	version map[string]int
}

// worker is a subscriber at one event: it has read, and is about to write.
type worker struct {
	event event.Event
	kind  event.Type
	view  *Box
	seen  map[string]int // the versions read
	at    Address
}

// read is the first half of an attempt.
func (d *database) read(t *testing.T, w *worker) {
	d.now = latestOf(d.now, w.event.Time)
	w.at = Locate(w.kind, w.event, d.now)
	w.view, w.seen = new(Box), map[string]int{}
	for id, item := range d.items {
		if slices.Contains(w.at.IDs, id) || slices.Contains(w.at.Since, id) || found(w.at, item) {
			w.view.Put(stored(t, item))
			w.seen[id] = d.version[id]
		}
	}
}

// write is the second half. It reports whether the event is done with.
func (d *database) write(t *testing.T, w *worker) (done bool) {
	op := Op{Event: &w.event, Type: &w.kind, Message: "m-" + w.event.ID}
	if _, err := w.view.Fold(w.at, op, d.now, say); err != nil {
		t.Fatal(err)
	}
	lost, wrote := false, false
	for _, item := range w.view.Changed() {
		if d.version[item.ID] != w.seen[item.ID] {
			lost = true
			continue
		}
		d.items[item.ID] = stored(t, item)
		d.version[item.ID]++
		wrote = true
	}
	// What is late by now may have passed something that it could not see: it looks again.
	return !lost && !(wrote && Locate(w.kind, w.event, d.now).Late())
}

// raced lets two subscribers work on the ops, in this order: each op by whoever is free, or by the subscriber that owns it.
func raced(t *testing.T, rng *rand.Rand, kind event.Type, todo []event.Event, owner func(event.Event) int) *database {
	d := &database{box: *newBox(), version: map[string]int{}}
	var workers [2]*worker
	for len(todo) > 0 || workers[0] != nil || workers[1] != nil {
		i := rng.IntN(2)
		if w := workers[i]; w != nil {
			if d.write(t, w) {
				workers[i] = nil
			} else {
				d.read(t, w)
			}
			continue
		}
		next := slices.IndexFunc(todo, func(e event.Event) bool { return owner == nil || owner(e) == i })
		if next < 0 {
			continue
		}
		workers[i] = &worker{event: todo[next], kind: kind}
		d.read(t, workers[i])
		todo = slices.Delete(todo, next, next+1)
	}
	return d
}

// TestRacesConverge is TestFoldConverges with two subscribers at work: each reads, and writes only after the other may have.
func TestRacesConverge(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Type{liked, commented} {
		for seed := range uint64(800) {
			rng := rand.New(rand.NewPCG(seed, 13))
			ops := randomOps(rng, 2+rng.IntN(12), func() time.Duration {
				return time.Duration(rng.IntN(4))*burst + time.Duration(rng.IntN(280))*time.Second
			})
			b := raced(t, rng, kind, shuffled(rng, ops), nil)
			if diff := cmp.Diff(expected(kind, ops), b.bursts()); diff != "" {
				t.Fatalf("%s, seed %d: inbox differs from the events (-want +got):\n%s\nops %v", kind.Name, seed, diff, describe(ops))
			}
		}
	}
}

// TestRacesAcrossWindows lets likes and their retractions race at the border of two windows, where an event and its
// retraction may concern different items. All copies of an event go to the same subscriber. Were two copies handled at the same time by
// two of them, while a third event opens the earlier one of the two items, both items could end up with it. To
// prevent that, every write would have to guard the neighbouring item too; it takes three within milliseconds.
func TestRacesAcrossWindows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2500) {
		rng := rand.New(rand.NewPCG(seed, 17))
		var ops []event.Event
		for i := range 6 {
			at := time.Duration(200+rng.IntN(200)) * time.Second
			ops = append(ops, like(string(rune('a'+i)), at))
			if rng.IntN(3) == 0 {
				ops = append(ops, unlike(string(rune('a'+i)), at+time.Duration(1+rng.IntN(20))*time.Second))
			}
		}
		home := map[string]int{}
		for _, e := range ops {
			home[e.ID] = rng.IntN(2)
		}
		b := raced(t, rng, liked, shuffled(rng, ops), func(e event.Event) int { return home[e.ID] })
		for i := range 6 {
			id, got, want := string(rune('a'+i)), 0, 1
			for _, item := range b.items {
				if item.has(id) {
					got++
				}
			}
			if slices.ContainsFunc(ops, func(e event.Event) bool { return e.Retract && e.Actor.ID == id }) {
				want = 0
			}
			if got != want {
				t.Fatalf("seed %d: %s is in %d items, want %d; ops %v", seed, id, got, want, describe(ops))
			}
		}
	}
}
