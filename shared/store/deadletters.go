package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// DeadLetter is a message that could not be processed, with all that is needed to understand and to repeat it.
type DeadLetter struct {
	ID           string            `firestore:"-" json:"id"`                                      // of the Pub/Sub message
	Reason       string            `firestore:"reason" json:"reason"`                             // why, for people; at most 4,000 bytes
	Attempts     int               `firestore:"attempts" json:"attempts"`                         // how often it was delivered
	Subscription string            `firestore:"subscription" json:"subscription"`                 // where it came from
	Data         string            `firestore:"data" json:"data,omitempty"`                       // the message's data, byte for byte; a list leaves it out
	DataBytes    int               `firestore:"dataBytes" json:"dataBytes"`                       // how long the data were; set by Bury
	Cut          []string          `firestore:"cut,omitempty" json:"cut,omitempty"`               // which fields were too large to keep whole; set by Bury
	Recipients   []string          `firestore:"recipients,omitempty" json:"recipients,omitempty"` // whom it did not reach, where it reached others
	Attributes   map[string]string `firestore:"attributes" json:"attributes"`                     // the message's attributes, byte for byte
	PublishedAt  time.Time         `firestore:"publishedAt" json:"publishedAt"`
	FailedAt     time.Time         `firestore:"failedAt" json:"failedAt"`
	ReplayedAt   *time.Time        `firestore:"replayedAt" json:"replayedAt"` // nil is not yet
}

// MarshalJSON writes data that are no text as dataBase64.
func (d DeadLetter) MarshalJSON() ([]byte, error) {
	type plain DeadLetter
	out := struct {
		plain
		DataBase64 []byte `json:"dataBase64,omitempty"`
	}{plain: plain(d)}
	if !utf8.ValidString(d.Data) {
		out.Data, out.DataBase64 = "", []byte(d.Data)
	}
	return json.Marshal(out)
}

func (s *Store) deadLetter(id string) *firestore.DocumentRef {
	return s.client.Collection("deadLetters").Doc(id)
}

// Bury records a dead letter. The same letter again replaces itself. Every letter can be stored: what does not fit into a
// document is cut, and Cut says so; an id that Firestore does not take becomes a hash.
func (s *Store) Bury(ctx context.Context, d DeadLetter) error {
	if _, err := s.deadLetter(storedID(d.ID)).Set(ctx, toStored(d)); err != nil {
		return fmt.Errorf("store: bury %.200q: %w", d.ID, sentinel(err))
	}
	return nil
}

// DeadLetters lists letters without their data, the latest first: at most limit, after the cursor that an earlier call
// returned as next ("" for the first page). next is "" when nothing more follows. What is no cursor is [ErrCursor].
func (s *Store) DeadLetters(ctx context.Context, after string, limit int) (letters []DeadLetter, next string, err error) {
	q := s.client.Collection("deadLetters").OrderBy("failedAt", firestore.Desc).OrderBy(firestore.DocumentID, firestore.Desc).
		Select("reason", "attempts", "subscription", "dataBytes", "cut", "recipients", "attributes", "moreAttributes", "publishedAt", "failedAt", "replayedAt").
		Limit(limit)
	if q, err = startAfter(q, after); err != nil {
		return nil, "", fmt.Errorf("store: dead letters: %w", err)
	}
	docs, err := q.Documents(ctx).GetAll()
	if err != nil {
		return nil, "", fmt.Errorf("store: dead letters: %w", sentinel(err))
	}
	for _, doc := range docs {
		d, err := fromStored(doc)
		if err != nil {
			return nil, "", err
		}
		letters = append(letters, d)
	}
	if len(letters) == limit {
		last := letters[limit-1]
		next = cursor(last.FailedAt, last.ID)
	}
	return letters, next, nil
}

// DeadLetter reads one, or returns [ErrNotFound], also for what cannot be an id.
func (s *Store) DeadLetter(ctx context.Context, id string) (DeadLetter, error) {
	if !isID(id) {
		return DeadLetter{}, fmt.Errorf("store: dead letter %.200q: %w", id, ErrNotFound)
	}
	doc, err := s.deadLetter(id).Get(ctx)
	if err != nil {
		return DeadLetter{}, fmt.Errorf("store: dead letter %s: %w", id, sentinel(err))
	}
	return fromStored(doc)
}

// Replayed notes that the letter was sent again. It returns [ErrNotFound] if the letter has gone.
func (s *Store) Replayed(ctx context.Context, id string, at time.Time) error {
	if _, err := s.deadLetter(id).Update(ctx, []firestore.Update{{Path: "replayedAt", Value: at}}); err != nil {
		return fmt.Errorf("store: dead letter %s: %w", id, sentinel(err))
	}
	return nil
}

// Discard deletes a letter, or returns [ErrNotFound], also for what cannot be an id.
func (s *Store) Discard(ctx context.Context, id string) error {
	if !isID(id) {
		return fmt.Errorf("store: dead letter %.200q: %w", id, ErrNotFound)
	}
	_, err := s.deadLetter(id).Delete(ctx, firestore.Exists)
	if status.Code(err) == codes.FailedPrecondition {
		return fmt.Errorf("store: dead letter %s: %w", id, ErrNotFound)
	}
	if err = sentinel(err); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("store: discard dead letter %s: %w", id, err)
	}
	return err
}
