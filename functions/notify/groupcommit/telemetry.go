package groupcommit

import (
	"context"
	"strconv"
	"time"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/telemetry"
)

// traced begins the span of a commit, which the requests of all its tasks share.
func (c *Committer) traced(ctx context.Context, tasks []*task, works []*work) (context.Context, telemetry.End) {
	requests := make([]context.Context, len(tasks))
	for i, t := range tasks {
		requests[i] = t.ctx
	}
	inboxes := map[string]bool{}
	for _, w := range works {
		inboxes[w.UID] = true
	}
	c.telemetry.Committed(ctx, len(works))
	return telemetry.Joint(ctx, requests, "commit inboxes", len(works), len(inboxes))
}

// applied counts an event that changed an inbox, and how long that took since it was accepted.
func (c *Committer) applied(ctx context.Context, w *work) {
	if c.telemetry != nil {
		c.telemetry.Folded(ctx, w.Type.Name)
		c.telemetry.Visible(ctx, w.Type.Name, c.now().Sub(w.Accepted.At))
	}
}

// saved counts an item that was written by a try that began at now, and a push that was held back then.
func (c *Committer) saved(ctx context.Context, item *inbox.Item, now time.Time) {
	c.telemetry.Written(ctx, 1)
	if item.Held != "" && item.UpdatedAt.Equal(now) {
		c.telemetry.Held(ctx, string(item.Held))
	}
}

// depths tells how many works wait in each queue.
func (c *Committer) depths(yield func(queue string, waiting int)) {
	for i := range c.queues {
		name := strconv.Itoa(i)
		if i == urgentQueue {
			name = "urgent"
		}
		q := &c.queues[i]
		q.mu.Lock()
		waiting := q.works
		q.mu.Unlock()
		yield(name, waiting)
	}
}
