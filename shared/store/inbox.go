package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
	"tidings.dev/shared/tasks"
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
	err := s.get(ctx, names, func(doc *pb.Document) error {
		path := s.path(doc)
		if len(path) == 2 {
			f := wire.Read(doc)
			snap.Profiles[path[1]] = decodeProfile(path[1], f.Fields)
			return f.Err()
		}
		item, err := readItem(doc)
		snap.Items[Ref{UID: path[1], ID: path[3]}] = item
		return err
	}, wire.Unread())
	return snap, err
}

// PartRef names a part of an item's members.
type PartRef struct {
	Ref
	Part int
}

// LoadParts reads parts and attaches each to its item. A part without a document is empty. The items that cannot be used with theirs are in failed:
// [ErrConflict] says that somebody wrote both after the item was read, and [inbox.ErrMembers] that it can never be read.
func (s *Store) LoadParts(ctx context.Context, parts map[PartRef]*inbox.Item) (failed map[*inbox.Item]error, err error) {
	failed = map[*inbox.Item]error{}
	names := make([]string, 0, len(parts))
	for ref, item := range parts {
		names = append(names, s.part(ref))
		item.Attach(ref.Part, inbox.Part{Known: true})
	}
	return failed, s.get(ctx, names, func(doc *pb.Document) error {
		path := s.path(doc)
		number, err := strconv.Atoi(path[5])
		if err != nil {
			return fmt.Errorf("store: %s: not a part: %w", doc.Name, err)
		}
		item := parts[PartRef{Ref: Ref{UID: path[1], ID: path[3]}, Part: number}]
		part, err := readPart(doc, item)
		if err != nil {
			failed[item] = err
			return nil
		}
		item.Attach(number, part)
		return nil
	}, wire.Unread())
}

// readPart reads a part of the item, which was read before or after it. Where somebody wrote both in between, that is [ErrConflict] if it can be seen, and
// otherwise when they are written.
func readPart(doc *pb.Document, item *inbox.Item) (inbox.Part, error) {
	part := inbox.Part{Known: true, Version: doc.UpdateTime.AsTime()}
	switch err := decodePart(doc, &part); {
	case err != nil:
		return part, fmt.Errorf("store: %s: %w", doc.Name, err)
	case item.Knows(&part.Members):
		return part, nil
	case part.Version.After(item.Version):
		return part, fmt.Errorf("%w: %s and its item", ErrConflict, doc.Name)
	}
	return part, fmt.Errorf("store: %s: %w: of kinds that its item does not know", doc.Name, inbox.ErrMembers)
}

func (s *Store) part(ref PartRef) string {
	return s.resource("users", ref.UID, "notifications", ref.ID, "parts", strconv.Itoa(ref.Part))
}

// path splits a document's name into collections and ids.
func (s *Store) path(doc *pb.Document) []string {
	return strings.Split(strings.TrimPrefix(doc.Name, s.resource("")), "/")
}

// get reads documents by name and hands over those that exist, in any order.
func (s *Store) get(ctx context.Context, names []string, take func(*pb.Document) error, opts ...gax.CallOption) error {
	if len(names) == 1 { // no stream to set up: an event that does not group reads the profile only
		doc, err := s.raw.GetDocument(ctx, &pb.GetDocumentRequest{Name: names[0]}, opts...)
		if status.Code(err) == codes.NotFound {
			return nil
		}
		if err != nil {
			return fmt.Errorf("store: load: %w", sentinel(err))
		}
		return take(doc)
	}
	for chunk := range slices.Chunk(names, MaxBatch) {
		stream, err := s.raw.BatchGetDocuments(ctx, &pb.BatchGetDocumentsRequest{Database: s.database, Documents: chunk}, opts...)
		for err == nil {
			var answer *pb.BatchGetDocumentsResponse
			if answer, err = stream.Recv(); err == nil && answer.GetFound() != nil {
				if err := take(answer.GetFound()); err != nil {
					return err
				}
			}
		}
		if !errors.Is(err, io.EOF) {
			return fmt.Errorf("store: load: %w", sentinel(err))
		}
	}
	return nil
}

func readItem(doc *pb.Document) (*inbox.Item, error) {
	id := doc.Name[strings.LastIndex(doc.Name, "/")+1:]
	n, err := decode(wire.Read(doc))
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", doc.Name, err)
	}
	return &inbox.Item{ID: id, Notification: n, Version: doc.UpdateTime.AsTime()}, nil
}

// Group reads all items of one group of a recipient, whatever their window.
func (s *Store) Group(ctx context.Context, uid, groupID string) ([]*inbox.Item, error) {
	docs, err := s.query(ctx, s.resource("users", uid), &pb.StructuredQuery{
		From:  []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications"}},
		Where: where("groupId", pb.StructuredQuery_FieldFilter_EQUAL, str(groupID)),
	}, wire.Unread())
	if err != nil {
		return nil, fmt.Errorf("store: group %s of %q: %w", groupID, uid, err)
	}
	items := make([]*inbox.Item, len(docs))
	for i, doc := range docs {
		if items[i], err = readItem(doc); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Write is an item to be written for its recipient.
type Write struct {
	UID  string
	Item *inbox.Item

	// To be written into the recipient's profile in the same call; nil stays as it is.
	Budget  *profile.Budget
	Counted *Counted
}

// Save writes items, each only if its document is as it was read (or still missing). The answers are in the order of the
// writes: nil, [ErrConflict] for a lost race, [ErrTransient], or another error if the item can never be written. Writes
// do not depend on each other, but an item and its parts are written together or not at all. A transient answer may be a
// lie: the write may have happened.
func (s *Store) Save(ctx context.Context, writes []Write) []error {
	errs := make([]error, len(writes))
	var calls tasks.Group
	var batches [][]int // the writes of one document
	room := 0
	for i, w := range writes {
		if len(w.Item.Parts) > 0 {
			calls.Go(func() error {
				defer tasks.Catch(&errs[i])
				errs[i] = s.saveWhole(ctx, w)
				return nil
			})
			continue
		}
		size := 1
		if w.Budget != nil || w.Counted != nil {
			size = 2
		}
		if room < size {
			batches, room = append(batches, nil), MaxBatch
		}
		last := len(batches) - 1
		batches[last], room = append(batches[last], i), room-size
	}
	for n, batch := range batches {
		if n == len(batches)-1 { // the usual case, a single one, needs no goroutine
			s.saveBatch(ctx, writes, batch, errs)
			continue
		}
		calls.Go(func() error {
			s.saveBatch(ctx, writes, batch, errs)
			return nil
		})
	}
	if err := calls.Wait(); err != nil { // a panic: whatever has no error may not count as saved
		for i := range errs {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
	return errs
}

// saveBatch writes the items at the given places, each for itself.
func (s *Store) saveBatch(ctx context.Context, writes []Write, places []int, errs []error) {
	req := &pb.BatchWriteRequest{Database: s.database}
	var sent []int
	var profiles []*pb.Write
	for _, i := range places {
		w, more, err := s.encode(writes[i])
		if err != nil {
			errs[i] = err
			continue
		}
		req.Writes = append(req.Writes, w)
		sent = append(sent, i)
		profiles = append(profiles, more...)
	}
	if len(sent) == 0 {
		return
	}
	req.Writes = append(req.Writes, profiles...) // behind all items; nobody asks for their answers
	answer, err := s.raw.BatchWrite(ctx, req)
	for k, i := range sent {
		if err == nil {
			errs[i] = saved(status.ErrorProto(answer.Status[k]))
		} else {
			errs[i] = saved(err)
		}
	}
}

// encode makes a write what Firestore takes. One that ends the code is an error of its own, and not of those that are written with it.
func (s *Store) encode(w Write) (item *pb.Write, ofProfile []*pb.Write, err error) {
	defer tasks.Catch(&err)
	item, err = s.write(w)
	return item, s.profileWrite(w), err
}

// partsOutlive is how much later than its item a part may be removed. Only the parts that change are written, so a quiet one has
// an older date, by as much as the longest window.
const partsOutlive = 60 * 24 * time.Hour

// saveWhole writes an item together with its parts. The item's precondition would do for all, since they are read after it. But the
// official emulator shows a commit's first document before its last: so each has its own.
func (s *Store) saveWhole(ctx context.Context, w Write) error {
	writes, err := s.whole(w)
	if err != nil {
		return err
	}
	_, err = s.raw.Commit(ctx, &pb.CommitRequest{Database: s.database, Writes: append(s.profileWrite(w), writes...)})
	return saved(err)
}

// whole are the writes of an item and of its parts that have changed. The item comes last: where the emulator shows half of a commit, its parts are newer than the item, which
// [readPart] can tell.
func (s *Store) whole(w Write) ([]*pb.Write, error) {
	main, err := s.write(w)
	if err != nil {
		return nil, err
	}
	var writes []*pb.Write
	for number, part := range w.Item.Parts {
		if !part.Changed {
			continue
		}
		f, err := encodePart(part, w.Item.ExpireAt.Add(partsOutlive))
		if err != nil {
			return nil, err
		}
		write := &pb.Write{Operation: &pb.Write_Update{Update: wire.Document(s.part(PartRef{Ref{w.UID, w.Item.ID}, number}), f)}}
		if part.Known {
			write.CurrentDocument = unchanged(part.Version)
		}
		writes = append(writes, write)
	}
	return append(writes, main), nil
}

// write is the write of an item's own document, with its precondition.
func (s *Store) write(w Write) (*pb.Write, error) {
	f, err := encode(&w.Item.Notification)
	if err != nil {
		return nil, err
	}
	return &pb.Write{
		Operation:       &pb.Write_Update{Update: wire.Document(s.resource("users", w.UID, "notifications", w.Item.ID), f)},
		CurrentDocument: unchanged(w.Item.Version),
	}, nil
}

// unchanged is the precondition that a document is as it was read, or still missing.
func unchanged(version time.Time) *pb.Precondition {
	if version.IsZero() {
		return &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: false}}
	}
	return &pb.Precondition{ConditionType: &pb.Precondition_UpdateTime{UpdateTime: timestamppb.New(version)}}
}

// saved is the answer to one write.
func saved(err error) error {
	switch {
	case err == nil:
		return nil
	case status.Code(err) == codes.NotFound: // removed since it was read
		return ErrConflict
	}
	return fmt.Errorf("store: save: %w", sentinel(err))
}

func decodeProfile(uid string, f wire.Fields) profile.Profile {
	return profile.Profile{
		Settings: decodeSettings(f), Devices: decodeDevices(uid, f.Get("devices").Map()), Sessions: decodeSessions(f.Get("sessions").Map()),
		Deeds: decodeDeeds(f.Get("deeds")), Budget: decodeBudget(f.Get(pushBudget).Map()), Received: decodeReceived(f.Get(received).Map()), Bounce: decodeBounce(f.Get(mailBounce).Map()),
	}
}
