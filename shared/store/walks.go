package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// A walk tells many people, step by step, each step by a message of its own. walks/{id} says how far it has come, so that a step
// that is delivered twice hands out its people once.
type walk struct {
	Page     int       `firestore:"page"`     // how many steps were taken
	ExpireAt time.Time `firestore:"expireAt"` // when nothing of it can be delivered any more
}

// keepWalk is longer than Pub/Sub keeps a message.
const keepWalk = inbox.KeepTombstone

func (s *Store) walk(id string) *firestore.DocumentRef { return s.client.Collection("walks").Doc(id) }

// Walked reports whether the walk has taken so many steps. It is billed as one read.
func (s *Store) Walked(ctx context.Context, id string, steps int) (bool, error) {
	doc, err := s.walk(id).Get(ctx)
	if err != nil && status.Code(err) != codes.NotFound {
		return false, fmt.Errorf("store: walk %s: %w", id, sentinel(err))
	}
	if err != nil {
		return false, nil
	}
	var w walk
	if err := doc.DataTo(&w); err != nil {
		return false, fmt.Errorf("store: walk %s: %w", id, err)
	}
	return w.Page >= steps, nil
}

// Walk notes that so many steps were taken. Of two who took steps at the same time the one that is further ahead holds: whoever is late
// must not take the walk back, or its next steps would be taken again.
func (s *Store) Walk(ctx context.Context, id string, steps int, now time.Time) error {
	_, err := s.walk(id).Set(ctx, map[string]any{"page": firestore.FieldTransformMaximum(steps), "expireAt": now.Add(keepWalk)}, firestore.MergeAll)
	if err != nil {
		return fmt.Errorf("store: walk %s: %w", id, sentinel(err))
	}
	return nil
}

// Retraction is an event that takes back what others were told, whoever they are: retractions/{id}. Events that come late look
// here whether they still stand.
type Retraction struct {
	Event    event.Event
	Accepted event.Acceptance
}

// storedRetraction is its stored form.
type storedRetraction struct {
	GroupID    string    `firestore:"groupId"`
	Content    content   `firestore:"content"`
	AcceptedAt time.Time `firestore:"acceptedAt"`
	ExpireAt   time.Time `firestore:"expireAt"`
	Named      []int64   `firestore:"named,omitempty"` // its actor, as [inbox.PersonOf] says
}

type content struct {
	Event   []byte `firestore:"event"` // as JSON, without what it says to people
	OwnTime bool   `firestore:"ownTime"`
}

// KeepRetraction remembers a retraction for as long as an event that it takes back may still arrive. The same one again
// replaces itself.
func (s *Store) KeepRetraction(ctx context.Context, groupID string, r Retraction, now time.Time) error {
	e := r.Event
	raw, err := json.Marshal(event.Event{
		ID: e.ID, Source: e.Source, Type: e.Type, Time: e.Time, Actor: event.Actor{ID: e.Actor.ID}, Target: event.Target{Type: e.Target.Type, ID: e.Target.ID, Source: e.Target.Source},
		Retract: e.Retract, Instance: e.Instance, Except: e.Except, GroupKey: e.GroupKey,
	})
	if err != nil {
		return fmt.Errorf("store: retraction of %s: %w", e.Type, err)
	}
	ref := s.client.Collection("retractions").Doc(inbox.RetractionID(groupID, e))
	_, err = ref.Set(ctx, storedRetraction{GroupID: groupID, Content: content{raw, r.Accepted.OwnTime}, AcceptedAt: r.Accepted.At, ExpireAt: now.Add(keepWalk), Named: namedBy(&event.Event{Actor: e.Actor})})
	if err != nil {
		return fmt.Errorf("store: retraction of %s: %w", e.Type, sentinel(err))
	}
	return nil
}

// maxRetractions is how many of a group's retractions a late event looks at: those of a few days.
const maxRetractions = 100

// Retractions lists what was taken back of a group lately, in no order. Each is billed as one read; so is an answer without any.
func (s *Store) Retractions(ctx context.Context, groupID string) ([]Retraction, error) {
	query := s.client.Collection("retractions").Where("groupId", "==", groupID).Limit(maxRetractions)
	docs, err := query.Documents(ctx).GetAll()
	if err != nil {
		return nil, fmt.Errorf("store: retractions of %s: %w", groupID, sentinel(err))
	}
	found := make([]Retraction, len(docs))
	for i, doc := range docs {
		var stored storedRetraction
		if err := doc.DataTo(&stored); err != nil {
			return nil, fmt.Errorf("store: retraction %s: %w", doc.Ref.ID, err)
		}
		if err := event.Read(stored.Content.Event, &found[i].Event); err != nil {
			return nil, fmt.Errorf("store: retraction %s: %w", doc.Ref.ID, err)
		}
		found[i].Accepted = event.Acceptance{At: stored.AcceptedAt, OwnTime: stored.Content.OwnTime}
	}
	return found, nil
}
