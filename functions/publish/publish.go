// Package publish is the API that a product calls: it takes events, checks them and hands them to Pub/Sub, or keeps them until they are to
// be sent. What it has answered with 202 is stored and will be delivered, unless it is cancelled.
package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/cloudevent"
	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
)

// MaxRequest is the largest body taken, in bytes, as it is sent and as it is decoded.
const MaxRequest = 256 << 10

// Needs are what the function works with. All but Limits and Takes are required.
type Needs struct {
	Intake    *intake.Intake
	Producers *producers.Allowed
	Limits    *limit.Limiter // nil: nobody is limited
	Now       func() time.Time
	Log       *slog.Logger

	// Cancel stores that an event is cancelled. [store.Store.Cancel] does.
	Cancel func(ctx context.Context, source, id string, now time.Time) (event.Cancellation, error)
	Takes  time.Duration // how long cancelling an event takes that may be under way; 0 is [event.CancelTakes]
}

// function is the publish function.
type function struct{ Needs }

// New serves the API.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /v1/events":                 fn.events, // producer: something happened, or will
		"DELETE /v1/events/{source}/{id}": fn.cancel, // producer: nobody else is to be told of it
	})
}

// events takes one event or several, as JSON or as CloudEvents, and answers 202 with their ids.
func (fn *function) events(w http.ResponseWriter, r *http.Request) error {
	producer, err := fn.Producers.Authenticate(r)
	if err != nil {
		return door.Refuse(w, err)
	}
	looked, err := door.Admit(w, r, fn.Limits, producer.ID, producer.Grant.Rate, 0)
	defer looked()
	if err != nil { // who sends too much costs no more than this
		return err
	}
	body, err := door.Read(w, r, MaxRequest)
	if err != nil {
		return err
	}
	events, err := decode(r.Header, body.Text)
	done, full := door.Admit(w, r, fn.Limits, producer.ID, producer.Grant.Rate, door.Units(events))
	defer done()
	if full != nil { // what cannot be read costs a unit, too
		return full
	}
	if err != nil {
		return err
	}
	ids := []string{}
	if len(events) > 0 { // a batch of CloudEvents may be empty
		if ids, err = fn.Intake.Accept(r.Context(), intake.Request{Source: producer.Name, Events: events, May: producer.May}); err != nil {
			return door.NotAccepted(w, err)
		}
	}
	return problem.JSON(w, http.StatusAccepted, map[string]any{"ids": ids})
}

// decode finds the events in the request, in whichever of the four forms they come.
func decode(header http.Header, body []byte) ([]event.Event, error) {
	switch cloudevent.ModeOf(header) {
	case cloudevent.Binary, cloudevent.Structured, cloudevent.Batched:
		return fromCloudEvents(header, body)
	case cloudevent.None:
		if media, _, _ := mime.ParseMediaType(header.Get("Content-Type")); media == "application/json" {
			return fromJSON(header, body)
		}
	}
	return nil, problem.New(http.StatusUnsupportedMediaType,
		"Content-Type: is %s; application/json, application/cloudevents+json or application/cloudevents-batch+json was expected", quote(header.Get("Content-Type")))
}

func quote(s string) string { return fmt.Sprintf("%.100q", s) }

// fromJSON reads our own form. An id that is left out comes from the Idempotency-Key header: the key itself for a single
// event, key-0, key-1 … for a list.
func fromJSON(header http.Header, body []byte) ([]event.Event, error) {
	events, isList, err := event.DecodeList(body)
	if err != nil {
		return nil, err
	}
	key := header.Get("Idempotency-Key")
	for i := range events {
		if key != "" && events[i].ID == "" {
			events[i].ID = key
			if isList {
				events[i].ID += "-" + strconv.Itoa(i)
			}
		}
	}
	return events, nil
}

// fromCloudEvents reads CloudEvents, which come whole or not at all. What is wrong with one of a batch is told by its index.
func fromCloudEvents(header http.Header, body []byte) ([]event.Event, error) {
	all, err := cloudevent.Read(header, body)
	if err != nil {
		return nil, err
	}
	events := make([]event.Event, len(all))
	var wrong event.FieldErrors
	for i := range all {
		var f event.FieldErrors
		events[i], f = fromCloudEvent(&all[i])
		if cloudevent.ModeOf(header) == cloudevent.Batched {
			f = f.At(i)
		}
		wrong = append(wrong, f...)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return events, nil
}

// fromCloudEvent takes the attributes from the CloudEvent and everything else from its data, which has the fields of our own
// form. A subject "post/42" stands for the target {type: post, id: 42} within the event's source, unless the data has a target.
func fromCloudEvent(ce *cloudevent.Event) (e event.Event, f event.FieldErrors) {
	data, err := ce.JSON()
	if errors.As(err, &f) {
		return e, f
	}
	if e, err = event.Decode(data); errors.As(err, &f) {
		return e, f.Within("data")
	}
	e.ID, e.Source, e.Type, e.Time = ce.ID, ce.Source, ce.Type, ce.Time
	if e.Target == (event.Target{}) {
		e.Target = ce.Target()
	}
	return e, nil
}
