package store

import (
	"context"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store/wire"
)

// Mailable is an item of somebody's about whose mail it is to be decided.
type Mailable struct {
	UID string
	*inbox.Item
	Broken error // why the document cannot be read; of the item, nothing but its id is known then
}

// Mailables finds the items of all people whose mail's time has come, those that have waited longest first, at most limit. Each is billed as one read (none,
// too).
func (s *Store) Mailables(ctx context.Context, now time.Time, limit int) (found []Mailable, err error) {
	docs, err := s.query(ctx, "", &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications", AllDescendants: true}},
		Where:   where("mailAt", pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now)),
		OrderBy: ascending("mailAt", documentName),
		Limit:   wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: items to be mailed: %w", err)
	}
	for _, doc := range docs {
		path := s.path(doc)
		item, err := readItem(doc)
		if err != nil {
			item = &inbox.Item{ID: path[3], Version: doc.UpdateTime.AsTime()}
		}
		found = append(found, Mailable{path[1], item, err})
	}
	return found, nil
}

// KeepMail stores what was decided about an item's mail, and nothing else of it; of a broken one, when to look again. It returns [ErrConflict] where the item has changed since it was
// read; otherwise the item's version is the new one.
func (s *Store) KeepMail(ctx context.Context, m Mailable) error {
	w := new(wire.Writer)
	writeMail(w, &m.Notification)
	f, err := w.Fields()
	if err != nil {
		return err
	}
	decided := []string{"mailAt", "mail"}
	if m.Broken != nil {
		decided = decided[:1]
	}
	answer, err := s.raw.Commit(ctx, &pb.CommitRequest{Database: s.database, Writes: []*pb.Write{{
		Operation:       &pb.Write_Update{Update: wire.Document(s.resource("users", m.UID, "notifications", m.ID), f)},
		UpdateMask:      &pb.DocumentMask{FieldPaths: decided},
		CurrentDocument: unchanged(m.Version),
	}}})
	if err != nil {
		return saved(err)
	}
	m.Version = answer.WriteResults[0].UpdateTime.AsTime()
	return nil
}

// ChangeMail has change work on what is known of an item's mail, on the item as it is now, and stores that. An item that is gone has nothing to
// store. It costs one read and one write, more where it loses a race.
func (s *Store) ChangeMail(ctx context.Context, ref Ref, change func(*inbox.Notification)) error {
	return settle(ctx, func() error {
		snap, err := s.Load(ctx, nil, []Ref{ref})
		if err != nil || snap.Items[ref] == nil {
			return err
		}
		m := Mailable{UID: ref.UID, Item: snap.Items[ref]}
		change(&m.Notification)
		return s.KeepMail(ctx, m)
	})
}
