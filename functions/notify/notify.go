// Package notify is the subscriber: it takes events from Pub/Sub, folds each into the inbox of every recipient and pushes to
// their devices.
//
// The way of one message: decode → one job for each recipient → commit (committer.go: all jobs in flight in this
// instance share their reads and writes) → tell the devices (send.go) → answer. A message may also ask to look at an item
// again that waits for something, or that its recipient is done with: that is one job, and goes the same way.
package notify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Function is the notify function. The exported fields are required.
type Function struct {
	Catalog   *catalog.Catalog
	Store     *store.Store
	Publisher *topics.Publisher
	Sender    *push.Sender
	Now       func() time.Time
	Log       *slog.Logger

	committer *committer
	done      recent  // the messages that need nothing any more
	resting   resting // the devices that FCM does not want to be asked for now
	turns     turns   // the persons who are being told something
}

// Routes is what the function serves.
func (fn *Function) Routes() http.Handler {
	fn.committer = newCommitter(fn.Catalog, fn.Store, fn.Now)
	mux := http.NewServeMux()
	mux.Handle("POST /notify", problem.Handle(fn.Log, fn.receive)) // pubsub: events, events-urgent, events-retry
	return mux
}

// retryAfter is the least time between handing a message over to the retry topic and trying it again.
const retryAfter = 10 * time.Second

// receive carries out the ack policy:
//
//   - Done, or nothing to do (applied before, taken back since, expired): 204. Pub/Sub forgets the message.
//   - It can never succeed (cannot be decoded, unknown type, a document that Firestore refuses): a dead letter with the
//     reason, then 204. Where only some recipients failed, the letter names them; the others have theirs.
//   - It cannot succeed now (Firestore or FCM unavailable, a lost race too many, a retraction before its event): the message
//     goes to the retry topic, for the recipients still missing, then 204. Refusing it here would slow down the whole
//     subscription, and with it everybody else's events.
//   - FCM cannot take a push now: the same, but for the devices that are missing, with the time that FCM asks for, and as often
//     as that takes (send.go). The others are not told twice.
//   - Already on the retry topic: 503. Its subscription backs off from 10 s to 10 min and, after 20 attempts, gives the message
//     to the dead-letter topic.
//   - This instance is full: 503, and here the slowing down is what is wanted.
//   - If even the handing over or the dead letter fails: 503, and Pub/Sub delivers again.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	pushed, err := topics.ReadPush(r.Body)
	if err != nil {
		return problem.New(http.StatusBadRequest, "%v", err)
	}
	m := &pushed.Message
	retried := pushed.From(topics.Retry)
	if ready := later(m.PublishTime.Add(retryAfter), m.NotBefore()); retried && ready.After(fn.Now()) {
		return problem.New(http.StatusServiceUnavailable, "not before %s", ready)
	}
	if !fn.done.has(pushed.Key()) {
		if err := fn.settle(r.Context(), &pushed, retried); err != nil {
			return problem.New(http.StatusServiceUnavailable, "deliver again").Because(err)
		}
		fn.done.add(pushed.Key())
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// settle processes the message and sees to what failed. An error means that the message must be delivered again.
func (fn *Function) settle(ctx context.Context, pushed *topics.Pushed, retried bool) error {
	m := &pushed.Message
	if item, ok := m.Again(); ok {
		j := &job{uid: item.UID, item: item.ID, urgent: pushed.From(topics.Urgent), repeat: missingOf(m).devices != nil, message: pushed.Origin()}
		return fn.carryOut(ctx, pushed, nil, retried, []*job{j}, nothing)
	}
	e, err := m.Event()
	if err != nil {
		return fn.bury(ctx, pushed, err.Error(), nil)
	}
	t, ok := fn.Catalog.Type(e.Type)
	if !ok {
		return fn.bury(ctx, pushed, "type: "+strconv.Quote(e.Type)+" is not in the catalogue of this version", nil)
	}
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(fn.Now()) {
		fn.Log.InfoContext(ctx, "expired", "event_id", e.ID, "type", e.Type, "expires_at", e.ExpiresAt)
		return nil
	}
	if e.Time.IsZero() {
		e.Time = m.PublishTime.Truncate(time.Microsecond)
	}
	recipients, why, rest, err := fn.recipients(ctx, t, &e, m)
	if err != nil {
		return fn.again(ctx, pushed, &e, nil, retried, err)
	}
	jobs := make([]*job, len(recipients))
	for i, uid := range recipients {
		jobs[i] = &job{uid: uid, event: e, kind: t, why: why, urgent: t.PriorityOf(&e) == event.Urgent, repeat: missingOf(m).devices != nil, message: pushed.Origin()}
	}
	return fn.carryOut(ctx, pushed, &e, retried, jobs, rest)
}

func nothing() error { return nil }

// carryOut commits the jobs of a message, publishes the rest of an audience, tells the devices, and sees to what failed. e is nil
// where the message has no event.
func (fn *Function) carryOut(ctx context.Context, pushed *topics.Pushed, e *event.Event, retried bool, jobs []*job, rest func() error) error {
	err := fn.committer.apply(ctx, jobs)
	if err == nil {
		err = rest()
	}
	if err != nil {
		return fn.again(ctx, pushed, e, nil, retried, err)
	}
	var missing, lost []string
	var transient, permanent error
	for i, o := range fn.tellAll(ctx, jobs, &pushed.Message) {
		switch {
		case o.err == nil:
		case isPermanent(o.err):
			lost, permanent = append(lost, jobs[i].uid), o.err
		default:
			missing, transient = append(missing, jobs[i].uid), o.err
		}
		for _, owed := range o.owed {
			if err := fn.owe(ctx, pushed, e, jobs[i].uid, owed); err != nil {
				return err
			}
		}
	}
	if len(lost) > 0 {
		if err := fn.bury(ctx, pushed, permanent.Error(), lost); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		return fn.again(ctx, pushed, e, missing, retried, transient)
	}
	return nil
}

// isPermanent reports whether trying again is useless. What is not known to pass by itself is permanent: a dead letter can be
// replayed, an endless retry is noticed by nobody.
func isPermanent(err error) bool {
	for _, passing := range []error{store.ErrTransient, store.ErrConflict, errEarly, errBusy, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return true
}

// again sends the message to the retry topic for the recipients that are missing (nil: as it came).
func (fn *Function) again(ctx context.Context, pushed *topics.Pushed, e *event.Event, missing []string, retried bool, cause error) error {
	if retried || errors.Is(cause, errBusy) {
		return cause
	}
	fn.Log.WarnContext(ctx, "handed over to retry", "message_id", pushed.Message.MessageID, "recipients", len(missing), "reason", cause.Error())
	return fn.handOver(ctx, pushed, e, missing, map[string]string{
		topics.AttrReason:   clip(cause.Error()),
		topics.AttrAttempts: strconv.Itoa(max(pushed.DeliveryAttempt, 1)),
	})
}

// handOver publishes the message to the retry topic, for some of its recipients (nil: as it came).
func (fn *Function) handOver(ctx context.Context, pushed *topics.Pushed, e *event.Event, recipients []string, attributes map[string]string) error {
	attributes[topics.AttrOrigin] = pushed.Origin()
	if e == nil || recipients == nil {
		return fn.Publisher.Republish(ctx, topics.Retry, pushed.Message, attributes)
	}
	some := *e
	if why := pushed.Message.Attributes[topics.AttrWhy]; why != "" {
		attributes[topics.AttrWhy] = why
	} else if e.Audience != "" {
		attributes[topics.AttrWhy] = "audience:" + e.Audience
	}
	some.Recipients, some.Audience = recipients, ""
	return fn.Publisher.Publish(ctx, topics.Retry, topics.Message{Event: some, Attributes: attributes})
}

// bury makes a dead letter of the message.
func (fn *Function) bury(ctx context.Context, pushed *topics.Pushed, reason string, recipients []string) error {
	m := &pushed.Message
	fn.Log.ErrorContext(ctx, "dead letter", "message_id", m.MessageID, "reason", reason, "recipients", len(recipients))
	attributes := map[string]string{}
	maps.Copy(attributes, m.Attributes)
	attributes[topics.AttrOrigin] = pushed.Origin() // what was pushed, or was to be, goes by this name
	id := pushed.Key()
	if item, ok := m.Again(); ok { // it is asked for every minute until it can be done: one letter is enough
		id = "again-" + item.UID + "-" + item.ID
	}
	return fn.Store.Bury(ctx, store.DeadLetter{
		ID: id, Reason: reason, Attempts: max(pushed.DeliveryAttempt, 1), Subscription: pushed.Subscription,
		Data: strings.ToValidUTF8(string(m.Data), "\uFFFD"), Recipients: recipients, Attributes: attributes,
		PublishedAt: m.PublishTime, FailedAt: fn.Now(),
	})
}

// recipients are the people this message is for. An audience is walked page by page: rest publishes the message for those after
// this page. It is called when this page is committed, so that no message or instance ever holds more of an audience than a page,
// others get their turn in between, and a crash repeats one page and not all that are on their way.
func (fn *Function) recipients(ctx context.Context, t event.Type, e *event.Event, m *topics.PushedMessage) (uids []string, why string, rest func() error, err error) {
	if e.Audience == "" {
		return e.Recipients, cmp.Or(m.Attributes[topics.AttrWhy], "recipient"), nothing, nil
	}
	uids, err = fn.Store.Members(ctx, e.Audience, m.Attributes[topics.AttrCursor], page)
	if err != nil {
		return nil, "", nil, err
	}
	rest = nothing
	if len(uids) == page {
		next := topics.Message{Event: *e, Attributes: map[string]string{topics.AttrCursor: uids[page-1]}}
		rest = func() error { return fn.Publisher.Publish(ctx, topics.Lane(t.PriorityOf(e)), next) }
	}
	return slices.DeleteFunc(uids, func(uid string) bool { return uid == e.Actor.ID }), "audience:" + e.Audience, rest, nil
}

// page is how many members of an audience one message handles: as many as an event may name recipients.
const page = event.MaxRecipients

// clip bounds an attribute's value: Pub/Sub takes 1,024 bytes.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 1000)], "") }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
