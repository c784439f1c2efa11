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

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Function is the deadletters function. All fields are required.
type Function struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Now       func() time.Time
	Log       *slog.Logger
}

// Routes is what the function serves. Cloud Run's invoker role decides who may call it: Pub/Sub and operators.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /deadletters", problem.Handle(fn.Log, fn.receive))         // pubsub: dead-letters
	mux.Handle("GET /v1/dead-letters", problem.Handle(fn.Log, fn.list))         // operator: what failed?
	mux.Handle("POST /v1/dead-letters/{call}", problem.Handle(fn.Log, fn.call)) // operator: send it again
	return mux
}

// receive records what Pub/Sub gave up on. Anything but success makes Pub/Sub deliver it again.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	pushed, err := topics.ReadPush(r.Body)
	if err != nil {
		return problem.New(http.StatusBadRequest, "%v", err)
	}
	m := &pushed.Message
	attempts, _ := strconv.Atoi(m.Attributes["CloudPubSubDeadLetterSourceDeliveryCount"])
	reason := m.Attributes["reason"]
	if reason == "" {
		reason = "no attempt succeeded; the subscriber's log says why"
	}
	err = fn.Store.Bury(r.Context(), store.DeadLetter{
		ID: pushed.Key(), Reason: reason, Attempts: attempts,
		Subscription: m.Attributes["CloudPubSubDeadLetterSourceSubscription"],
		Data:         strings.ToValidUTF8(string(m.Data), "\uFFFD"), Attributes: m.Attributes,
		PublishedAt: m.PublishTime, FailedAt: fn.Now(),
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// maxList is how many dead letters the list shows.
const maxList = 100

// list shows the latest dead letters, at most 100.
func (fn *Function) list(w http.ResponseWriter, r *http.Request) error {
	letters, err := fn.Store.DeadLetters(r.Context(), maxList)
	if err != nil {
		return err
	}
	return problem.JSON(w, http.StatusOK, map[string]any{"deadLetters": letters})
}

// call carries out POST /v1/dead-letters/{id}:replay. The mux has no pattern for a part of a segment.
func (fn *Function) call(w http.ResponseWriter, r *http.Request) error {
	id, verb, _ := strings.Cut(r.PathValue("call"), ":")
	if verb != "replay" {
		return problem.New(http.StatusNotFound, "%q is no call; POST /v1/dead-letters/{id}:replay was expected", r.PathValue("call"))
	}
	letter, err := fn.Store.DeadLetter(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return problem.New(http.StatusNotFound, "there is no dead letter %q", id)
	}
	if err != nil {
		return err
	}
	if err := fn.replay(r.Context(), letter); err != nil {
		return err
	}
	if err := fn.Store.Replayed(r.Context(), id, fn.Now()); err != nil {
		return err
	}
	return problem.JSON(w, http.StatusAccepted, map[string]any{"id": id})
}

// replay publishes the letter's message as it was before anything of it failed: in its lane, with all that a newer version may have
// written, and for those only whom it did not reach. The origin makes a push that was owed the same push.
func (fn *Function) replay(ctx context.Context, letter store.DeadLetter) error {
	e, err := topics.Decode(topics.PushedMessage{Data: []byte(letter.Data), Attributes: letter.Attributes, PublishTime: letter.PublishedAt})
	if err != nil {
		return problem.New(http.StatusConflict, "the message cannot be read, so it cannot be replayed: %v", err)
	}
	if len(letter.Recipients) > 0 {
		e = e.For(letter.Recipients)
	}
	return fn.Publisher.Publish(ctx, e.Again())
}
