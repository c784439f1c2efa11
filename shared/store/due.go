package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

// Waiting is an item that waited for a time, and whose time has come.
type Waiting struct {
	Ref
	Priority event.Priority
	Held     attention.Reason // what holds its push back, if anything does
	Place    string           // where a call that goes on behind it begins
}

// The fields by which an item waits for a time.
const (
	DueAt        = "dueAt"        // functions: a push was held back until then; of a profile: since then its owner is due
	SnoozedUntil = "snoozedUntil" // owner: they do not want to see it before
)

// Waiting finds the items of all people whose time in that field has come, one page of at most limit, those that have waited
// longest first. after is where to go on: the place that an earlier call returned, "" is the beginning.
// What is no place is [ErrCursor].
// Each item is billed as one read (an empty page too), and nothing of it is transferred but what is returned. An item stays
// here until it is written.
func (s *Store) Waiting(ctx context.Context, field string, now time.Time, after string, limit int) (found []Waiting, err error) {
	q := &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications", AllDescendants: true}},
		Where:   where(field, pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now)),
		OrderBy: ascending(field, documentName),
		Select:  only("priority", "held", field),
		Limit:   wrapperspb.Int32(int32(limit)),
	}
	if after != "" {
		if q.StartAt, err = s.pastPlace(after); err != nil {
			return nil, fmt.Errorf("store: waiting by %s: %q: %w", field, after, err)
		}
	}
	docs, err := s.query(ctx, "", q)
	if err != nil {
		return nil, fmt.Errorf("store: waiting by %s: %w", field, err)
	}
	for _, doc := range docs {
		path := s.path(doc)
		place := strings.Join([]string{instant(doc.Fields[field]).Format(time.RFC3339Nano), path[1], path[3]}, "/")
		found = append(found, Waiting{Ref{UID: path[1], ID: path[3]}, event.Priority(doc.Fields["priority"].GetStringValue()), attention.Reason(doc.Fields["held"].GetStringValue()), place})
	}
	return found, nil
}

// pastPlace is the cursor behind a place.
func (s *Store) pastPlace(place string) (*pb.Cursor, error) {
	parts := strings.Split(place, "/")
	if len(parts) != 3 || !isID(parts[1]) || !isID(parts[2]) {
		return nil, ErrCursor
	}
	at, err := time.Parse(time.RFC3339Nano, parts[0])
	if err != nil {
		return nil, ErrCursor
	}
	return past(moment(at), reference(s.resource("users", parts[1], "notifications", parts[2]))), nil
}

// Progress is how far the due function has gone through the items that wait by one field: due/{field}.
type Progress struct {
	StartedAt time.Time // when it began at the beginning
	Place     string    // where it goes on, as [Store.Waiting] returns it
	Asked     int       // for how many items it has asked since
	Finished  bool      // it has reached the end
}

// Progress reads how far the walk by that field has gone. A walk that nobody has begun is finished.
func (s *Store) Progress(ctx context.Context, field string) (Progress, error) {
	p := Progress{Finished: true}
	err := s.get(ctx, []string{s.resource("due", field)}, func(doc *pb.Document) error {
		f := doc.Fields
		p = Progress{instant(f["startedAt"]), f["place"].GetStringValue(), int(f["asked"].GetIntegerValue()), f["finished"].GetBooleanValue()}
		return nil
	})
	return p, err
}

// KeepProgress stores how far the walk by that field has gone. Of two at the same time the last one stays: the other one's
// items are asked for once more.
func (s *Store) KeepProgress(ctx context.Context, by string, p Progress) error {
	err := s.commit(ctx, []*pb.Write{{Operation: &pb.Write_Update{Update: &pb.Document{Name: s.resource("due", by), Fields: present([]field{
		{"startedAt", moment(p.StartedAt)}, {"place", text(p.Place)}, {"asked", num(int64(p.Asked))}, {"finished", boolean(p.Finished)},
	})}}}})
	if err != nil {
		return fmt.Errorf("store: progress by %s: %w", by, err)
	}
	return nil
}
