//go:build unix

package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"tidings.dev/shared/event"
)

const (
	// alertRounds is how often urgent looks at everything: of few alerts the 99th percentile is the slowest one, and one hiccup of an emulator would
	// decide.
	alertRounds = 4

	// Ten alerts a second leave the emulator time: a commit that a screen sees takes it up to 50 ms with the items of the whole benchmark, and with twice
	// as many alerts they would wait for each other.
	alerts    = 30
	alertPace = 100 * time.Millisecond
)

// urgent sends alerts while 10,000 low events wait, and compares their latency with that on an idle system, in turns. The floor does the same: it shows how
// much of that is the machine, which the flood keeps busy as well.
func (b *bench) urgent(ctx context.Context, r *run) error {
	var idle, busy, looks, floods latency
	for round := range alertRounds {
		b.say("%s: alerts, idle and while 10,000 low ones wait, round %d of %d", r.system, round+1, alertRounds)
		look, err := r.look(ctx)
		if err != nil {
			return err
		}
		alone, err := r.alerts(ctx, fmt.Sprint("idle", round), -70_000-100*round)
		if err != nil {
			return err
		}
		settled := r.settling()
		start := time.Now()
		if err := r.publish(ctx, r.flood(10_000*round, 10_000)); err != nil {
			return err
		}
		floods = append(floods, time.Since(start))
		beside, err := r.alerts(ctx, fmt.Sprint("busy", round), -80_000-100*round)
		if err != nil {
			return err
		}
		if err := settled(ctx, 10_000, 2*time.Minute); err != nil {
			return err
		}
		b.say("%s: p99 of %d: idle %.0f ms, busy %.0f ms", r.system, alerts, ms(alone.at(.99)), ms(beside.at(.99)))
		idle, busy, looks = append(idle, alone...), append(busy, beside...), append(looks, look...)
	}
	b.add("urgent", r.system, map[string]float64{
		"idle_p99_ms": ms(idle.at(.99)), "busy_p99_ms": ms(busy.at(.99)), "idle_p50_ms": ms(idle.at(.5)), "busy_p50_ms": ms(busy.at(.5)),
		"look_ms": ms(looks.at(.5)), "look_min_ms": ms(looks.at(0)), "look_p90_ms": ms(looks.at(.9)), "look_max_ms": ms(looks.at(1)),
		"flood_ms": ms(floods.at(.5)),
	})
	return nil
}

// alerts sends alerts to one person, and returns how long each took from accepted to visible.
func (r *run) alerts(ctx context.Context, uid string, from int) (latency, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	s := r.watch(ctx, uid)
	defer s.stop()
	accepted := map[int]time.Time{}
	for i := range alerts {
		wg.Go(func() {
			e := mention(from+i, "system", uid)
			e.Type, e.Priority = "security.alert", event.Urgent
			at, err := r.accept(ctx, e)
			mu.Lock()
			defer mu.Unlock()
			accepted[from+i] = at
			if err != nil {
				failed = err
			}
		})
		time.Sleep(alertPace)
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
