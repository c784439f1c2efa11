package topics

import (
	"context"
	"errors"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// outlet is the way to one topic. At most maxCalls calls are under way, and what comes meanwhile goes together in the next one. So a lone event is
// a call of its own, at once, and in a flood a call has dozens of them.
type outlet struct {
	mu    sync.Mutex
	calls int         // under way
	queue []*gathered // what waits for a place among them
}

const (
	maxCalls = 4       // with calls of 40 ms, a hundred events a second before any of them waits
	maxBytes = 1 << 20 // of what is gathered for a call, about; Pub/Sub takes ten times as much
)

// gathered are the messages of several callers.
type gathered struct {
	messages []*pubsubpb.PubsubMessage
	bytes    int
	callers  int
	until    time.Time     // when its call ends at the latest: nobody waits longer than for a call of their own
	place    chan struct{} // has room for one word: there is a place, and whoever hears it makes the call
	done     chan struct{} // closed after the call
	err      error         // what became of it
}

// errEarly is what became of a call that panicked.
var errEarly = errors.New("topics: the call ended early")

// send waits until the messages are stored. They are at most maxCall.
func (o *outlet) send(ctx context.Context, messages []*pubsubpb.PubsubMessage, call func(context.Context, []*pubsubpb.PubsubMessage) error) error {
	o.mu.Lock()
	if o.calls < maxCalls {
		o.calls++
		o.mu.Unlock()
		defer o.next()
		return call(ctx, messages)
	}
	g := o.join(messages)
	o.mu.Unlock()
	select {
	case <-g.done:
	case <-g.place:
		o.call(ctx, g, call)
	}
	if g.err != nil && g.callers > 1 && !passes(g.err) {
		return call(ctx, messages) // it was refused for the sake of one caller, and nobody knows whose
	}
	return g.err
}

// join adds the messages to what is gathered last, or begins another. The caller holds the lock.
func (o *outlet) join(messages []*pubsubpb.PubsubMessage) *gathered {
	bytes := 0
	for _, m := range messages {
		bytes += size(m)
	}
	last := len(o.queue) - 1
	if last < 0 || len(o.queue[last].messages)+len(messages) > maxCall || o.queue[last].bytes+bytes > maxBytes {
		o.queue = append(o.queue, &gathered{until: time.Now().Add(maxWait), place: make(chan struct{}, 1), done: make(chan struct{})})
		last++
	}
	g := o.queue[last]
	g.messages, g.bytes, g.callers = append(g.messages, messages...), g.bytes+bytes, g.callers+1
	return g
}

// size is about how many bytes a message takes.
func size(m *pubsubpb.PubsubMessage) int {
	n := len(m.Data)
	for key, value := range m.Attributes {
		n += len(key) + len(value)
	}
	return n
}

// call makes the call for all callers, whether or not the one in whose goroutine it runs still waits.
func (o *outlet) call(ctx context.Context, g *gathered, call func(context.Context, []*pubsubpb.PubsubMessage) error) {
	g.err = errEarly
	defer o.next()
	defer close(g.done)
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), g.until)
	defer cancel()
	g.err = call(ctx, g.messages)
}

// next gives the place of a call that has ended to what has waited longest.
func (o *outlet) next() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.calls--
		return
	}
	g := o.queue[0]
	o.queue = o.queue[1:]
	g.place <- struct{}{}
}

// passes reports whether the call failed for nobody's sake.
func passes(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal, codes.Canceled:
		return true
	}
	return false
}
