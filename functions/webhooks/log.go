package webhooks

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// endpoint is what operators see of one.
type endpoint struct {
	Name     string             `json:"name"`
	URL      string             `json:"url"`
	Outcomes []webhook.Outcome  `json:"outcomes"`
	Types    []string           `json:"types,omitempty"`
	Sources  []string           `json:"sources,omitempty"`
	Keys     int                `json:"keys"`          // how many sign
	Off      *store.SwitchedOff `json:"off,omitempty"` // nil: it is on
}

// endpoints shows who is told what.
func (fn *function) endpoints(w http.ResponseWriter, r *http.Request) error {
	off, err := fn.Store.EndpointsOff(r.Context())
	if err != nil {
		return err
	}
	all := []endpoint{}
	for _, e := range fn.Endpoints {
		shown := endpoint{e.Name, e.URL, e.Outcomes, e.Types, e.Sources, len(fn.Keys[e.Name]), nil}
		if why, isOff := off[e.Name]; isOff {
			shown.Off = &why
		}
		all = append(all, shown)
	}
	return problem.JSON(w, http.StatusOK, map[string]any{"endpoints": all})
}

// switchOn carries out POST /v1/webhooks/{name}:on. What waits is sent by the next call of the minute job.
func (fn *function) switchOn(w http.ResponseWriter, r *http.Request) error {
	name, ok := strings.CutSuffix(r.PathValue("call"), ":on")
	if !ok {
		return problem.New(http.StatusNotFound, "%.100q is no call; POST /v1/webhooks/{name}:on was expected", r.PathValue("call"))
	}
	if _, known := fn.Endpoints.Named(name); !known {
		return problem.New(http.StatusNotFound, "there is no endpoint %.100q; WEBHOOKS has %q", name, fn.Endpoints.Names())
	}
	if err := fn.Store.SwitchOn(r.Context(), name); err != nil {
		return err
	}
	fn.forgetSwitches()
	fn.Log.InfoContext(r.Context(), "webhook switched on", "endpoint", name)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// What one call of the list shows and reads at most. Each message that is read is billed as one read, also one that the filter leaves out.
const (
	maxList   = 100
	maxSearch = 1000
)

var states = []store.OutgoingState{store.OutgoingPending, store.OutgoingDelivered, store.OutgoingFailed}

// list shows the latest messages, at most 100: ?state= and ?endpoint= those alone, ?cursor= those after the cursor that an earlier answer gave. An answer with
// a cursor may have fewer, or none: the rest was not yet looked at.
func (fn *function) list(w http.ResponseWriter, r *http.Request) error {
	state, name, cursor := store.OutgoingState(r.FormValue("state")), r.FormValue("endpoint"), r.FormValue("cursor")
	if state != "" && !slices.Contains(states, state) {
		return problem.New(http.StatusBadRequest, "state: %.100q is none; one of %v was expected", state, states)
	}
	found := []store.Outgoing{}
	for read := 0; read < maxSearch; read += maxList {
		messages, next, err := fn.Store.OutgoingLog(r.Context(), state, cursor, maxList-len(found))
		if errors.Is(err, store.ErrCursor) {
			return problem.New(http.StatusBadRequest, "cursor: %.100q is not one; the cursor of an earlier answer was expected", cursor)
		}
		if err != nil {
			return err
		}
		for _, o := range messages {
			if name == "" || o.Endpoint == name {
				found = append(found, o)
			}
		}
		if cursor = next; cursor == "" || len(found) == maxList {
			break
		}
	}
	answer := map[string]any{"messages": found}
	if cursor != "" {
		answer["cursor"] = cursor
	}
	return problem.JSON(w, http.StatusOK, answer)
}

// get shows one message.
func (fn *function) get(w http.ResponseWriter, r *http.Request) error {
	o, err := fn.message(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return problem.JSON(w, http.StatusOK, o)
}

func (fn *function) message(r *http.Request, id string) (store.Outgoing, error) {
	o, err := fn.Store.OutgoingMessage(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return o, problem.New(http.StatusNotFound, "there is no message %.100q", id)
	}
	return o, err
}

// replay carries out POST /v1/outgoing/{id}:replay: the message is sent now, whatever came of it before, and shown with what comes of it. If that fails, its attempts begin
// anew. It has the id that it had.
func (fn *function) replay(w http.ResponseWriter, r *http.Request) error {
	id, ok := strings.CutSuffix(r.PathValue("call"), ":replay")
	if !ok {
		return problem.New(http.StatusNotFound, "%.100q is no call; POST /v1/outgoing/{id}:replay was expected", r.PathValue("call"))
	}
	o, err := fn.message(r, id)
	if err != nil {
		return err
	}
	e, known := fn.Endpoints.Named(o.Endpoint)
	off, err := fn.Store.EndpointsOff(r.Context())
	if err != nil {
		return err
	}
	why, isOff := off[o.Endpoint]
	switch {
	case !known:
		return problem.New(http.StatusConflict, "the endpoint %q is not in WEBHOOKS any more", o.Endpoint)
	case isOff:
		return problem.New(http.StatusConflict, "the endpoint %q was switched off at %s: %s. Switch it on first", o.Endpoint, why.At.UTC().Format(time.RFC3339), why.Reason)
	case !fn.enter(o.Endpoint):
		return problem.New(http.StatusServiceUnavailable, "the endpoint %q has %d messages under way; repeat the call", o.Endpoint, roomSize).Expected()
	}
	defer fn.leave(o.Endpoint)
	o.Attempts, o.DeliveredAt = 0, time.Time{}
	if o, err = fn.attempt(r.Context(), e, o); err != nil {
		return err
	}
	return problem.JSON(w, http.StatusOK, o)
}
