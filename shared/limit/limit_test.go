package limit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"
)

// fleet is some instances that share a counter and a clock.
type fleet struct {
	now       time.Time
	instances []*Limiter
	totals    map[string]int64
	full      map[string]time.Time
	writes    int
	away      bool // the counter
}

func newFleet(n int) *fleet {
	f := &fleet{now: time.Unix(1_800_000_000, 0), totals: map[string]int64{}, full: map[string]time.Time{}}
	for range n {
		f.instances = append(f.instances, &Limiter{Now: func() time.Time { return f.now }, Log: slog.New(slog.DiscardHandler), Add: f.add})
	}
	return f
}

func (f *fleet) add(_ context.Context, sender string, units int64, fullAt time.Time) (int64, time.Time, error) {
	if f.away {
		return 0, time.Time{}, errors.New("away")
	}
	f.writes++
	f.totals[sender] += units
	if fullAt.After(f.full[sender]) {
		f.full[sender] = fullAt
	}
	return f.totals[sender], f.full[sender], nil
}

// take asks one instance, and hears what the counter says before anybody asks again.
func (f *fleet) take(instance int, sender string, r Rate, units int) *Verdict {
	v := f.instances[instance].Take(context.Background(), sender, r, units)
	v.Wait()
	return v
}

func TestABucketHoldsItsBurstAndIsPaidBackAtItsRate(t *testing.T) {
	t.Parallel()
	f, r := newFleet(1), Rate{10, 20}
	for i, step := range []struct {
		after time.Duration
		units int
		ok    bool
		left  int
		again time.Duration
	}{
		{0, 1, true, 19, 0},
		{0, 18, true, 1, 0},
		{0, 31, true, 0, 3100 * time.Millisecond}, // more than there is: 30 are paid back first
		{time.Second, 1, false, 0, 2100 * time.Millisecond},
		{2 * time.Second, 1, false, 0, 100 * time.Millisecond},
		{100 * time.Millisecond, 1, true, 0, 100 * time.Millisecond},
		{time.Hour, 1, true, 19, 0}, // no more than it holds
		{-time.Minute, 1, true, 18, 0},
	} {
		f.now = f.now.Add(step.after)
		v := f.take(0, "shop", r, step.units)
		if v.OK != step.ok || v.Left != step.left || v.Next.Round(time.Millisecond) != step.again {
			t.Errorf("step %d: got %v, %d left, again in %s; want %v, %d, %s", i, v.OK, v.Left, v.Next, step.ok, step.left, step.again)
		}
	}
}

func TestOneSenderTakesNothingFromAnother(t *testing.T) {
	t.Parallel()
	f, r := newFleet(2), Of(5)
	for range 1000 {
		f.take(0, "noisy", r, 10)
		f.take(1, "noisy", r, 10)
	}
	for i := range r.Burst {
		if v := f.take(i%2, "quiet", r, 1); !v.OK {
			t.Fatalf("the quiet one was refused at %d", i)
		}
	}
}

// load is what a fleet let in of one sender, who asks at random times and any instance.
type load struct{ asked, admitted, writes int }

// run has a sender ask for demand units a second. share is how much of it goes to the first instance besides its turn.
func run(n int, r Rate, demand, share float64, lasts time.Duration, seed uint64) (l load) {
	rng := rand.New(rand.NewPCG(seed, 7))
	f := newFleet(n)
	for end := f.now.Add(lasts); ; {
		f.now = f.now.Add(time.Duration(rng.ExpFloat64() / demand * float64(time.Second)))
		if f.now.After(end) {
			l.writes = f.writes
			return l
		}
		instance := rng.IntN(n)
		if rng.Float64() < share {
			instance = 0
		}
		l.asked++
		if f.take(instance, "shop", r, 1).OK {
			l.admitted++
		}
	}
}

// All instances together let in the rate, whatever the sender sends and wherever it arrives, for less than 0.05 writes an event.
func TestTheLimitIsOneForAllInstances(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		instances int
		rate      float64
		demand    float64 // times the rate
		share     float64
		most      float64 // of what the bucket lets in; at the beginning each instance may let in a chunk too much
	}{
		{1, 1, 2, 0, 1}, {1, 20, 2, 0, 1}, {2, 5, 2, 0, 1.05}, {2, 20, 2, 0, 1.05}, {2, 20, 2, 0.7, 1.05}, {2, 20, 10, 0, 1.05}, {2, 100, 2, 0.7, 1.05},
		{5, 20, 2, 0, 1.05}, {5, 20, 10, 0.7, 1.1}, {20, 20, 2, 0, 1.15}, {20, 20, 10, 0, 1.25}, {20, 100, 2, 0.7, 1.05},
	} {
		t.Run(fmt.Sprintf("%d instances, %g/s, %g times", test.instances, test.rate, test.demand), func(t *testing.T) {
			t.Parallel()
			r, lasts := Of(test.rate), 200*time.Second
			for seed := range uint64(3) {
				l := run(test.instances, r, test.demand*test.rate, test.share, lasts, seed)
				want := float64(r.Burst) + test.rate*lasts.Seconds()
				if got := float64(l.admitted) / want; got < 0.93 || got > test.most {
					t.Errorf("let in %d of %d, which is %.2f of the limit; want 0.93 to %.2f", l.admitted, l.asked, got, test.most)
				}
				if cost := float64(l.writes) / float64(l.admitted); cost >= 0.05 {
					t.Errorf("%.3f writes an event", cost)
				}
			}
		})
	}
}

// Nobody is refused who stays below their rate, however unevenly their requests are spread over the instances.
func TestWhoeverIsBelowTheirRateIsLetIn(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 5, 20} {
		for _, rate := range []float64{1, 20, 100} {
			for _, share := range []float64{0, 0.7} {
				l := run(n, Of(rate), 0.8*rate, share, 200*time.Second, 1)
				if float64(l.admitted) < 0.99*float64(l.asked) || float64(l.writes) >= 0.05*float64(l.asked) {
					t.Errorf("%d instances, %g/s, share %g: let in %d of %d with %d writes", n, rate, share, l.admitted, l.asked, l.writes)
				}
			}
		}
	}
}

// Whoever comes to an instance that has just started has all of their bucket, if nobody has taken it elsewhere.
func TestANewInstanceLooksAfterAChunk(t *testing.T) {
	t.Parallel()
	r := Of(20)
	admitted := func(f *fleet, instance int) (n int) {
		for f.take(instance, "shop", r, 1).OK {
			n++
		}
		return n
	}
	f := newFleet(3)
	if got := admitted(f, 0); got != r.Burst {
		t.Errorf("the first instance let in %d at once, want %d", got, r.Burst)
	}
	if got := admitted(f, 1); got != leastChunk {
		t.Errorf("the second one let in %d after that, want %d", got, leastChunk)
	}
	f.now = f.now.Add(time.Minute)
	if got := admitted(f, 2); got != r.Burst {
		t.Errorf("a minute later the third one let in %d, want %d", got, r.Burst)
	}
}

func TestAQuietSenderCostsNothing(t *testing.T) {
	t.Parallel()
	f := newFleet(2)
	for i := range 2 * (leastChunk - 1) {
		f.now = f.now.Add(time.Hour)
		if !f.take(i%2, "shop", Of(0.1), 1).OK {
			t.Fatal("refused")
		}
	}
	if f.writes != 0 {
		t.Errorf("%d writes", f.writes)
	}
}

// An instance that lets in next to nothing, because others take it all, hears that they have stopped.
func TestWhatOthersNoLongerTakeIsFreeAgain(t *testing.T) {
	t.Parallel()
	f, r := newFleet(2), Of(20)
	step := func(instance int, lasts time.Duration) (admitted int) {
		for end := f.now.Add(lasts); f.now.Before(end); f.now = f.now.Add(20 * time.Millisecond) {
			if f.take(instance, "shop", r, 1).OK {
				admitted++
			}
		}
		return admitted
	}
	step(0, time.Minute)
	for end := f.now.Add(time.Minute); f.now.Before(end); f.now = f.now.Add(10 * time.Millisecond) {
		f.take(0, "shop", r, 1)
		f.take(1, "shop", r, 1)
	}
	step(1, 20*time.Second)
	if got := step(1, time.Minute); got < 1140 {
		t.Errorf("alone again, the other instance let in %d in a minute, want 1,200", got)
	}
}

func TestWithoutTheCounterEachInstanceGoesOnAlone(t *testing.T) {
	t.Parallel()
	f, r := newFleet(1), Of(20)
	f.away = true
	admitted := 0
	ask := func(lasts time.Duration) {
		for end := f.now.Add(lasts); f.now.Before(end); f.now = f.now.Add(25 * time.Millisecond) {
			if f.take(0, "shop", r, 1).OK {
				admitted++
			}
		}
	}
	ask(30 * time.Second)
	if want := r.Burst + 600; admitted < want-1 || admitted > want+1 {
		t.Errorf("let in %d, want %d", admitted, want)
	}
	f.away = false
	ask(30 * time.Second)
	if got := f.totals["shop"]; got < int64(admitted-leastChunk) || got > int64(admitted) {
		t.Errorf("the counter has %d of %d: it is told what it missed", got, admitted)
	}
}
