package main

import "math"

// engine runs events in the order of their times; of those at one time, what was asked for first. Times are in seconds.
type engine struct {
	now    float64
	events []happening // a heap
	asked  uint64
	probe  func() // for tests: called after each event
}

type happening struct {
	at   float64
	turn uint64
	do   func()
}

func (h happening) before(o happening) bool {
	return h.at < o.at || h.at == o.at && h.turn < o.turn
}

// at has do called at a time, or now if that has passed.
func (e *engine) at(t float64, do func()) {
	e.asked++
	e.events = append(e.events, happening{max(t, e.now), e.asked, do})
	for i := len(e.events) - 1; i > 0; {
		parent := (i - 1) / 2
		if !e.events[i].before(e.events[parent]) {
			break
		}
		e.events[i], e.events[parent] = e.events[parent], e.events[i]
		i = parent
	}
}

func (e *engine) next() happening {
	first, last := e.events[0], len(e.events)-1
	e.events[0], e.events[last] = e.events[last], happening{}
	e.events = e.events[:last]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < last; child++ {
			if e.events[child].before(e.events[least]) {
				least = child
			}
		}
		if least == i {
			return first
		}
		e.events[i], e.events[least] = e.events[least], e.events[i]
		i = least
	}
}

// run runs events until done says so, or until nothing is to happen before the end.
func (e *engine) run(end float64, done func() bool) {
	for len(e.events) > 0 && e.events[0].at <= end && !done() {
		h := e.next()
		e.now = h.at
		h.do()
		if e.probe != nil {
			e.probe()
		}
	}
}

// meter lets units through at a rate, first come, first served. A rate of 0 is no limit.
type meter struct {
	rate float64 // units a second
	next float64 // when the next unit may begin
	log  *[]grant
}

// grant is what a meter let through, for tests.
type grant struct{ asked, begin, units, rate float64 }

// reserve takes the next n units: they begin at begin, and the last one is through at end.
func (m *meter) reserve(now, n float64) (begin, end float64) {
	if m.rate == 0 {
		return now, now
	}
	begin = max(now, m.next)
	m.next = begin + n/m.rate
	if m.log != nil {
		*m.log = append(*m.log, grant{now, begin, n, m.rate})
	}
	return begin, m.next
}

// ramp is a meter whose rate may grow as Firestore wants it: after each period to growth times what was used in it, and never below what
// the database is used to. Others use a part of it all the time.
type ramp struct {
	meter
	growth, every float64
	others        float64 // operations a second
	until         float64 // the end of the period
	used          float64 // in the period
}

func newRamp(s *settings, used float64) *ramp {
	first := max(s.RampStart, s.RampGrowth*used)
	if s.RampStart == 0 {
		return &ramp{}
	}
	return &ramp{meter: meter{rate: max(first-used, 1)}, growth: s.RampGrowth, every: s.RampEvery, others: used, until: s.RampEvery}
}

func (r *ramp) reserve(now, n float64) (begin, end float64) {
	for r.every > 0 && now >= r.until {
		sustained := r.used/r.every + r.others
		r.rate, r.used, r.until = max(r.rate, r.growth*sustained-r.others), 0, r.until+r.every
		if r.until < now-r.every { // nothing happened for long
			r.until += r.every * math.Floor((now-r.until)/r.every)
		}
	}
	r.used += n
	return r.meter.reserve(now, n)
}

// server has cores, each of which does one piece of work at a time.
type server struct {
	free []float64 // when each is free
	busy float64   // core-seconds that were asked for
}

func newServer(cores int) *server { return &server{free: make([]float64, cores)} }

// work does so many core-seconds on the core that is free first.
func (s *server) work(now, seconds float64) (begin, end float64) {
	first := 0
	for i := range s.free {
		if s.free[i] < s.free[first] {
			first = i
		}
	}
	begin = max(now, s.free[first])
	s.free[first] = begin + seconds
	s.busy += seconds
	return begin, s.free[first]
}

// dist is a distribution of times, in classes that are 1 % wide.
type dist struct {
	counts [2400]int
	n      int
	last   float64
}

const finest = 1e-4 // seconds: the upper end of the first class

func (d *dist) add(seconds float64, n int) {
	class := 0
	if seconds > finest {
		class = min(len(d.counts)-1, 1+int(math.Log(seconds/finest)/math.Log(1.01)))
	}
	d.counts[class] += n
	d.n += n
	d.last = max(d.last, seconds)
}

// at is the time below which the share q of all lies, at most 1 % too long.
func (d *dist) at(q float64) float64 {
	if d.n == 0 {
		return 0
	}
	before, want := 0, q*float64(d.n)
	for class, n := range d.counts {
		if before += n; n > 0 && float64(before) >= want {
			return min(d.last, finest*math.Pow(1.01, float64(class)))
		}
	}
	return d.last
}
