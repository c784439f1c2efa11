package store

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
)

// DeadLetter is a message that could not be processed, with all that is needed to understand and to repeat it.
type DeadLetter struct {
	ID           string            `firestore:"-" json:"id"`                                      // of the Pub/Sub message
	Reason       string            `firestore:"reason" json:"reason"`                             // why, for people
	Attempts     int               `firestore:"attempts" json:"attempts"`                         // how often it was delivered
	Subscription string            `firestore:"subscription" json:"subscription"`                 // where it came from
	Data         string            `firestore:"data" json:"data"`                                 // the message's data as it was
	Recipients   []string          `firestore:"recipients,omitempty" json:"recipients,omitempty"` // whom it did not reach, where it reached others
	Attributes   map[string]string `firestore:"attributes" json:"attributes"`
	PublishedAt  time.Time         `firestore:"publishedAt" json:"publishedAt"`
	FailedAt     time.Time         `firestore:"failedAt" json:"failedAt"`
	ReplayedAt   *time.Time        `firestore:"replayedAt" json:"replayedAt"` // nil is not yet
}

func (s *Store) deadLetter(id string) *firestore.DocumentRef {
	return s.client.Collection("deadLetters").Doc(id)
}

// Bury records a dead letter. The same letter again replaces itself.
func (s *Store) Bury(ctx context.Context, d DeadLetter) error {
	if _, err := s.deadLetter(d.ID).Set(ctx, d); err != nil {
		return fmt.Errorf("store: bury %s: %w", d.ID, sentinel(err))
	}
	return nil
}

// DeadLetters lists the latest letters, at most limit.
func (s *Store) DeadLetters(ctx context.Context, limit int) ([]DeadLetter, error) {
	docs, err := s.client.Collection("deadLetters").OrderBy("failedAt", firestore.Desc).Limit(limit).Documents(ctx).GetAll()
	if err != nil {
		return nil, fmt.Errorf("store: dead letters: %w", sentinel(err))
	}
	letters := make([]DeadLetter, len(docs))
	for i, doc := range docs {
		if err := doc.DataTo(&letters[i]); err != nil {
			return nil, fmt.Errorf("store: dead letter %s: %w", doc.Ref.ID, err)
		}
		letters[i].ID = doc.Ref.ID
	}
	return letters, nil
}

// DeadLetter reads one, or returns [ErrNotFound].
func (s *Store) DeadLetter(ctx context.Context, id string) (DeadLetter, error) {
	var d DeadLetter
	doc, err := s.deadLetter(id).Get(ctx)
	if err == nil {
		err = doc.DataTo(&d)
	}
	if err != nil {
		return d, fmt.Errorf("store: dead letter %s: %w", id, sentinel(err))
	}
	d.ID = id
	return d, nil
}

// Replayed notes that the letter was sent again.
func (s *Store) Replayed(ctx context.Context, id string, at time.Time) error {
	if _, err := s.deadLetter(id).Update(ctx, []firestore.Update{{Path: "replayedAt", Value: at}}); err != nil {
		return fmt.Errorf("store: dead letter %s: %w", id, sentinel(err))
	}
	return nil
}
