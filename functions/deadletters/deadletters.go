// Package deadletters keeps what could not be processed where an operator can see it, and sends it again on request.
//
// Most dead letters are written by the subscriber itself, with a reason. This function takes in those that Pub/Sub gave up
// on, after the retry topic's 20 attempts, and serves the list.
package deadletters

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tidings.dev/shared/fact"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/webhook"
)

// Needs are what the function works with. All but Facts, Reporter and Telemetry are required.
type Needs struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Facts     *topics.Teller   // nil: nobody wants to know what became of events
	Reporter  *topics.Reporter // nil: no product wants to know, either
	Now       func() time.Time
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry // nil: off
}

// function is the deadletters function.
type function struct{ Needs }

// New serves the function. Who may call it is decided before: Pub/Sub and operators.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /deadletters":               fn.receive, // pubsub: dead-letters
		"GET /v1/dead-letters":            fn.list,    // operator: what failed?
		"GET /v1/dead-letters/{id...}":    fn.get,     // operator: what was in it?
		"POST /v1/dead-letters/{call...}": fn.call,    // operator: send it again, or discard it
	})
}

// receive records what Pub/Sub gave up on. Anything but success makes Pub/Sub deliver it again.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) (err error) {
	pushed, err := topics.ReadPush(r.Body)
	if err != nil {
		return problem.New(http.StatusBadRequest, "%v", err)
	}
	ctx, end := fn.Telemetry.Processing(r.Context(), pushed.Delivery())
	defer func() { end(err) }()
	m := &pushed.Message
	attempts, _ := strconv.Atoi(m.Attributes["CloudPubSubDeadLetterSourceDeliveryCount"])
	reason := m.Attributes["reason"]
	if reason == "" {
		reason = "no attempt succeeded; the subscriber's log says why"
	}
	err = fn.Store.Bury(ctx, store.DeadLetter{
		ID: pushed.Key(), Reason: reason, Attempts: attempts,
		Subscription: m.Attributes["CloudPubSubDeadLetterSourceSubscription"],
		Data:         string(m.Data), Attributes: m.Attributes,
		PublishedAt: m.PublishTime, FailedAt: fn.Now(),
	})
	if err != nil {
		return err
	}
	if err := fn.tell(ctx, m, attempts); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// gaveUp is the reason of what Pub/Sub gave up on, in a word.
const gaveUp = "gave_up"

// tell tells that nobody whom the message names can be told, if it can be read that far.
func (fn *function) tell(ctx context.Context, m *topics.PushedMessage, attempts int) error {
	e, err := topics.Decode(*m)
	if err != nil || fn.Facts == nil && fn.Reporter == nil {
		return nil
	}
	f := fact.Fact{
		Source: e.Event.Source, Event: e.Event.ID, Type: e.Event.Type, AcceptedAt: fact.At(e.Accepted.At), Stage: fact.DeadLettered, Channel: fact.InApp,
		Reason: gaveUp, HappenedAt: fact.At(fn.Now()), Attempt: int64(attempts),
	}
	people := e.Event.Recipients
	switch {
	case e.IsLook():
		f.Item, f.AcceptedAt, people = e.Look.ID, 0, []string{e.Look.UID}
	case len(people) == 0:
		people = []string{""}
	}
	var reports []webhook.Report
	for _, uid := range people {
		fn.Facts.Tell(uid, f)
		reports = append(reports, webhook.Report{
			Outcome: webhook.DeadLettered, At: fn.Now(), Source: f.Source, Event: f.Event, Type: f.Type, Target: e.Event.Target, Recipient: uid, Reason: gaveUp,
		})
	}
	if e.IsLook() {
		return nil
	}
	return fn.Reporter.Report(ctx, reports...)
}

// What one call of the list shows and reads at most. Each letter that is read is billed as one read, also one that the filter
// leaves out.
const (
	maxList = 100
	maxRead = 1000
)

// list shows the latest dead letters without their data, at most 100: ?reason= those whose reason contains that text, in small or
// capital letters, ?cursor= those after the cursor that an earlier answer gave. An answer with a cursor may have fewer letters, or
// none: the rest was not yet looked at.
func (fn *function) list(w http.ResponseWriter, r *http.Request) error {
	reason, cursor := strings.ToLower(r.FormValue("reason")), r.FormValue("cursor")
	found := []store.DeadLetter{}
	for read := 0; read < maxRead; read += maxList {
		letters, next, err := fn.Store.DeadLetters(r.Context(), cursor, maxList-len(found))
		if errors.Is(err, store.ErrCursor) {
			return problem.New(http.StatusBadRequest, "cursor: %.100q is not one; the cursor of an earlier answer was expected", cursor)
		}
		if err != nil {
			return err
		}
		for _, letter := range letters {
			if strings.Contains(strings.ToLower(letter.Reason), reason) {
				found = append(found, letter)
			}
		}
		if cursor = next; cursor == "" || len(found) == maxList {
			break
		}
	}
	answer := map[string]any{"deadLetters": found}
	if cursor != "" {
		answer["cursor"] = cursor
	}
	return problem.JSON(w, http.StatusOK, answer)
}

// get shows one letter with its data.
func (fn *function) get(w http.ResponseWriter, r *http.Request) error {
	letter, err := fn.Store.DeadLetter(r.Context(), r.PathValue("id"))
	if err != nil {
		return absent(r.PathValue("id"), err)
	}
	return problem.JSON(w, http.StatusOK, letter)
}

// call carries out POST /v1/dead-letters/{id}:replay and :discard. The mux has no pattern for a part of a segment. An id may have
// colons of its own.
func (fn *function) call(w http.ResponseWriter, r *http.Request) error {
	call := r.PathValue("call")
	id, replay := strings.CutSuffix(call, ":replay")
	if replay {
		return fn.replay(w, r, id)
	}
	id, discard := strings.CutSuffix(call, ":discard")
	if discard {
		return fn.discard(w, r, id)
	}
	return problem.New(http.StatusNotFound, "%.100q is no call; POST /v1/dead-letters/{id}:replay or {id}:discard was expected", call)
}

// replay sends the letter's message again. The letter stays, with the time.
func (fn *function) replay(w http.ResponseWriter, r *http.Request, id string) error {
	letter, err := fn.Store.DeadLetter(r.Context(), id)
	if err != nil {
		return absent(id, err)
	}
	e, err := envelope(letter)
	if err != nil {
		return err
	}
	if err := fn.Publisher.Publish(r.Context(), e); err != nil {
		return err
	}
	if err := fn.Store.Replayed(r.Context(), id, fn.Now()); err != nil && !errors.Is(err, store.ErrNotFound) { // discarded meanwhile
		return err
	}
	return problem.JSON(w, http.StatusAccepted, map[string]any{"id": id})
}

// discard deletes the letter: nobody will be told of it any more.
func (fn *function) discard(w http.ResponseWriter, r *http.Request, id string) error {
	if err := fn.Store.Discard(r.Context(), id); err != nil {
		return absent(id, err)
	}
	fn.Log.InfoContext(r.Context(), "dead letter discarded", "id", id)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// absent makes a 404 of a letter that is not there.
func absent(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return problem.New(http.StatusNotFound, "there is no dead letter %.100q", id)
	}
	return err
}
