package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/webhook"
)

// OutgoingState is how far a message to a product has come.
type OutgoingState string

// The states.
const (
	OutgoingPending   OutgoingState = "pending"   // it is sent at NextAt
	OutgoingDelivered OutgoingState = "delivered" // the product has taken it
	OutgoingFailed    OutgoingState = "failed"    // the product has not taken it in all attempts; nobody tries any more
)

// Outgoing is a message to a product: outgoing/{id}. It is the schedule of its attempts, and the log of what came of them.
type Outgoing struct {
	webhook.Message
	State       OutgoingState `json:"state"`
	Attempts    int           `json:"attempts"`             // since it was told, or replayed
	ToldAt      time.Time     `json:"toldAt"`               // when it was first stored
	NextAt      time.Time     `json:"nextAt,omitzero"`      // of what is pending: when it is sent
	AttemptedAt time.Time     `json:"attemptedAt,omitzero"` // the last attempt
	DeliveredAt time.Time     `json:"deliveredAt,omitzero"`
	Status      int           `json:"status,omitzero"` // of HTTP, of the last answer; 0 is no answer
	Answer      string        `json:"answer,omitzero"` // the beginning of what it said, or why there was none

	read time.Time // the document's update time
}

// keepOutgoing is how long a message is kept after it was told, or replayed.
const keepOutgoing = 30 * 24 * time.Hour

// outgoing is the stored form. What nobody asks for is in content, which has no index.
type outgoing struct {
	Endpoint    string          `firestore:"endpoint"`
	State       OutgoingState   `firestore:"state"`
	ToldAt      time.Time       `firestore:"toldAt"`
	NextAt      *time.Time      `firestore:"nextAt,omitempty"`
	DeliveredAt *time.Time      `firestore:"deliveredAt,omitempty"`
	ExpireAt    time.Time       `firestore:"expireAt"`
	Named       []int64         `firestore:"named,omitempty"` // whom it may name, as [inbox.PersonOf] says
	Content     outgoingContent `firestore:"content"`
}

type outgoingContent struct {
	Type        string     `firestore:"type"`
	Body        []byte     `firestore:"body"`
	Names       []string   `firestore:"names,omitempty"`
	Attempts    int        `firestore:"attempts"`
	AttemptedAt *time.Time `firestore:"attemptedAt,omitempty"`
	Status      int        `firestore:"status"`
	Answer      string     `firestore:"answer"`
}

func (s *Store) outgoing(id string) *firestore.DocumentRef {
	return s.client.Collection("outgoing").Doc(id)
}

func storedOutgoing(o Outgoing, now time.Time) outgoing {
	d := outgoing{
		Endpoint: o.Endpoint, State: o.State, ToldAt: o.ToldAt, NextAt: orNil(o.NextAt), DeliveredAt: orNil(o.DeliveredAt), ExpireAt: now.Add(keepOutgoing),
		Content: outgoingContent{
			Type: o.Type, Body: o.Body, Names: o.Names, Attempts: o.Attempts, AttemptedAt: orNil(o.AttemptedAt), Status: o.Status,
			Answer: strings.ToValidUTF8(o.Answer, "\uFFFD"),
		},
	}
	for _, name := range o.Names {
		d.Named = append(d.Named, inbox.PersonOf(name))
	}
	return d
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func readOutgoing(doc *firestore.DocumentSnapshot) (Outgoing, error) {
	var d outgoing
	if err := doc.DataTo(&d); err != nil {
		return Outgoing{}, fmt.Errorf("store: outgoing %s: %w", doc.Ref.ID, err)
	}
	c := d.Content
	return Outgoing{
		Message: webhook.Message{ID: doc.Ref.ID, Endpoint: d.Endpoint, Type: c.Type, Names: c.Names, Body: json.RawMessage(c.Body)},
		State:   d.State, Attempts: c.Attempts, ToldAt: d.ToldAt, NextAt: orZero(d.NextAt), AttemptedAt: orZero(c.AttemptedAt), DeliveredAt: orZero(d.DeliveredAt),
		Status: c.Status, Answer: c.Answer, read: doc.UpdateTime,
	}, nil
}

// AddOutgoing stores a message that was not told before, to be sent at that time, and returns it. It returns [ErrConflict] where it was. It is billed as one write.
func (s *Store) AddOutgoing(ctx context.Context, m webhook.Message, now, next time.Time) (Outgoing, error) {
	o := Outgoing{Message: m, State: OutgoingPending, ToldAt: now, NextAt: next}
	result, err := s.outgoing(m.ID).Create(ctx, storedOutgoing(o, now))
	if err != nil {
		return o, fmt.Errorf("store: outgoing %s: %w", m.ID, sentinel(err))
	}
	o.read = result.UpdateTime
	return o, nil
}

// KeepOutgoing stores what became of a message, and when it is sent next. It returns [ErrConflict] where somebody else has written it since it was read, or
// it is gone. It is billed as one write.
func (s *Store) KeepOutgoing(ctx context.Context, o Outgoing, now time.Time) error {
	d := storedOutgoing(o, now)
	next, delivered := any(firestore.Delete), any(firestore.Delete)
	if d.NextAt != nil {
		next = *d.NextAt
	}
	if d.DeliveredAt != nil {
		delivered = *d.DeliveredAt
	}
	_, err := s.outgoing(o.ID).Update(ctx, []firestore.Update{
		{Path: "state", Value: d.State}, {Path: "nextAt", Value: next}, {Path: "deliveredAt", Value: delivered}, {Path: "expireAt", Value: d.ExpireAt}, {Path: "content", Value: d.Content},
	}, firestore.LastUpdateTime(o.read))
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("store: outgoing %s: %w: it is gone", o.ID, ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("store: outgoing %s: %w", o.ID, sentinel(err))
	}
	return nil
}

// DueOutgoing lists the messages to an endpoint that are to be sent by now, those first that have waited longest. Each is billed as one read; so is an answer
// without any.
func (s *Store) DueOutgoing(ctx context.Context, endpoint string, now time.Time, limit int) ([]Outgoing, error) {
	q := s.client.Collection("outgoing").Where("endpoint", "==", endpoint).Where("nextAt", "<=", now).OrderBy("nextAt", firestore.Asc).Limit(limit)
	return s.allOutgoing(ctx, q)
}

func (s *Store) allOutgoing(ctx context.Context, q firestore.Query) ([]Outgoing, error) {
	docs, err := q.Documents(ctx).GetAll()
	if err != nil {
		return nil, fmt.Errorf("store: outgoing: %w", sentinel(err))
	}
	found := make([]Outgoing, len(docs))
	for i, doc := range docs {
		if found[i], err = readOutgoing(doc); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// DeliveredSince reports whether the endpoint has taken any message since then. It is billed as one read.
func (s *Store) DeliveredSince(ctx context.Context, endpoint string, since time.Time) (bool, error) {
	q := s.client.Collection("outgoing").Where("endpoint", "==", endpoint).Where("deliveredAt", ">=", since).OrderBy("deliveredAt", firestore.Asc).Limit(1)
	found, err := s.allOutgoing(ctx, q)
	return len(found) > 0, err
}

// OutgoingLog lists messages, the latest first: of one state, or of all where it is "", at most limit, after the cursor that an earlier call returned as next
// ("" for the first page). next is "" when nothing more follows. What is no cursor is [ErrCursor].
func (s *Store) OutgoingLog(ctx context.Context, state OutgoingState, after string, limit int) (found []Outgoing, next string, err error) {
	q := s.client.Collection("outgoing").OrderBy("toldAt", firestore.Desc).OrderBy(firestore.DocumentID, firestore.Desc).Limit(limit)
	if state != "" {
		q = q.Where("state", "==", state)
	}
	if q, err = startAfter(q, after); err != nil {
		return nil, "", fmt.Errorf("store: outgoing: %w", err)
	}
	if found, err = s.allOutgoing(ctx, q); err != nil {
		return nil, "", err
	}
	if len(found) == limit {
		last := found[limit-1]
		next = cursor(last.ToldAt, last.ID)
	}
	return found, next, nil
}

// OutgoingMessage reads one, or returns [ErrNotFound], also for what cannot be an id.
func (s *Store) OutgoingMessage(ctx context.Context, id string) (Outgoing, error) {
	if !isID(id) {
		return Outgoing{}, fmt.Errorf("store: outgoing %.200q: %w", id, ErrNotFound)
	}
	doc, err := s.outgoing(id).Get(ctx)
	if err != nil {
		return Outgoing{}, fmt.Errorf("store: outgoing %s: %w", id, sentinel(err))
	}
	return readOutgoing(doc)
}

// SwitchedOff is why nothing is sent to an endpoint: endpoints/{name}, which is there as long as that holds.
type SwitchedOff struct {
	At     time.Time `firestore:"offAt" json:"at"`
	Reason string    `firestore:"reason" json:"reason"`
}

// SwitchOff ends the sending to an endpoint. The first reason stays. It reports whether this call has done it.
func (s *Store) SwitchOff(ctx context.Context, endpoint string, off SwitchedOff) (bool, error) {
	_, err := s.client.Collection("endpoints").Doc(endpoint).Create(ctx, off)
	if err = sentinel(err); err != nil && !errors.Is(err, ErrConflict) {
		return false, fmt.Errorf("store: switch off %s: %w", endpoint, err)
	}
	return err == nil, nil
}

// SwitchOn begins it again. It is no mistake where the endpoint is on.
func (s *Store) SwitchOn(ctx context.Context, endpoint string) error {
	if _, err := s.client.Collection("endpoints").Doc(endpoint).Delete(ctx); err != nil {
		return fmt.Errorf("store: switch on %s: %w", endpoint, sentinel(err))
	}
	return nil
}

// EndpointsOff are the endpoints that are switched off, by name. Each is billed as one read; so is an answer without any.
func (s *Store) EndpointsOff(ctx context.Context) (map[string]SwitchedOff, error) {
	docs, err := s.client.Collection("endpoints").Documents(ctx).GetAll()
	if err != nil {
		return nil, fmt.Errorf("store: endpoints: %w", sentinel(err))
	}
	off := map[string]SwitchedOff{}
	for _, doc := range docs {
		var d SwitchedOff
		if err := doc.DataTo(&d); err != nil {
			return nil, fmt.Errorf("store: endpoint %s: %w", doc.Ref.ID, err)
		}
		off[doc.Ref.ID] = d
	}
	return off, nil
}
