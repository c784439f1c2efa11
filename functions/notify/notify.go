// Package notify is the subscriber: it takes events from Pub/Sub, folds each into the inbox of every recipient and pushes to
// their devices.
//
// The way of one message: decode → who is told (people.go) → one job for each of them, committed with those of all messages in
// flight (groupcommit) → tell the devices (courier) → settle each person alone (settle.go) → answer. Where many are told, the
// message hands them out in messages of their own instead (walk.go). What everybody is told is one document (announce.go). A message may also ask to look at an item that waits for
// something, or that its recipient is done with: that is one job, and goes the same way.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/functions/notify/room"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/webhook"
)

// Needs are what the function works with. All but Facts, Beacon, Reporter and Telemetry are required.
type Needs struct {
	Catalog   *catalog.Catalog
	Store     *store.Store
	Publisher Publisher
	Sender    *push.Sender
	Facts     *topics.Teller                         // nil: nobody wants to know what became of events
	Beacon    func(uid string, n *inbox.Item) string // where a service worker says what became of a push; nil: nobody asks
	Reporter  *topics.Reporter                       // nil: no product wants to know, either
	Now       func() time.Time
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry // nil: off
	Replay    inbox.Replay         // whether its messages come from the archive
}

// Publisher takes what the function leaves to other messages: Pub/Sub's ([topics.Publisher]), or that of a replay (infra/archive), where nothing leaves
// the process. It has stored all envelopes when it returns nil.
type Publisher interface {
	Publish(ctx context.Context, envelopes ...topics.Envelope) error
}

// Function is the notify function.
type Function struct {
	Needs
	commits    *groupcommit.Committer
	courier    *courier.Courier
	committing *room.Room // those of whose inbox something is being committed for a message
	telling    *room.Room // those who are being told
	deedsTold  recent     // what people did, and this instance has told
	done       recent     // the messages that need nothing any more, and the people of others who do not
}

// New makes the function.
func New(n Needs) *Function {
	telling := room.New(maxTelling)
	return &Function{
		Needs:      n,
		commits:    groupcommit.New(n.Catalog, n.Store, n.Now, n.Telemetry),
		committing: room.New(maxCommitting),
		telling:    telling,
		courier: courier.New(courier.Needs{
			Catalog: n.Catalog, Sender: n.Sender, Enter: telling.Take, Remove: n.Store.RemoveDevice, Beacon: n.Beacon, Now: n.Now, Log: n.Log, Telemetry: n.Telemetry,
		}),
	}
}

// Handler is what the function serves.
func (fn *Function) Handler() http.Handler {
	return problem.Serve(fn.Log, problem.Routes{
		"POST /notify": fn.receive, // pubsub: events, events-urgent, events-retry
	})
}

// receive carries out the ack policy:
//
//   - Done, or nothing to do (applied before, taken back or cancelled since, expired): 204. Pub/Sub forgets the message.
//   - It can never succeed (cannot be decoded, unknown type, a document that Firestore refuses, code that panics over it): a dead
//     letter with the reason, then 204. Where only some recipients failed, the letter names them; the others have theirs.
//   - It cannot succeed now (Firestore unavailable, a lost race too many): a smaller message for the recipients who are missing
//     goes to the retry topic, not to be tried before some seconds to minutes, then 204. After maxAttempts it is a dead letter.
//     Refusing it here would slow down the whole subscription, and with it everybody else's events.
//   - FCM cannot take a push now: the same, but for the devices that are missing, with the time that FCM asks for, and as often
//     as that takes (courier). Nobody is told twice because somebody else was not reached.
//   - On the retry topic, but too early: 503. Its subscription backs off from 10 s to 10 min.
//   - This instance is full: 503, and here the slowing down is what is wanted.
//   - If even the handing over or the dead letter fails: 503, and Pub/Sub delivers the message another time.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	pushed, err := topics.ReadPush(r.Body)
	if err != nil {
		return problem.New(http.StatusBadRequest, "%v", err)
	}
	ctx, end := fn.Telemetry.Processing(r.Context(), pushed.Delivery())
	err = fn.settled(ctx, &pushed)
	end(err)
	if p := new(problem.Problem); errors.As(err, &p) {
		return err
	}
	switch {
	case errors.Is(err, groupcommit.ErrFull):
		return problem.New(http.StatusServiceUnavailable, "full; deliver another time").Because(err).Expected()
	case err != nil:
		return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(err)
	}
	fn.done.add(pushed.Key())
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// settled opens a message and sees to it. An error means that it must be delivered another time.
func (fn *Function) settled(ctx context.Context, pushed *topics.Pushed) error {
	m, err := fn.open(ctx, pushed)
	if err != nil || m == nil {
		return err
	}
	if m.NotBefore().After(fn.Now()) {
		telemetry.Outcome(ctx, "too early")
		return problem.New(http.StatusServiceUnavailable, "not before %s", m.NotBefore().Format(time.RFC3339)).Expected()
	}
	return fn.process(ctx, m)
}

// Receive sees to one message without HTTP, for a replay. An error means that it must be delivered another time.
func (fn *Function) Receive(ctx context.Context, pushed *topics.Pushed) error {
	err := fn.settled(ctx, pushed)
	if err == nil {
		fn.done.add(pushed.Key())
	}
	return err
}

// message is a message under way.
type message struct {
	topics.Envelope
	pushed *topics.Pushed
	origin string // the key of the message in which it first came
	kind   event.Type
}

// open reads a message; nil is one that needs nothing any more. What cannot be read is buried.
func (fn *Function) open(ctx context.Context, pushed *topics.Pushed) (*message, error) {
	if fn.done.has(pushed.Key()) {
		return nil, nil
	}
	envelope, err := topics.Decode(pushed.Message)
	m := &message{Envelope: envelope, pushed: pushed, origin: envelope.Origin}
	if m.origin == "" {
		m.origin = pushed.Key()
	}
	if err != nil {
		return nil, fn.bury(ctx, m, err, nil)
	}
	return m, nil
}

// process sees to one message. An error means that it must be delivered another time.
func (fn *Function) process(ctx context.Context, m *message) error {
	if m.IsLook() {
		var jobs []groupcommit.Job
		for _, id := range append([]string{m.Look.ID}, m.More...) {
			jobs = append(jobs, groupcommit.Job{UID: m.Look.UID, Item: id, Urgent: m.Lane == topics.Urgent, Repeat: m.Devices != nil, Message: m.origin, Tells: fn.Facts != nil})
		}
		return fn.carryOut(ctx, m, jobs)
	}
	e := &m.Event
	kind, ok := fn.Catalog.Type(e.Type)
	if !ok {
		return fn.bury(ctx, m, fmt.Errorf("%w: %s", errUnknownType, e.Type), nil)
	}
	m.kind = kind
	telemetry.Type(ctx, kind.Name)
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(fn.Now()) {
		fn.Log.InfoContext(ctx, "expired", "message_id", m.pushed.Message.MessageID, "type", e.Type, "expires_at", e.ExpiresAt)
		fn.tellAll(m, fact.Withdrawn, becauseExpired)
		return nil
	}
	if e.ToEverybody() {
		return fn.announce(ctx, m)
	}
	if taken, err := fn.takenBack(ctx, m); err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	} else if taken {
		fn.Log.InfoContext(ctx, "taken back since", "message_id", m.pushed.Message.MessageID, "type", e.Type)
		fn.tellAll(m, fact.Withdrawn, becauseTakenBack)
		return nil
	}
	people, err := fn.people(ctx, m)
	if err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	}
	cancelled, until, err := fn.cancelled(ctx, m, people)
	if err != nil {
		return fn.handOver(ctx, m, outcome{}, err)
	}
	if cancelled {
		fn.Log.InfoContext(ctx, "cancelled", "message_id", m.pushed.Message.MessageID, "type", e.Type)
		fn.tellAll(m, fact.Withdrawn, becauseCancelled)
		return nil
	}
	if people.step != nil {
		if err := fn.take(ctx, m, people.step); err != nil {
			return fn.handOver(ctx, m, outcome{}, err)
		}
	}
	tells := fn.Facts != nil || fn.Reporter.Wants(webhook.Delivered, e.Type, e.Source)
	jobs := make([]groupcommit.Job, len(people.uids))
	for i, uid := range people.uids {
		jobs[i] = groupcommit.Job{
			UID: uid, Event: e, Accepted: m.Accepted, Type: &m.kind, Why: people.why, Urgent: kind.PriorityOf(e) == event.Urgent,
			Repeat: m.Devices != nil, Message: m.origin, Until: until, Tells: tells, Replay: fn.Replay,
		}
	}
	return fn.carryOut(ctx, m, jobs)
}

// late is how long after it happened, or after its acceptance, an event is looked up among the retractions that are kept: those that went
// to whoever was told, and those that came before their event. Such a retraction looks twice, the second time some while
// after that, so each of the two finds the other.
const late = time.Minute

// takenBack reports whether an event that comes late has been taken back. A message that comes late is billed one read for each
// retraction of the group that is kept, one at least; others nothing.
func (fn *Function) takenBack(ctx context.Context, m *message) (bool, error) {
	if m.Event.Retract || m.Why == topics.WhyTold || m.kind.ToWhoeverWasTold(&m.Event) || fn.Now().Sub(m.since()) < late {
		return false, nil
	}
	at := inbox.Locate(m.kind, m.Event, fn.Now())
	taken, err := fn.Store.Retractions(ctx, at.GroupID)
	if err != nil {
		return false, err
	}
	for _, r := range taken {
		if inbox.Outdone(m.kind, m.Event, m.Accepted, r.Event, r.Accepted) {
			return true, nil
		}
	}
	return false, nil
}

// since is from when on the event may have been taken back: of a state, only what was accepted later takes it back.
func (m *message) since() time.Time {
	isState := m.kind.Group != nil && m.kind.Group.Counts == event.CountStates
	if isState || m.Accepted.At.Before(m.Event.Time) {
		return m.Accepted.At
	}
	return m.Event.Time
}
