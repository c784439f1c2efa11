package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
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

// onMachine makes a model of the machine that the benchmark ran on, from the references and from Tidings' own CPU.
//
// Bare BatchWrites, as large as commits, give the work of writing a document, a bare GetAll that of reading one, and a bare query that of a page of an audience. The floor's mixed
// events give the work that a message is outside of the subscriber: what their rate leaves of the cores, beyond a document and the floor's own CPU.
func onMachine(b *bench, s settings, c costs, cores int) (*model, error) {
	s.Instances, s.Concurrency, s.WindowFree = 1, 1_000_000, 1000 // what emulator/dispatch does
	s.PublishBytes, s.PushBytes, s.Document, s.FCMMinute = 0, 0, 0, 0
	m := newModel(s, c, 0, 1)
	var err error
	read := b.reader(&err)
	write := float64(cores) / read(audience, "BatchWrite", "writes_per_s")
	m.local = &machine{
		m: m, cores: newServer(cores), perWrite: write, perRead: 1 / read(audience, "GetAll", "reads_per_s"),
		perListed: read(audience, "query", "page_ms") / 1000 / float64(s.Stride),
		outside:   max(0, float64(cores)/read(mixed, floorRef, "events_per_s")-write-read(mixed, floorRef, "cpu_s_per_1000")/1000),
		look:      func() float64 { return 0 }, handOut: meter{rate: 2000}, // as emulator/bench says
	}
	m.normal.window, m.urgent.window = 1000, 1000 // earlier workloads have opened them
	m.instances = []*instance{newInstance(m)}
	return m, err
}

// check compares the model with a benchmark.
func (e env) check(b *bench, cores int) (all []comparison, err error) {
	if _, err := onMachine(b, e.settings, e.costs, cores); err != nil {
		return nil, err
	}
	read := b.reader(&err)
	look := func(workload, system string) func() float64 {
		v := read(workload, system, "look_ms") / 1000
		return func() float64 { return v }
	}
	listener := 0.0
	fresh := func(look func() float64) *model {
		m, _ := onMachine(b, e.settings, e.costs, cores) // as above
		m.local.listener = listener
		if look != nil {
			m.local.look = look
		}
		return m
	}
	add := func(figure string, calibrated bool, workload, system, name, unit string, model float64) {
		all = append(all, comparison{figure, calibrated, read(workload, system, name), model, unit})
	}
	listener = read(paced, ours, "p50_ms")/1000 - e.alone(fresh(look(paced, ours)))
	add("paced: accepted → visible, p50", true, paced, ours, "p50_ms", "ms", 1000*e.alone(fresh(look(paced, ours))))
	add("mixed: events a second", false, mixed, ours, "events_per_s", "/s", e.waiting(fresh(nil), 0))
	add("mixed, with pushes: events a second", false, mixed, withPushes, "events_per_s", "/s", e.waiting(fresh(nil), 1))
	add("audience of 10,000: people a second", false, audience, ours, "writes_per_s", "/s", e.audience10k(fresh(nil)))
	of := func(name string) float64 { return read(urgent, ours, name) / 1000 }
	k, rng := looks{of("look_min_ms"), of("look_ms"), of("look_p90_ms"), of("look_max_ms")}, rand.New(rand.NewPCG(e.seed, 2))
	drawn := func() float64 { return k.at(rng.Float64()) }
	idle, busy := &dist{}, &dist{}
	for range alertRounds {
		e.alerts(fresh(drawn), idle, 0, 0)
		e.alerts(fresh(drawn), busy, 10_000, of("flood_ms"))
	}
	add("urgent, idle: p50", false, urgent, ours, "idle_p50_ms", "ms", 1000*idle.at(.5))
	add("urgent beside 10,000: p50", false, urgent, ours, "busy_p50_ms", "ms", 1000*busy.at(.5))
	add("urgent beside 10,000: p99", false, urgent, ours, "busy_p99_ms", "ms", 1000*busy.at(.99))
	for _, of := range []struct{ figure, system string }{{"storm of 1,000: last 202 → last state", ours}, {"the same, with pushes", withPushes}} {
		posting := read(storm, of.system, "posting_ms") / 1000
		add(of.figure, false, storm, of.system, "visible_after_ms", "ms", 1000*e.storm(fresh(look(storm, of.system)), posting))
	}
	return all, err
}

func never() bool { return false }

// alone is how long a single event takes from accepted to visible.
func (e env) alone(m *model) float64 {
	m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: e.costs.alone, watched: true}})
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

// The benchmark's alerts (emulator/bench/urgent.go), with more rounds: here they cost nothing.
const alerts, alertsASecond, alertRounds = 30, 10, 20

// alerts adds to seen how long alerts to one person take while so many other events come in; the first one is sent when all of those are published.
func (e env) alerts(m *model, seen *dist, flood int, published float64) {
	for range flood {
		at, _ := m.local.handOut.reserve(0, 1)
		m.at(at, func() {
			m.publish(&parcel{messages: 1, people: 1, accepted: m.now, kind: &kind{operations: e.costs.grouping}})
		})
	}
	alert := &kind{operations: e.costs.alone, seen: seen, watched: true}
	for i := range alerts {
		m.at(published+float64(i)/alertsASecond, func() {
			_, end := m.local.cores.work(m.now, e.costs.message+m.local.outside)
			m.at(end, func() { m.publish(&parcel{messages: 1, people: 1, accepted: m.now, urgent: true, kind: alert}) })
		})
	}
	m.run(math.Inf(1), never)
}

// storm is how long after the last of 1,000 likes was accepted the post's author sees all of them. 128 are posted at a time, which keeps the cores busy: to post and take
// one needs what delivering it leaves of the seconds in which all were accepted.
func (e env) storm(m *model, posting float64) float64 {
	const likes, atATime = 1000, 128
	work := max(0, posting/likes*float64(len(m.local.cores.free))-e.costs.message-m.local.outside)
	posted, last, author := 0, 0.0, &inboxOf{}
	var post func()
	post = func() {
		if posted++; posted > likes {
			return
		}
		_, end := m.local.cores.work(m.now, work)
		m.at(end, func() {
			accepted := m.now
			last = accepted
			at, _ := m.local.handOut.reserve(m.now, 1)
			m.at(at, func() {
				m.publish(&parcel{messages: 1, people: 1, accepted: accepted, inbox: author, kind: &kind{operations: e.costs.grouping, watched: true}})
			})
			post()
		})
	}
	for range atATime {
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
