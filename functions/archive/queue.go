package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"tidings.dev/shared/topics"
)

// queue is the Pub/Sub of a replay: what the subscriber leaves to other messages comes back to the replay, and nowhere else. So what is done into a shadow never
// reaches the live subscriber.
type queue struct {
	mu      sync.Mutex
	open    []topics.Envelope // to be given to the subscriber at once
	waiting []topics.Envelope // not before a time
}

// Publish takes envelopes.
func (q *queue) Publish(_ context.Context, envelopes ...topics.Envelope) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range envelopes {
		if e.NotBefore().IsZero() {
			q.open = append(q.open, e)
		} else {
			q.waiting = append(q.waiting, e)
		}
	}
	return nil
}

// take takes what is to be done at once.
func (q *queue) take() []topics.Envelope {
	q.mu.Lock()
	defer q.mu.Unlock()
	open := q.open
	q.open = nil
	return open
}

// due takes what waits no longer.
func (q *queue) due(now time.Time) (due []topics.Envelope) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = slices.DeleteFunc(q.waiting, func(e topics.Envelope) bool {
		is := !e.NotBefore().After(now)
		if is {
			due = append(due, e)
		}
		return is
	})
	return due
}

// everything takes all that waits, and the latest time for which any of it does.
func (q *queue) everything() (all []topics.Envelope, until time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	all, q.waiting = q.waiting, nil
	for _, e := range all {
		if e.NotBefore().After(until) {
			until = e.NotBefore()
		}
	}
	return all, until
}

// later is what waits, as a checkpoint keeps it.
func (q *queue) later() (messages []topics.PushedMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.waiting {
		if m, err := pushedOf(e, "", time.Time{}); err == nil {
			messages = append(messages, m.Message)
		}
	}
	return messages
}

// restore takes what a checkpoint has kept.
func (q *queue) restore(messages []topics.PushedMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = nil
	for _, m := range messages {
		e, _ := topics.Decode(m) // it was written by this program
		q.waiting = append(q.waiting, e)
	}
}

// pushedOf is the envelope as a push subscription would hand it over. Without an id of its own, it has one that follows from what it says: the same again is the same message.
func pushedOf(e topics.Envelope, id string, published time.Time) (topics.Pushed, error) {
	m, err := e.Encode()
	if err != nil {
		return topics.Pushed{}, err
	}
	if id == "" {
		said, _ := json.Marshal(m.Attributes) // texts always can be, and in order
		sum := sha256.Sum256(append(said, m.Data...))
		id = hex.EncodeToString(sum[:16])
	}
	return topics.Pushed{
		Subscription: "projects/replay/subscriptions/replay",
		Message:      topics.PushedMessage{MessageID: id, PublishTime: published, Data: m.Data, Attributes: m.Attributes},
	}, nil
}
