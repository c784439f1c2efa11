//go:build unix

package faults

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"

	"tidings.dev/emulator/tap"
)

// A point is a moment between two steps of a subscriber: just before a call, or after what the call does was done and
// before the subscriber hears of it.
type point struct {
	call string
	late bool
}

func (p point) String() string {
	switch {
	case p == anytime:
		return "at any time"
	case p.late:
		return "after " + p.call
	}
	return "before " + p.call
}

// The steps of a subscriber: it reads profiles, items and parts (GetDocument, BatchGetDocuments), for late events
// others of their groups (RunQuery); it writes items (BatchWrite), items with parts, and dead letters (Commit); it pushes (FCM),
// hands over to the retry topic (Publish) and answers.
var (
	points = []point{
		{"GetDocument", false}, {"GetDocument", true}, {"BatchGetDocuments", false}, {"BatchGetDocuments", true}, {"RunQuery", false}, {"RunQuery", true},
		{"BatchWrite", false}, {"BatchWrite", true}, {"Commit", false}, {"Commit", true},
		{callFCM, false}, {callFCM, true}, {"Publish", false}, {"Publish", true}, {callAnswer, true},
	}
	anytime = point{}
)

const (
	callFCM    = "FCM"
	callAnswer = "answer"
)

// chaos decides what goes wrong, and when. Which calls are disturbed depends on the seed, the subscriber and the
// call's number only.
type chaos struct {
	w         *world
	o         Options
	rng       *rand.Rand
	due       []int // deliveries after which each kill is due, in order
	restartAt int   // which of them is not a kill, but the database's restart
	turn      int   // of the kills: which of the points comes next

	over      atomic.Bool // nothing goes wrong any more
	closed    atomic.Bool // Firestore is away
	disturbed atomic.Int64

	mu    sync.Mutex
	moved *sync.Cond // ready or next have changed
	ready int        // deliveries until now
	next  int        // how many of due are done
	calls map[string]uint64
	kills map[string]int
}

func newChaos(w *world, o Options, p *plan) *chaos {
	c := &chaos{w: w, o: o, rng: rand.New(rand.NewPCG(o.Seed, 2)), calls: map[string]uint64{}, kills: map[string]int{}}
	c.moved = sync.NewCond(&c.mu)
	c.turn = int(o.Seed%1000) * o.Kills // the next seed goes on where this one ends: so a few of them strike everywhere, and not by luck
	total := 0
	for _, m := range p.messages {
		total += len(m.stages)
	}
	for i := range o.Kills + 1 {
		c.due = append(c.due, (i+1)*total/(o.Kills+2))
	}
	c.restartAt = len(c.due) / 2
	for _, s := range w.subscribers {
		s.firestore.Disturb(func(method string) tap.Fault { return c.fault(s, method) })
		s.pubsub.Disturb(func(method string) tap.Fault { return c.fault(s, method) })
	}
	return c
}

// fault decides about one call of a subscriber.
func (c *chaos) fault(s *subscriber, method string) tap.Fault {
	if t := s.spring(method); t != nil {
		return tap.Fault{Code: codes.Unavailable, Late: t.late, Then: t.kill}
	}
	if c.closed.Load() && !strings.HasPrefix(method, "Publish") {
		return tap.Fault{Code: codes.Unavailable}
	}
	if c.over.Load() {
		return tap.Fault{}
	}
	x := c.draw(s.name, method)
	writes := method == "BatchWrite" || method == "Commit" || strings.HasPrefix(method, "Publish")
	f := tap.Fault{Code: []codes.Code{codes.Unavailable, codes.Aborted, codes.DeadlineExceeded}[x/1000%3]}
	switch {
	case x%1000 < 10:
	case x%1000 < 25 && writes:
		f.Late = true
	default:
		return tap.Fault{}
	}
	c.disturbed.Add(1)
	return f
}

// draw is a number for the next call of that kind.
func (c *chaos) draw(subscriber, method string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := subscriber + method
	c.calls[key]++
	h := fnv.New64a()
	fmt.Fprint(h, c.o.Seed, key, c.calls[key])
	return h.Sum64() >> 8
}

// run carries out what is due, until all is done or stop is called.
func (c *chaos) run(ctx context.Context) error {
	for i, at := range c.due {
		c.mu.Lock()
		for c.ready < at && !c.over.Load() {
			c.moved.Wait()
		}
		c.mu.Unlock()
		if c.over.Load() {
			return nil
		}
		err := error(nil)
		if i == c.restartAt {
			err = c.restart(ctx)
		} else {
			err = c.kill(ctx)
		}
		if err != nil {
			c.stop() // the deliveries do not wait for ever
			return err
		}
		c.mu.Lock()
		c.next++
		c.moved.Broadcast()
		c.mu.Unlock()
	}
	return nil
}

// stop ends it; a kill that is under way is finished first.
func (c *chaos) stop() {
	c.over.Store(true)
	c.mu.Lock()
	c.moved.Broadcast()
	c.mu.Unlock()
}

// step is called before each delivery. Deliveries wait where a kill is overdue: each is to meet traffic.
func (c *chaos) step() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready++
	c.moved.Broadcast()
	for !c.over.Load() && c.next+1 < len(c.due) && c.ready > c.due[c.next+1] {
		c.moved.Wait()
	}
}

// patience is how long a trap waits for a call that springs it, before the process is killed wherever it is.
const patience = 1500 * time.Millisecond

// kill ends a subscriber with SIGKILL at the next point and starts it again.
func (c *chaos) kill(ctx context.Context) error {
	s := c.w.subscribers[c.rng.IntN(len(c.w.subscribers))]
	p := append(points, anytime)[c.turn%(len(points)+1)]
	c.turn++
	killed := make(chan struct{})
	t := &trap{point: p, kill: sync.OnceFunc(func() { s.kill(); close(killed) })}
	if p != anytime {
		s.trap.Store(t)
		select {
		case <-killed:
		case <-time.After(patience):
			if s.trap.CompareAndSwap(t, nil) {
				p = anytime
			}
		}
	}
	t.kill()
	<-killed
	c.mu.Lock()
	c.kills[p.String()]++
	c.mu.Unlock()
	return s.start(ctx)
}

// restart takes Firestore away for the seconds that it takes to start it again, with all that was committed.
func (c *chaos) restart(ctx context.Context) error {
	c.closed.Store(true)
	defer c.closed.Store(false)
	return c.w.restartFirestore(ctx)
}
