package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
)

// outcome is what became of the people of a message.
type outcome struct {
	missing   []string // those for whom it could not be done now
	transient error    // why
	early     []string // those for whom what the event takes back is still on its way
	lost      []string // those for whom it can never be done
	permanent error    // why
	owed      map[string][]courier.Owed
	told      []string // the keys of jobs of which nothing is left to do
}

// key names a job among those of all messages.
func (m *message) key(j groupcommit.Job) string { return m.pushed.Key() + "/" + j.UID + "/" + j.Item }

// carryOut commits the jobs of a message, tells the devices, and settles each person alone.
func (fn *Function) carryOut(ctx context.Context, m *message, jobs []groupcommit.Job) error {
	jobs = slices.DeleteFunc(jobs, func(j groupcommit.Job) bool { return fn.done.has(m.key(j)) })
	leave := fn.committing.Take(len(jobs))
	results, err := fn.commits.Apply(ctx, jobs)
	leave()
	if err != nil {
		return err
	}
	// Products are told before devices: where that fails, all of it is done another time, and no phone has rung yet.
	if err := fn.Reporter.Report(ctx, fn.delivered(m, jobs, results)...); err != nil {
		return err
	}
	o := fn.tell(ctx, m, jobs, results)
	if err := fn.handOver(ctx, m, o, nil); err != nil {
		for _, key := range o.told { // whoever was told is not told another time because of the others
			fn.done.add(key)
		}
		return err
	}
	return nil
}

// tell tells the devices of each recipient for whom there is something to tell.
func (fn *Function) tell(ctx context.Context, m *message, jobs []groupcommit.Job, results []groupcommit.Result) outcome {
	o := outcome{owed: map[string][]courier.Owed{}}
	var errands []errand
	for i, r := range results {
		fn.tellOf(m, jobs[i], r)
		switch effects := effectsOf(r); {
		case r.Err != nil:
			o.failed(jobs[i], r.Err, m)
		case len(effects) == 0 || len(r.Devices) == 0:
			o.told = append(o.told, m.key(jobs[i]))
		default:
			for _, effect := range effects {
				e := courier.Errand{UID: jobs[i].UID, Effect: effect, Devices: r.Devices, Only: m.Devices, Tries: m.Tries}
				errands = add(errands, errand{e, []groupcommit.Job{jobs[i]}})
			}
		}
	}
	if len(errands) == 0 {
		return o
	}
	run := make([]courier.Errand, len(errands))
	for i, e := range errands {
		run[i] = e.Errand
	}
	owed, errs := fn.courier.Tell(ctx, run)
	left := map[string]bool{} // the keys of jobs of which something is left to do
	for i, e := range errands {
		e.Taken = run[i].Taken
		fn.tellPushed(m, e, owed[i], errs[i])
		for _, j := range e.jobs {
			if errs[i] != nil {
				o.failed(j, errs[i], m)
			}
			left[m.key(j)] = left[m.key(j)] || errs[i] != nil || len(owed[i]) > 0
		}
		o.owes(e.UID, owed[i])
	}
	for key, is := range left {
		if !is {
			o.told = append(o.told, key)
		}
	}
	return o
}

// effectsOf are all that the recipient's devices are to be told.
func effectsOf(r groupcommit.Result) []inbox.Effect {
	if r.Effect.Kind == inbox.Nothing {
		return r.Ended
	}
	return append(r.Ended, r.Effect)
}

// failed notes why a job could not be done. Several jobs of one person follow each other, and the person is named once.
func (o *outcome) failed(j groupcommit.Job, err error, m *message) {
	add := func(to *[]string) {
		if n := len(*to); n == 0 || (*to)[n-1] != j.UID {
			*to = append(*to, j.UID)
		}
	}
	switch {
	case errors.Is(err, inbox.ErrEarly) && m.Walk.Second: // what it takes back has not come, and will find it when it does
		o.told = append(o.told, m.key(j))
	case errors.Is(err, inbox.ErrEarly): // however often it was tried before: this is its first look
		add(&o.early)
	case isPermanent(err) || m.Attempts+1 >= maxAttempts:
		add(&o.lost)
		o.permanent = err
	default:
		add(&o.missing)
		o.transient = err
	}
}

// isPermanent reports whether trying another time is useless. What is not known to pass by itself is permanent: a dead letter can
// be replayed, an endless retry is noticed by nobody.
func isPermanent(err error) bool {
	for _, passing := range []error{
		store.ErrTransient, store.ErrConflict, courier.ErrLater, groupcommit.ErrSlow, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return true
}

// maxAttempts is how often a message is tried before it is a dead letter. The waits of retryAfter are some two and a half hours together; the
// back-off of the retry topic comes on top, since it has its own times at which it delivers.
const maxAttempts = 20

// handOver sends on what is not finished: those who are missing get smaller messages on the retry topic, those who are lost get a dead
// letter. An error in whole means that nothing could be done for anybody.
func (fn *Function) handOver(ctx context.Context, m *message, o outcome, whole error) error {
	var envelopes []topics.Envelope
	if whole != nil {
		if isPermanent(whole) || m.Attempts+1 >= maxAttempts {
			return fn.bury(ctx, m, whole, nil)
		}
		later := fn.retry(ctx, m, m.Envelope, whole)
		fn.tellFailed(m, nil, fact.Retried, whole, later.NotBefore())
		envelopes = append(envelopes, later)
	}
	if len(o.lost) > 0 {
		if err := fn.bury(ctx, m, o.permanent, o.lost); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(o.missing, topics.Chunk) {
		later := fn.retry(ctx, m, m.For(some), o.transient)
		fn.tellFailed(m, some, fact.Retried, o.transient, later.NotBefore())
		envelopes = append(envelopes, later)
	}
	if len(o.early) > 0 {
		if err := fn.keep(ctx, m); err != nil {
			return err
		}
		for some := range slices.Chunk(o.early, topics.Chunk) {
			later := fn.secondLook(m.For(some), inbox.ErrEarly.Error())
			fn.tellFailed(m, some, fact.Retried, inbox.ErrEarly, later.NotBefore())
			envelopes = append(envelopes, later)
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(o.owed)) {
		for _, owed := range o.owed[uid] {
			envelopes = append(envelopes, fn.owe(ctx, m, uid, owed)...)
		}
	}
	if len(envelopes) == 0 {
		return nil
	}
	telemetry.Outcome(ctx, "retry")
	fn.Log.WarnContext(ctx, "handed over to retry", "message_id", m.pushed.Message.MessageID, "messages", len(envelopes),
		"recipients", len(o.missing)+len(o.early), "owed", len(o.owed), "reason", envelopes[0].Reason)
	return fn.Publisher.Publish(ctx, envelopes...)
}

// keep remembers a retraction that has come before its event, which will look for it if it comes late.
func (fn *Function) keep(ctx context.Context, m *message) error {
	group := inbox.Locate(m.kind, m.Event, fn.Now()).GroupID
	return fn.Store.KeepRetraction(ctx, group, store.Retraction{Event: m.Event, Accepted: m.Accepted}, fn.Now())
}

// retry is a message for those who are missing, to be tried in a while.
func (fn *Function) retry(ctx context.Context, m *message, e topics.Envelope, cause error) topics.Envelope {
	fn.Telemetry.Retried(ctx, wordOf(cause))
	e.Attempts = m.Attempts + 1
	e.Origin = m.origin
	return e.Later(fn.Now().Add(retryAfter(e.Attempts)), cause.Error())
}

// retryAfter is how long to wait before the next attempt: ten seconds, twice as long each time, ten minutes at most, and not the
// same for all, so that they do not come back all at once.
func retryAfter(attempts int) time.Duration {
	wait := min(10*time.Second<<min(attempts-1, 10), 10*time.Minute)
	return wait + rand.N(wait/4)
}

// owe is a message for the devices of one recipient, with the wait that FCM asks for.
func (fn *Function) owe(ctx context.Context, m *message, uid string, o courier.Owed) (envelopes []topics.Envelope) {
	wait := o.Wait + rand.N(max(o.Wait/4, 1))
	for _, devices := range chunks(o.Devices) {
		fn.Telemetry.Retried(ctx, "fcm")
		e := m.For([]string{uid})
		e.Devices, e.Tries, e.Origin = devices, o.Tries, m.origin
		envelopes = append(envelopes, e.Later(fn.Now().Add(wait), o.Cause.Error()))
	}
	return envelopes
}

// chunks divides ids so that each list of them fits into an attribute.
func chunks(ids []string) (lists [][]string) {
	size := 0
	for _, id := range ids {
		if size += len(id) + 1; len(lists) == 0 || size > topics.MaxValue {
			lists, size = append(lists, nil), len(id)+1
		}
		lists[len(lists)-1] = append(lists[len(lists)-1], id)
	}
	return lists
}

// bury makes a dead letter of the message, for some of its recipients or for all.
func (fn *Function) bury(ctx context.Context, m *message, cause error, recipients []string) error {
	raw := &m.pushed.Message
	fn.Telemetry.DeadLettered(ctx, wordOf(cause))
	telemetry.Outcome(ctx, "dead letter")
	fn.Log.ErrorContext(ctx, "dead letter", "message_id", raw.MessageID, "reason", firstLine(event.ForLog(cause)), "recipients", len(recipients))
	attributes := map[string]string{}
	maps.Copy(attributes, raw.Attributes)
	attributes[topics.AttrOrigin] = m.origin // what was pushed, or was to be, goes by this name
	id := m.pushed.Key()
	if m.IsLook() { // it is asked for every minute until it can be done: one letter is enough
		sum := sha256.Sum256([]byte(m.Look.UID + "/" + m.Look.ID)) // operators' addresses have the id, and Google logs these
		id = "look-" + hex.EncodeToString(sum[:16])
	}
	err := fn.Store.Bury(ctx, store.DeadLetter{
		ID: id, Reason: cause.Error(), Attempts: max(m.Attempts+1, m.pushed.DeliveryAttempt), Subscription: m.pushed.Subscription,
		Data: string(raw.Data), Recipients: recipients, Attributes: attributes, PublishedAt: raw.PublishTime, FailedAt: fn.Now(),
	})
	if err != nil {
		return err
	}
	fn.tellFailed(m, recipients, fact.DeadLettered, cause, time.Time{})
	return fn.Reporter.Report(ctx, fn.deadLettered(m, recipients, cause)...)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
