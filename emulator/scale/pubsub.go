package main

import "math"

// subscription pushes messages to the instances of notify, as many at a time as its window allows.
type subscription struct {
	m        *model
	urgent   bool
	queue    []*parcel
	first    int // of the queue
	window   float64
	inFlight int
	slowness float64    // average time of an answer, seconds
	why      constraint // what the first in the queue waits for
	ticks    ticks      // of Pub/Sub's emulator
}

func newSubscription(m *model) *subscription {
	return &subscription{m: m, window: m.WindowStart}
}

func (s *subscription) add(p *parcel) {
	p.since = s.m.now
	s.queue = append(s.queue, p)
	s.m.pump()
}

// waiting is how many messages are not delivered yet.
func (s *subscription) waiting() (n int) {
	for _, p := range s.queue[s.first:] {
		n += p.messages
	}
	return n
}

// pump delivers from the front of the queue while window and instances have room.
func (s *subscription) pump() {
	m := s.m
	for s.first < len(s.queue) {
		free := int(s.window) - s.inFlight
		if free <= 0 {
			s.why = s.held()
			return
		}
		i, room := m.emptiest()
		if room <= 0 {
			if s.why = byInstances; m.scaleUp() {
				s.why = byStart
			}
			return
		}
		p := s.queue[s.first]
		n := min(p.messages, free, room)
		if n == p.messages {
			s.queue[s.first] = nil
			s.first++
		}
		s.deliver(p.split(n), i)
	}
	s.queue, s.first, s.why = s.queue[:0], 0, none
}

// held is what a full window waits for: for its own growth, or, where it would have grown if answers were not slow, for what makes them slow.
func (s *subscription) held() constraint {
	if s.window >= s.m.WindowFree && s.slowness > s.m.WindowLatency && s.m.waits.latest != none {
		return s.m.waits.latest
	}
	return byWindow
}

// split takes n messages off the parcel; all of them are the parcel itself.
func (p *parcel) split(n int) *parcel {
	if n == p.messages {
		return p
	}
	some := *p
	some.messages = n
	p.messages -= n
	return &some
}

func (s *subscription) deliver(p *parcel, i *instance) {
	m := s.m
	m.waits.add(s.why, m.now, m.now-p.since, max(p.persons(), p.messages))
	s.inFlight += p.messages
	i.take(p.messages)
	m.people.queued -= p.persons()
	m.people.delivering += p.persons()
	m.used.messages += float64(p.messages) // its delivery
	m.used.requests += float64(p.messages)
	begin, _ := m.sent.reserve(m.now, float64(p.messages)*messageBytes)
	m.waits.add(byPushBytes, begin, begin-m.now, p.persons())
	p.on, p.since = i, m.now
	m.look()
	if m.local != nil {
		m.local.delivery.run(m.local.outside*float64(p.messages), func() { i.receive(p) })
		return
	}
	m.at(begin+m.PushCall, func() { i.receive(p) })
}

// of is the subscription that the parcel came by.
func (m *model) of(p *parcel) *subscription {
	if p.urgent {
		return m.urgent
	}
	return m.normal
}

// answer ends the requests of n of the parcel's messages.
func (m *model) answer(p *parcel, n int, taken bool) {
	s := m.of(p)
	s.inFlight -= n
	p.on.leave(n)
	s.slowness += (m.now - p.since - s.slowness) * min(1, float64(n)/50)
	switch {
	case !taken:
		s.window = max(s.window/2, 1)
	case s.window < s.m.WindowFree:
		s.window = min(s.window+float64(n), m.WindowFree)
	case s.slowness > m.WindowLatency:
		s.window = m.WindowFree
	default:
		s.window += float64(n) / s.window
	}
	m.pump()
}

// refuse has a parcel delivered another time.
func (m *model) refuse(p *parcel) {
	m.used.refusals += p.messages
	m.people.delivering -= p.persons()
	m.people.refused += p.persons()
	m.answer(p, p.messages, false)
	m.at(m.now+m.Backoff, func() {
		m.people.refused -= p.persons()
		m.people.queued += p.persons()
		m.of(p).add(p)
	})
}

// emptiest is the instance with the most room, in requests.
func (m *model) emptiest() (i *instance, room int) {
	for _, other := range m.instances {
		if free := m.Concurrency - other.requests; free > room {
			i, room = other, free
		}
	}
	return i, room
}

// scaleUp starts as many instances as what waits and what is under way need, up to the most; it reports whether any is starting.
func (m *model) scaleUp() bool {
	requests := m.normal.inFlight + m.urgent.inFlight
	waiting := min(m.normal.waiting(), int(m.normal.window)) + min(m.urgent.waiting(), int(m.urgent.window))
	m.start(int(math.Ceil(float64(requests+waiting) / float64(m.Concurrency))))
	return m.starting > 0
}

// start starts instances until so many run or start.
func (m *model) start(wanted int) {
	for range min(wanted, m.Instances) - len(m.instances) - m.starting {
		m.starting++
		m.at(m.now+m.Start+m.costs.start, func() {
			m.starting--
			m.instances = append(m.instances, newInstance(m))
			m.pump()
		})
	}
}

// look has the autoscaler look at CPU and requests, again and again while there are any. Instances are not taken away: Cloud Run keeps
// an idle one for up to 15 minutes.
func (m *model) look() {
	if m.scaled || m.local != nil {
		return
	}
	m.scaled = true
	m.busyBefore = m.busy()
	m.at(m.now+m.Look, func() {
		m.scaled = false
		cores := (m.busy() - m.busyBefore) / m.Look
		requests := m.normal.inFlight + m.urgent.inFlight
		m.start(int(math.Ceil(max(cores, float64(requests)/float64(m.Concurrency)) / m.Target)))
		if requests > 0 || m.normal.first < len(m.normal.queue) {
			m.look()
		}
	})
}

func (m *model) busy() (seconds float64) {
	for _, i := range m.instances {
		seconds += i.cpu.busy
	}
	return seconds
}
