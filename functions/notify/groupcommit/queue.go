package groupcommit

import (
	"context"
	"maps"
	"sync"
	"time"
)

const (
	maxWaiting = 2_000                  // works that wait in a queue; with the events in them, a few MB
	courtesy   = 500 * time.Millisecond // that a queue stands back at a time: neither a stream of alerts nor a slow commit must stop it
	alarm      = 10 * time.Second       // after an alert in which another one is expected
	longest    = 100 * time.Millisecond // pause of an inbox to which much happens: ten changes a second are as many as people see
	quiet      = 25 * time.Millisecond  // after which nothing more is expected for it: the last state need not wait
)

// queue holds what waits for a commit; one commit at a time takes all.
type queue struct {
	mu      sync.Mutex
	waiting []*task
	works   int              // in waiting
	idle    chan struct{}    // closed when nothing waits any more; nil while nothing does
	more    chan struct{}    // has room for one word: there is something for an inbox that does not pause
	pauses  map[string]pause // by recipient; nil where there are none
	last    time.Time        // when something came last
}

// pause is how long no commit works on an inbox.
type pause struct {
	quiet time.Time // it ends here, if nothing comes until then
	until time.Time // it ends here in any case
}

func (p pause) end() time.Time {
	if p.quiet.Before(p.until) {
		return p.quiet
	}
	return p.until
}

// task is works of one request that fall into one queue: for different recipients, and at most as many as a commit has room for.
type task struct {
	ctx   context.Context // the request's: when it has ended before its turn, nobody wants the results any more
	queue *queue
	works []*work
	until time.Time // it waits for inboxes that pause until then and no longer; zero until it first does
	done  chan struct{}
}

// hasRoom reports whether so many works may wait here. An empty queue takes as many as one task has.
func (q *queue) hasRoom(works int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.works == 0 || q.works+works <= maxWaiting
}

// enqueue puts the task into its queue. Where the queue is idle, it begins to work, and the caller must begin it.
func (c *Committer) enqueue(t *task) (begins bool) {
	q := t.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.add(t, now)
	if q.wait(t, now) == 0 {
		select {
		case q.more <- struct{}{}:
		default:
		}
	}
	begins = q.idle == nil
	if begins {
		q.idle = make(chan struct{})
	}
	return begins
}

// add puts the task into the queue. Where its inboxes pause, they go on pausing until nothing has come for a while.
func (q *queue) add(t *task, now time.Time) {
	q.waiting, q.last = append(q.waiting, t), now
	q.works += len(t.works)
	for _, w := range t.works {
		if p, ok := q.pauses[w.UID]; ok {
			q.pauses[w.UID] = pause{now.Add(quiet), p.until}
		}
	}
}

// begin sets a queue to work. A request with one task makes the first commit itself: a goroutine's stack would have to grow for each event anew.
func (c *Committer) begin(q *queue, alone bool) {
	if !alone || c.round(q) {
		go c.run(q)
	}
}

// run commits until nothing waits.
func (c *Committer) run(q *queue) {
	for c.round(q) {
	}
}

// round makes one commit, or waits for inboxes that pause. It reports whether more waits; if not, the queue is idle.
func (c *Committer) round(q *queue) (more bool) {
	end := c.giveWay(q)
	q.mu.Lock()
	tasks, works, paused := q.take(time.Now())
	q.mu.Unlock()
	if len(tasks) > 0 {
		c.commit(tasks, works)
		for _, t := range tasks {
			close(t.done)
		}
	}
	end()
	if len(tasks) == 0 && paused > 0 {
		select {
		case <-time.After(paused):
		case <-q.more:
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		close(q.idle)
		q.idle = nil
	}
	return q.idle != nil
}

// take removes from the queue what one commit works on. If everything that waits is for inboxes that pause, paused says for how long
// they do.
func (q *queue) take(now time.Time) (tasks []*task, works []*work, paused time.Duration) {
	maps.DeleteFunc(q.pauses, func(_ string, p pause) bool { return !p.end().After(now) })
	inboxes := map[string]int{} // how many works, by recipient
	var left []*task
	for i, t := range q.waiting {
		if t.ctx.Err() != nil {
			q.works -= len(t.works)
			continue
		}
		if d := q.wait(t, now); d > 0 {
			if paused == 0 || d < paused {
				paused = d
			}
			if t.until.IsZero() {
				t.until = now.Add(longest)
			}
			left = append(left, t)
			continue
		}
		if len(tasks) > 0 && (len(inboxes)+t.others(inboxes) > maxInboxes || len(works)+len(t.works) > maxJobs) {
			left = append(left, q.waiting[i:]...)
			break
		}
		for _, w := range t.works {
			inboxes[w.UID]++
		}
		q.works -= len(t.works)
		tasks, works = append(tasks, t), append(works, t.works...)
	}
	q.waiting = left
	for uid, n := range inboxes {
		if n > 1 && q.pauses != nil {
			q.pauses[uid] = pause{now.Add(quiet), now.Add(longest)}
		}
	}
	return tasks, works, paused
}

// others counts the task's inboxes that are not among these.
func (t *task) others(inboxes map[string]int) (n int) {
	for _, w := range t.works {
		if inboxes[w.UID] == 0 {
			n++
		}
	}
	return n
}

// wait is how long the task waits for inboxes that pause. It does not wait until all are ready: of many recipients, one may always pause.
func (q *queue) wait(t *task, now time.Time) (most time.Duration) {
	for _, w := range t.works {
		if p, ok := q.pauses[w.UID]; ok {
			most = max(most, p.end().Sub(now))
		}
	}
	if !t.until.IsZero() {
		most = min(most, t.until.Sub(now))
	}
	return max(most, 0)
}

// giveWay has a queue stand back for alerts. It waits while the urgent queue works. As long as alerts keep coming, it also waits for its turn: the others
// commit one at a time then, since an alert waits for whatever is under way in Firestore, or in its emulator, when it comes. The caller ends its turn.
func (c *Committer) giveWay(q *queue) (end func()) {
	urgent := &c.queues[urgentQueue]
	if q == urgent {
		return func() {}
	}
	urgent.mu.Lock()
	idle, last := urgent.idle, urgent.last
	urgent.mu.Unlock()
	if idle != nil {
		select {
		case <-idle:
		case <-time.After(courtesy):
		}
	}
	if last.IsZero() || time.Since(last) > alarm {
		return func() {}
	}
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }
	case <-time.After(courtesy):
		return func() {}
	}
}
