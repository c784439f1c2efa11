package groupcommit

import (
	"math/rand/v2"
	"testing"
	"time"

	"tidings.dev/shared/profile"
)

// One instance alone knows a person's bucket exactly, and writes it once for each third of a bucket at most. Of several, together they give no more than the bucket holds,
// what has come back, and a third of a bucket for each.
func TestWhatInstancesTakeAddsUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 19))
		instances := make([]budgets, 1+seed%4)
		start := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
		every := 1 + rng.IntN(600) // seconds: from many more than the budget has to few
		var truth, stored profile.Budget
		var taken time.Duration
		writes, now := 0, start
		for range 400 {
			now = now.Add(time.Duration(rng.IntN(every)) * time.Second)
			of := &instances[rng.IntN(len(instances))]
			before := of.latest("bob", stored, now)
			if len(instances) == 1 && !later(before.FullAt, now).Equal(later(truth.FullAt, now)) {
				t.Fatalf("seed %d: the bucket is full at %s for the only instance, and at %s", seed, before.FullAt, truth.FullAt)
			}
			after := profile.Budget{FullAt: later(before.FullAt, now).Add(time.Duration(2+rng.IntN(9)) * time.Minute)}
			if after.FullAt.Sub(now) > time.Hour {
				continue // over the budget
			}
			cost := after.FullAt.Sub(later(before.FullAt, now))
			taken += cost
			truth.FullAt = later(truth.FullAt, now).Add(cost)
			if write := of.spend("bob", before, after, now); write != nil {
				stored, writes = *write, writes+1
			}
		}
		third := time.Hour / 3
		if most := now.Sub(start) + time.Hour + time.Duration(len(instances))*third; taken > most {
			t.Errorf("seed %d: %d instances gave %s in %s, want at most %s", seed, len(instances), taken, now.Sub(start), most)
		}
		if most := int(taken / third); writes == 0 || writes > most {
			t.Errorf("seed %d: %d writes for %s, want at most %d", seed, writes, taken, most)
		}
	}
}

// Where there is no room to remember somebody, each of their pushes is written.
func TestWhoIsNotRememberedIsWritten(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	full := func(d time.Duration) profile.Budget { return profile.Budget{FullAt: now.Add(d)} }
	b := budgets{known: make(map[string]known, maxBudgets), swept: now}
	for i := range maxBudgets {
		b.known[string(rune(i))+"-"] = known{Budget: full(time.Minute)}
	}
	if got := b.spend("bob", full(2*time.Minute), full(4*time.Minute), now); got == nil || *got != full(4*time.Minute) {
		t.Errorf("there is no room, and %v is written; want 4 minutes", got)
	}
	now = now.Add(2 * time.Minute)
	if got := b.spend("bob", full(0), full(2*time.Minute), now); got != nil || len(b.known) != 1 {
		t.Errorf("all others' buckets are full again: %v is written, and %d people are remembered; want nothing, and one", got, len(b.known))
	}
}
