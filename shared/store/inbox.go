package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// MaxBatch is how many documents one BatchGet or BatchWrite carries: BatchWrite takes 500.
const MaxBatch = 500

// Ref names an inbox item.
type Ref struct {
	UID, ID string
}

// Snapshot is what was found of the documents asked for. A missing profile is the default one; a missing item is not in
// the map.
type Snapshot struct {
	Profiles map[string]profile.Profile
	Items    map[Ref]*inbox.Item
}

// Load reads profiles and items in as few calls as possible. Each document is billed as one read, missing ones too. The
// items' update times are what [Store.Save] will insist on.
func (s *Store) Load(ctx context.Context, uids []string, refs []Ref) (Snapshot, error) {
	snap := Snapshot{Profiles: make(map[string]profile.Profile, len(uids)), Items: make(map[Ref]*inbox.Item, len(refs))}
	names := make([]string, 0, len(uids)+len(refs))
	for _, uid := range uids {
		names = append(names, s.resource("users", uid))
	}
	for _, r := range refs {
		names = append(names, s.resource("users", r.UID, "notifications", r.ID))
	}
	for len(names) > 0 {
		n := min(len(names), MaxBatch)
		if err := s.load(ctx, names[:n], &snap); err != nil {
			return Snapshot{}, err
		}
		names = names[n:]
	}
	return snap, nil
}

func (s *Store) load(ctx context.Context, names []string, snap *Snapshot) error {
	stream, err := s.raw.BatchGetDocuments(ctx, &pb.BatchGetDocumentsRequest{Database: s.database, Documents: names})
	for err == nil {
		var answer *pb.BatchGetDocumentsResponse
		if answer, err = stream.Recv(); err != nil {
			break
		}
		doc := answer.GetFound()
		if doc == nil {
			continue
		}
		path := strings.Split(strings.TrimPrefix(doc.Name, s.resource("users", "")), "/")
		if len(path) == 1 {
			snap.Profiles[path[0]] = decodeProfile(doc.Fields)
			continue
		}
		item, err := readItem(path[2], doc)
		if err != nil {
			return err
		}
		snap.Items[Ref{UID: path[0], ID: path[2]}] = item
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("store: load: %w", sentinel(err))
	}
	return nil
}

func readItem(id string, doc *pb.Document) (*inbox.Item, error) {
	n, err := decode(doc.Fields)
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", doc.Name, err)
	}
	return &inbox.Item{ID: id, Notification: n, Exists: true, Read: doc.UpdateTime.AsTime()}, nil
}

// Group reads all items of one group of a recipient, whatever their window.
func (s *Store) Group(ctx context.Context, uid, groupID string) ([]*inbox.Item, error) {
	stream, err := s.raw.RunQuery(ctx, &pb.RunQueryRequest{
		Parent: s.resource("users", uid),
		QueryType: &pb.RunQueryRequest_StructuredQuery{StructuredQuery: &pb.StructuredQuery{
			From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications"}},
			Where: &pb.StructuredQuery_Filter{FilterType: &pb.StructuredQuery_Filter_FieldFilter{FieldFilter: &pb.StructuredQuery_FieldFilter{
				Field: &pb.StructuredQuery_FieldReference{FieldPath: "groupId"},
				Op:    pb.StructuredQuery_FieldFilter_EQUAL,
				Value: str(groupID),
			}}},
		}},
	})
	var items []*inbox.Item
	for err == nil {
		var answer *pb.RunQueryResponse
		if answer, err = stream.Recv(); err != nil {
			break
		}
		if doc := answer.GetDocument(); doc != nil {
			item, err := readItem(doc.Name[strings.LastIndex(doc.Name, "/")+1:], doc)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("store: group %s of %s: %w", groupID, uid, sentinel(err))
	}
	return items, nil
}

// Write is an item to be written for its recipient.
type Write struct {
	UID  string
	Item *inbox.Item
}

// Save writes items, each only if its document is as it was read (or still missing). The answers are in the order of the
// writes: nil, [ErrConflict] for a lost race, [ErrTransient], or another error if the item can never be written. Writes
// do not depend on each other. A transient answer may be a lie: the write may have happened.
func (s *Store) Save(ctx context.Context, writes []Write) []error {
	errs := make([]error, len(writes))
	var wg sync.WaitGroup
	for from := 0; from < len(writes); from += MaxBatch {
		to := min(from+MaxBatch, len(writes))
		wg.Go(func() { s.save(ctx, writes[from:to], errs[from:to]) })
	}
	wg.Wait()
	return errs
}

func (s *Store) save(ctx context.Context, writes []Write, errs []error) {
	req := &pb.BatchWriteRequest{Database: s.database}
	var at []int // which write stands at each place of the request
	for i, w := range writes {
		f, err := encode(&w.Item.Notification)
		if err != nil {
			errs[i] = err
			continue
		}
		unchanged := &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: false}}
		if w.Item.Exists {
			unchanged.ConditionType = &pb.Precondition_UpdateTime{UpdateTime: timestamppb.New(w.Item.Read)}
		}
		req.Writes = append(req.Writes, &pb.Write{
			Operation:       &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", w.UID, "notifications", w.Item.ID), Fields: f}},
			CurrentDocument: unchanged,
		})
		at = append(at, i)
	}
	if len(req.Writes) == 0 {
		return
	}
	answer, err := s.raw.BatchWrite(ctx, req)
	for k, i := range at {
		if err != nil {
			errs[i] = fmt.Errorf("store: save: %w", sentinel(err))
		} else if st := answer.Status[k]; codes.Code(st.Code) == codes.NotFound { // removed since it was read
			errs[i] = ErrConflict
		} else if codes.Code(st.Code) != codes.OK {
			errs[i] = fmt.Errorf("store: save: %w", sentinel(status.ErrorProto(st)))
		}
	}
}

func decodeProfile(f fields) profile.Profile {
	p := profile.Profile{Locale: f["locale"].GetStringValue(), TimeZone: f["timeZone"].GetStringValue()}
	q := inside(f["quietHours"])
	p.QuietHours = profile.QuietHours{Enabled: q["enabled"].GetBooleanValue(), From: q["from"].GetStringValue(), To: q["to"].GetStringValue()}
	for category, v := range inside(f["preferences"]) {
		choice := inside(v)
		if p.Preferences == nil {
			p.Preferences = map[string]profile.Preference{}
		}
		p.Preferences[category] = profile.Preference{InApp: choose(choice["in_app"]), Push: choose(choice["push"]), Email: choose(choice["email"])}
	}
	return p
}

// choose reads a choice that may not have been made.
func choose(v *pb.Value) *bool {
	if b, ok := v.GetValueType().(*pb.Value_BooleanValue); ok {
		return &b.BooleanValue
	}
	return nil
}
