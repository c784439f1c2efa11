// Package topics is the way from the functions to Pub/Sub and back: which topics there are, how an event travels in a
// message, and how the push subscriptions hand it over.
//
// A message is an [Envelope]: its data is one [event.Event] as JSON, with at most [Chunk] recipients or with an audience, or nothing
// where it asks to look at an item. Everything else is in the attributes.
package topics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/event"
	"tidings.dev/shared/telemetry"
)

// Topic is the name of a Pub/Sub topic.
type Topic string

// The topics. Urgent events have their own, so that a broadcast of a million tips never delays a security alert.
const (
	Events      Topic = "events"
	Urgent      Topic = "events-urgent"
	Retry       Topic = "events-retry" // what could not be done now; the only subscription that sees refusals
	DeadLetters Topic = "dead-letters" // what Pub/Sub itself gave up on
)

// Lane is the topic for events of that priority.
func Lane(p event.Priority) Topic {
	if p == event.Urgent {
		return Urgent
	}
	return Events
}

// Chunk is how many recipients one message has at most: enough to share the work, few enough that a poisoned message
// holds back few people.
const Chunk = 100

// Publisher publishes to the topics. It is safe for concurrent use.
//
// The SDK's own gathers the messages of several callers for a moment. Here a call begins at once, and only while several are under way the
// next callers' messages go together: no timer, no goroutines ([outlet]).
type Publisher struct {
	client  *pubsub.Client
	mu      sync.Mutex
	outlets map[Topic]*outlet
}

// NewPublisher uses the client for all topics. The caller closes the client.
func NewPublisher(client *pubsub.Client) *Publisher {
	return &Publisher{client: client, outlets: map[Topic]*outlet{}}
}

const (
	// maxWait is how long Pub/Sub may take to store messages, with all attempts (the client tries again for that long) and the wait for other calls. It is far
	// below the acknowledgement deadline of the subscriptions (60 s), since subscribers publish too.
	maxWait = 10 * time.Second

	// maxCall is how many messages Pub/Sub takes in a call.
	maxCall = 1_000
)

// Split adds an event's envelope to others, as several with at most [Chunk] recipients each.
func Split(to []Envelope, e Envelope) []Envelope {
	if len(e.Event.Recipients) <= Chunk {
		return append(to, e)
	}
	for part := range slices.Chunk(e.Event.Recipients, Chunk) {
		to = append(to, e.For(part))
	}
	return to
}

// LookAt is an order to look at an item, in the lane of its priority.
func LookAt(uid, id string, p event.Priority) Envelope {
	return Envelope{Look: Ref{UID: uid, ID: id}, Lane: Lane(p)}
}

// Publish publishes each envelope to the topic that it belongs to, and waits until Pub/Sub has stored them all. A topic that does not
// take its messages does not keep the others from theirs. After an error some may be stored: to publish the same again is safe, since
// applying an event is idempotent.
func (p *Publisher) Publish(ctx context.Context, envelopes ...Envelope) error {
	byTopic := make(map[Topic][]*pubsubpb.PubsubMessage, 1)
	for i := range envelopes {
		m, err := envelopes[i].Encode()
		if err != nil {
			return err
		}
		to := envelopes[i].to()
		byTopic[to] = append(byTopic[to], m)
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	var errs []error
	for _, to := range []Topic{Urgent, Events, Retry} {
		errs = append(errs, p.store(ctx, to, byTopic[to]))
	}
	return errors.Join(errs...)
}

// store waits until Pub/Sub has all of it. Each message carries the trace on.
func (p *Publisher) store(ctx context.Context, to Topic, messages []*pubsubpb.PubsubMessage) (err error) {
	if len(messages) == 0 {
		return nil
	}
	ctx, end := telemetry.Sending(ctx, string(to), len(messages))
	defer func() { end(err) }()
	for _, m := range messages {
		telemetry.Inject(ctx, m.Attributes)
	}
	call := func(ctx context.Context, messages []*pubsubpb.PubsubMessage) error {
		_, err := p.client.TopicAdminClient.Publish(ctx, &pubsubpb.PublishRequest{Topic: "projects/" + p.client.Project() + "/topics/" + string(to), Messages: messages})
		return err
	}
	for some := range slices.Chunk(messages, maxCall) {
		if err := p.outlet(to).send(ctx, some, call); err != nil {
			return fmt.Errorf("topics: publish to %s: %w", to, err)
		}
	}
	return nil
}

func (p *Publisher) outlet(to Topic) *outlet {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.outlets[to] == nil {
		p.outlets[to] = new(outlet)
	}
	return p.outlets[to]
}
