package inbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/event"
)

// said is an event with when it was accepted, in seconds after t0; its own time, where it brings one, stands in it.
type said struct {
	event.Event
	accepted time.Duration
	ownTime  bool
}

func (s said) acceptance() event.Acceptance {
	return event.Acceptance{At: t0.Add(s.accepted), OwnTime: s.ownTime, OwnID: true}
}

// by is a like or its retraction: by a source, at a time of its own, or none.
func by(source, actor string, accepted time.Duration, own *time.Duration, retract bool) said {
	e := like(actor, accepted)
	e.ID, e.Source, e.Retract = fmt.Sprint(source, actor, accepted, retract), source, retract
	s := said{Event: e, accepted: accepted}
	if own != nil {
		s.Event.Time, s.ownTime = t0.Add(*own), true
	}
	return s
}

func own(d time.Duration) *time.Duration { return &d }

const sec = time.Second

func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		said []said
		want bool // Alice likes it in the end
	}{
		{"like, unlike", []said{by("s", "a", 1*sec, nil, false), by("s", "a", 2*sec, nil, true)}, false},
		{"a list without times: unlike, like", []said{by("s", "a", 1*sec, nil, true), by("s", "a", 1*sec+time.Microsecond, nil, false)}, true},
		{"whole seconds: like, unlike", []said{by("s", "a", 1*sec, own(0), false), by("s", "a", 2*sec, own(0), true)}, false},
		{"whole seconds: unlike, like", []said{by("s", "a", 1*sec, own(0), true), by("s", "a", 2*sec, own(0), false)}, true},
		{"whole seconds: like, unlike, like", []said{by("s", "a", 1*sec, own(0), false), by("s", "a", 2*sec, own(0), true), by("s", "a", 3*sec, own(0), false)}, true},
		{"whole seconds: unlike, like, unlike", []said{by("s", "a", 1*sec, own(0), true), by("s", "a", 2*sec, own(0), false), by("s", "a", 3*sec, own(0), true)}, false},
		{"one clock: what arrives late loses", []said{by("s", "a", 6*sec, own(5*sec), true), by("s", "a", 9*sec, own(1*sec), false)}, false},
		{"a retraction from a clock that is ahead swallows nothing after it",
			[]said{by("s", "a", 1*sec, own(0), false), by("s", "a", 2*sec, own(4*time.Minute), true), by("s", "a", 60*sec, own(60*sec), false)}, true},
		{"also from the same clock", []said{by("s", "a", 1*sec, own(4*time.Minute), false), by("s", "a", 2*sec, own(4*time.Minute+sec), true)}, false},
		{"a clock that is behind takes back what it knew of", []said{by("s", "a", 10*sec, nil, false), by("s", "a", 20*sec, own(-3*time.Minute), true)}, false},
		{"two clocks are never compared", []said{by("web", "a", 10*sec, own(10*sec), false), by("app", "a", 20*sec, own(-2*time.Minute), true)}, false},
		{"two clocks, the other way round", []said{by("web", "a", 10*sec, own(10*sec), true), by("app", "a", 20*sec, own(-2*time.Minute), false)}, true},
	}
	for _, test := range tests {
		for _, kind := range []event.Type{liked, commented} {
			for _, order := range permutations(len(test.said)) {
				b := newBox()
				for _, i := range append(order, order...) {
					s := test.said[i]
					if s.Event.Time.IsZero() || !s.ownTime {
						s.Event.Time = t0.Add(s.accepted)
					}
					if _, err := b.accept(t, kind, s.Event, s.acceptance()); err != nil {
						t.Fatal(err)
					}
				}
				if got := len(b.visible()) > 0; got != test.want {
					t.Errorf("%s, %s, in the order %v: there is %t, want %t", test.name, kind.Name, order, got, test.want)
				}
			}
		}
	}
}

func permutations(n int) (all [][]int) {
	if n == 1 {
		return [][]int{{0}}
	}
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}

// stands is a plain reading of who likes in the end: whoever has said so, and has not taken it back after that.
func stands(all []said, actor string) bool {
	type word struct {
		s said
		m Moment
	}
	for _, s := range all {
		if s.Actor.ID != actor || s.Retract {
			continue
		}
		mine := word{s, MomentOf(s.Event, s.acceptance(), liked)}
		beaten := slices.ContainsFunc(all, func(r said) bool {
			return r.Actor.ID == actor && r.Retract && !MomentOf(r.Event, r.acceptance(), liked).before(mine.m)
		})
		if !beaten {
			return true
		}
	}
	return false
}

// TestSkewedClocksConverge: three clocks, equal times, lists, any order and any repetition.
func TestSkewedClocksConverge(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 23))
		var all []said
		for i := range 2 + rng.IntN(8) {
			accepted := time.Duration(i/2)*sec + time.Duration(i)*time.Microsecond // in lists of two
			s := by([]string{"web", "app"}[rng.IntN(2)], []string{"a", "b"}[rng.IntN(2)], accepted, nil, rng.IntN(2) == 0)
			s.Event.ID = fmt.Sprint(i)
			if rng.IntN(3) > 0 {
				s.Event.Time, s.ownTime = t0.Add(time.Duration(rng.IntN(4)-2)*sec), true
			}
			all = append(all, s)
		}
		b := newBox()
		for range 3 {
			rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for _, s := range all {
				if _, err := b.accept(t, liked, s.Event, s.acceptance()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, actor := range []string{"a", "b"} {
			got := false
			for _, item := range b.items {
				for _, x := range item.Members.entries {
					got = got || !x.takesBack && x.owner == hash64("actor", actor)
				}
			}
			if want := stands(all, actor); got != want {
				for _, s := range all {
					if s.Actor.ID == actor {
						t.Logf("retract %t %+v", s.Retract, MomentOf(s.Event, s.acceptance(), liked))
					}
				}
				t.Fatalf("seed %d: %s is there %t, want %t", seed, actor, got, want)
			}
		}
	}
}
