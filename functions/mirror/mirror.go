// Package mirror keeps a copy of a person's devices in the profile, so that one read tells the subscriber all it must know:
// a query for the devices at every push would be one more billed read, and one more wait.
//
// Firestore calls it, by way of Eventarc, whenever a document users/{uid}/devices/{id} was written: at least once, in any
// order. So it does not look at what the event says of the document but at the document itself.
package mirror

import (
	"log/slog"
	"net/http"
	"strings"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
)

// Function is the mirror function. All fields are required.
type Function struct {
	Store *store.Store
	Log   *slog.Logger
}

// Routes is what the function serves. Cloud Run's invoker role decides who may call it: Eventarc.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /mirror", problem.Handle(fn.Log, fn.receive)) // firestore: users/{uid}/devices/{device} written
	return mux
}

// receive brings one copy up to date. Anything but success makes Eventarc deliver the event again. An event about something
// else, which a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *Function) receive(w http.ResponseWriter, r *http.Request) error {
	document := r.Header.Get("Ce-Document")
	path := strings.Split(document, "/")
	if len(path) != 4 || path[0] != "users" || path[2] != "devices" {
		fn.Log.ErrorContext(r.Context(), "not a device; the trigger's filter must be document=users/{uid}/devices/{device}", "document", document)
	} else if err := fn.Store.MirrorDevice(r.Context(), path[1], path[3]); err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver again").Because(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
