// Package intake is the one door through which events come in, whoever brings them: the API's own callers, or a webhook
// that some other system posts. It checks, completes and publishes; who may come in is for the caller to say.
package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/webhook"
)

// ErrUnavailable says that Pub/Sub or the ledger did not take the events; the same request may be sent again.
var ErrUnavailable = errors.New("intake: the events could not be stored")

// Conflict says that an id came with another content than before. Nothing was published.
type Conflict struct{ Fields event.FieldErrors }

func (c Conflict) Error() string { return "intake: " + c.Fields.Error() }

// Denied says that whoever brings the events has no right to something in them. Nothing was published.
type Denied struct{ Fields event.FieldErrors }

func (d Denied) Error() string { return "intake: " + d.Fields.Error() }

// Intake takes events in. All fields but Telemetry and Endpoints are required.
type Intake struct {
	Catalog   *catalog.Catalog
	Publisher *topics.Publisher
	Now       func() time.Time
	Telemetry *telemetry.Telemetry // nil: off

	// Endpoints are those that an action may name; without any, none may.
	Endpoints webhook.Endpoints

	// Ledger keeps the receipts of events that have an id of their own and no time, and returns those that hold: the given one for
	// an event that is new, the first one for an event that was accepted before. It is given each source and id once, and called for no
	// other events. [store.Store.Enter] is one.
	Ledger func(ctx context.Context, receipts []event.Receipt) ([]event.Receipt, error)

	// Schedule keeps events until their sendAt: all of them, or none. It returns a reason for each that cannot be kept,
	// [event.ErrOtherContent] or [event.ErrCancelled]; with one, nothing was kept. An event that is kept already is as good as a new one.
	// It is given each source and id once. [store.Store.Schedule] is one.
	Schedule func(ctx context.Context, events []event.Scheduled) ([]error, error)
}

// Request is what somebody brings.
type Request struct {
	Source string        // the identity of who brings it, for events that name no source
	Events []event.Event // at least one
	Said   []any         // what the sender said for each event; nil: the event. The same source and id must say the same again

	// May returns what of a valid event its sender has no right to, by field. priority is what the event has, by itself or by its type. nil is for
	// senders who speak with a secret of their own, and may do everything that their source's code does.
	May func(e *event.Event, priority event.Priority) event.FieldErrors
}

// Accept takes events in and returns their ids once Pub/Sub has stored them all, and Firestore those that are to be sent later.
//
// Each event is accepted at the request's time, and each entry of the list a microsecond after the one before it. An event without a time
// happens when it is accepted. If it has an id of its own, the ledger knows whether it was accepted before: it costs one
// write, and is then published again with the time of its first acceptance. An event that brings a time costs nothing.
//
// An event with sendAt is accepted at that time, whenever it comes in: so it counts as one of that moment, and the same one again is the
// same. It costs one write here.
//
// With an error that is an [event.FieldErrors], a [Denied] or a [Conflict] nothing was published: a request is taken whole or not at all. With
// [ErrUnavailable] some events may have been, and sending the same request again does no harm.
func (in *Intake) Accept(ctx context.Context, r Request) (ids []string, err error) {
	if len(r.Events) == 0 {
		return nil, event.FieldErrors{{Field: "(request body)", Detail: "has 0 events; at least one was expected"}}
	}
	at := in.Now().UTC().Truncate(time.Microsecond)
	entries := make([]entry, len(r.Events))
	for i := range entries {
		e := &entries[i]
		e.index, e.Event = i, r.Events[i]
		e.Accepted = event.Acceptance{OwnTime: !e.Event.Time.IsZero(), OwnID: e.Event.ID != ""}
		e.accept(at)
		if e.Event.Source == "" {
			e.Event.Source = r.Source
		}
		if e.said = &e.Event; r.Said != nil {
			e.said = r.Said[i]
		}
	}
	if err := in.check(entries, at); err != nil {
		return nil, err
	}
	if err := in.permit(entries, r.May); err != nil {
		return nil, err
	}
	ids = make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].Event.ID
	}
	single, err := in.settle(ctx, entries)
	if err != nil {
		return nil, err
	}
	send, wait := in.divide(single, at)
	if err := in.schedule(ctx, wait, len(r.Events)); err != nil {
		return nil, err
	}
	if err := in.publish(ctx, send); err != nil {
		return nil, err
	}
	return ids, nil
}

// entry is one event on its way in.
type entry struct {
	topics.Envelope
	index   int // in the request
	said    any
	content string // the hash of what was said; "" where nothing is compared with it
}

// accept notes the moment at which the entry of a request that came in at that time counts as accepted.
func (e *entry) accept(at time.Time) {
	if !e.Event.SendAt.IsZero() {
		e.Event.SendAt = e.Event.SendAt.UTC().Truncate(time.Microsecond)
		at = e.Event.SendAt
	}
	e.Accepted.At = at.Add(time.Duration(e.index) * time.Microsecond)
}

// check gives every event an id and returns all that is wrong with them.
func (in *Intake) check(entries []entry, now time.Time) error {
	var wrong event.FieldErrors
	for i := range entries {
		e := &entries[i].Event
		e.Clean() // before it is checked: a title in which nothing can be seen is missing
		if !entries[i].Accepted.OwnID {
			e.ID = uuid.Must(uuid.NewV7()).String()
		}
		f := slices.Concat(e.Validate(now), e.ValidateSendAt(now), in.Catalog.Check(e), in.Endpoints.CheckActions(e.Actions))
		if len(entries) > 1 {
			f = f.At(i)
		}
		wrong = append(wrong, f...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// permit returns all that the sender has no right to. It looks at events that are valid: a priority that does not exist cannot be compared.
func (in *Intake) permit(entries []entry, may func(*event.Event, event.Priority) event.FieldErrors) error {
	if may == nil {
		return nil
	}
	var denied event.FieldErrors
	for i := range entries {
		e := &entries[i].Event
		f := may(e, in.priority(e))
		if len(entries) > 1 {
			f = f.At(i)
		}
		denied = append(denied, f...)
	}
	if len(denied) > 0 {
		return Denied{denied}
	}
	return nil
}

// divide completes the events, leaves out those that concern nobody, and tells those that are sent now from those that wait.
func (in *Intake) divide(entries []*entry, now time.Time) (send, wait []*entry) {
	for _, e := range entries {
		wasFor := len(e.Event.Recipients)
		e.Event.Normalize(e.Accepted.At)
		switch {
		case wasFor > 0 && len(e.Event.Recipients) == 0: // the actor was the only recipient
		case e.Event.SendAt.After(now):
			wait = append(wait, e)
		default:
			send = append(send, e)
		}
	}
	return send, wait
}

// priority is how important the event is.
func (in *Intake) priority(e *event.Event) event.Priority {
	t, _ := in.Catalog.Type(e.Type)
	return t.PriorityOf(e)
}

// publish hands the events to Pub/Sub, each in its lane.
func (in *Intake) publish(ctx context.Context, entries []*entry) error {
	envelopes := make([]topics.Envelope, 0, len(entries))
	for _, e := range entries {
		e.Lane = topics.Lane(in.priority(&e.Event))
		envelopes = topics.Split(envelopes, e.Envelope)
	}
	if err := in.Publisher.Publish(ctx, envelopes...); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	in.count(ctx, entries)
	return nil
}

// count tells that events were taken in.
func (in *Intake) count(ctx context.Context, entries []*entry) {
	for _, e := range entries {
		in.Telemetry.Accepted(ctx, e.Event.Type)
	}
}
