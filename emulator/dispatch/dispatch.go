// Package dispatch pushes Pub/Sub messages to HTTP receivers as production does. The official emulator can push too, but
// two requests at a time, without deliveryAttempt, and redelivers a refused message at once; so a Push pulls from the
// emulator and posts the standard push envelope itself:
//
//   - The push window, how many requests are in flight, starts small, grows by one with each acknowledgement (so it
//     doubles in every round) up to Subscription.MaxInFlight, and halves when a round brings refusals.
//   - The answers 102, 200, 201, 202 and 204 acknowledge. Any other, a broken connection and an answer later than
//     AckDeadline refuse.
//   - A refused message waits for its own exponential back-off. The wait follows the stack's clock, the deadline of a
//     request the system's (see package clock). The message stays leased here all the while.
//   - After MaxAttempts refusals a message goes to the dead-letter topic with the attributes that Pub/Sub adds, and is
//     then acknowledged. When that publish fails it is not lost but delivered again later.
//
// Nothing is acknowledged that a receiver or the dead-letter topic has not taken, so a message survives any stop of a
// receiver, of a Push, and of both. The sources of the numbers are Pub/Sub's pages on push subscriptions, message retry
// policies and dead-letter topics.
package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/emulator/clock"
)

// A Subscription says what is pushed where, with the meaning and the limits that Pub/Sub gives the words.
type Subscription struct {
	Name            string        // the subscription's id within the project
	Endpoints       []string      // absolute URLs; with several, requests take turns
	AckDeadline     time.Duration // how long a receiver may take; 0: 10 s
	MinBackoff      time.Duration // before the second attempt; doubles with each further one; 0: 10 s
	MaxBackoff      time.Duration // 0: 600 s
	MaxAttempts     int           // refusals until the message is dead; 0: never
	DeadLetterTopic string        // the topic's id within the project; needed with MaxAttempts
	MaxInFlight     int           // what the push window may grow to; 0: 1,000

	// Authorize adds the token of the subscription's service account; nil: there is none. An error counts as a refusal.
	Authorize func(*http.Request) error
}

// A Push delivers one subscription's messages until it is stopped. It is safe for concurrent use.
type Push struct {
	sub    Subscription
	full   string // projects/P/subscriptions/S
	client *pubsub.Client
	dead   *pubsub.Publisher // nil without MaxAttempts
	clock  *clock.Clock
	http   *http.Client
	log    *slog.Logger
	window *window

	endpoints atomic.Pointer[[]string]
	turn      atomic.Uint64
	leased    atomic.Int64
	waiting   atomic.Int64
	delivered atomic.Int64
	refused   atomic.Int64
	died      atomic.Int64

	cancel context.CancelFunc
	done   chan struct{}
	err    error // valid once done is closed
	once   sync.Once
}

// Start begins to push. The subscription must exist in the client's project, as a pull subscription; its dead-letter
// topic too. Back-offs follow clk; log gets one line for each refusal and may be nil.
func Start(client *pubsub.Client, clk *clock.Clock, sub Subscription, log *slog.Logger) (*Push, error) {
	sub.AckDeadline = or(sub.AckDeadline, 10*time.Second)
	sub.MinBackoff = or(sub.MinBackoff, 10*time.Second)
	sub.MaxBackoff = or(sub.MaxBackoff, 600*time.Second)
	sub.MaxInFlight = or(sub.MaxInFlight, 1000)
	if len(sub.Endpoints) == 0 {
		return nil, fmt.Errorf("dispatch %s: no endpoint", sub.Name)
	}
	if sub.MaxAttempts > 0 && sub.DeadLetterTopic == "" {
		return nil, fmt.Errorf("dispatch %s: MaxAttempts without a dead-letter topic", sub.Name)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Push{
		sub:    sub,
		full:   fmt.Sprintf("projects/%s/subscriptions/%s", client.Project(), sub.Name),
		client: client,
		clock:  clk,
		// A connection for each request in flight, kept: a thousand dials a second would be what is measured.
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: sub.MaxInFlight, IdleConnTimeout: time.Minute}},
		log:  log.With("subscription", sub.Name), window: newWindow(sub.MaxInFlight),
		cancel: cancel, done: make(chan struct{}),
	}
	p.endpoints.Store(&sub.Endpoints)
	if sub.MaxAttempts > 0 {
		p.dead = client.Publisher(sub.DeadLetterTopic)
		p.dead.EnableMessageOrdering = true // a dead message keeps its ordering key
	}
	go p.run(ctx)
	return p, nil
}

// run pulls until ctx ends or Pub/Sub refuses for good.
func (p *Push) run(ctx context.Context) {
	defer close(p.done)
	l := newLease(p.client.SubscriptionAdminClient, p.full, p.log)
	var deliveries sync.WaitGroup
	p.err = l.pull(ctx, func(m *pubsubpb.ReceivedMessage) {
		p.leased.Add(1)
		deliveries.Go(func() {
			acknowledged := p.deliver(ctx, m.Message)
			p.leased.Add(-1)
			l.settle(m.AckId, acknowledged)
		})
	})
	p.cancel()
	deliveries.Wait()
	l.close()
	if p.dead != nil {
		p.dead.Stop()
	}
	p.http.CloseIdleConnections()
}

// deliver owns one message until it is acknowledged, which is true, or until ctx ends with the Push: then the message goes back, and
// counts its attempts from 1 again.
func (p *Push) deliver(ctx context.Context, m *pubsubpb.PubsubMessage) (acknowledged bool) {
	for attempt := 1; ; attempt++ {
		round, err := p.window.acquire(ctx)
		if err != nil {
			return false
		}
		err = p.post(ctx, m, attempt)
		if err != nil && ctx.Err() != nil {
			p.window.release(round, true) // not the receiver's fault
			return false
		}
		p.window.release(round, err == nil)
		if err == nil {
			p.delivered.Add(1)
			return true
		}
		p.refused.Add(1)
		p.log.InfoContext(ctx, "refused", "message_id", m.MessageId, "attempt", attempt, "error", err)
		if p.dead != nil && attempt >= p.sub.MaxAttempts {
			if err = p.bury(ctx, m, attempt); err == nil {
				p.died.Add(1)
				return true
			}
			p.log.ErrorContext(ctx, "dead-letter topic", "message_id", m.MessageId, "error", err)
		}
		p.waiting.Add(1)
		err = p.clock.Sleep(ctx, p.sub.backoff(attempt))
		p.waiting.Add(-1)
		if err != nil {
			return false
		}
	}
}

// backoff returns the wait after the given number of refusals.
func (s Subscription) backoff(attempt int) time.Duration {
	d := s.MinBackoff
	for i := 1; i < attempt && d < s.MaxBackoff; i++ {
		d *= 2
	}
	return min(d, s.MaxBackoff)
}

// Pause lets the requests in flight finish and sends no further ones until Resume. Messages keep their attempts.
func (p *Push) Pause() { p.window.pause(true) }

// Resume ends a Pause.
func (p *Push) Resume() { p.window.pause(false) }

// SetEndpoints points the subscription at other receivers, from the next request on. At least one URL is needed.
func (p *Push) SetEndpoints(urls ...string) {
	if len(urls) > 0 {
		p.endpoints.Store(&urls)
	}
}

// Stats is what a Push has done and is doing.
type Stats struct {
	Delivered int // messages that a receiver acknowledged
	Refused   int // attempts that were refused
	Dead      int // messages that went to the dead-letter topic
	InFlight  int // requests under way
	Waiting   int // messages in their back-off
	Leased    int // messages that are here: in flight, in their back-off, or waiting for a place in the window
	Window    int // requests allowed at once right now
}

// Stats returns the counts since the start.
func (p *Push) Stats() Stats {
	inFlight, limit := p.window.state()
	return Stats{
		Delivered: int(p.delivered.Load()), Refused: int(p.refused.Load()), Dead: int(p.died.Load()),
		InFlight: inFlight, Waiting: int(p.waiting.Load()), Leased: int(p.leased.Load()), Window: limit,
	}
}

// Stop ends the push, breaks off the requests in flight and gives what is not acknowledged back to Pub/Sub. It returns
// the error that ended the push earlier, if one did. It may be called twice.
func (p *Push) Stop() error {
	p.once.Do(p.cancel)
	<-p.done
	return p.Err()
}

// Done is closed when the push has ended: by Stop, or because Pub/Sub failed for good.
func (p *Push) Done() <-chan struct{} { return p.done }

// Err waits for the end of the push and returns nil if Stop ended it.
func (p *Push) Err() error {
	<-p.done
	if p.err != nil {
		return fmt.Errorf("dispatch %s: %w", p.sub.Name, p.err)
	}
	return nil
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}
