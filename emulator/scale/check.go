package main

import (
	"fmt"
	"io"
	"math"
)

// comparison is one figure of the benchmark beside the model's.
type comparison struct {
	figure     string
	calibrated bool // the model was set so that it has this figure: its agreement means nothing
	measured   float64
	model      float64
	unit       string
}

// off is how far the model is from what was measured, as a share.
func (c comparison) off() float64 { return c.model/c.measured - 1 }

// within is how far off a prediction may be.
const within = 0.25

// readShare is what reading a document costs the official emulator, of what writing one costs. The benchmark has no reference that reads: assumed.
const readShare = 0.05

// onMachine makes a model of the machine that the benchmark ran on, from the references and from Tidings' own CPU.
//
// A bare BulkWriter gives the work of a document. The floor's mixed events give the work that a message is outside of the subscriber: what
// their rate leaves of the cores, beyond a document and the floor's own CPU.
func onMachine(b *bench, s settings, c costs, cores int) (*model, error) {
	bulk, ok := b.figure(audience, "BulkWriter", "writes_per_s")
	floor, also := b.figure(mixed, floorRef, "events_per_s")
	cpu, too := b.figure(mixed, floorRef, "cpu_s_per_1000")
	if !ok || !also || !too {
		return nil, fmt.Errorf("%s: the figures of BulkWriter and of the floor are missing; measure with -systems floor,tidings,tidings-push", b.file)
	}
	s.Instances, s.Concurrency, s.WindowFree = 1, 1_000_000, 1000 // what emulator/dispatch does
	s.PublishBytes, s.PushBytes, s.Document, s.FCMMinute = 0, 0, 0, 0
	m := newModel(s, c, 0, 1)
	write := float64(cores) / bulk
	m.local = &machine{
		m: m, cores: newServer(cores), perWrite: write, perRead: write * readShare, outside: max(0, float64(cores)/floor-write-cpu/1000),
		handOut: meter{rate: 2000}, // as emulator/bench says
	}
	m.normal.window, m.urgent.window = 1000, 1000 // earlier workloads have opened them
	m.instances = []*instance{newInstance(m)}
	return m, nil
}

// check compares the model with a benchmark.
func (e env) check(b *bench, cores int) (all []comparison, err error) {
	fresh := func() *model {
		m, failed := onMachine(b, e.settings, e.costs, cores)
		if failed != nil {
			err = failed
		}
		return m
	}
	if fresh(); err != nil {
		return nil, err
	}
	add := func(figure string, calibrated bool, workload, system, name, unit string, scale, model float64) {
		if v, ok := b.figure(workload, system, name); ok {
			all = append(all, comparison{figure, calibrated, v * scale, model, unit})
		}
	}
	pacedP50, _ := b.figure(paced, ours, "p50_ms")
	urgentP50, _ := b.figure(urgent, ours, "idle_p50_ms")
	listener := pacedP50/1000 - e.alone(fresh(), 0)
	ofUrgent := urgentP50/1000 - e.alone(fresh(), 0)
	add("paced: accepted → visible, p50", true, paced, ours, "p50_ms", "ms", 1, 1000*e.alone(fresh(), listener))
	add("urgent, idle: p50", true, urgent, ours, "idle_p50_ms", "ms", 1, 1000*e.alone(fresh(), ofUrgent))
	add("mixed: events a second", false, mixed, ours, "events_per_s", "/s", 1, e.waiting(fresh(), 0))
	add("mixed, with pushes: events a second", false, mixed, withPushes, "events_per_s", "/s", 1, e.waiting(fresh(), 1))
	add("audience of 10,000: people a second", false, audience, ours, "writes_per_s", "/s", 1, e.audience10k(fresh()))
	p50, p99 := e.besideFlood(fresh(), ofUrgent)
	add("urgent beside 10,000: p50", false, urgent, ours, "busy_p50_ms", "ms", 1, 1000*p50)
	add("urgent beside 10,000: p99", false, urgent, ours, "busy_p99_ms", "ms", 1, 1000*p99)
	visible := 1000 * e.storm(fresh(), listener)
	add("storm of 1,000: last 202 → last state", false, storm, ours, "visible_after_ms", "ms", 1, visible)
	add("the same, with pushes", false, storm, withPushes, "visible_after_ms", "ms", 1, visible)
	return all, nil
}

func never() bool { return false }

// alone is how long a single event takes from accepted to visible.
func (e env) alone(m *model, listener float64) float64 {
	m.local.listener = listener
	m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: e.costs.alone}})
	m.run(math.Inf(1), never)
	return m.seen.last
}

// waiting is how many events a second are worked off while 5,000 wait.
func (e env) waiting(m *model, push float64) float64 {
	const n = 5000
	for range n {
		m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: e.costs.mixed, push: push}})
	}
	m.run(math.Inf(1), never)
	return n / m.now
}

// audience10k is how many people of an audience are told in a second.
func (e env) audience10k(m *model) float64 {
	const n = 10_000
	m.begin(n, &kind{operations: e.costs.audience}, false)
	m.run(math.Inf(1), m.people.ready)
	return n / m.now
}

// besideFlood is how long alerts take, twenty a second, while 10,000 events come in.
func (e env) besideFlood(m *model, listener float64) (p50, p99 float64) {
	m.local.listener = listener
	for range 10_000 {
		at, _ := m.local.handOut.reserve(0, 1)
		m.at(at, func() {
			m.publish(&parcel{messages: 1, people: 1, accepted: m.now, kind: &kind{operations: e.costs.grouping}})
		})
	}
	alert := &kind{operations: e.costs.alone, seen: &dist{}}
	for i := range 60 {
		m.at(float64(i)/20, func() {
			_, end := m.local.cores.work(m.now, e.costs.message+m.local.outside)
			m.at(end, func() { m.publish(&parcel{messages: 1, people: 1, accepted: m.now, urgent: true, kind: alert}) })
		})
	}
	m.run(math.Inf(1), never)
	return alert.seen.at(.5), alert.seen.at(.99)
}

// storm is how long after the last of 1,000 likes was accepted the post's author sees all of them. 128 are posted at a time. How fast they are
// taken is not in the benchmark's output: under load, to take one is assumed to need what a message needs, and to post it as much again as delivering it.
func (e env) storm(m *model, listener float64) float64 {
	m.local.listener = listener
	posted, last, author := 0, 0.0, &inboxOf{}
	var post func()
	post = func() {
		if posted++; posted > 1000 {
			return
		}
		_, end := m.local.cores.work(m.now, e.costs.message+2*m.local.outside)
		m.at(end, func() {
			accepted := m.now
			last = accepted
			at, _ := m.local.handOut.reserve(m.now, 1)
			m.at(at, func() {
				m.publish(&parcel{messages: 1, people: 1, accepted: accepted, inbox: author, kind: &kind{operations: e.costs.grouping}})
			})
			post()
		})
	}
	for range 128 {
		post()
	}
	m.run(math.Inf(1), never)
	return m.latest - last
}

func printCheck(out io.Writer, all []comparison) {
	fmt.Fprint(out, "| figure | measured | model | difference | |\n| --- | ---: | ---: | ---: | --- |\n")
	for _, c := range all {
		verdict := fmt.Sprintf("predicted, within %.0f %%", within*100)
		switch {
		case c.calibrated:
			verdict = "calibrated: the model is set to it"
		case math.Abs(c.off()) > within:
			verdict = fmt.Sprintf("predicted, **not within %.0f %%**", within*100)
		}
		fmt.Fprintf(out, "| %s | %s %s | %s %s | %+.0f %% | %s |\n", c.figure, count(c.measured), c.unit, count(c.model), c.unit, c.off()*100, verdict)
	}
}
