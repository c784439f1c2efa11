// Package withdraw hears that a person is done with an item that their devices still show.
//
// A client that marks such an item as read or archived writes a document users/{uid}/withdrawals/{item}-{revision} in the same commit,
// where revision is that of the push. Firestore calls this function, by way of Eventarc, when one is created: at least once, and once
// for each push, whichever devices say so. The name has all that the function must know. It reads nothing, and asks the subscriber to look at the item,
// which withdraws each push once and does nothing where that is not wanted: the mark may have been taken back since.
//
// What is taken back, or over, the subscriber withdraws by itself. So an item that no device shows never comes here.
package withdraw

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Needs are what the function works with. All are required.
type Needs struct {
	Publisher *topics.Publisher
	Log       *slog.Logger
}

// function is the withdraw function.
type function struct{ Needs }

// New serves the function, for Eventarc.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /withdraw": fn.receive, // firestore: users/{uid}/withdrawals/{withdrawal} created
	})
}

// receive has one item looked at. Anything but success makes Eventarc deliver the event again. An event about something else, which
// a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
//
// The order takes the usual lane, also for an urgent item: that has rung already, and what people read in a great number must not get in
// the way of what is about to ring.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) error {
	document := r.Header.Get("Ce-Document")
	uid, item, ok := parse(document)
	if !ok {
		fn.Log.ErrorContext(r.Context(), "not a withdrawal; the trigger's filter must be document=users/{uid}/withdrawals/{withdrawal}", "document", document)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := fn.Publisher.Publish(r.Context(), topics.LookAt(uid, item, event.Medium)); err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// parse takes the name of a withdrawal apart: whose it is, and of which item. Ids of items have hyphens, too.
func parse(document string) (uid, item string, ok bool) {
	path := store.Path(document)
	if len(path) != 4 || path[0] != "users" || path[2] != "withdrawals" {
		return "", "", false
	}
	cut := strings.LastIndexByte(path[3], '-')
	if cut < 1 {
		return "", "", false
	}
	_, err := strconv.ParseUint(path[3][cut+1:], 10, 63)
	return path[1], path[3][:cut], err == nil
}
