// Package publish is the API that a product calls: it takes events, checks them and hands them to Pub/Sub. What it has
// answered with 202 is stored and will be delivered.
package publish

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
)

// MaxRequest is the largest body taken, in bytes.
const MaxRequest = 256 << 10

// Function is the publish function. All fields are required.
type Function struct {
	Intake    *intake.Intake
	Producers *producers.Allowed
	Log       *slog.Logger
}

// Routes is what the function serves.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/events", problem.Handle(fn.Log, fn.events)) // producer: something happened
	return mux
}

// events takes one event or several, as JSON or as CloudEvents, and answers 202 with their ids.
func (fn *Function) events(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return problem.New(http.StatusMethodNotAllowed, "events are posted")
	}
	producer, err := fn.Producers.Authenticate(r)
	if err != nil {
		if p := new(problem.Problem); errors.As(err, &p) && p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="tidings"`)
		}
		return err
	}
	events, err := read(w, r)
	if err != nil {
		return err
	}
	ids, err := fn.Intake.Accept(r.Context(), intake.Request{Source: producer, Events: events})
	if other := (intake.Conflict{}); errors.As(err, &other) {
		return problem.Fields(http.StatusConflict, "Other content under the same id", other.Fields)
	}
	if errors.Is(err, intake.ErrUnavailable) {
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusServiceUnavailable, "the events could not be stored; send the same request again").Because(err)
	}
	if err != nil {
		return err
	}
	return problem.JSON(w, http.StatusAccepted, map[string]any{"ids": ids})
}

// read finds the events in the request, in whichever of the four forms they come.
func read(w http.ResponseWriter, r *http.Request) ([]event.Event, error) {
	r.Body = http.MaxBytesReader(w, r.Body, MaxRequest)
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var events []event.Event
	switch {
	case r.Header.Get("Ce-Specversion") != "" || media == "application/cloudevents+json":
		events, err = readCloudEvent(r)
	case media == "application/cloudevents-batch+json":
		events, err = readCloudEventBatch(r)
	case media == "application/json":
		events, err = readJSON(r)
	default:
		return nil, problem.New(http.StatusUnsupportedMediaType,
			"Content-Type: is %q; application/json, application/cloudevents+json or application/cloudevents-batch+json was expected", r.Header.Get("Content-Type")).Because(err)
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		p := problem.New(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes; send fewer events in each request", tooLarge.Limit)
		p.Errors.Add("(request body)", "is larger than %d bytes", tooLarge.Limit)
		return nil, p
	}
	return events, err
}

// readJSON reads our own form. An id that is left out comes from the Idempotency-Key header: the key itself for a single
// event, key-0, key-1 … for a list.
func readJSON(r *http.Request) ([]event.Event, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	events, isList, err := event.DecodeList(raw)
	if err != nil {
		return nil, err
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		for i := range events {
			if events[i].ID == "" && isList {
				events[i].ID = key + "-" + strconv.Itoa(i)
			} else if events[i].ID == "" {
				events[i].ID = key
			}
		}
	}
	return events, nil
}
