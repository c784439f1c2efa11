package notify

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

const (
	maxWaiting = 2_000                  // jobs that wait in a lane; with the events in them, a few MB
	courtesy   = 500 * time.Millisecond // that a lane waits for the urgent one at a time: a stream of alerts must not stop it
	restTime   = 100 * time.Millisecond // of an inbox to which much happens: ten changes a second are as many as people see
	quietTime  = 25 * time.Millisecond  // after which nothing more is expected for it: the last state need not wait
)

// errBusy says that too much waits already. The message is refused, and Pub/Sub slows down.
var errBusy = errors.New("notify: this instance is full")

// lane is a queue of which one commit at a time takes all.
type lane struct {
	mu      sync.Mutex
	waiting []*task
	jobs    int             // in waiting
	idle    chan struct{}   // closed when nothing waits any more; nil while nothing does
	more    chan struct{}   // has room for one word: there is something for an inbox that does not rest
	resting map[string]rest // by recipient; nil where none ever does
}

// rest is a pause of an inbox: until nothing has come for a while, and no longer than that.
type rest struct {
	quiet, until time.Time
}

func (r rest) end() time.Time {
	if r.quiet.Before(r.until) {
		return r.quiet
	}
	return r.until
}

// task is jobs of one request that fall into one lane: for different recipients, and at most as many as a commit has room for.
type task struct {
	ctx  context.Context // the request's: when it has ended before its turn, nobody wants the jobs any more
	lane *lane
	jobs []*job
	due  time.Time // it waits for inboxes that rest until then and no longer; zero until it first does
	done chan struct{}
}

// enqueue reports whether there was room for the task.
func (c *committer) enqueue(t *task) bool {
	l := t.lane
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.jobs > 0 && l.jobs+len(t.jobs) > maxWaiting {
		return false
	}
	now := time.Now()
	l.add(t, now)
	if l.wait(t, now) == 0 {
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	if l.idle == nil {
		l.idle = make(chan struct{})
		go c.run(l)
	}
	return true
}

// add puts the task into the queue. Where its inboxes rest, they go on until nothing has come for a while.
func (l *lane) add(t *task, now time.Time) {
	l.waiting = append(l.waiting, t)
	l.jobs += len(t.jobs)
	for _, j := range t.jobs {
		if r, ok := l.resting[j.uid]; ok {
			l.resting[j.uid] = rest{now.Add(quietTime), r.until}
		}
	}
}

// run commits until nothing waits.
func (c *committer) run(l *lane) {
	for {
		c.yield(l)
		l.mu.Lock()
		tasks, jobs, pause := l.take(time.Now())
		if len(tasks) == 0 && pause == 0 {
			close(l.idle)
			l.idle = nil
		}
		l.mu.Unlock()
		switch {
		case len(tasks) > 0:
			c.commit(jobs)
			for _, t := range tasks {
				close(t.done)
			}
		case pause > 0:
			select {
			case <-time.After(pause):
			case <-l.more:
			}
		default:
			return
		}
	}
}

// take removes from the queue what one commit works on. If there is nothing but for inboxes that rest, pause says for how long
// they do.
func (l *lane) take(now time.Time) (tasks []*task, jobs []*job, pause time.Duration) {
	maps.DeleteFunc(l.resting, func(_ string, r rest) bool { return !r.end().After(now) })
	boxes := map[string]int{} // how many jobs, by recipient
	var left []*task
	for i, t := range l.waiting {
		if t.ctx.Err() != nil {
			l.jobs -= len(t.jobs)
			continue
		}
		if d := l.wait(t, now); d > 0 {
			if pause == 0 || d < pause {
				pause = d
			}
			if t.due.IsZero() {
				t.due = now.Add(restTime)
			}
			left = append(left, t)
			continue
		}
		fresh := 0
		for _, j := range t.jobs {
			if boxes[j.uid] == 0 {
				fresh++
			}
		}
		if len(tasks) > 0 && (len(boxes)+fresh > maxInboxes || len(jobs)+len(t.jobs) > maxJobs) {
			left = append(left, l.waiting[i:]...)
			break
		}
		for _, j := range t.jobs {
			boxes[j.uid]++
		}
		l.jobs -= len(t.jobs)
		tasks, jobs = append(tasks, t), append(jobs, t.jobs...)
	}
	l.waiting = left
	for uid, n := range boxes {
		if n > 1 && l.resting != nil {
			l.resting[uid] = rest{now.Add(quietTime), now.Add(restTime)}
		}
	}
	return tasks, jobs, pause
}

// wait is for how long the task waits for inboxes that rest; not until none does, since of many recipients one always may.
func (l *lane) wait(t *task, now time.Time) (longest time.Duration) {
	for _, j := range t.jobs {
		if r, ok := l.resting[j.uid]; ok {
			longest = max(longest, r.end().Sub(now))
		}
	}
	if !t.due.IsZero() {
		longest = min(longest, t.due.Sub(now))
	}
	return max(longest, 0)
}

// yield waits while the urgent lane works.
func (c *committer) yield(l *lane) {
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
