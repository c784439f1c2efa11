package inbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// burst is how far apart bursts lie: windows never take in two of them.
const burst = 10 * time.Minute

// TestFoldConverges applies random likes, comments and retractions in bursts that lie windows apart, in any order and with
// repetitions, and compares every item with what a plain reading of the events says.
func TestFoldConverges(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Type{liked, commented} {
		for seed := range uint64(1500) {
			rng := rand.New(rand.NewPCG(seed, 7))
			ops := randomOps(rng, 2+rng.IntN(24), func() time.Duration {
				return time.Duration(rng.IntN(4))*burst + time.Duration(rng.IntN(280))*time.Second
			})
			b := newBox()
			for _, e := range shuffled(rng, ops) {
				if _, err := b.apply(t, kind, e); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			if diff := cmp.Diff(expected(kind, ops), b.bursts()); diff != "" {
				t.Fatalf("%s, seed %d: inbox differs from the events (-want +got):\n%s\nops %v", kind.Name, seed, diff, describe(ops))
			}
		}
	}
}

// TestFoldConvergesAcrossWindows is the same without bursts: windows touch, and which of two items an event joins depends on
// the order. Whatever it joins, who has taken everything back is nowhere, who has not is somewhere, the counts are those
// of the members, and repeating everything changes nothing.
func TestFoldConvergesAcrossWindows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 11))
		ops := randomOps(rng, 2+rng.IntN(16), func() time.Duration { return time.Duration(rng.IntN(1500)) * time.Second })
		b := newBox()
		for _, e := range shuffled(rng, ops) {
			b.apply(t, liked, e)
		}
		last := map[string]event.Event{}
		for _, e := range ops {
			if old, ok := last[e.Actor.ID]; !ok || e.Time.After(old.Time) || e.Time.Equal(old.Time) && e.Retract {
				last[e.Actor.ID] = e
			}
		}
		for actor, e := range last {
			places := 0
			for _, item := range b.items {
				if item.has(actor) {
					places++
				}
			}
			if e.Retract == (places > 0) {
				t.Fatalf("seed %d: %s is in %d items, and the last thing was %s; ops %v", seed, actor, places, e.ID, describe(ops))
			}
		}
		before := map[string]int64{}
		for id, item := range b.items {
			before[id] = item.Revision
			if n := countPresent(item); n != item.ActorCount || n != item.EventCount {
				t.Fatalf("seed %d: counts are %d and %d, members %d", seed, item.ActorCount, item.EventCount, n)
			}
		}
		for _, e := range shuffled(rng, ops) {
			b.apply(t, liked, e)
		}
		for id, item := range b.items {
			if item.Revision != before[id] {
				t.Fatalf("seed %d: repeating everything moved %s from revision %d to %d; ops %v", seed, id, before[id], item.Revision, describe(ops))
			}
		}
	}
}

// has reports whether the actor's like is in the item.
func (n *Item) has(actor string) bool {
	at := t0.Add(time.Hour).UnixMicro()
	e := like(actor, 0)
	return n.Members.includes(takingBack(elementOf(&e, &liked), Moment{At: at, Accepted: at}))
}

func countPresent(item *Item) (n int) {
	for _, x := range item.Members.entries {
		if !x.takesBack {
			n++
		}
	}
	return n
}

func randomOps(rng *rand.Rand, n int, at func() time.Duration) []event.Event {
	ops := make([]event.Event, n)
	for i := range ops {
		actor := string(rune('a' + rng.IntN(4)))
		if rng.IntN(3) == 0 {
			ops[i] = unlike(actor, at())
		} else {
			ops[i] = like(actor, at())
		}
	}
	return ops
}

// shuffled is the ops in any order, each once to three times.
func shuffled(rng *rand.Rand, ops []event.Event) []event.Event {
	var all []event.Event
	for _, e := range ops {
		for range 1 + rng.IntN(3) {
			all = append(all, e)
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// bursts is what the items say, by the burst of their window.
func (b *box) bursts() map[string]string {
	got := map[string]string{}
	for _, item := range b.visible() {
		got[item.OpenedAt.Truncate(burst).Format("15:04")] = fmt.Sprintf("%d actors, %d events", item.ActorCount, item.EventCount)
	}
	return got
}

// expected reads the events plainly: what is in each burst and was not taken back later.
func expected(kind event.Type, ops []event.Event) map[string]string {
	actors, events := map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, e := range ops {
		stands := !e.Retract && !slices.ContainsFunc(ops, func(r event.Event) bool {
			return r.Retract && r.Actor.ID == e.Actor.ID && !r.Time.Before(e.Time)
		})
		if !stands {
			continue
		}
		in := e.Time.Truncate(burst).Format("15:04")
		if actors[in] == nil {
			actors[in], events[in] = map[string]bool{}, map[string]bool{}
		}
		actors[in][e.Actor.ID] = true
		if kind.Group.Counts == event.CountActors {
			events[in][e.Actor.ID] = true
		} else {
			events[in][e.ID] = true
		}
	}
	want := map[string]string{}
	for in := range actors {
		want[in] = fmt.Sprintf("%d actors, %d events", len(actors[in]), len(events[in]))
	}
	return want
}

func describe(ops []event.Event) (ids []string) {
	for _, e := range ops {
		ids = append(ids, e.ID)
	}
	return ids
}
