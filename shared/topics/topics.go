// Package topics is the way from the functions to Pub/Sub and back: which topics there are, how an event travels in a
// message, and how the push subscriptions hand it over.
//
// A message is an event or asks to look at an item again ([Again]). An event's data is one [event.Event] as JSON, with at most [Chunk] recipients, or with an audience and, in the
// attribute "cursor", how far it has been walked. The attributes also carry CloudEvents' id, source and type (as its
// Pub/Sub binding names them), for filters and for whoever looks at a dead letter.
package topics

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/event"
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

// The attributes of a message.
const (
	attrID       = "ce-id"
	attrSource   = "ce-source"
	attrType     = "ce-type"
	AttrCursor   = "cursor"   // audience messages: the last member handled
	AttrWhy      = "why"      // messages for members of an audience: "audience:ID", where the recipients are listed
	AttrOrigin   = "origin"   // retried messages: the id of the first message, which pushes are remembered by
	AttrReason   = "reason"   // retried messages: why
	AttrAttempts = "attempts" // retried messages: how often it has been tried before it was handed over

	AttrDevices   = "devices"   // retried pushes: the ids of the devices that are missing, with slashes between them
	AttrNotBefore = "notBefore" // retried pushes: FCM does not want to be asked again before, as RFC 3339
	AttrTries     = "tries"     // retried pushes: how often FCM has been asked

	AttrItem = "item" // messages without an event: the id of the item to look at again
	AttrUID  = "uid"  // and whose it is
)

// Publisher publishes to the topics. It is safe for concurrent use.
//
// The SDK's own gathers the messages of several callers for a moment. Here each waits for the answer, so a call has what its
// request brought, at once: no timer, no goroutines.
type Publisher struct {
	client *pubsub.Client
}

// NewPublisher uses the client for all topics. The caller closes the client.
func NewPublisher(client *pubsub.Client) *Publisher { return &Publisher{client} }

const (
	// maxWait is how long Pub/Sub may take to store messages, with all attempts: the client tries again for that long. It is far
	// below the acknowledgement deadline of the subscriptions (60 s), since subscribers publish too.
	maxWait = 10 * time.Second

	// maxCall is how many messages Pub/Sub takes in a call.
	maxCall = 1_000
)

// Message is one message to publish.
type Message struct {
	Event      event.Event
	Accepted   event.Acceptance
	Attributes map[string]string // besides the event's own
}

// Again asks to look at an item again, without an event: because something it waits for may have come.
type Again struct {
	UID, ID string
	Lane    Topic
}

// Split makes an event into messages of at most [Chunk] recipients each.
func Split(e event.Event) []Message {
	if len(e.Recipients) <= Chunk {
		return []Message{{Event: e}}
	}
	var messages []Message
	for part := range slices.Chunk(e.Recipients, Chunk) {
		one := e
		one.Recipients = part
		messages = append(messages, Message{Event: one})
	}
	return messages
}

// Publish publishes the messages and waits until Pub/Sub has stored them all. After an error some may be stored: to
// publish the same again is safe, since applying an event is idempotent.
func (p *Publisher) Publish(ctx context.Context, to Topic, messages ...Message) error {
	raw := make([]*pubsubpb.PubsubMessage, len(messages))
	for i, m := range messages {
		data, err := json.Marshal(m.Event)
		if err != nil {
			return fmt.Errorf("topics: encode event %s: %w", m.Event.ID, err)
		}
		raw[i] = &pubsubpb.PubsubMessage{Data: data, Attributes: map[string]string{attrID: m.Event.ID, attrSource: m.Event.Source, attrType: m.Event.Type}}
		maps.Copy(raw[i].Attributes, m.Attributes)
	}
	return p.store(ctx, to, raw)
}

// Ask publishes an order for each item, in its lane, and waits as Publish does.
func (p *Publisher) Ask(ctx context.Context, items ...Again) error {
	lanes := map[Topic][]*pubsubpb.PubsubMessage{}
	for _, a := range items {
		lanes[a.Lane] = append(lanes[a.Lane], &pubsubpb.PubsubMessage{Attributes: map[string]string{AttrItem: a.ID, AttrUID: a.UID}})
	}
	var errs []error
	for lane, messages := range lanes {
		errs = append(errs, p.store(ctx, lane, messages))
	}
	return errors.Join(errs...)
}

// Republish hands a message over as it came, with further attributes. It is for data that may not even decode.
func (p *Publisher) Republish(ctx context.Context, to Topic, m PushedMessage, attributes map[string]string) error {
	all := maps.Clone(m.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, attributes)
	return p.store(ctx, to, []*pubsubpb.PubsubMessage{{Data: m.Data, Attributes: all}})
}

// store waits until Pub/Sub has all of it.
func (p *Publisher) store(ctx context.Context, to Topic, messages []*pubsubpb.PubsubMessage) error {
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	for some := range slices.Chunk(messages, maxCall) {
		req := &pubsubpb.PublishRequest{Topic: "projects/" + p.client.Project() + "/topics/" + string(to), Messages: some}
		if _, err := p.client.TopicAdminClient.Publish(ctx, req); err != nil {
			return fmt.Errorf("topics: publish to %s: %w", to, err)
		}
	}
	return nil
}
