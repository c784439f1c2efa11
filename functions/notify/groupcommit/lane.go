package groupcommit

import (
	"context"
	"maps"
	"sync"
	"time"
)

const (
	maxWaiting = 2_000                  // works that wait in a lane; with the events in them, a few MB
	courtesy   = 500 * time.Millisecond // that a lane waits for the urgent one at a time: a stream of alerts must not stop it
	longest    = 100 * time.Millisecond // pause of an inbox to which much happens: ten changes a second are as many as people see
	quiet      = 25 * time.Millisecond  // after which nothing more is expected for it: the last state need not wait
)

// lane is a queue of which one commit at a time takes all.
type lane struct {
	mu      sync.Mutex
	waiting []*task
	works   int              // in waiting
	idle    chan struct{}    // closed when nothing waits any more; nil while nothing does
	more    chan struct{}    // has room for one word: there is something for an inbox that does not pause
	pauses  map[string]pause // by recipient; nil where there are none
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

// task is works of one request that fall into one lane: for different recipients, and at most as many as a commit has room for.
type task struct {
	ctx   context.Context // the request's: when it has ended before its turn, nobody wants the results any more
	lane  *lane
	works []*work
	until time.Time // it waits for inboxes that pause until then and no longer; zero until it first does
	done  chan struct{}
}

// hasRoom reports whether so many works may wait here. An empty lane takes as many as one task has.
func (l *lane) hasRoom(works int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.works == 0 || l.works+works <= maxWaiting
}

// enqueue puts the task into its lane. Where the lane is idle, it begins to work, and the caller must begin it.
func (c *Committer) enqueue(t *task) (begins bool) {
	l := t.lane
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.add(t, now)
	if l.wait(t, now) == 0 {
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	begins = l.idle == nil
	if begins {
		l.idle = make(chan struct{})
	}
	return begins
}

// add puts the task into the queue. Where its inboxes pause, they go on pausing until nothing has come for a while.
func (l *lane) add(t *task, now time.Time) {
	l.waiting = append(l.waiting, t)
	l.works += len(t.works)
	for _, w := range t.works {
		if p, ok := l.pauses[w.UID]; ok {
			l.pauses[w.UID] = pause{now.Add(quiet), p.until}
		}
	}
}

// begin sets a lane to work. A request with one task makes the first commit itself: a goroutine's stack would have to grow for each event anew.
func (c *Committer) begin(l *lane, alone bool) {
	if !alone || c.round(l) {
		go c.run(l)
	}
}

// run commits until nothing waits.
func (c *Committer) run(l *lane) {
	for c.round(l) {
	}
}

// round makes one commit, or waits for inboxes that pause. It reports whether more waits; if not, the lane is idle.
func (c *Committer) round(l *lane) (more bool) {
	c.yield(l)
	l.mu.Lock()
	tasks, works, paused := l.take(time.Now())
	l.mu.Unlock()
	switch {
	case len(tasks) > 0:
		c.commit(tasks, works)
		for _, t := range tasks {
			close(t.done)
		}
	case paused > 0:
		select {
		case <-time.After(paused):
		case <-l.more:
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		close(l.idle)
		l.idle = nil
	}
	return l.idle != nil
}

// take removes from the queue what one commit works on. If everything that waits is for inboxes that pause, paused says for how long
// they do.
func (l *lane) take(now time.Time) (tasks []*task, works []*work, paused time.Duration) {
	maps.DeleteFunc(l.pauses, func(_ string, p pause) bool { return !p.end().After(now) })
	inboxes := map[string]int{} // how many works, by recipient
	var left []*task
	for i, t := range l.waiting {
		if t.ctx.Err() != nil {
			l.works -= len(t.works)
			continue
		}
		if d := l.wait(t, now); d > 0 {
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
			left = append(left, l.waiting[i:]...)
			break
		}
		for _, w := range t.works {
			inboxes[w.UID]++
		}
		l.works -= len(t.works)
		tasks, works = append(tasks, t), append(works, t.works...)
	}
	l.waiting = left
	for uid, n := range inboxes {
		if n > 1 && l.pauses != nil {
			l.pauses[uid] = pause{now.Add(quiet), now.Add(longest)}
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
func (l *lane) wait(t *task, now time.Time) (most time.Duration) {
	for _, w := range t.works {
		if p, ok := l.pauses[w.UID]; ok {
			most = max(most, p.end().Sub(now))
		}
	}
	if !t.until.IsZero() {
		most = min(most, t.until.Sub(now))
	}
	return max(most, 0)
}

// yield waits while the urgent lane works.
func (c *Committer) yield(l *lane) {
	urgent := &c.lanes[urgentLane]
	if l == urgent {
		return
	}
	urgent.mu.Lock()
	idle := urgent.idle
	urgent.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(courtesy):
	}
}
