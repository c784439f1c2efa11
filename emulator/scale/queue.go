package main

import "slices"

// queue holds what waits for a commit; one commit at a time takes as much as it has room for.
type queue struct {
	i       *instance
	tasks   []task
	works   int
	busy    bool
	turns   bool       // it commits, and it is its turn: the others wait, while alerts are expected
	patient float64    // when it began to stand back; 0: it does not
	again   float64    // when it looks anew, because an inbox pauses
	slow    constraint // what its commit waits for; byQueue: it takes the time that a commit takes
}

// task is jobs of one parcel.
type task struct {
	p     *parcel
	n     int
	since float64
}

// batch is what one commit works on.
type batch struct {
	tasks         []task
	hot           []*inboxOf // inboxes to which much happens, each one document
	jobs, inboxes int
	reads, writes float64
	screens       float64 // that see a document of it
}

// run begins a commit, if there is something to commit and no commit is under way.
func (q *queue) run() {
	m := q.i.m
	if q.busy || len(q.tasks) == 0 || q.yields() {
		return
	}
	b, again := q.take()
	if b.jobs == 0 {
		if q.again <= m.now && again > m.now {
			q.again = again
			m.at(again, q.run)
		}
		return
	}
	q.busy = true
	q.turns = q != q.i.queues[m.Queues] && m.now < q.i.alarm
	m.people.waiting -= b.jobs
	m.people.committing += b.jobs
	for _, t := range b.tasks {
		m.waits.add(q.slow, m.now, m.now-t.since-m.Pause, t.n)
	}
	q.slow = byQueue
	q.i.work(m.commit+m.person*float64(b.jobs), b.jobs, func(waitedForCPU float64) {
		if waitedForCPU >= perceptible {
			q.slow = byCPU
		}
		m.read(b, func() {
			if waited := m.write(b, func() { q.end(b) }); waited != none {
				q.slow = waited
			}
		})
	})
}

// yields reports whether the queue stands back: for the urgent one, and while more alerts are expected, for another one that commits.
func (q *queue) yields() bool {
	m, urgent := q.i.m, q.i.queues[q.i.m.Queues]
	taken := m.now < q.i.alarm && slices.ContainsFunc(q.i.queues, func(other *queue) bool { return other.turns })
	if q == urgent || !urgent.busy && len(urgent.tasks) == 0 && !taken {
		q.patient = 0
		return false
	}
	if q.patient == 0 {
		q.patient = m.now
		m.at(m.now+m.Courtesy, q.run)
	}
	if m.now-q.patient < m.Courtesy {
		return true
	}
	q.patient = 0
	return false
}

// take removes what the next commit works on. Where all that waits is for inboxes that pause, again is when the first of them does not any more.
func (q *queue) take() (b batch, again float64) {
	m := q.i.m
	left, inboxes, full := q.tasks[:0], 0, false
	for _, t := range q.tasks {
		n := 0
		if pause := t.p.inbox.pause(); !full && pause > m.now {
			if again == 0 || pause < again {
				again = pause
			}
		} else if !full {
			n = b.room(t, m, &inboxes)
			full = n < t.n
		}
		if n > 0 {
			b.add(t, n)
			q.works -= n
		}
		if t.n -= n; t.n > 0 {
			left = append(left, t)
		}
	}
	clear(q.tasks[len(left):])
	q.tasks = left
	for _, inbox := range b.hot {
		if b.jobs > 1 {
			inbox.quiet, inbox.until = m.now+m.Quiet, m.now+m.Pause
		}
	}
	return b, again
}

// pause is until when no commit works on the inbox. It may be nil.
func (i *inboxOf) pause() float64 {
	if i == nil {
		return 0
	}
	return min(i.quiet, i.until)
}

// room is how many of a task's jobs the commit has room for; all of them, or none, where they are those of one request.
func (b *batch) room(t task, m *model, inboxes *int) int {
	n := min(t.n, m.Jobs-b.jobs)
	if t.p.inbox == nil {
		if n = min(n, m.Inboxes-*inboxes); n < t.n && t.p.people > 1 && b.jobs > 0 {
			return 0
		}
		*inboxes += n
		return n
	}
	if !slices.Contains(b.hot, t.p.inbox) {
		if *inboxes == m.Inboxes || n == 0 {
			return 0
		}
		*inboxes++
	}
	return n
}

func (b *batch) add(t task, n int) {
	b.tasks = append(b.tasks, task{t.p, n, t.since})
	b.jobs += n
	documents := 0.0
	switch {
	case t.p.inbox == nil:
		documents = float64(n)
		b.inboxes += n
		b.reads, b.writes = b.reads+float64(n)*t.p.kind.reads, b.writes+float64(n)*t.p.kind.writes
	case !slices.Contains(b.hot, t.p.inbox):
		documents = 1
		b.inboxes++
		b.hot = append(b.hot, t.p.inbox)
		b.reads, b.writes = b.reads+2, b.writes+1 // the profile and the item
	}
	if t.p.kind.watched {
		b.screens += documents
	}
}

// end is called when a commit is written.
func (q *queue) end(b batch) {
	q.busy = false
	turned := q.turns
	q.turns = false
	for _, t := range b.tasks {
		q.i.done(t.p, t.n)
	}
	if !turned {
		q.run()
	}
	if all := q.i.queues; turned || q == all[q.i.m.Queues] && !q.busy {
		at := slices.Index(all, q)
		for k := range q.i.m.Queues { // the others first: they have waited longer
			all[(at+1+k)%q.i.m.Queues].run()
		}
	}
}
