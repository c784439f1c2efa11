//go:build unix

package bench

import (
	"context"
	"time"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
)

// alone runs the other workloads against one system.
func (b *bench) alone(ctx context.Context, r *run) error {
	steps := []func(context.Context, *run) error{b.storm}
	switch r.system {
	case naiveRef: // the storm comes last: it may not be through with it for minutes
		steps = []func(context.Context, *run) error{b.naive, b.storm}
	case tidings:
		steps = []func(context.Context, *run) error{b.storm, b.bigStorm, b.lone, b.urgent, b.fanOut} // the storms in a database that is as full as that of an older build
	case older:
		steps = append(steps, b.bigStorm)
	case pushing, traced:
		steps = []func(context.Context, *run) error{b.lone, b.storm}
	case floorRef:
		steps = []func(context.Context, *run) error{b.urgent, b.storm}
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
	case tidings, older, floorRef:
		return b.startUp(ctx, r.subscriber)
	}
	return nil
}

func (b *bench) storm(ctx context.Context, r *run) error {
	patience := 20 * time.Second
	var look latency
	if r.system != naiveRef { // its transactions of before still hold their locks, and every other commit waits for them
		var err error
		if look, err = r.look(ctx); err != nil {
			return err
		}
		patience = 30 * time.Second
	}
	return b.likes(ctx, r, "storm", 1000, look, patience)
}

// bigStorm shows whether the work for a like grows with the likes before it.
func (b *bench) bigStorm(ctx context.Context, r *run) error {
	return b.likes(ctx, r, "storm of 10,000", 10_000, latency{}, time.Minute)
}

func (b *bench) likes(ctx context.Context, r *run, workload string, n int, look latency, patience time.Duration) error {
	s, err := r.storm(ctx, n, patience)
	if err != nil {
		return err
	}
	each := float64(n)
	figures := map[string]float64{
		"applied": float64(s.applied), "writes_per_event": float64(s.counts.Writes) / each, "reads_per_event": float64(s.counts.Reads) / each,
		"visible_after_ms": ms(s.visible), "posting_ms": ms(s.posting), "look_ms": ms(look.at(.5)),
		"cpu_s_per_1000": s.cpu.Seconds() / each * 1000,
	}
	s.others.note(figures, n)
	b.add(workload, r.system, figures)
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

// startUp measures exec → first answer, beside a bare binary with the same clients: seven times each, the median.
func (b *bench) startUp(ctx context.Context, s *subscriber) error {
	if s.system == floorRef {
		s.system = "bare"
	} else {
		s.target = "notify" // as in the cloud
	}
	b.say("%s: start-up", s.system)
	var l latency
	for range 7 {
		took, err := s.run(ctx)
		if err != nil {
			return err
		}
		l = append(l, took)
		s.stop()
	}
	b.add("start-up", s.system, map[string]float64{"exec_to_answer_ms": ms(l.at(.5))})
	return nil
}
