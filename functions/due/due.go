// Package due wakes what waits for a time: every minute it publishes the events that were scheduled until now (sendings.go). It finds the
// items whose push was held back until now, or whose snooze is over, and those of people who have changed their quiet, and asks the
// subscriber to look at them: at all that was held back for somebody in one message, so that it comes out as one push. And it goes on with the erasures
// that the people function began (erasures.go).
//
// It decides nothing itself. By the time the subscriber looks, an item may have been read, and another call of this
// function may have asked for it already: looking once too often changes nothing.
//
// # What one call does
//
// An item can be found until the subscriber writes it. Where few are found, each call asks for all of them: that is the
// simplest way to lose nothing. Where there are more than a page (everybody's quiet hours end at seven), each item is asked
// for once in ten minutes: a call goes on where the last one ended, for a bounded time, and keeps its place in due/{field}.
// After the end, and ten minutes after its beginning, the walk begins again and finds whatever is still there: what the
// subscriber failed at, and what came in behind the walk. A place is kept after its items were asked for, so a crash asks
// twice and forgets nothing.
//
// So where 07:00 comes for a million people at once, they are told in the order of their uids, a hundred thousand items
// in each minute at most. There is no other spreading: for everybody else a held push comes within a minute of the end of their quiet.
package due

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Needs are what the function works with. All but Pages and Erase are required.
type Needs struct {
	Store     *store.Store
	Publisher *topics.Publisher
	Now       func() time.Time
	Log       *slog.Logger
	Erase     func(ctx context.Context, uid string, until time.Time) error // goes on with erasing a person; nil: somebody else does
	Pages     int                                                          // how many pages of 500 items one call asks for at most, for each field, and of 100 events, for each shard; 0 is 200
}

// function is the due function.
type function struct{ Needs }

// New serves the function, for Cloud Scheduler.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"POST /due": fn.tick, // scheduler: every minute
	})
}

const (
	page      = store.MaxBatch
	allPages  = 200
	walkTime  = 15 * time.Second // for each field: with what is sent, all is done well before the next call
	askedOnce = 10 * time.Minute // how long an item of a large walk is not asked for again; the longest pause between retries, before its random part
)

// tick sends what was scheduled and asks for what is due. What it cannot do now is still due in a minute, so a failure is only told.
func (fn *function) tick(w http.ResponseWriter, r *http.Request) error {
	asked := 0
	sent, err := fn.sendings(r.Context())
	errs := []error{err}
	for _, field := range []string{store.DueAt, store.SnoozedUntil} {
		n, err := fn.walk(r.Context(), field)
		asked += n
		errs = append(errs, err)
	}
	n, err := fn.people(r.Context())
	asked, errs = asked+n, append(errs, err, fn.erasures(r.Context()))
	if err := errors.Join(errs...); err != nil {
		return problem.New(http.StatusServiceUnavailable, "the next call will find it").Because(err)
	}
	return problem.JSON(w, http.StatusOK, map[string]int{"asked": asked, "sent": sent})
}

// walk goes on with the walk by one field, and returns for how many items it has asked.
func (fn *function) walk(ctx context.Context, field string) (asked int, err error) {
	before, err := fn.Store.Progress(ctx, field)
	if err != nil {
		return 0, err
	}
	now, until := fn.Now(), time.Now().Add(walkTime)
	walk := before
	if walk.Finished && (!large(walk) || now.Sub(walk.StartedAt) >= askedOnce) {
		walk = store.Progress{StartedAt: now}
	}
	walk.Finished = false
	for pages := 0; pages < fn.limit() && !walk.Finished && time.Now().Before(until); pages++ {
		var n int
		if n, err = fn.ask(ctx, field, now, &walk); err != nil {
			break
		}
		asked += n
	}
	if large(walk) || large(before) { // a small one begins at the beginning, so its place is nothing to keep
		err = errors.Join(err, fn.Store.KeepProgress(ctx, field, walk))
	}
	return asked, err
}

// limit is how many pages one call does of one kind.
func (fn *function) limit() int { return cmp.Or(fn.Pages, allPages) }

// large reports whether the place of a walk is to be kept.
func large(walk store.Progress) bool { return !walk.Finished || walk.Asked > page }

// ask has the subscriber look at the items of the next page, and moves the walk behind them.
func (fn *function) ask(ctx context.Context, field string, now time.Time, walk *store.Progress) (int, error) {
	found, err := fn.Store.Waiting(ctx, field, now, walk.Place, page)
	if err != nil {
		return 0, err
	}
	finished := len(found) < page
	if !finished {
		found = whole(found)
	}
	if err := fn.lookAt(ctx, found); err != nil {
		return 0, err
	}
	walk.Asked, walk.Finished = walk.Asked+len(found), finished
	if len(found) > 0 {
		walk.Place = found[len(found)-1].Place
	}
	return len(found), nil
}

// whole leaves out the last person of a page: the next page may have more of theirs.
func whole(found []store.Waiting) []store.Waiting {
	last := len(found) - 1
	for i := last; i >= 0; i-- {
		if found[i].UID != found[last].UID {
			return found[:i+1]
		}
	}
	return found // nobody else's
}

// lookAt asks for items: once for all of a person's that were held back for the person's sake ([attention.Reason.Away]), so that they are told
// of these together; and for each other one by itself.
func (fn *function) lookAt(ctx context.Context, found []store.Waiting) error {
	var orders []topics.Envelope
	together := map[string]int{} // whose order is which
	for _, item := range found {
		if !item.Held.Away() {
			orders = append(orders, topics.LookAt(item.UID, item.ID, item.Priority))
			continue
		}
		i, ok := together[item.UID]
		if !ok {
			together[item.UID] = len(orders)
			orders = append(orders, topics.LookAt(item.UID, item.ID, item.Priority))
			continue
		}
		orders[i].More = append(orders[i].More, item.ID)
		if topics.Lane(item.Priority) == topics.Urgent {
			orders[i].Lane = topics.Urgent
		}
	}
	return fn.Publisher.Publish(ctx, orders...)
}
