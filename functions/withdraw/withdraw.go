// Package withdraw notices that a person is done with an item that their devices still show: they have read or archived it
// somewhere, or it was taken back.
//
// Firestore calls it, by way of Eventarc, for every write of an item: at least once, in any order, and with a body that says what
// changed. It reads the item itself instead (one read), and nearly always has nothing to do: most writes are folds.
// (The filters of a trigger know the document's path, and no field.) Where there is something to do, it asks the subscriber
// to look at the item, which withdraws each push once. That writes the item and so calls this function again, which then
// finds nothing.
package withdraw

import (
	"log/slog"
	"net/http"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Needs are what the function works with. All are required.
type Needs struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Log       *slog.Logger
}

// function is the withdraw function.
type function struct{ Needs }

// New serves the function, for Eventarc.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /withdraw": fn.receive, // firestore: users/{uid}/notifications/{notification} written
	})
}

// receive looks at one item. Anything but success makes Eventarc deliver the event again. An event about something else, which
// a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) error {
	document := r.Header.Get("Ce-Document")
	path := store.Path(document)
	if len(path) != 4 || path[0] != "users" || path[2] != "notifications" {
		fn.Log.ErrorContext(r.Context(), "not an item; the trigger's filter must be document=users/{uid}/notifications/{notification}", "document", document)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ref := store.Ref{UID: path[1], ID: path[3]}
	snap, err := fn.Store.Load(r.Context(), nil, []store.Ref{ref})
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(err)
	}
	if item := snap.Items[ref]; item != nil && item.Ended() {
		if err := fn.Publisher.Publish(r.Context(), topics.LookAt(ref.UID, ref.ID, item.Priority)); err != nil {
			return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
