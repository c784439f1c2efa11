// Package due lets nothing be forgotten that waits for a time: every minute it finds the items whose push was held back until
// now, or whose snooze is over, and has the subscriber look at each of them again.
//
// It decides nothing itself. By the time the subscriber looks, an item may have been read, and another call of this
// function may have asked for it already: looking once too often changes nothing.
package due

import (
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Function is the due function. All fields are required.
type Function struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Now       func() time.Time
	Log       *slog.Logger
}

// Routes is what the function serves. Cloud Run's invoker role decides who may call it: Cloud Scheduler.
func (fn *Function) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /due", problem.Handle(fn.Log, fn.tick)) // scheduler: every minute
	return mux
}

// tick asks for everything that is due. What it cannot ask for now is still due in a minute, so a failure is only told.
func (fn *Function) tick(w http.ResponseWriter, r *http.Request) error {
	now, asked := fn.Now(), 0
	for _, field := range []string{store.DueAt, store.SnoozedUntil} {
		err := fn.Store.Due(r.Context(), field, now, func(found []store.Due) error {
			orders := make([]topics.Envelope, len(found))
			for i, d := range found {
				orders[i] = topics.LookAt(d.UID, d.ID, d.Priority)
			}
			asked += len(orders)
			return fn.Publisher.Publish(r.Context(), orders...)
		})
		if err != nil {
			return problem.New(http.StatusServiceUnavailable, "the next call will find it").Because(err)
		}
	}
	return problem.JSON(w, http.StatusOK, map[string]int{"asked": asked})
}
