// Package insight answers producers who ask what became of their events. It reads facts (shared/fact) where they are kept: BigQuery.
package insight

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/warehouse"
)

// Needs are what the function works with. All but Warehouse and Limits are required.
type Needs struct {
	Warehouse *warehouse.Warehouse // nil: nobody tells facts here
	Key       fact.Key             // of the persons in facts
	Now       func() time.Time
	Producers *producers.Allowed
	Limits    *limit.Limiter // nil: nobody is limited

	// Scheduled says of an event that waits when it is to be sent, and when it was cancelled. [store.Store.Scheduled] does.
	Scheduled func(ctx context.Context, source, id string) (sendAt, cancelledAt time.Time, err error)
	Log       *slog.Logger
}

// function is the insight function.
type function struct{ Needs }

// New serves the API.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"GET /v1/events/{source}/{id}/log": fn.may(fn.log),   // producer: why did Bob not get a push?
		"GET /v1/insight/types":            fn.may(fn.types), // producer: what became of what we told, by type and day?
	})
}

// may lets producers through, each as often as they may post: a question is a unit.
func (fn *function) may(next func(w http.ResponseWriter, r *http.Request, p *producers.Producer) error) problem.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		producer, err := fn.Producers.Authenticate(r)
		if err != nil {
			return door.Refuse(w, err)
		}
		done, err := door.Admit(w, r, fn.Limits, producer.ID, producer.Grant.Rate, 1)
		defer done()
		if err != nil {
			return err
		}
		if fn.Warehouse == nil {
			return off()
		}
		return next(w, r, producer)
	}
}

// off is the answer where no facts are kept.
func off() *problem.Problem {
	return problem.New(http.StatusNotImplemented, "what becomes of events is not kept here; whoever runs Tidings can turn it on: Terraform's insight = true, and the key FACTS_KEY").Expected()
}

// unread is the answer where the facts could not be read.
func unread(w http.ResponseWriter, err error) error {
	switch {
	case errors.Is(err, warehouse.ErrUnavailable):
		w.Header().Set("Retry-After", "5")
		return problem.New(http.StatusServiceUnavailable, "BigQuery cannot answer now; send the same request again").Because(err)
	case errors.Is(err, warehouse.ErrMissing):
		return off().Because(err)
	case errors.Is(err, warehouse.ErrTooLarge):
		return problem.New(http.StatusServiceUnavailable, "there are more facts than one question may read (100 GiB); ask BigQuery itself").Because(err)
	}
	return err
}
