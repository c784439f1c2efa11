// Package groupcommit applies events to inboxes, many at a time.
//
// While one commit is under way, the jobs that come in wait, and the next commit takes all of them. So a lone event costs one
// read call and one write call, and a thousand likes of one post in a second cost a handful. That must not depend on how slow
// Firestore is: an inbox for which a commit has just taken several jobs pauses for a moment, in which more of them gather. Nobody
// else waits for a timer.
//
// Recipients are divided among a few queues that commit side by side. A recipient's jobs are in the same queue, so that an
// instance hardly ever competes with itself; against other instances every write carries a precondition. Urgent events
// have a queue of their own, where they never wait for a broadcast that is not urgent itself. While it works, the others begin nothing new; and while alerts
// keep coming, they commit one at a time. They stand back for half a second at a time.
//
// Each job has a result of its own: what its event did, or why it failed. A job that panics, or that Firestore refuses together with
// all others of its commit, is found by halving, fails alone, and does not keep the others from being committed.
package groupcommit

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/telemetry"
)

// Job is one event for one recipient, or an order to look at one of their items.
type Job struct {
	UID      string
	Item     string       // the item to look at; "": there is an event
	Event    *event.Event // which all jobs of a message share; nothing changes it
	Accepted event.Acceptance
	Type     *event.Type
	Why      string
	Urgent   bool
	Repeat   bool         // it was done before, and only some devices were not reached
	Message  string       // the message in which it first came
	Replay   inbox.Replay // whether it comes from the archive
	Tells    bool         // somebody tells what became of it: the result says in which item

	// Until is when it may no longer be written, by the real clock: whoever made the job knew something that may not hold any
	// longer. Zero is where there is no such time. It then fails with ErrSlow.
	Until time.Time
}

// Result is what became of a job.
type Result struct {
	Err     error            // why it was not applied; nil: it was, or there was nothing to do
	Effect  inbox.Effect     // what the recipient's devices are to be told, as it was committed
	Ended   []inbox.Effect   // what is to be taken from them besides
	Devices []profile.Device // and where they are
	Holder  *inbox.Item      // where the job tells: the item that has the event, or was looked at, as it was committed; nil: none
	Deeds   []string         // where the job tells: what the person did lately, as in their profile
}

// What a job can fail with besides the store's errors and [inbox.ErrEarly].
var (
	ErrFull   = errors.New("groupcommit: this instance is full")   // nothing was applied
	ErrPanics = errors.New("groupcommit: the event ends the code") // a mistake of ours, met by this job alone
	ErrSlow   = errors.New("groupcommit: the commit took too long")
)

// Committer applies jobs to inboxes. It is safe for concurrent use.
type Committer struct {
	catalog   *catalog.Catalog
	store     *store.Store
	now       func() time.Time
	telemetry *telemetry.Telemetry
	budgets   budgets
	inflow    inflow
	seed      maphash.Seed
	queues    [queues + 1]queue
	turn      chan struct{}                                            // has room for the queue that commits while alerts come
	attempt   func(context.Context, []*work) (lost []*work, err error) // try
}

const (
	queues      = 4
	urgentQueue = queues           // one more
	maxJobs     = 400              // jobs of one commit
	maxInboxes  = 100              // inboxes of one commit: small ones, since an urgent event waits for those under way
	maxQueries  = 16               // of a commit that are under way at a time
	maxAttempts = 8                // tries of a job that loses races
	leastTime   = 2 * time.Second  // that a try has: a job whose time ends before that is not tried, or it would end everybody's
	commitTime  = 20 * time.Second // for one commit, with all that is tried alone; with telling the devices (35 s) it is less than the ack deadline, but for a wait in the queue and slow publishing
)

// New makes a committer. Without telemetry, t is nil.
func New(c *catalog.Catalog, s *store.Store, now func() time.Time, t *telemetry.Telemetry) *Committer {
	made := &Committer{catalog: c, store: s, now: now, telemetry: t, seed: maphash.MakeSeed(), turn: make(chan struct{}, 1)}
	made.attempt = made.try
	for i := range made.queues {
		made.queues[i].more = make(chan struct{}, 1)
		if i != urgentQueue {
			made.queues[i].pauses = map[string]pause{}
		}
	}
	t.Depths(made.depths)
	return made
}

// work is a job on its way.
type work struct {
	Job
	Result
	at inbox.Address // where its items are; set by each attempt

	// The job's event and type, or, beyond what a person gets, those of the item for what is more; set by each attempt.
	event *event.Event
	kind  *event.Type

	place int  // among the jobs that came together
	lost  bool // it has lost a race before
}

// Apply applies the jobs and returns a result for each. If there is no room for them, it applies none and returns [ErrFull]; of
// those that are not done when ctx ends, the result is ctx's error, and they may be applied yet.
func (c *Committer) Apply(ctx context.Context, jobs []Job) ([]Result, error) {
	works := make([]*work, len(jobs))
	for i, j := range jobs {
		works[i] = &work{Job: j, place: i}
	}
	tasks := c.tasks(ctx, works)
	for _, t := range tasks {
		if !t.queue.hasRoom(len(t.works)) {
			return nil, ErrFull
		}
	}
	for _, t := range tasks {
		if c.enqueue(t) {
			c.begin(t.queue, len(tasks) == 1)
		}
	}
	results := make([]Result, len(works))
	for _, t := range tasks {
		select {
		case <-t.done:
			for _, w := range t.works {
				results[w.place] = w.Result
			}
		case <-ctx.Done():
			for _, w := range t.works {
				results[w.place] = Result{Err: ctx.Err()}
			}
		}
	}
	return results, nil
}

// tasks divides the works among the queues.
func (c *Committer) tasks(ctx context.Context, works []*work) (tasks []*task) {
	var open [queues + 1]*task // by queue, the task that is being filled
	for _, w := range works {
		i := maphash.String(c.seed, w.UID) % queues
		if w.Urgent {
			i = urgentQueue
		}
		if open[i] == nil || len(open[i].works) == maxInboxes {
			open[i] = &task{ctx: ctx, queue: &c.queues[i], done: make(chan struct{})}
			tasks = append(tasks, open[i])
		}
		open[i].works = append(open[i].works, w)
	}
	return tasks
}

// commit reads, folds and writes until every work of the tasks has its result, or until the time is over.
func (c *Committer) commit(tasks []*task, works []*work) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTime)
	defer cancel()
	if c.telemetry == nil {
		c.halve(ctx, works)
		return
	}
	ctx, end := c.traced(ctx, tasks, works)
	c.halve(ctx, works)
	end(nil) // a work that failed is told on the span of its message
}

// halve commits the works together. If that fails for the sake of one of them, which is not known, it commits each half alone.
func (c *Committer) halve(ctx context.Context, works []*work) {
	err := c.settle(ctx, works)
	if err == nil {
		return
	}
	if len(works) == 1 {
		works[0].Result = Result{Err: err}
		return
	}
	half := len(works) / 2
	c.halve(ctx, works[:half])
	c.halve(ctx, works[half:])
}

// settle tries until every work has its result. Only what lost a race is tried another time. An error concerns all of them.
func (c *Committer) settle(ctx context.Context, works []*work) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %w", ErrPanics, tasks.Panic(cause))
		}
	}()
	for attempt := 0; len(works) > 0; attempt++ {
		if ctx.Err() != nil {
			fail(works, fmt.Errorf("%w: %w", ErrSlow, ctx.Err()))
			return nil
		}
		var end time.Time
		if works, end = inTime(works, time.Now()); len(works) == 0 {
			return nil
		}
		lost, over, err := c.attemptUntil(ctx, end, works)
		switch {
		case errors.Is(err, store.ErrTransient) || err != nil && over:
			fail(works, err) // for nobody's sake
			return nil
		case err != nil:
			return err
		case attempt+1 == maxAttempts:
			return nil
		}
		if works = lost; len(works) > 0 {
			wait := time.Duration(1<<attempt) * 5 * time.Millisecond
			select {
			case <-time.After(wait/2 + rand.N(wait)):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// attemptUntil makes one attempt that writes nothing after end; zero is no end. over reports whether its time has ended.
func (c *Committer) attemptUntil(ctx context.Context, end time.Time, works []*work) (lost []*work, over bool, err error) {
	if !end.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, end)
		defer cancel()
	}
	lost, err = c.attempt(ctx, works)
	return lost, ctx.Err() != nil, err
}

// inTime returns the works that have time for another try, and when the first of them must be written. The others fail.
func inTime(works []*work, now time.Time) (left []*work, end time.Time) {
	for _, w := range works {
		switch {
		case w.Until.IsZero():
		case w.Until.Sub(now) < leastTime:
			w.Result = Result{Err: fmt.Errorf("%w: what was known of the event no longer holds", ErrSlow)}
			continue
		case end.IsZero() || w.Until.Before(end):
			end = w.Until
		}
		left = append(left, w)
	}
	return left, end
}

func fail(works []*work, err error) {
	for _, w := range works {
		w.Result = Result{Err: err}
	}
}
