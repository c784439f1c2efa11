//go:build unix

package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
)

// paced sends 30 events/s to 20 people who are looking, and measures accepted → visible. Each turn has people of its own: at each commit
// the emulator sends a listener all that is in the inbox again, one commit after the other, so that latency would be mostly that.
func (r *run) paced(ctx context.Context, length time.Duration) (sample, error) {
	name := fmt.Sprintf("paced%d-", r.turns)
	r.turns++
	s := r.watch(ctx, people(name, 20)...)
	defer s.stop()
	settled := r.settling()
	accepted := make([]time.Time, int(length.Seconds()*30))
	first := r.seq
	r.seq += len(accepted)
	before, used := r.tap.Counts(), r.usage()
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	for k := range accepted {
		<-tick.C
		wg.Go(func() {
			i := first + k
			e := like(i, fmt.Sprint("actor", i), fmt.Sprint("post", i), fmt.Sprint(name, i%20))
			if i%2 == 0 {
				e = mention(i, fmt.Sprint("actor", i), fmt.Sprint(name, i%20))
			}
			at, err := r.accept(ctx, e)
			if err != nil {
				once.Do(func() { failed = err })
			}
			accepted[k] = at
		})
	}
	wg.Wait()
	// A naive subscriber on a busy machine takes its time; that is a figure, and no reason to end.
	if err := settled(ctx, len(accepted), time.Minute); err != nil {
		return sample{}, err
	}
	for deadline := time.Now().Add(10 * time.Second); s.count() < len(accepted) && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	after := r.usage()
	out := sample{counts: r.tap.Counts().Sub(before), cpu: after.CPU - used.CPU, peakRSS: after.PeakRSS, events: len(accepted), took: length}
	look, err := r.look(ctx)
	if err != nil {
		return out, err
	}
	out.look = look
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, at := range accepted {
		if seen, ok := s.seen[first+k]; ok {
			out.latency = append(out.latency, seen.Sub(at))
		}
	}
	if missing := len(accepted) - len(out.latency); failed == nil && missing > len(accepted)/50 {
		failed = fmt.Errorf("%s: %d of %d events were never seen", r.system, missing, len(accepted))
	}
	return out, failed
}

// stormed is what came of a storm.
type stormed struct {
	applied int
	counts  tap.Counts
	posting time.Duration // from the first post to the last 202
	visible time.Duration // from then to the last state on the screen
	cpu     time.Duration // the subscriber's
	others  machine       // what was used besides
}

// storm lets n people like one post at once, before the eyes of its author.
func (r *run) storm(ctx context.Context, n int, patience time.Duration) (out stormed, err error) {
	r.say("%s: %d people like one post", r.system, n)
	author := fmt.Sprint("star", n)
	s := r.watch(ctx, author)
	defer s.stop()
	before, used, others, start := r.tap.Counts(), r.usage(), r.machine(), time.Now()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var lastAccepted time.Time
	slots := make(chan struct{}, 128)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			at, failure := r.accept(ctx, like(100*n+i, fmt.Sprint("fan", i), "hit", author))
			mu.Lock()
			if failure != nil {
				err = failure
			}
			if at.After(lastAccepted) {
				lastAccepted = at
			}
			mu.Unlock()
			<-slots
		})
	}
	wg.Wait()
	if err != nil {
		return out, err
	}
	done := func() int {
		if r.system == floorRef { // it counts nothing: its documents are the count
			return s.count()
		}
		return s.actors()
	}
	for deadline := time.Now().Add(patience); done() < n && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
	return stormed{
		applied: done(), counts: r.tap.Counts().Sub(before), posting: lastAccepted.Sub(start), visible: time.Since(lastAccepted),
		cpu: r.usage().CPU - used.CPU, others: r.machine().since(others),
	}, nil
}

// mixed works off waiting events of all kinds, Zipf-distributed over 500 people, while nobody looks. How far it comes within the
// patience is the result.
func (r *run) mixed(ctx context.Context, n int, patience time.Duration) (sample, error) {
	push := r.stack.Pushes["events-notify"]
	push.Pause()
	zipf := rand.NewZipf(r.rng, 1.1, 5, 499)
	events := make([]event.Event, n)
	for i := range events {
		r.seq++
		e := like(r.seq, fmt.Sprint("actor", r.rng.IntN(2000)), fmt.Sprint("post", r.rng.IntN(3)), fmt.Sprint("mixed", int(zipf.Uint64())))
		switch p := r.rng.IntN(10); {
		case p >= 9:
			e.Type = "user.mentioned"
		case p >= 8:
			e.Type = "message.received"
		case p >= 7:
			e.Type = "user.followed"
		case p >= 5:
			e.Type = "comment.created"
		}
		events[i] = e
	}
	if err := r.publish(ctx, events); err != nil {
		return sample{}, err
	}
	handed, err := r.handOut(push, n)
	if err != nil {
		return sample{}, err
	}
	before, used, others, delivered, settled := r.tap.Counts(), r.usage(), r.machine(), push.Stats().Delivered, r.settling()
	start := time.Now()
	push.Resume()
	_ = settled(ctx, n, patience)
	took, after := time.Since(start), r.usage()
	return sample{
		others: r.machine().since(others), handed: handed,
		counts: r.tap.Counts().Sub(before), cpu: after.CPU - used.CPU, peakRSS: after.PeakRSS,
		events: push.Stats().Delivered - delivered, took: took,
	}, nil
}
