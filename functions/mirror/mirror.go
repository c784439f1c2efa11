// Package mirror keeps a copy of a person's devices and sessions in the profile, so that one read tells the subscriber all it must
// know: a query for them at every push would be one more billed read, and one more wait.
//
// Firestore calls it, by way of Eventarc, whenever a document users/{uid}/devices/{id} or users/{uid}/sessions/{id} was written:
// at least once, in any order. So it does not look at what the event says of the document but at the document itself.
package mirror

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
)

// Function is the mirror function. All fields are required.
type Function struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Routes is what the function serves. Cloud Run's invoker role decides who may call it: Eventarc and Cloud Scheduler.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /mirror", problem.Handle(fn.Log, fn.receive))     // firestore: users/{uid}/devices/{device} and users/{uid}/sessions/{session} written
	mux.Handle("POST /mirror/prune", problem.Handle(fn.Log, fn.prune)) // scheduler: every day
	return mux
}

// receive brings one copy up to date. Anything but success makes Eventarc deliver the event again. An event about something
// else, which a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	document := r.Header.Get("Ce-Document")
	path := strings.Split(document, "/")
	var err error
	switch {
	case len(path) != 4 || path[0] != "users" || path[2] != "devices" && path[2] != "sessions":
		fn.Log.ErrorContext(r.Context(), "neither a device nor a session; the triggers' filters must be document=users/{uid}/devices/{device} and document=users/{uid}/sessions/{session}", "document", document)
	case path[2] == "devices":
		err = fn.Store.MirrorDevice(r.Context(), path[1], path[3])
	default:
		err = fn.Store.MirrorSession(r.Context(), path[1], path[3], fn.Now())
	}
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver again").Because(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// prune deletes the devices that were not seen for a month. What it does not get to today, it finds tomorrow.
func (fn *Function) prune(w http.ResponseWriter, r *http.Request) error {
	pruned, err := fn.Store.PruneDevices(r.Context(), fn.Now())
	if err != nil {
		return err
	}
	return problem.JSON(w, http.StatusOK, map[string]int{"pruned": pruned})
}
