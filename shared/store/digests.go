package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/digest"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
)

// The fields of a profile in which functions keep its owner's [digest.Plan].
const digestAt = "digestAt"

var (
	planFields   = []string{digestAt, "digested", "digesting"}
	personFields = slices.Concat([]string{DueAt, mailBounce}, planFields, settingsFields)
)

// DueDigests finds people whose digest is due, those who have waited longest first, at most limit. Each is billed as one read (nobody, too).
func (s *Store) DueDigests(ctx context.Context, now time.Time, limit int) (people []DuePerson, err error) {
	docs, err := s.query(ctx, "", &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "users"}},
		Where:   where(digestAt, pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now)),
		OrderBy: ascending(digestAt, documentName),
		Select:  only(personFields...),
		Limit:   wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: digests that are due: %w", err)
	}
	for _, doc := range docs {
		people = append(people, s.duePerson(doc))
	}
	return people, nil
}

func (s *Store) duePerson(doc *pb.Document) DuePerson {
	f := wire.Read(doc).Fields
	return DuePerson{UID: s.path(doc)[1], Settings: decodeSettings(f), Digests: decodePlan(doc.Fields), Bounce: decodeBounce(f.Get(mailBounce).Map()), found: doc.Fields, read: doc.UpdateTime.AsTime()}
}

// KeepPlan stores a person's plan for digests. It returns [ErrConflict] where what they have said, or their plan, has changed since it was read.
func (s *Store) KeepPlan(ctx context.Context, p DuePerson) error {
	if err := s.keepPlan(ctx, p, planFields); err != nil {
		return fmt.Errorf("store: digests of %s: %w", p.UID, err)
	}
	return nil
}

// ChangePlan has change work on a person's plan for digests and stores what becomes of it. change is called again with a newer profile where somebody
// else has written it meanwhile. It costs one read and one write, more where it loses a race.
func (s *Store) ChangePlan(ctx context.Context, uid string, change func(digest.Plan, *profile.Settings) digest.Plan) error {
	return settle(ctx, func() error {
		p, err := s.person(ctx, uid)
		if err != nil {
			return fmt.Errorf("store: digests of %s: %w", uid, err)
		}
		p.Digests = change(p.Digests, &p.Settings)
		return s.KeepPlan(ctx, p)
	})
}

// Unread lists the items in a person's inbox that they have not read, the most important ones first, then the latest, at most limit. They come without
// their members. Each is billed as one read (none, too).
func (s *Store) Unread(ctx context.Context, uid string, limit int) ([]*inbox.Item, error) {
	docs, err := s.query(ctx, s.resource("users", uid), &pb.StructuredQuery{
		From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications"}},
		Where: &pb.StructuredQuery_Filter{FilterType: &pb.StructuredQuery_Filter_CompositeFilter{CompositeFilter: &pb.StructuredQuery_CompositeFilter{
			Op: pb.StructuredQuery_CompositeFilter_AND, Filters: []*pb.StructuredQuery_Filter{absent("archivedAt"), absent("readAt")},
		}}},
		OrderBy: []*pb.StructuredQuery_Order{
			{Field: fieldNamed("rank"), Direction: pb.StructuredQuery_DESCENDING}, {Field: fieldNamed("updatedAt"), Direction: pb.StructuredQuery_DESCENDING},
		},
		Select: only("type", "category", "priority", "title", "body", "url", "target", "eventCount", "revision", "updatedAt", "expireAt", "snoozedUntil"),
		Limit:  wrapperspb.Int32(int32(limit)),
	})
	if err != nil {
		return nil, fmt.Errorf("store: what is unread of %s: %w", uid, err)
	}
	var items []*inbox.Item
	for _, doc := range docs {
		item, err := readItem(doc)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// absent finds documents in which the field is null.
func absent(name string) *pb.StructuredQuery_Filter {
	return &pb.StructuredQuery_Filter{FilterType: &pb.StructuredQuery_Filter_UnaryFilter{UnaryFilter: &pb.StructuredQuery_UnaryFilter{
		Op: pb.StructuredQuery_UnaryFilter_IS_NULL, OperandType: &pb.StructuredQuery_UnaryFilter_Field{Field: fieldNamed(name)},
	}}}
}

func encodePlan(p digest.Plan) fields {
	return present([]field{{digestAt, moment(p.At)}, {"digested", text(string(p.Last))}, {"digesting", text(string(p.Sending))}})
}

func decodePlan(f fields) digest.Plan {
	return digest.Plan{At: instant(f[digestAt]), Last: digest.Period(f["digested"].GetStringValue()), Sending: digest.Period(f["digesting"].GetStringValue())}
}
