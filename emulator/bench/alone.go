//go:build unix

package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
)

// alone runs the other workloads against one system.
func (b *bench) alone(ctx context.Context, r *run, functions string) error {
	steps := []func(context.Context, *run) error{b.storm}
	switch r.system {
	case naiveRef: // the storm comes last: it may not be through with it for minutes
		steps = []func(context.Context, *run) error{b.naive, b.storm}
	case tidings:
		steps = []func(context.Context, *run) error{b.lone, b.urgent, b.fanOut, b.storm}
	case pushing, traced:
		steps = []func(context.Context, *run) error{b.lone, b.storm}
	}
	for _, step := range steps {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	r.stop()
	switch r.system {
	case pushing, traced:
		b.add("pushes", r.system, map[string]float64{"sent": float64(r.pushes.Load())})
	case tidings, floorRef:
		return b.startUp(ctx, r.subscriber, functions)
	}
	return nil
}

func (b *bench) storm(ctx context.Context, r *run) error {
	patience := 30 * time.Second
	if r.system == naiveRef {
		patience = 20 * time.Second
	}
	look, err := r.look(ctx)
	if err != nil {
		return err
	}
	s, err := r.storm(ctx, patience)
	if err != nil {
		return err
	}
	b.add("storm", r.system, map[string]float64{
		"applied": float64(s.applied), "writes_per_event": float64(s.counts.Writes) / 1000, "reads_per_event": float64(s.counts.Reads) / 1000,
		"visible_after_ms": ms(s.visible), "posting_ms": ms(s.posting), "look_ms": ms(look),
	})
	return nil
}

// lone counts what a single event costs when nothing else is going on.
func (b *bench) lone(ctx context.Context, r *run) error {
	cost := func(e event.Event) (c tap.Counts, err error) {
		s := r.watch(ctx, e.Recipients[0])
		defer s.stop()
		before, settled := r.tap.Counts(), r.settling()
		if _, err = r.accept(ctx, e); err == nil {
			err = settled(ctx, 1, 10*time.Second)
		}
		return r.tap.Counts().Sub(before), err
	}
	for name, e := range map[string]event.Event{"groups": like(-50_001, "lone", "lone", "lone1"), "stands alone": mention(-50_002, "lone", "lone2")} {
		c, err := cost(e)
		if err != nil {
			return err
		}
		b.add("lone event that "+name, r.system, map[string]float64{"reads": float64(c.Reads), "writes": float64(c.Writes)})
	}
	return nil
}

// alertRounds is how often urgent looks at both. Sixty alerts would be too few: of so few the 99th percentile is the slowest one, and one hiccup
// of an emulator would decide.
const alertRounds = 4

// urgent sends alerts while 10,000 low events wait, and compares their latency with that on an idle system, in turns.
func (b *bench) urgent(ctx context.Context, r *run) error {
	look, err := r.look(ctx)
	if err != nil {
		return err
	}
	var idle, busy latency
	for round := range alertRounds {
		b.say("%s: urgent events, idle and while 10,000 low ones wait, round %d of %d", r.system, round+1, alertRounds)
		alone, err := r.alert(ctx, fmt.Sprint("idle", round), -70_000-100*round)
		if err != nil {
			return err
		}
		settled := r.settling()
		if err := r.publish(ctx, r.flood(10_000*round, 10_000)); err != nil {
			return err
		}
		beside, err := r.alert(ctx, fmt.Sprint("busy", round), -80_000-100*round)
		if err != nil {
			return err
		}
		if err := settled(ctx, 10_000, 2*time.Minute); err != nil {
			return err
		}
		b.say("%s: p99 of 60: idle %.0f ms, busy %.0f ms", r.system, ms(alone.at(.99)), ms(beside.at(.99)))
		idle, busy = append(idle, alone...), append(busy, beside...)
	}
	b.add("urgent", r.system, map[string]float64{"idle_p99_ms": ms(idle.at(.99)), "busy_p99_ms": ms(busy.at(.99)), "idle_p50_ms": ms(idle.at(.5)), "busy_p50_ms": ms(busy.at(.5)), "look_ms": ms(look)})
	return nil
}

// alert sends sixty alerts, twenty a second, to one person, and returns how long each took from accepted to visible.
func (r *run) alert(ctx context.Context, uid string, from int) (latency, error) {
	const alerts = 60
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	s := r.watch(ctx, uid)
	defer s.stop()
	accepted := map[int]time.Time{}
	for i := range alerts {
		wg.Go(func() {
			e := mention(from+i, "system", uid)
			e.Type = "security.alert"
			at, err := r.accept(ctx, e)
			mu.Lock()
			defer mu.Unlock()
			accepted[from+i] = at
			if err != nil {
				failed = err
			}
		})
		time.Sleep(50 * time.Millisecond)
	}
	wg.Wait()
	for deadline := time.Now().Add(time.Minute); s.count() < alerts && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var l latency
	for seq, at := range accepted {
		seen, ok := s.seen[seq]
		if !ok {
			return nil, fmt.Errorf("alert %d was never seen (%v)", seq, failed)
		}
		l = append(l, seen.Sub(at))
	}
	return l, failed
}

// startUp measures exec → first answer, beside a bare binary with the same clients: seven times each, the median.
func (b *bench) startUp(ctx context.Context, s *subscriber, functions string) error {
	if s.system == floorRef {
		s.system = "bare"
	} else {
		s.target = "notify" // as in the cloud
	}
	b.say("%s: start-up", s.system)
	var l latency
	for range 7 {
		took, err := s.run(ctx, functions)
		if err != nil {
			return err
		}
		l = append(l, took)
		s.stop()
	}
	b.add("start-up", s.system, map[string]float64{"exec_to_answer_ms": ms(l.at(.5))})
	return nil
}
