// Package mirror keeps a copy of a person's devices in the profile, so that one read tells the subscriber all it must
// know: a query for them at every push would be one more billed read, and one more wait.
//
// Firestore calls it, by way of Eventarc, whenever a document users/{uid}/devices/{id} was written: at least once, in any
// order. So it does not look at what the event says of the document but at the person's documents themselves, and events
// about one person that come in together are one look.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
)

// Needs are what the function works with. All are required.
type Needs struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
}

// function is the mirror function.
type function struct {
	Needs
	changes coalescer
}

// New serves the function, for Eventarc and Cloud Scheduler.
func New(n Needs) http.Handler {
	fn := &function{Needs: n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /mirror":       fn.receive, // firestore: users/{uid}/devices/{device} written
		"POST /mirror/prune": fn.prune,   // scheduler: every day
	})
}

// receive brings a person's copies up to date. Anything but success makes Eventarc deliver the event again. An event about
// something else, which a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *function) receive(w http.ResponseWriter, r *http.Request) error {
	ctx, document := r.Context(), r.Header.Get("Ce-Document")
	path := store.Path(document)
	if len(path) != 4 || path[0] != "users" || path[2] != "devices" {
		fn.Log.ErrorContext(ctx, "not a device; the trigger's filter must be document=users/{uid}/devices/{device}", "document", document)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	uid := path[1]
	err := fn.changes.do(ctx, uid, func(ctx context.Context) error { return fn.Store.MirrorDevices(ctx, uid) })
	if err != nil {
		p := problem.New(http.StatusServiceUnavailable, "deliver another time").Because(fmt.Errorf("uid %q: %w", uid, err))
		if errors.Is(err, store.ErrConflict) { // others write the same profile: nothing that anybody has to look at
			return p.Expected()
		}
		return p
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// maxPruned is how many devices one call deletes at most: some ten seconds' work.
const maxPruned = 10_000

// prune deletes the devices that were not seen for a month. What it does not get to today, it finds tomorrow.
func (fn *function) prune(w http.ResponseWriter, r *http.Request) error {
	pruned, more, err := fn.Store.PruneDevices(r.Context(), fn.Now(), maxPruned)
	if err != nil {
		return err
	}
	return problem.JSON(w, http.StatusOK, map[string]any{"pruned": pruned, "more": more})
}
