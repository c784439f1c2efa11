package main

// instance is one instance of notify: a CPU, queues that commit, and room for requests.
type instance struct {
	m        *model
	cpu      *server
	requests int
	since    float64  // when it began to have requests
	queues   []*queue // the last one is the urgent one
	alarm    float64  // until when more alerts are expected

	committing, telling int // people under way, for whom walks wait
	walks               []func() bool
}

func newInstance(m *model) *instance {
	i := &instance{m: m, cpu: newServer(1)}
	for range m.Queues + 1 {
		i.queues = append(i.queues, &queue{i: i, slow: byQueue})
	}
	return i
}

// work does so many seconds of work on the CPU, for so many people, and calls then with how long they have waited for it.
func (i *instance) work(seconds float64, people int, then func(waited float64)) {
	m := i.m
	if asked := m.now; m.local != nil {
		m.local.tidings.run(seconds, func() { then(m.now - asked - seconds) })
		return
	}
	begin, end := i.cpu.work(m.now, seconds)
	m.waits.add(byCPU, begin, begin-m.now, people)
	waited := begin - m.now
	m.at(end, func() { then(waited) })
}

func (i *instance) take(requests int) {
	if i.requests == 0 {
		i.since = i.m.now
	}
	i.requests += requests
}

func (i *instance) leave(requests int) {
	if i.requests -= requests; i.requests == 0 {
		i.m.used.instanceSeconds += i.m.now - i.since
	}
}

// receive opens a parcel's messages.
func (i *instance) receive(p *parcel) {
	i.work(i.m.message*float64(p.messages), p.persons(), func(float64) {
		if p.walk != nil {
			p.walk.step(p)
			return
		}
		i.enqueue(p)
	})
}

// enqueue divides a parcel's people among the queues, as notify does by the hash of their uids.
func (i *instance) enqueue(p *parcel) {
	m := i.m
	queues, first := i.queues[:m.Queues], m.rng.IntN(m.Queues)
	if p.urgent {
		queues, first, i.alarm = i.queues[m.Queues:], 0, m.now+m.Alarm
	}
	if p.inbox != nil {
		queues, first = queues[:1], 0
	}
	n := p.persons()
	parts := make([]int, len(queues))
	for k := range queues {
		parts[(first+k)%len(queues)] = (n + k) / len(queues)
	}
	for k, l := range queues {
		if parts[k] > 0 && l.works > 0 && l.works+parts[k] > m.QueueWaiting {
			m.refuse(p)
			return
		}
	}
	p.left = n
	i.committing += n
	m.people.delivering -= n
	m.people.waiting += n
	for k, l := range queues {
		for left := parts[k]; left > 0; {
			size := left
			if p.people > 1 { // the jobs of one request stay together, as far as a commit has room
				size = min(left, m.Inboxes)
			}
			l.tasks = append(l.tasks, task{p, size, m.now})
			l.works += size
			left -= size
		}
		if p.inbox != nil && p.inbox.until > m.now { // it goes on pausing until nothing has come for a while
			p.inbox.quiet = m.now + m.Quiet
		}
	}
	for _, l := range queues {
		l.run()
	}
}

// done is called when n of a parcel's people were told.
func (i *instance) done(p *parcel, n int) {
	m := i.m
	m.people.committing -= n
	m.people.told += n
	i.committing -= n
	if !p.kind.bare {
		m.latest = m.now + m.visible()
		m.seen.add(m.latest-p.accepted, n)
	}
	if p.kind.seen != nil {
		p.kind.seen.add(m.latest-p.accepted, n)
	}
	hold := i.push(p, n)
	switch {
	case p.people == 1: // n messages, each answered for itself
		i.answerAt(p, n, hold)
	case p.left == n:
		i.answerAt(p, 1, max(hold, p.hold))
	}
	p.left, p.hold = p.left-n, max(p.hold, hold)
	i.wake()
}

func (i *instance) answerAt(p *parcel, messages int, at float64) {
	if at <= i.m.now {
		i.m.answer(p, messages, true)
		return
	}
	i.m.at(at, func() { i.m.answer(p, messages, true) })
}

// push tells the devices of n people, and returns until when the message waits for that.
func (i *instance) push(p *parcel, n int) float64 {
	m := i.m
	k := int(float64(n)*p.kind.push + m.rng.Float64())
	if k == 0 {
		return m.now
	}
	m.used.pushes += float64(k)
	if m.local != nil { // nobody waits for what stands in for FCM, but it takes the same cores
		i.work(m.costs.push*float64(k), k, func(float64) { m.local.delivery.run(m.local.fcm*float64(k), func() {}) })
		return m.now
	}
	_, end := i.cpu.work(m.now, m.costs.push*float64(k))
	begin, last := m.fcm.reserve(end, float64(k))
	m.waits.add(byFCM, begin, begin-end, k)
	taken := last + m.FCMCall
	m.pushed.add(taken-p.accepted, k)
	hold := min(taken, m.now+m.TellTime)
	i.telling += k
	m.at(hold, func() {
		i.telling -= k
		i.wake()
	})
	return hold
}

// wake lets walks go on that wait for room here.
func (i *instance) wake() {
	waiting := i.walks
	i.walks = nil
	for k, goesOn := range waiting {
		if !goesOn() {
			i.walks = append(i.walks, waiting[k])
		}
	}
}
