package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// What is known of the sending of one event is one document, sendings/{hash of source and id}: the event that waits for its sendAt, or that
// the event was cancelled. Being one document, it is never both. Once the event is published, the document goes.
//
// Events that wait are found by sendAt, and many of them are for the same moment. An index in which all that is written stands side by side
// takes some 500 writes a second, so each event is in one of a few shards, by its hash.

// SendingShards is how many there are: 2,000 writes a second. Each costs one read a minute while nothing is due.
const SendingShards = 4

// keepCancelled is how long a cancellation holds: longer than Pub/Sub keeps a message of the event.
const keepCancelled = inbox.KeepTombstone

func (s *Store) sending(source, id string) string { return s.resource("sendings", hashed(source, id)) }

// sendingState is what a document of sendings says.
type sendingState struct {
	content   string    // of an event that waits
	sendAt    time.Time // of an event that waits, or did when it was cancelled
	cancelled time.Time // zero: it is not
	inTime    bool      // it was cancelled before it was sent
	read      time.Time // the document's update time; zero where there is none
}

// Schedule keeps events until their sendAt, all of them or none. Where one cannot be kept, the answer has the reason in its place
// ([event.ErrOtherContent], [event.ErrCancelled]), and nothing was written. An event that is kept already stays as it is.
// At most [MaxBatch] events, each source and id once. It costs one write for each; where one of them is there already, one read more for each.
func (s *Store) Schedule(ctx context.Context, events []event.Scheduled) ([]error, error) {
	writes := map[string]*pb.Write{} // by name, those that are not kept yet
	for _, e := range events {
		w, err := s.scheduled(e)
		if err != nil {
			return nil, fmt.Errorf("store: schedule: %w", err)
		}
		writes[s.sending(e.Event.Source, e.Event.ID)] = w
	}
	for range maxTurns {
		var all []*pb.Write
		for _, w := range writes {
			all = append(all, w)
		}
		err := s.commit(ctx, all)
		if err == nil {
			return make([]error, len(events)), nil
		}
		if !errors.Is(err, ErrConflict) {
			return nil, fmt.Errorf("store: schedule: %w", err)
		}
		refused, err := s.compare(ctx, events, writes)
		if err != nil {
			return nil, fmt.Errorf("store: schedule: %w", err)
		}
		if errors.Join(refused...) != nil || len(writes) == 0 {
			return refused, nil
		}
	}
	return nil, fmt.Errorf("store: schedule: %w: others write the same ones", ErrTransient)
}

// compare finds out which of the events are there already, and takes these from the writes. Those that cannot be kept have a reason.
func (s *Store) compare(ctx context.Context, events []event.Scheduled, writes map[string]*pb.Write) (refused []error, err error) {
	var names []string
	for _, e := range events {
		names = append(names, s.sending(e.Event.Source, e.Event.ID))
	}
	found, err := s.sendingStates(ctx, names)
	refused = make([]error, len(events))
	for i, name := range names {
		state, ok := found[name]
		switch {
		case !ok:
		case !state.cancelled.IsZero():
			refused[i] = event.ErrCancelled
		case state.content != events[i].Content:
			refused[i] = event.ErrOtherContent
		default:
			delete(writes, name)
		}
	}
	return refused, err
}

func (s *Store) sendingStates(ctx context.Context, names []string) (map[string]sendingState, error) {
	found := map[string]sendingState{}
	err := s.get(ctx, names, func(doc *pb.Document) error {
		c := inside(doc.Fields["content"])
		found[doc.Name] = sendingState{
			content: string(c["said"].GetBytesValue()), sendAt: instant(c["sendAt"]), cancelled: instant(c["cancelledAt"]), inTime: c["inTime"].GetBooleanValue(),
			read: doc.UpdateTime.AsTime(),
		}
		return nil
	})
	return found, err
}

// Scheduled is when an event is to be sent that waits for it, and when it was cancelled, if it was; [ErrNotFound] where neither is so. It is billed
// as one read.
func (s *Store) Scheduled(ctx context.Context, source, id string) (sendAt, cancelledAt time.Time, err error) {
	name := s.sending(source, id)
	found, err := s.sendingStates(ctx, []string{name})
	if state, ok := found[name]; err == nil && ok {
		return state.sendAt, state.cancelled, nil
	}
	if err == nil {
		err = ErrNotFound
	}
	return sendAt, cancelledAt, fmt.Errorf("store: scheduled: %w", err)
}

// scheduled is the write of an event that waits.
func (s *Store) scheduled(e event.Scheduled) (*pb.Write, error) {
	raw, err := json.Marshal(e.Event)
	if err != nil {
		return nil, err
	}
	name := s.sending(e.Event.Source, e.Event.ID)
	return &pb.Write{
		Operation: &pb.Write_Update{Update: &pb.Document{Name: name, Fields: fields{
			"shard": shardOf(name), "sendAt": moment(e.Accepted.At), named: people(namedBy(&e.Event)), "content": object(
				field{"event", blob(raw)}, field{"said", blob([]byte(e.Content))}, field{"sendAt", moment(e.Event.SendAt)}, field{"priority", text(string(e.Priority))},
				field{"ownTime", boolean(e.Accepted.OwnTime)}, field{"ownId", boolean(e.Accepted.OwnID)},
			),
		}}},
		CurrentDocument: unchanged(time.Time{}),
	}, nil
}

// shardOf is the shard of a document, by its hash.
func shardOf(name string) *pb.Value { return num(int64(name[len(name)-2]) % SendingShards) }

// Sending is an event whose sendAt has come.
type Sending struct {
	event.Scheduled
	Size   int   // bytes, as it is stored
	Broken error // why the document cannot be read; nothing else of the event is known then

	name string
	at   *pb.Value // its place in the order
	read time.Time // the document's update time
}

// DueSendings finds the events of a shard, from 0, whose sendAt has come, one page of at most limit, those that have waited longest first.
// after is the last one of the page before, nil for the first page. Each is billed as one read (an empty page, too). An event stays here
// until [Store.Sent] or [Store.Cancel] takes it away.
func (s *Store) DueSendings(ctx context.Context, shard int, now time.Time, after *Sending, limit int) ([]Sending, error) {
	q := &pb.StructuredQuery{
		From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "sendings"}},
		Where: both(where("shard", pb.StructuredQuery_FieldFilter_EQUAL, num(int64(shard))),
			where("sendAt", pb.StructuredQuery_FieldFilter_LESS_THAN_OR_EQUAL, moment(now))),
		OrderBy: ascending("sendAt", documentName),
		Limit:   wrapperspb.Int32(int32(limit)),
	}
	if after != nil {
		q.StartAt = past(after.at, reference(after.name))
	}
	docs, err := s.query(ctx, "", q)
	if err != nil {
		return nil, fmt.Errorf("store: events that are due: %w", err)
	}
	found := make([]Sending, len(docs))
	for i, doc := range docs {
		found[i] = readSending(doc)
	}
	return found, nil
}

func readSending(doc *pb.Document) Sending {
	c := inside(doc.Fields["content"])
	f := Sending{name: doc.Name, at: doc.Fields["sendAt"], read: doc.UpdateTime.AsTime()}
	f.Accepted = event.Acceptance{At: instant(f.at), OwnTime: c["ownTime"].GetBooleanValue(), OwnID: c["ownId"].GetBooleanValue()}
	f.Priority, f.Content = event.Priority(c["priority"].GetStringValue()), string(c["said"].GetBytesValue())
	raw := c["event"].GetBytesValue()
	f.Size = len(raw)
	if err := event.Read(raw, &f.Event); err != nil {
		f.Broken = fmt.Errorf("store: %s: %w", doc.Name, err)
	}
	return f
}

// Sent takes away events that were published, at most [MaxBatch]. One that was cancelled meanwhile stays cancelled.
func (s *Store) Sent(ctx context.Context, sent []Sending) error {
	if len(sent) == 0 {
		return nil
	}
	req := &pb.BatchWriteRequest{Database: s.database}
	for _, f := range sent {
		req.Writes = append(req.Writes, &pb.Write{Operation: &pb.Write_Delete{Delete: f.name}, CurrentDocument: unchanged(f.read)})
	}
	answer, err := s.raw.BatchWrite(ctx, req)
	if err != nil {
		return fmt.Errorf("store: sent: %w", sentinel(err))
	}
	for _, one := range answer.Status {
		if err := saved(status.ErrorProto(one)); err != nil && !errors.Is(err, ErrConflict) {
			return fmt.Errorf("store: sent: %w", err)
		}
	}
	return nil
}
