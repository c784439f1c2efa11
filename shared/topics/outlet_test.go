package topics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// heldTopic is a topic whose calls a test lets go on.
type heldTopic struct {
	mu    sync.Mutex
	calls [][]string // the messages of each, in the order in which they came
	open  chan struct{}
	fails func(messages []string) error
}

func (p *heldTopic) call(ctx context.Context, messages []*pubsubpb.PubsubMessage) error {
	var names []string
	for _, m := range messages {
		names = append(names, string(m.Data))
	}
	p.mu.Lock()
	p.calls = append(p.calls, names)
	p.mu.Unlock()
	select {
	case <-p.open:
	case <-ctx.Done():
		return ctx.Err()
	}
	if p.fails != nil {
		return p.fails(names)
	}
	return nil
}

// flood sends maxCalls messages, which stay under way, and then so many others. The results come by the names of the messages when the calls go on.
func (p *heldTopic) flood(ctx context.Context, o *outlet, others int, size int) (results func() map[string]error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	got := map[string]error{}
	for i := range maxCalls + others {
		name := fmt.Sprintf("%03d", i)
		all.Go(func() {
			m := &pubsubpb.PubsubMessage{Data: []byte(name)}
			if size > 0 {
				m.Attributes = map[string]string{"a": string(make([]byte, size))}
			}
			err := errors.New("panicked")
			defer func() {
				_ = recover()
				mu.Lock()
				defer mu.Unlock()
				got[name] = err
			}()
			err = o.send(ctx, []*pubsubpb.PubsubMessage{m}, p.call)
		})
		synctest.Wait() // in this order
	}
	return func() map[string]error {
		all.Wait()
		return got
	}
}

func TestWhatComesWhileCallsAreUnderWayGoesTogether(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		others int
		size   int
		want   []int // messages of the calls after the first ones
	}{
		{"nothing waits", 0, 0, nil},
		{"one", 1, 0, []int{1}},
		{"many", 300, 0, []int{300}},
		{"more than a call takes", maxCall + 1, 0, []int{maxCall, 1}},
		{"large ones", 5, maxBytes / 2, []int{1, 1, 1, 1, 1}},
		{"half as large ones", 5, maxBytes / 4, []int{3, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, o := &heldTopic{open: make(chan struct{})}, new(outlet)
				results := p.flood(t.Context(), o, test.others, test.size)
				if len(p.calls) != maxCalls {
					t.Errorf("%d calls are under way, want %d", len(p.calls), maxCalls)
				}
				close(p.open)
				for name, err := range results() {
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
				var sizes []int
				for _, names := range p.calls[maxCalls:] {
					sizes = append(sizes, len(names))
				}
				slices.SortFunc(sizes, func(a, b int) int { return b - a })
				if !slices.Equal(sizes, test.want) {
					t.Errorf("the calls after that had %v messages, want %v", sizes, test.want)
				}
				all := slices.Concat(p.calls...)
				if slices.Sort(all); len(slices.Compact(all)) != maxCalls+test.others || len(all) != maxCalls+test.others {
					t.Errorf("got %v, want each once", all)
				}
				if o.calls != 0 || len(o.queue) != 0 {
					t.Errorf("%d calls are under way and %d wait, after all have ended", o.calls, len(o.queue))
				}
			})
		})
	}
}

func TestAnErrorIsWhoseItIs(t *testing.T) {
	t.Parallel()
	refused, busy := status.Error(codes.InvalidArgument, "bad"), status.Error(codes.Unavailable, "busy")
	const poison = "007" // one of those that go together
	for _, test := range []struct {
		name   string
		others int
		fails  func(messages []string) error
		calls  int // after the first ones
		failed []string
	}{
		{"one is refused", 5, func(messages []string) error {
			if slices.Contains(messages, poison) {
				return refused
			}
			return nil
		}, 1 + 5, []string{poison}},
		{"one that waits alone is refused", 1, func(messages []string) error {
			if messages[0] >= "004" {
				return refused
			}
			return nil
		}, 1, []string{"004"}},
		{"Pub/Sub is away", 5, func(messages []string) error {
			if len(messages) > 1 {
				return busy
			}
			return nil
		}, 1, []string{"004", "005", "006", "007", "008"}},
		{"the code ends early", 5, func(messages []string) error {
			if len(messages) > 1 {
				panic("a mistake")
			}
			return nil
		}, 1 + 4, []string{"004"}}, // in whose goroutine it was
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, o := &heldTopic{open: make(chan struct{}), fails: test.fails}, new(outlet)
				results := p.flood(t.Context(), o, test.others, 0)
				close(p.open)
				var failed []string
				for name, err := range results() {
					if err != nil {
						failed = append(failed, name)
					}
				}
				if slices.Sort(failed); !slices.Equal(failed, test.failed) || len(p.calls) != maxCalls+test.calls || o.calls != 0 {
					t.Errorf("%v failed, in %d calls, and %d are under way; want %v in %d", failed, len(p.calls), o.calls, test.failed, maxCalls+test.calls)
				}
			})
		})
	}
}

// TestNobodyWaitsLongerThanForACallOfTheirOwn: while Pub/Sub does not answer, what waits for a place ends at the same time as what has one.
func TestNobodyWaitsLongerThanForACallOfTheirOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, o := &heldTopic{open: make(chan struct{})}, new(outlet)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), maxWait)
		defer cancel()
		for name, err := range p.flood(ctx, o, 10, 0)() {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if took := time.Since(start); o.calls != 0 || took > maxWait {
			t.Errorf("%d calls are under way after %s", o.calls, took)
		}
	})
}

// TestACallerWhoLeavesTakesNobodyAlong: the one in whose goroutine the call runs has left, and the others' messages are stored.
func TestACallerWhoLeavesTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, o := &heldTopic{open: make(chan struct{})}, new(outlet)
		first := p.flood(t.Context(), o, 0, 0)
		gone, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		errs := make([]error, 2)
		for i, ctx := range []context.Context{gone, t.Context()} {
			all.Go(func() { errs[i] = o.send(ctx, []*pubsubpb.PubsubMessage{{Data: []byte("x")}}, p.call) })
			synctest.Wait()
		}
		leave()
		close(p.open)
		first()
		all.Wait()
		if errs[1] != nil || len(p.calls) != maxCalls+1 {
			t.Errorf("got %v with %d calls", errs[1], len(p.calls))
		}
	})
}
