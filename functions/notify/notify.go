// Package notify is the subscriber: it takes events from Pub/Sub, folds each into the inbox of every recipient and pushes to
// their devices.
//
// The way of one message: decode → one job for each recipient → commit (committer.go: all jobs in flight in this
// instance share their reads and writes) → push what is new (pusher.go) → answer.
package notify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
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
	done      recent // the messages that need nothing any more
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
	if retried && fn.Now().Sub(m.PublishTime) < retryAfter {
		return problem.New(http.StatusServiceUnavailable, "not yet: retries wait %s", retryAfter)
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
	recipients, why, rest, err := fn.recipients(ctx, &e, m)
	if err != nil {
		return fn.again(ctx, pushed, e, nil, retried, err)
	}
	jobs, err := fn.commit(ctx, t, e, recipients, why, pushed.Origin())
	if err == nil && rest != nil {
		err = fn.Publisher.Publish(ctx, topics.Lane(t.PriorityOf(&e)), *rest)
	}
	if err != nil {
		return fn.again(ctx, pushed, e, nil, retried, err)
	}
	var missing, lost []string
	var transient, permanent error
	for i, err := range fn.pushAll(ctx, jobs) {
		switch {
		case err == nil:
		case isPermanent(err):
			lost, permanent = append(lost, recipients[i]), err
		default:
			missing, transient = append(missing, recipients[i]), err
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
	for _, passing := range []error{store.ErrTransient, store.ErrConflict, push.ErrTransient, errEarly, errBusy, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return true
}

// again sends the message to the retry topic for the recipients that are missing (nil: as it came).
func (fn *Function) again(ctx context.Context, pushed *topics.Pushed, e event.Event, missing []string, retried bool, cause error) error {
	if retried || errors.Is(cause, errBusy) {
		return cause
	}
	m := &pushed.Message
	attributes := map[string]string{
		topics.AttrOrigin:   pushed.Origin(),
		topics.AttrReason:   clip(cause.Error()),
		topics.AttrAttempts: strconv.Itoa(max(pushed.DeliveryAttempt, 1)),
	}
	fn.Log.WarnContext(ctx, "handed over to retry", "message_id", m.MessageID, "event_id", e.ID, "recipients", len(missing), "reason", cause.Error())
	if e.Audience != "" {
		attributes[topics.AttrWhy] = "audience:" + e.Audience
	}
	if missing == nil {
		return fn.Publisher.Republish(ctx, topics.Retry, *m, attributes)
	}
	e.Recipients, e.Audience = missing, ""
	return fn.Publisher.Publish(ctx, topics.Retry, topics.Message{Event: e, Attributes: attributes})
}

// bury makes a dead letter of the message.
func (fn *Function) bury(ctx context.Context, pushed *topics.Pushed, reason string, recipients []string) error {
	m := &pushed.Message
	fn.Log.ErrorContext(ctx, "dead letter", "message_id", m.MessageID, "reason", reason, "recipients", len(recipients))
	return fn.Store.Bury(ctx, store.DeadLetter{
		ID: pushed.Key(), Reason: reason, Attempts: max(pushed.DeliveryAttempt, 1), Subscription: pushed.Subscription,
		Data: strings.ToValidUTF8(string(m.Data), "\uFFFD"), Recipients: recipients, Attributes: m.Attributes,
		PublishedAt: m.PublishTime, FailedAt: fn.Now(),
	})
}

// recipients are the people this message is for. An audience is walked page by page: rest, if it is not nil, is the message
// for those after this page. It goes out when this page is committed, so that no message or instance ever holds more
// of an audience than a page, others get their turn in between, and a crash repeats one page and not all that are on their way.
func (fn *Function) recipients(ctx context.Context, e *event.Event, m *topics.PushedMessage) (uids []string, why string, rest *topics.Message, err error) {
	if e.Audience == "" {
		return e.Recipients, cmp.Or(m.Attributes[topics.AttrWhy], "recipient"), nil, nil
	}
	uids, err = fn.Store.Members(ctx, e.Audience, m.Attributes[topics.AttrCursor], page)
	if err != nil {
		return nil, "", nil, err
	}
	if len(uids) == page {
		rest = &topics.Message{Event: *e, Attributes: map[string]string{topics.AttrCursor: uids[page-1]}}
	}
	return slices.DeleteFunc(uids, func(uid string) bool { return uid == e.Actor.ID }), "audience:" + e.Audience, rest, nil
}

// page is how many members of an audience one message handles: as many as an event may name recipients.
const page = event.MaxRecipients

// clip bounds an attribute's value: Pub/Sub takes 1,024 bytes.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 1000)], "") }
