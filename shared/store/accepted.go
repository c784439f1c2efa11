package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/event"
)

// Enter keeps a receipt for each event, unless there is one already, and returns those that hold: the given one, or the one that was
// there before. A receipt holds for [event.KeepReceipt]; an older one, which its TTL has not removed yet, is replaced. Each source and
// id is given once.
//
// It costs one write for each event, in calls of 500, and for an event that has a receipt one read more.
func (s *Store) Enter(ctx context.Context, receipts []event.Receipt) ([]event.Receipt, error) {
	hold := slices.Clone(receipts)
	open := make([]int, len(receipts)) // the places that are not decided
	for i := range open {
		open[i] = i
	}
	found := map[int]acceptance{} // what was read at each place
	for turn := 0; len(open) > 0; turn++ {
		if turn == maxTurns {
			return nil, fmt.Errorf("store: enter receipts: %w: others write the same ones", ErrTransient)
		}
		taken, err := s.enter(ctx, receipts, open, found)
		if err == nil && len(taken) > 0 {
			err = s.readReceipts(ctx, receipts, taken, found)
		}
		if err != nil {
			return nil, fmt.Errorf("store: enter receipts: %w", err)
		}
		open = slices.DeleteFunc(taken, func(i int) bool {
			was := found[i]
			holds := was.exists && receipts[i].At.Sub(was.At) < event.KeepReceipt
			if holds {
				hold[i] = was.Receipt
			}
			return holds
		})
	}
	return hold, nil
}

// maxTurns is how often receipts are written: a second time over old ones, and further times if others do the same meanwhile.
const maxTurns = 4

// acceptance is a receipt as it was read.
type acceptance struct {
	event.Receipt
	exists bool
	read   time.Time // its document's update time
}

// enter writes the receipts at the open places, each if its document is as it was found, and returns the places where it is not.
func (s *Store) enter(ctx context.Context, receipts []event.Receipt, open []int, found map[int]acceptance) (taken []int, err error) {
	for some := range slices.Chunk(open, MaxBatch) {
		req := &pb.BatchWriteRequest{Database: s.database}
		for _, i := range some {
			r := receipts[i]
			req.Writes = append(req.Writes, &pb.Write{
				Operation: &pb.Write_Update{Update: &pb.Document{Name: s.receipt(r), Fields: fields{
					"content": {ValueType: &pb.Value_BytesValue{BytesValue: []byte(r.Content)}}, "acceptedAt": moment(r.At), "expireAt": moment(r.At.Add(event.KeepReceipt)),
				}}},
				CurrentDocument: unchanged(found[i].read),
			})
		}
		answer, err := s.raw.BatchWrite(ctx, req)
		if err != nil {
			return nil, sentinel(err)
		}
		for k, i := range some {
			switch err := saved(status.ErrorProto(answer.Status[k])); {
			case errors.Is(err, ErrConflict):
				taken = append(taken, i)
			case err != nil:
				return nil, err
			}
		}
	}
	return taken, nil
}

// readReceipts notes what the documents of the receipts at the open places say now.
func (s *Store) readReceipts(ctx context.Context, receipts []event.Receipt, open []int, found map[int]acceptance) error {
	var names []string
	place := map[string]int{}
	for _, i := range open {
		name := s.receipt(receipts[i])
		names, place[name], found[i] = append(names, name), i, acceptance{}
	}
	return s.get(ctx, names, func(doc *pb.Document) error {
		i := place[doc.Name]
		was := receipts[i]
		was.Content, was.At = string(doc.Fields["content"].GetBytesValue()), instant(doc.Fields["acceptedAt"])
		found[i] = acceptance{Receipt: was, exists: true, read: doc.UpdateTime.AsTime()}
		return nil
	})
}

// receipt is the document of a receipt.
func (s *Store) receipt(r event.Receipt) string {
	return s.resource("accepted", hashed(r.Source, r.ID))
}

// hashed is the id of a document about one event. It is a hash, since sources and ids may have any character.
func hashed(source, id string) string {
	sum := sha256.Sum256([]byte(source + "\x00" + id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
