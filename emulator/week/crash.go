//go:build unix

package week

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"

	"google.golang.org/grpc/codes"

	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
)

// point is a moment between two steps of a function: just before a call, or after what the call does was done and before the function
// hears of it.
type point struct {
	function, call string
	late           bool
}

func (p point) String() string {
	if p.late {
		return p.function + " after " + p.call
	}
	return p.function + " before " + p.call
}

// What is no call to Firestore or Pub/Sub.
const (
	callFCM    = "FCM"
	callSMTP   = "SMTP" // after it, at the next call: the mail was taken, and that is not noted
	callAnswer = "answer"
)

// points are the steps of the functions: publish publishes; notify reads (BatchGetDocuments), writes items (BatchWrite), pushes and answers; due
// looks for what is due (RunQuery), asks for it (Publish) and notes that (Commit); mailer looks for it, notes that it begins (Commit), mails, and
// notes that it is done (Commit).
var points = []point{
	{"notify", callFCM, true}, {"mailer", callSMTP, true}, {"due", "Publish", true}, {"notify", "BatchWrite", true}, {"notify", callFCM, false},
	{"mailer", "Commit", true}, {"due", "Commit", false}, {"publish", "Publish", true}, {"notify", callAnswer, true}, {"notify", "BatchWrite", false},
	{"due", "RunQuery", true}, {"mailer", "Commit", false}, {"mailer", "RunQuery", true}, {"due", "Publish", false}, {"due", "Commit", true},
	{"notify", "BatchGetDocuments", false}, {"notify", "BatchGetDocuments", true}, {"due", "RunQuery", false}, {"mailer", "RunQuery", false}, {"publish", "Publish", false},
}

// crash kills functions at one point after the other, and starts them again. It is safe for concurrent use.
type crash struct {
	ctx   context.Context
	rng   *rand.Rand
	every int          // steps between two crashes, at most
	mails func() int   // that were taken until now
	fcm   http.Handler // the fake
	say   func(string) // tells of a crash
	fail  func(error)  // a function could not be started again
	stack *stack.Stack // set before the first crash

	mu     sync.Mutex
	order  []point                  // in which they come, again and again
	pause  int                      // steps until the next trap is set
	trap   *point                   // set, and not sprung
	before int                      // mails when the tick began
	away   map[string]chan struct{} // functions that are not there, until the channel is closed
	kills  map[string]int
	died   map[string][]int // by function, the steps in which it was killed
	step   int
}

func newCrash(ctx context.Context, o Options) *crash {
	c := &crash{ctx: ctx, rng: rand.New(rand.NewPCG(o.Seed, 2)), every: o.Quiet, away: map[string]chan struct{}{}, kills: map[string]int{}, died: map[string][]int{}}
	c.order = append(c.order, points...)
	c.rng.Shuffle(len(c.order), func(i, j int) { c.order[i], c.order[j] = c.order[j], c.order[i] })
	c.pause = 2
	return c
}

// next begins another step: after some steps without one, it sets a trap.
func (c *crash) next(step int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step, c.before = step, c.mails()
	if c.trap != nil {
		return
	}
	if c.pause--; c.pause <= 0 {
		next := c.order[0]
		c.trap, c.order, c.pause = &next, append(c.order[1:], next), 1+c.rng.IntN(c.every)
	}
}

// springs kills the function if it has come to the point for which a trap is set. It returns the point, nil if there is none.
func (c *crash) springs(function, call string) *point {
	c.mu.Lock()
	if c.trap == nil || c.trap.function != function {
		c.mu.Unlock()
		return nil
	}
	mailed := c.trap.call == callSMTP && c.mails() > c.before
	if c.trap.call != call && !mailed {
		c.mu.Unlock()
		return nil
	}
	p := c.trap
	c.trap = nil
	c.kills[p.String()]++
	c.died[function] = append(c.died[function], c.step)
	c.mu.Unlock()
	return p
}

// kill ends a function that is at a point, and has it started again.
func (c *crash) kill(p *point) {
	back := make(chan struct{})
	c.mu.Lock()
	c.away[p.function] = back
	c.mu.Unlock()
	c.say("killed: " + p.String())
	c.stack.Kill(p.function)
	go func() {
		defer close(back)
		if err := c.stack.Revive(c.ctx, p.function); err != nil {
			c.fail(err)
		}
	}()
}

// await waits until the function is there again, if it was killed.
func (c *crash) await(function string) {
	c.mu.Lock()
	back := c.away[function]
	c.mu.Unlock()
	if back != nil {
		<-back
	}
}

// deaths is how often the function was killed from that step on.
func (c *crash) deaths(function string, since int) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, step := range c.died[function] {
		if step >= since {
			n++
		}
	}
	return n
}

// now reports whether the function was killed in this step.
func (c *crash) now(function string) bool { return c.deaths(function, c.step) > 0 }

func (c *crash) struck() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.kills)
}

// disturb is what a tap before a function's Firestore or Pub/Sub does with a call.
func (c *crash) disturb(function string) func(method string) tap.Fault {
	return func(method string) tap.Fault {
		p := c.springs(function, method)
		if p == nil {
			return tap.Fault{}
		}
		return tap.Fault{Code: codes.Unavailable, Late: p.late && p.call != callSMTP, Then: func() { c.kill(p) }}
	}
}

// ServeHTTP is FCM for notify. A push that it is killed after has been taken.
func (c *crash) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := c.springs("notify", callFCM)
	if p == nil {
		c.fcm.ServeHTTP(w, r)
		return
	}
	if p.late {
		c.fcm.ServeHTTP(httptest.NewRecorder(), r)
	}
	c.kill(p)
	panic(http.ErrAbortHandler) // net/http's way to cut the connection
}
