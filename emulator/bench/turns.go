//go:build unix

package bench

import (
	"context"
	"fmt"
	"time"

	"tidings.dev/emulator/tap"
)

// pacedTurns is how often each system has its turn.
const pacedTurns = 8

// inTurns runs the workloads that are compared with the floor.
func (b *bench) inTurns(ctx context.Context, runs []*run) error {
	turns, mixes, events := pacedTurns, 3, 5000
	if b.quick {
		turns, mixes, events = 2, 1, 1500
	}
	err := b.turns(runs, turns, "30 events/s to 20 people", b.addPaced, func(r *run) (sample, error) {
		return r.paced(ctx, 4*time.Second)
	})
	if err != nil {
		return err
	}
	return b.turns(runs, mixes, fmt.Sprintf("%d mixed events to 500 people", events), b.addMixed, func(r *run) (sample, error) {
		return r.mixed(ctx, events, time.Minute)
	})
}

// turns has the systems do the same a few seconds each, again and again, so that whatever else this machine does, it does to all of
// them.
func (b *bench) turns(runs []*run, turns int, what string, add func(system string, s sample), do func(r *run) (sample, error)) error {
	all := make([]sample, len(runs))
	for turn := range turns {
		for k := range runs {
			i := (k + turn) % len(runs) // each is the first one as often
			b.say("turn %d of %d: %s: %s", turn+1, turns, runs[i].system, what)
			one, err := do(runs[i])
			if err != nil {
				return err
			}
			all[i].add(one)
		}
	}
	for i, r := range runs {
		add(r.system, all[i])
	}
	return nil
}

// sample is what was measured in one turn, or in several.
type sample struct {
	latency
	counts  tap.Counts
	cpu     time.Duration // the subscriber's
	others  machine       // what was used besides
	peakRSS int64
	events  int           // that were applied
	took    time.Duration // to apply them
	look    latency       // of bare commits on which one screen waits
	handed  handed        // how the messages came, before the clock started
}

func (s *sample) add(one sample) {
	s.latency = append(s.latency, one.latency...)
	s.look = append(s.look, one.look...)
	s.counts = s.counts.Add(one.counts)
	s.cpu += one.cpu
	s.others.add(one.others)
	s.handed.add(one.handed)
	s.peakRSS = max(s.peakRSS, one.peakRSS)
	s.events += one.events
	s.took += one.took
}

// perEvent are the figures that every workload has.
func (s *sample) perEvent() map[string]float64 {
	n := float64(max(s.events, 1))
	return map[string]float64{
		"reads_per_event": float64(s.counts.Reads) / n, "writes_per_event": float64(s.counts.Writes) / n,
		"cpu_s_per_1000": s.cpu.Seconds() * 1000 / n, "peak_rss_mb": float64(s.peakRSS) / (1 << 20),
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) addPaced(system string, s sample) {
	figures := s.perEvent()
	figures["p50_ms"], figures["p95_ms"], figures["p99_ms"] = ms(s.at(.5)), ms(s.at(.95)), ms(s.at(.99))
	figures["look_ms"] = ms(s.look.at(.5))
	b.add("paced", system, figures)
}

func (b *bench) addMixed(system string, s sample) {
	figures := s.perEvent()
	figures["applied"], figures["events_per_s"] = float64(s.events), float64(s.events)/s.took.Seconds()
	s.others.note(figures, s.events)
	figures["handed_out_batch"] = float64(s.handed.messages) / float64(max(s.handed.batches, 1))
	figures["handed_out_every_ms"] = ms(s.handed.took) / float64(max(s.handed.batches, 1))
	b.add("mixed", system, figures)
}

// naive is what the others do in turns.
func (b *bench) naive(ctx context.Context, r *run) error {
	b.say("%s: 30 events/s to 20 people, then 5,000 mixed events to 500", r.system)
	s, err := r.paced(ctx, 8*time.Second)
	if err != nil {
		return err
	}
	b.addPaced(r.system, s)
	s, err = r.mixed(ctx, 5000, 90*time.Second)
	b.addMixed(r.system, s)
	return err
}
