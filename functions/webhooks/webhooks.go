// Package webhooks tells products what became of their events, by webhooks after the Standard Webhooks specification 1.0 (shared/webhook).
//
// # The way of a message
//
// Whoever knows what became of an event publishes it on the topic outgoing: notify and deadletters before they acknowledge the event, and this function itself
// for what people do with their items (marks.go). Pub/Sub pushes it here. It is stored first, as outgoing/{id}, which is its schedule and its log; the same message
// again finds it there, and is once. Then it is sent, at once. What fails is sent again by the minute job (tick.go), after 5 seconds (so, at the next minute), 5 minutes,
// and so on up to 24 hours: ten attempts in 75 to 83 hours, or more where Retry-After asks for it. An attempt that dies with its process is made again a minute later: a product knows a message by its id.
//
// # What an answer means
//
//   - 2xx: the product has it.
//   - 410: it wants no more. The endpoint is switched off, until an operator switches it on. What waits, and what comes meanwhile, waits for that, for 30 days.
//   - 429, 502, 503, 504, or no answer within 20 seconds: it is left alone for a minute, or for as long as it asks by Retry-After, and then goes on.
//   - All else, a redirect too: a failure. It is tried again.
//   - When the last attempt has failed, and the endpoint has taken nothing since the message was told, it is switched off.
//
// Each endpoint has a room of its own in an instance, of 8 attempts at a time: one that hangs keeps no other one waiting.
package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/webhook"
)

// Needs are what the function works with. All are required; without Endpoints it tells nobody anything.
type Needs struct {
	Endpoints webhook.Endpoints
	Keys      map[string]webhook.Keys // what signs, by the endpoint's name
	Client    *http.Client            // guard.Client's
	Reporter  *topics.Reporter        // nil, too, where there are no endpoints
	Store     *store.Store
	Now       func() time.Time
	Log       *slog.Logger
}

// function is the webhooks function.
type function struct {
	Needs
	rooms map[string]chan struct{} // by the endpoint's name: a place for each attempt that is under way

	mu     sync.Mutex
	paused map[string]time.Time // by the endpoint's name: until when it is left alone
	off    map[string]store.SwitchedOff
	offAt  time.Time // when off was read
}

const (
	roomSize = 8           // attempts at an endpoint at a time, in an instance
	lease    = time.Minute // after which an attempt is made again of which nobody knows what became: longer than one takes
	offTime  = time.Minute // how old it may be what an instance knows of endpoints that are switched off
)

// New serves the function. Who may call it is decided before.
func New(n Needs) http.Handler {
	fn := &function{Needs: n, rooms: map[string]chan struct{}{}, paused: map[string]time.Time{}}
	for _, e := range n.Endpoints {
		fn.rooms[e.Name] = make(chan struct{}, roomSize)
	}
	return problem.Serve(n.Log, problem.Routes{
		"POST /webhooks":              fn.receive,   // pubsub: outgoing
		"POST /webhooks/due":          fn.tick,      // scheduler: every minute
		"POST /webhooks/marks":        fn.marked,    // firestore: users/{uid}/notifications/{notification} updated
		"GET /v1/webhooks":            fn.endpoints, // operator: who is told what, and who is switched off?
		"POST /v1/webhooks/{call...}": fn.switchOn,  // operator: send to it again
		"GET /v1/outgoing":            fn.list,      // operator: what was told, and what came of it?
		"GET /v1/outgoing/{id...}":    fn.get,       // operator: all of one message
		"POST /v1/outgoing/{call...}": fn.replay,    // operator: send it now, once more
	})
}

// receive stores a message and sends it, if its endpoint can be sent to now. Anything but success makes Pub/Sub deliver it again. What is no message
// is logged and acknowledged: it will never be one.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) error {
	pushed, err := topics.ReadPush(r.Body)
	if err != nil {
		return problem.New(http.StatusBadRequest, "%v", err)
	}
	m, err := topics.ReadOutgoing(pushed.Message)
	if err != nil {
		fn.Log.ErrorContext(r.Context(), "not a message to a product", "message_id", pushed.Message.MessageID, "error", err.Error())
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := fn.tell(r.Context(), m); err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// tell stores a message that was not told before, and makes the first attempt. An endpoint that is not configured here, may be before long: what goes to it waits.
func (fn *function) tell(ctx context.Context, m webhook.Message) error {
	off, err := fn.switchedOff(ctx)
	if err != nil {
		return err
	}
	e, known := fn.Endpoints.Named(m.Endpoint)
	_, isOff := off[m.Endpoint]
	now := fn.Now()
	if !known || isOff || fn.isPaused(m.Endpoint) || !fn.enter(m.Endpoint) {
		_, err = fn.Store.AddOutgoing(ctx, m, now, now)
		return once(err)
	}
	defer fn.leave(m.Endpoint)
	o, err := fn.Store.AddOutgoing(ctx, m, now, now.Add(lease))
	if err != nil {
		return once(err)
	}
	if _, err := fn.attempt(ctx, e, o); err != nil { // the minute job makes the next attempt
		fn.Log.ErrorContext(ctx, "what came of a message to a product is not known", "id", m.ID, "endpoint", m.Endpoint, "error", err.Error())
	}
	return nil
}

// once passes over that a message was told before.
func once(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// enter takes a place in the endpoint's room, if there is one.
func (fn *function) enter(endpoint string) bool {
	select {
	case fn.rooms[endpoint] <- struct{}{}:
		return true
	default:
		return false
	}
}

func (fn *function) leave(endpoint string) { <-fn.rooms[endpoint] }

// switchedOff are the endpoints that are switched off, as they were up to a minute ago.
func (fn *function) switchedOff(ctx context.Context) (map[string]store.SwitchedOff, error) {
	fn.mu.Lock()
	off, at := fn.off, fn.offAt
	fn.mu.Unlock()
	if now := fn.Now(); off != nil && now.Sub(at) < offTime && !now.Before(at) {
		return off, nil
	}
	off, err := fn.Store.EndpointsOff(ctx)
	if err != nil {
		return nil, err
	}
	fn.mu.Lock()
	defer fn.mu.Unlock()
	fn.off, fn.offAt = off, fn.Now()
	return off, nil
}

// forgetSwitches has the switches read anew.
func (fn *function) forgetSwitches() {
	fn.mu.Lock()
	defer fn.mu.Unlock()
	fn.off = nil
}

func (fn *function) isPaused(endpoint string) bool {
	fn.mu.Lock()
	defer fn.mu.Unlock()
	return fn.paused[endpoint].After(fn.Now())
}

func (fn *function) pause(endpoint string, until time.Time) {
	fn.mu.Lock()
	defer fn.mu.Unlock()
	if until.After(fn.paused[endpoint]) {
		fn.paused[endpoint] = until
	}
}
