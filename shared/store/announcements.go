package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/inbox"
)

func (s *Store) announcement(id string) string { return s.resource("announcements", id) }

// Announced is what became of an announcement.
type Announced struct {
	Stands bool // false where so many newer ones do that there is no room for it
	Ended  int  // how many went because of it: they were over, or the oldest of too many
}

// Announce writes an announcement, unless it is there, and takes away those that are over and the oldest beyond [inbox.MaxAnnouncements].
// It costs a read for each that is there, one write, and a delete for each that goes.
func (s *Store) Announce(ctx context.Context, a inbox.Announcement, now time.Time) (Announced, error) {
	// Twice as many: two that come at once do not see each other, so there may be more for a while.
	docs, err := s.query(ctx, "", &pb.StructuredQuery{
		From:   []*pb.StructuredQuery_CollectionSelector{{CollectionId: "announcements"}},
		Select: only("createdAt", "expireAt"), OrderBy: ascending("createdAt"), Limit: wrapperspb.Int32(2 * inbox.MaxAnnouncements),
	})
	if err != nil {
		return Announced{}, fmt.Errorf("store: announce: %w", err)
	}
	var there []inbox.Announcement
	for _, doc := range docs {
		there = append(there, inbox.Announcement{ID: s.path(doc)[1], CreatedAt: instant(doc.Fields["createdAt"]), ExpireAt: instant(doc.Fields["expireAt"])})
	}
	ends, stands := inbox.Ending(there, a, now)
	var writes []*pb.Write
	if stands {
		writes = append(writes, &pb.Write{
			Operation:       &pb.Write_Update{Update: &pb.Document{Name: s.announcement(a.ID), Fields: encodeAnnouncement(&a)}},
			CurrentDocument: unchanged(time.Time{}),
		})
	}
	for _, id := range ends {
		writes = append(writes, &pb.Write{Operation: &pb.Write_Delete{Delete: s.announcement(id)}})
	}
	if err := s.commit(ctx, writes); errors.Is(err, ErrConflict) { // it is there: this is the event once more
		return Announced{Stands: true}, nil
	} else if err != nil {
		return Announced{}, fmt.Errorf("store: announce: %w", err)
	}
	return Announced{Stands: stands, Ended: len(ends)}, nil
}

// EndAnnouncement ends an announcement now, if it is there. It costs one write, and a read for each client that listens. (To delete it would
// cost them nothing; but with firebase-js-sdk 12.19 and the emulator, a browser tab whose connection another one holds did not hear of it.)
func (s *Store) EndAnnouncement(ctx context.Context, id string, now time.Time) error {
	err := s.commit(ctx, []*pb.Write{{
		Operation:       &pb.Write_Update{Update: &pb.Document{Name: s.announcement(id), Fields: fields{"expireAt": moment(now)}}},
		UpdateMask:      &pb.DocumentMask{FieldPaths: []string{"expireAt"}},
		CurrentDocument: &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}},
	}})
	if err != nil && !errors.Is(err, ErrConflict) { // it is not there
		return fmt.Errorf("store: end an announcement: %w", err)
	}
	return nil
}

func encodeAnnouncement(a *inbox.Announcement) fields {
	words := fields{}
	for locale, w := range a.Words {
		words[locale] = object(field{"title", text(w.Title)}, field{"body", text(w.Body)})
	}
	f := present([]field{
		{"type", text(a.Type)}, {"category", text(a.Category)}, {"priority", text(string(a.Priority))}, {"rank", num(int64(a.Priority.Rank()))},
		{"icon", text(a.Icon)}, {"url", text(a.URL)}, {"mutable", boolean(a.Mutable)}, {"title", text(a.Title)}, {"body", text(a.Body)},
		{"createdAt", moment(a.CreatedAt)}, {"updatedAt", moment(a.UpdatedAt)}, {"expireAt", moment(a.ExpireAt)},
	})
	if len(words) > 0 {
		f["words"] = mapOf(words)
	}
	return f
}
