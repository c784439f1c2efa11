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
	"strings"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Function is the withdraw function. All fields are required.
type Function struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Log       *slog.Logger
}

// Routes is what the function serves. Cloud Run's invoker role decides who may call it: Eventarc.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /withdraw", problem.Handle(fn.Log, fn.receive)) // firestore: users/{uid}/notifications/{notification} written
	return mux
}

// receive looks at one item. Anything but success makes Eventarc deliver the event again. An event about something else, which
// a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	document := r.Header.Get("Ce-Document")
	path := strings.Split(document, "/")
	if len(path) != 4 || path[0] != "users" || path[2] != "notifications" {
		fn.Log.ErrorContext(r.Context(), "not an item; the trigger's filter must be document=users/{uid}/notifications/{notification}", "document", document)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	ref := store.Ref{UID: path[1], ID: path[3]}
	snap, err := fn.Store.Load(r.Context(), nil, []store.Ref{ref})
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver again").Because(err)
	}
	if item := snap.Items[ref]; item != nil && item.Ended() {
		if err := fn.Publisher.Publish(r.Context(), topics.LookAt(ref.UID, ref.ID, item.Priority)); err != nil {
			return problem.New(http.StatusServiceUnavailable, "deliver again").Because(err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
