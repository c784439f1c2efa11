package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// DuePerson is somebody whose items are to be looked at, because what they have said of their quiet has changed, or whose digest is due.
type DuePerson struct {
	UID      string
	Settings profile.Settings
	Digests  digest.Plan
	Bounce   profile.Bounce
	found    fields    // what all this was read from
	read     time.Time // the profile's update time
}

// DuePeople finds them, those who have waited longest first, at most limit. Each is billed as one read (nobody, too).
func (s *Store) DuePeople(ctx context.Context, now time.Time, limit int) (people []DuePerson, err error) {
	docs, err := s.query(ctx, "", &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "users"}},
		Where:   where(DueAt, pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now)),
		OrderBy: ascending(DueAt, documentName),
		Select:  only(personFields...),
		Limit:   wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: people who are due: %w", err)
	}
	for _, doc := range docs {
		people = append(people, s.duePerson(doc))
	}
	return people, nil
}

// Held lists the items of a person that wait for a time, also for one that has not come: those whose time comes first, at most limit. Each is billed
// as one read.
func (s *Store) Held(ctx context.Context, uid string, limit int) (found []Waiting, err error) {
	docs, err := s.query(ctx, s.resource("users", uid), &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications"}},
		OrderBy: ascending(DueAt),
		Select:  only("priority", "held"),
		Limit:   wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: what is held for %s: %w", uid, err)
	}
	for _, doc := range docs {
		found = append(found, Waiting{
			Ref: Ref{UID: uid, ID: s.path(doc)[3]}, Priority: event.Priority(doc.Fields["priority"].GetStringValue()), Held: attention.Reason(doc.Fields["held"].GetStringValue()),
		})
	}
	return found, nil
}

// LookedAt says that a person's items were asked for, and stores their plan for digests, which follows from what they have said. It returns
// [ErrConflict] where what they have said, or their plan, has changed since it was read: then they are due again.
func (s *Store) LookedAt(ctx context.Context, p DuePerson) error {
	if err := s.keepPlan(ctx, p, append([]string{DueAt}, planFields...)); err != nil {
		return fmt.Errorf("store: looked at %s: %w", p.UID, err)
	}
	return nil
}

// keepPlan writes a person's plan, and takes away what else is in the mask. Firestore's precondition is about the whole profile, which changes whenever
// a page of the person renews its lease: so whoever loses a race reads again, and goes on if nothing has changed that they had read.
func (s *Store) keepPlan(ctx context.Context, p DuePerson, mask []string) error {
	var outdated error
	err := settle(ctx, func() error {
		err := s.commit(ctx, []*pb.Write{{
			Operation:       &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", p.UID), Fields: encodePlan(p.Digests)}},
			UpdateMask:      &pb.DocumentMask{FieldPaths: mask},
			CurrentDocument: unchanged(p.read),
		}})
		if !errors.Is(err, ErrConflict) {
			return err
		}
		now, again := s.person(ctx, p.UID)
		switch {
		case errors.Is(again, ErrNotFound) || again == nil && !maps.EqualFunc(now.found, p.found, sameValue):
			outdated = err
			return nil
		case again != nil:
			return again
		}
		p.read = now.read
		return err
	})
	return cmp.Or(outdated, err)
}

func sameValue(a, b *pb.Value) bool { return proto.Equal(a, b) }

// person reads what the queries above find of one person, or returns [ErrNotFound]. It is billed as one read.
func (s *Store) person(ctx context.Context, uid string) (DuePerson, error) {
	doc, err := s.raw.GetDocument(ctx, &pb.GetDocumentRequest{Name: s.resource("users", uid), Mask: &pb.DocumentMask{FieldPaths: personFields}})
	if err != nil {
		return DuePerson{}, sentinel(err)
	}
	return s.duePerson(doc), nil
}
