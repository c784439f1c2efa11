package store

import (
	"context"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/profile"
)

// PruneDevices deletes devices that have not been seen for [profile.Stale], at most limit, and returns how many. more says
// that it did not get to all of them. A device that registers meanwhile stays. The copies go as after any other deletion.
// After an error, pruned have gone all the same.
func (s *Store) PruneDevices(ctx context.Context, now time.Time, limit int) (pruned int, more bool, err error) {
	q := &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "devices", AllDescendants: true}},
		Where:   where("lastSeenAt", pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now.Add(-profile.Stale))),
		OrderBy: ascending("lastSeenAt", documentName),
		Select:  only("lastSeenAt"),
	}
	for limit > 0 {
		size := min(limit, MaxBatch)
		q.Limit = wrapperspb.Int32(int32(size))
		docs, err := s.query(ctx, "", q)
		if err != nil {
			return pruned, true, fmt.Errorf("store: stale devices: %w", err)
		}
		gone, err := s.removeUnchanged(ctx, docs)
		pruned += gone
		if err != nil {
			return pruned, true, fmt.Errorf("store: prune devices: %w", err)
		}
		if len(docs) < size {
			return pruned, false, nil
		}
		limit -= size
		last := docs[len(docs)-1]
		q.StartAt = past(last.Fields["lastSeenAt"], reference(last.Name))
	}
	return pruned, true, nil
}

// removeUnchanged deletes the documents that are as they were read, and returns how many.
func (s *Store) removeUnchanged(ctx context.Context, docs []*pb.Document) (removed int, err error) {
	if len(docs) == 0 {
		return 0, nil
	}
	req := &pb.BatchWriteRequest{Database: s.database}
	for _, doc := range docs {
		req.Writes = append(req.Writes, remove(doc.Name, doc.UpdateTime.AsTime()))
	}
	answer, err := s.raw.BatchWrite(ctx, req)
	if err != nil {
		return 0, sentinel(err)
	}
	for _, one := range answer.Status {
		if codes.Code(one.GetCode()) == codes.OK {
			removed++
		}
	}
	return removed, nil
}

// RemoveDevice forgets an installation that can no longer be reached, and its copy, if they still hold that address: one that
// has registered again meanwhile stays. It costs two reads.
func (s *Store) RemoveDevice(ctx context.Context, d profile.Device) error {
	err := settle(ctx, func() error {
		before, err := s.readCopies(ctx, d.UID)
		if err != nil {
			return err
		}
		var writes []*pb.Write
		err = s.get(ctx, []string{s.resource("users", d.UID, "devices", d.ID)}, func(doc *pb.Document) error {
			if r := s.registered(doc); r.Value == d.Value {
				writes = append(writes, remove(r.name, r.at))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if decodeCopy(d.UID, d.ID, before.known[d.ID]).Value == d.Value {
			w := forget(before.name, d.ID)
			w.CurrentDocument = unchanged(before.read)
			writes = append(writes, w)
		}
		return s.commit(ctx, writes)
	})
	if err != nil {
		return fmt.Errorf("store: remove device %q of %q: %w", d.ID, d.UID, err)
	}
	return nil
}
