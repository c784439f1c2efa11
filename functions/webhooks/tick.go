package webhooks

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/webhook"
)

const (
	page     = 40               // messages at a time
	tickTime = 30 * time.Second // after which no more are begun: with the last attempts, all is done before the next call
)

// tick sends what is due, to all endpoints side by side. What it does not come to is still due in a minute.
func (fn *function) tick(w http.ResponseWriter, r *http.Request) error {
	off, err := fn.switchedOff(r.Context())
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, "the next call will find it").Because(err)
	}
	var sent atomic.Int64
	var all tasks.Group
	until := time.Now().Add(tickTime)
	for _, e := range fn.Endpoints {
		if _, isOff := off[e.Name]; isOff {
			continue
		}
		all.Go(func() error { return fn.sendDue(r.Context(), e, until, &sent) })
	}
	if err := all.Wait(); err != nil {
		return problem.New(http.StatusServiceUnavailable, "the next call will find it").Because(err)
	}
	return problem.JSON(w, http.StatusOK, map[string]int64{"attempts": sent.Load()})
}

// sendDue sends what is due to one endpoint, page by page, until it wants a pause or is switched off.
func (fn *function) sendDue(ctx context.Context, e webhook.Endpoint, until time.Time, sent *atomic.Int64) error {
	for time.Now().Before(until) && fn.sendable(ctx, e.Name) {
		due, err := fn.Store.DueOutgoing(ctx, e.Name, fn.Now(), page)
		if err != nil {
			return err
		}
		var some tasks.Group
		some.Limit(roomSize)
		for _, o := range due {
			some.Go(func() error {
				if !fn.await(ctx, e.Name, until) {
					return nil
				}
				defer fn.leave(e.Name)
				if !fn.sendable(ctx, e.Name) { // since another attempt
					return nil
				}
				sent.Add(1)
				_, err := fn.attempt(ctx, e, o)
				return err
			})
		}
		if err := some.Wait(); err != nil || len(due) < page {
			return err
		}
	}
	return nil
}

// await takes a place in the endpoint's room, and waits for one until then.
func (fn *function) await(ctx context.Context, endpoint string, until time.Time) bool {
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	select {
	case fn.rooms[endpoint] <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// sendable reports whether an endpoint may be sent to now.
func (fn *function) sendable(ctx context.Context, endpoint string) bool {
	off, err := fn.switchedOff(ctx)
	_, isOff := off[endpoint]
	return err == nil && !isOff && !fn.isPaused(endpoint) && ctx.Err() == nil
}
