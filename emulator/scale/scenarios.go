package main

import (
	"fmt"
	"math"
)

// env is what all scenarios have in common.
type env struct {
	settings settings
	costs    costs
	data     data
	seed     uint64
	events   float64 // of the slice of a day that is simulated
	detail   bool    // keep a time line
}

// scenario is one row of the table.
type scenario struct {
	name, what string
	run        func(e env) outcome
}

// outcome is what came of a scenario. Times are in seconds.
type outcome struct {
	first, most constraint // the first limit that was met, and the one that people waited for longest
	at          float64    // when the first one was met
	nearest     constraint // of a day: the limit that is nearest, and how much of it is used
	share       float64
	p50, p99    float64 // accepted → visible; of what was held: due → pushed
	last        float64
	pushed      float64 // accepted → the last push was taken
	dollars     float64
	waited      [constraints]float64 // person-seconds
	usage       usage
	instances   int
	line        []moment
}

// moment is a line of the time line.
type moment struct {
	at             float64
	people         people
	window         float64
	inFlight       int
	instances      int
	writes         float64 // that Firestore lets through in a second
	pushes, behind float64 // pushes so far, and how long the next one waits
}

var scenarios = []scenario{
	day("1 k", 1e3), day("10 k", 1e4), day("100 k", 1e5), day("1 M", 1e6), day("10 M", 1e7), day("100 M", 1e8),
	{"celebrity", "100 M followers, one post", func(e env) outcome { return e.broadcast(1e8, 1, e.pushShare(), false) }},
	{"celebrity-parts", "the same, as 20 audiences, with 20 instances kept", func(e env) outcome {
		e.settings.Kept = 20
		return e.broadcast(1e8, 20, e.pushShare(), false)
	}},
	{"announcement", "the same, as an announcement: one document (computed)", func(e env) outcome { return e.announcement(1e8) }},
	{"incident", "urgent, for 1 M people at once", func(e env) outcome { return e.broadcast(1e6, 1, 1, true) }},
	{"incident-warm", "the same, in a database that is used to 10,000 writes a second, with 20 instances kept", func(e env) outcome {
		e.settings.RampStart, e.settings.Kept = 1e4, 20
		return e.broadcast(1e6, 1, 1, true)
	}},
	{"viral", "1 M people like one post within ten minutes", func(e env) outcome { return e.viral(1e6, 600, false) }},
	{"viral-others", "the same ten minutes: everybody else's events", func(e env) outcome { return e.viral(1e6, 600, true) }},
	{"morning", "07:00 for 1 M people: what was held comes out", func(e env) outcome { return e.morning(1e6) }},
}

func day(name string, people float64) scenario {
	return scenario{"day-" + name[:len(name)-2] + name[len(name)-1:], name + " people, an ordinary day", func(e env) outcome { return e.ordinary(people) }}
}

// pushShare is the share of what a person is told that is pushed, on an ordinary day.
func (e env) pushShare() float64 {
	h := e.data.habits()
	return h.pushes / h.told()
}

// broadcast tells so many people of one event, as one audience or as several, beside the ordinary day of as many.
func (e env) broadcast(people float64, audiences int, push float64, urgent bool) outcome {
	m := e.beside(people)
	k := &kind{operations: e.costs.audience, push: push}
	for i := range audiences {
		m.begin((int(people)+i)/audiences, k, urgent)
	}
	return e.simulate(m)
}

// viral has so many people like one post, evenly over some seconds, beside an ordinary day of a million people. All of it is one item of one
// inbox. others asks for the times of the ordinary day's events.
func (e env) viral(likes, seconds float64, others bool) outcome {
	const size, people = 20, 1e6 // likes of a parcel
	m := e.beside(people)
	author, like, rest := &inboxOf{meter: meter{rate: e.settings.Document}}, dist{}, dist{}
	liked, ordinary := &kind{operations: e.costs.grouping, seen: &like}, &kind{operations: e.costs.grouping, push: e.pushShare(), seen: &rest}
	for i := range int(likes / size) {
		m.at(float64(i)*size/likes*seconds, func() { m.publish(&parcel{messages: size, people: 1, accepted: m.now, kind: liked, inbox: author}) })
	}
	h := e.data.habits()
	m.stream(seconds, people/daySeconds*(h.grouping+h.alone), func() { m.publish(&parcel{messages: 1, people: 1, accepted: m.now, kind: ordinary}) })
	o := e.simulate(m)
	of := &like
	if others {
		of = &rest
	}
	o.p50, o.p99, o.last = of.at(.5), of.at(.99), of.last
	return o
}

// announcement is one document that everybody's screens listen to, instead of an item for each: one write, and one read for each person who
// comes. How fast Firestore tells so many listeners is not published, and not in the figure. Nobody is pushed to.
func (e env) announcement(people float64) (o outcome) {
	s := e.settings
	o.p50 = s.PushCall + e.costs.message + e.costs.commit + e.costs.person + s.ReadCall + s.WriteCall + s.WriteDocument + s.ListenerCall
	o.p99, o.last = o.p50, o.p50
	o.usage = usage{reads: people, writes: 1, created: 1, messages: 2, requests: 1}
	o.dollars = e.data.bill(o.usage)
	return o
}

// morning has the quiet of so many people end, each of whom has items that were held.
func (e env) morning(people float64) outcome {
	m := e.beside(people)
	items := e.settings.HeldItems
	m.wakeAll(int(people), &kind{operations: operations{1 + items, items}, push: 1, bare: true})
	o := e.simulate(m)
	o.p50, o.p99, o.last = m.pushed.at(.5), m.pushed.at(.99), m.pushed.last
	return o
}

// beside is a pipeline that so many people's ordinary day keeps warm.
func (e env) beside(people float64) *model {
	h := e.data.habits()
	lone := people / daySeconds * (h.grouping + h.alone)
	m := newModel(e.settings, e.costs, h.writesPerSecond(people, e.costs), e.seed)
	m.warm(1+int(lone*(e.costs.message+e.costs.person+e.costs.commit/2)/e.settings.Target), lone)
	return m
}

// simulate runs until everybody was told.
func (e env) simulate(m *model) (o outcome) {
	if e.detail {
		m.probe = m.keep(&o.line)
	}
	m.run(math.Inf(1), func() bool { return false })
	if !m.people.ready() {
		panic(fmt.Sprintf("scale: nothing happens any more, but not everybody was told: %+v", m.people))
	}
	o.first, o.most = m.waits.met()
	o.at, o.waited = m.waits.first[o.first], m.waits.total
	o.p50, o.p99, o.last, o.pushed = m.seen.at(.5), m.seen.at(.99), m.seen.last, m.pushed.last
	o.usage, o.instances = m.used, len(m.instances)
	u := m.used
	if m.seen.n > 0 {
		u.created = u.writes
	}
	o.dollars = e.data.bill(u)
	return o
}

// keep returns a probe that keeps some thirty moments, evenly spread.
func (m *model) keep(line *[]moment) func() {
	next, step := 0.0, 0.01
	return func() {
		if m.now < next {
			return
		}
		s := m.normal
		if m.urgent.inFlight > 0 || m.urgent.first < len(m.urgent.queue) {
			s = m.urgent
		}
		*line = append(*line, moment{
			m.now, m.people, s.window, m.normal.inFlight + m.urgent.inFlight, len(m.instances), m.writes.rate, m.used.pushes, max(0, m.fcm.next-m.now),
		})
		if len(*line) == 48 { // every second one goes
			half := (*line)[:0]
			for i := 0; i < 48; i += 2 {
				half = append(half, (*line)[i])
			}
			*line, step = half, step*2
		}
		next = m.now + step
	}
}
