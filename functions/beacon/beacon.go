// Package beacon hears from service workers what they alone see of a push: that it is displayed, and that the person has closed it. It tells that as
// facts, and does nothing else: it reads nothing and writes nothing.
//
// The address of a beacon comes with the push (shared/push), with a token for that push alone. So who has not got the push cannot speak of
// it, and who has can say no more than that. Said twice is one fact.
package beacon

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/shared/fact"
	"tidings.dev/shared/problem"
)

// Needs are what the function works with. All are required; without a key no token is good.
type Needs struct {
	Tell func(person string, facts ...fact.Fact)
	Key  fact.Key
	Now  func() time.Time
	Log  *slog.Logger
}

// function is the beacon function.
type function struct{ Needs }

// New serves the function to everybody.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /beacon": fn.receive, // client: a service worker
	})
}

// longest is the longest word that a worker says.
const longest = len(fact.Dismissed)

// receive tells one deed. The body is its word, as plain text: no browser asks for a permission before it sends that to another site.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) error {
	word, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(longest)))
	if large := new(http.MaxBytesError); err != nil && !errors.As(err, &large) {
		return problem.New(http.StatusBadRequest, "the body could not be read; send it again").Because(err).Expected()
	}
	stage := fact.Stage(word)
	if err != nil || stage != fact.Displayed && stage != fact.Dismissed {
		return problem.New(http.StatusBadRequest, "the body is no deed; %q or %q was expected", fact.Displayed, fact.Dismissed).Expected()
	}
	of, err := fn.Key.Open(r.URL.Query().Get("t"))
	if err != nil {
		return problem.New(http.StatusBadRequest, "t is no token of a push; send to the address that came with it, as it is").Expected()
	}
	fn.Tell(of.Person, fact.Fact{
		Item: of.Item, Revision: of.Revision, Stage: stage, Channel: fact.Push, HappenedAt: fact.At(fn.Now()), Attempt: 1,
	})
	w.WriteHeader(http.StatusNoContent)
	return nil
}
