package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A profile holds copies of its owner's devices. Bringing the copies up to date is: read the profile, then the documents, compute the
// new copies (a pure function), and commit them if the profile is as it was read. A call that loses that race reads again: also where a
// page of its owner has renewed its lease meanwhile. No call holds a lock: a person whose profile changes all the time delays their own
// copies and nothing else.
//
// The order of the two reads matters: a copy that was computed from older documents was computed from an older profile, so
// it cannot replace a newer one.

// copies are those in a profile, as it was read.
type copies struct {
	name  string    // of the profile's document
	known fields    // by document id
	read  time.Time // the profile's update time; zero: there is no profile
}

// readCopies reads them. It is billed as one read.
func (s *Store) readCopies(ctx context.Context, uid string) (copies, error) {
	c := copies{name: s.resource("users", uid)}
	doc, err := s.raw.GetDocument(ctx, &pb.GetDocumentRequest{Name: c.name, Mask: &pb.DocumentMask{FieldPaths: []string{"devices"}}})
	switch {
	case status.Code(err) == codes.NotFound:
		return c, nil
	case err != nil:
		return c, sentinel(err)
	}
	c.known, c.read = inside(doc.Fields["devices"]), doc.UpdateTime.AsTime()
	return c, nil
}

// replace writes all copies again, if the profile is as it was read. The owner's own fields stay as they are.
func (c copies) replace(by fields) *pb.Write {
	return &pb.Write{
		Operation:       &pb.Write_Update{Update: &pb.Document{Name: c.name, Fields: fields{"devices": mapOf(by)}}},
		UpdateMask:      &pb.DocumentMask{FieldPaths: []string{"devices"}},
		CurrentDocument: unchanged(c.read),
	}
}

// remove deletes a document if it is as it was read.
func remove(name string, read time.Time) *pb.Write {
	return &pb.Write{Operation: &pb.Write_Delete{Delete: name}, CurrentDocument: unchanged(read)}
}

// forget takes some copies of devices out of a profile, whatever else changes in it meanwhile.
func forget(profile string, ids ...string) *pb.Write {
	mask := &pb.DocumentMask{}
	for _, id := range ids {
		mask.FieldPaths = append(mask.FieldPaths, "devices."+quote(id))
	}
	return &pb.Write{
		Operation:       &pb.Write_Update{Update: &pb.Document{Name: profile}}, // a field in the mask and not in the document goes
		UpdateMask:      mask,
		CurrentDocument: &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}},
	}
}

// quote makes any id a part of a field path.
func quote(id string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(id) + "`"
}

// commit carries out all of the writes or none.
func (s *Store) commit(ctx context.Context, writes []*pb.Write) error {
	if len(writes) == 0 {
		return nil
	}
	_, err := s.raw.Commit(ctx, &pb.CommitRequest{Database: s.database, Writes: writes})
	return saved(err)
}

// maxRaces is how often somebody who lost a race reads again, with pauses that grow to a third of a second: under three
// quarters of a second in all on average.
const maxRaces = 8

// settle tries until it has lost no race, at most maxRaces times. It then returns [ErrConflict]: the call that
// won brings the copies up to date, or the next delivery of the event does.
func settle(ctx context.Context, try func() error) error {
	pause := 5 * time.Millisecond
	for race := 1; ; race++ {
		err := try()
		if !errors.Is(err, ErrConflict) || race == maxRaces {
			return err
		}
		select {
		case <-time.After(rand.N(pause)): // at random, so that two who met do not meet again
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", err, ctx.Err())
		}
		pause *= 2
	}
}
