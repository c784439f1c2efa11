package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
)

// comparison is one figure of the benchmark beside the model's.
type comparison struct {
	figure     string
	calibrated bool // the model was set so that it has this figure: its agreement means nothing
	measured   float64
	model      float64 // the middle of its runs
	low, high  float64 // the least and the most of these
	unit       string
}

// off is how far the model is from what was measured, as a share.
func (c comparison) off() float64 { return c.model/c.measured - 1 }

// within is how far off a prediction may be.
const within = 0.25

// onMachine makes a model of the machine that the benchmark ran on, from the references and from Tidings' own CPU.
//
// What the emulator needs of its core is measured as its process's own CPU, where nothing else is asked of it: bare BatchWrites, as large as commits and with documents
// like Tidings', give the writing of a document, bare GetAlls the reading of profiles and of items, and a bare query a page of an audience. The floor's mixed events give what a
// message takes in Pub/Sub's emulator and in what delivers it; each is a call to Firestore, too, whose way over the tap is taken off.
func onMachine(b *bench, s settings, c costs, n int) (*model, error) {
	s.Instances, s.Concurrency, s.WindowFree = 1, 1_000_000, 1000 // what emulator/dispatch does
	s.PublishBytes, s.PushBytes, s.Document, s.FCMMinute = 0, 0, 0, 0
	m := newModel(s, c, 0, 1)
	var err error
	read := b.reader(&err)
	cpu := func(workload, system, of string) float64 { return read(workload, system, of+"_cpu_s_per_1000") / 1000 }
	tap := cpu(audience, "Set", "bench") - cpu(audience, "Set, past the tap", "bench")
	cores := newCores(&m.engine, n)
	m.local = &machine{
		m: m, cores: cores, tidings: cores.program(n), firestore: cores.program(1), delivery: cores.program(n),
		perWrite: cpu(audience, "BatchWrite", "firestore"), perPerson: cpu(audience, "GetAll", "firestore"), perItem: cpu(audience, "GetAll, items", "firestore"), perListed: cpu(audience, "query", "firestore"),
		outside: max(0, cpu(mixed, floorRef, "bench")+cpu(mixed, floorRef, "pubsub")-max(0, tap)),
		fcm:     max(0, cpu(mixed, withPushes, "bench")-cpu(mixed, ours, "bench")),
		look:    func() float64 { return 0 },
	}
	for _, s := range []*subscription{m.normal, m.urgent} {
		s.window = 1000 // earlier workloads have opened it
		s.ticks = ticks{every: read(mixed, floorRef, "handed_out_every_ms") / 1000, batch: int(math.Round(read(mixed, floorRef, "handed_out_batch")))}
	}
	m.instances = []*instance{newInstance(m)}
	return m, err
}

// runs is how often the model does what the benchmark does once. They differ: Pub/Sub's emulator is found at another moment, and screens take other times.
const runs = 25

// checker compares the model with a benchmark.
type checker struct {
	env
	bench    *bench
	cores    int
	rng      *rand.Rand
	listener float64
	err      error
	all      []comparison
}

// check compares the model with a benchmark.
func (e env) check(b *bench, cores int) ([]comparison, error) {
	c := &checker{env: e, bench: b, cores: cores, rng: rand.New(rand.NewPCG(e.seed, 2))}
	if _, c.err = onMachine(b, e.settings, e.costs, cores); c.err != nil {
		return nil, c.err
	}
	c.paced()
	fresh := func() *model { return c.fresh(nil) }
	c.add("mixed: events a second", mixed, ours, "events_per_s", "/s", func() float64 { return e.waiting(fresh(), 0) })
	c.add("mixed, with pushes: events a second", mixed, withPushes, "events_per_s", "/s", func() float64 { return e.waiting(fresh(), 1) })
	c.add("audience of 10,000: people a second", audience, ours, "writes_per_s", "/s", func() float64 { return e.audience10k(fresh()) })
	c.alerts()
	c.storm("storm of 1,000: last 202 → last state", ours)
	c.storm("the same, with pushes", withPushes)
	return c.all, c.err
}

func (c *checker) read(workload, system, name string) float64 {
	return c.bench.reader(&c.err)(workload, system, name)
}

// fresh is a model in which nothing has happened yet, and whose Pub/Sub is anywhere in its course.
func (c *checker) fresh(look func() float64) *model {
	m, _ := onMachine(c.bench, c.settings, c.costs, c.cores) // which has worked before
	m.local.listener = c.listener
	m.shift(c.rng.Float64(), c.rng.Float64())
	if look != nil {
		m.local.look = look
	}
	return m
}

// add compares a figure with that of so many runs of the model.
func (c *checker) add(figure, workload, system, name, unit string, run func() float64) {
	found := make([]float64, runs)
	for i := range found {
		found[i] = run()
	}
	c.compare(figure, workload, system, name, unit, found)
}

func (c *checker) compare(figure, workload, system, name, unit string, found []float64) {
	slices.Sort(found)
	c.all = append(c.all, comparison{figure: figure, measured: c.read(workload, system, name), model: found[runs/2], low: found[0], high: found[runs-1], unit: unit})
}

// paced sets the model to the latency of a single event: what it does not say becomes the time of the listener.
func (c *checker) paced() {
	screen := c.read(paced, ours, "look_ms") / 1000
	look := func() float64 { return screen }
	half := func() float64 {
		const n = 500 // moments at which the event finds Pub/Sub's emulator
		took := make([]float64, n)
		for i := range took {
			m := c.fresh(look)
			m.shift((float64(i)+.5)/n, 0)
			took[i] = c.env.alone(m)
		}
		slices.Sort(took)
		return took[n/2]
	}
	measured := c.read(paced, ours, "p50_ms")
	c.listener = measured/1000 - half()
	c.all = append(c.all, comparison{figure: "paced: accepted → visible, p50", calibrated: true, measured: measured, model: 1000 * half(), unit: "ms"})
}

// alerts does what the benchmark does: a few rounds of a few alerts, of which the middle and the 99th percentile are its figures.
func (c *checker) alerts() {
	of := func(name string) float64 { return c.read(urgent, ours, name) / 1000 }
	k, flooded := looks{of("look_min_ms"), of("look_ms"), of("look_p90_ms"), of("look_max_ms")}, of("flood_ms")
	drawn := func() float64 { return k.at(c.rng.Float64()) }
	rounds := func(flood int, published float64) (half, most []float64) {
		for range runs {
			seen := &dist{}
			for range alertRounds {
				c.env.alerts(c.fresh(drawn), seen, flood, published)
			}
			half, most = append(half, 1000*seen.at(.5)), append(most, 1000*seen.at(.99))
		}
		return half, most
	}
	idle, _ := rounds(0, 0)
	busy, slowest := rounds(10_000, flooded)
	c.compare("urgent, idle: p50", urgent, ours, "idle_p50_ms", "ms", idle)
	c.compare("urgent beside 10,000: p50", urgent, ours, "busy_p50_ms", "ms", busy)
	c.compare("urgent beside 10,000: p99", urgent, ours, "busy_p99_ms", "ms", slowest)
}

// storm takes from the storm itself when the likes were accepted, and what accepting them took of the cores: that is no business of the model.
func (c *checker) storm(figure, system string) {
	read := func(name string) float64 { return c.read(storm, system, name) / 1000 }
	look, posting := read("look_ms"), read("posting_ms")
	accepting := read("cpu_s_per_1000") + read("bench_cpu_s_per_1000") + read("pubsub_cpu_s_per_1000")
	c.add(figure, storm, system, "visible_after_ms", "ms", func() float64 {
		m := c.fresh(func() float64 { return look })
		return 1000 * c.env.storm(m, posting, max(0, accepting-c.costs.message-m.local.outside))
	})
}

// shift says where in their course the ticks of both subscriptions are at the beginning.
func (m *model) shift(normal, urgent float64) {
	m.normal.ticks.phase, m.urgent.ticks.phase = normal*m.normal.ticks.every, urgent*m.urgent.ticks.every
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
	m.local.leased = true
	for range n {
		m.publish(&parcel{messages: 1, people: 1, kind: &kind{operations: e.costs.mixed, push: push}})
	}
	m.run(math.Inf(1), never)
	return n / m.now
}

// audience10k is how many people of an audience are told in a second.
func (e env) audience10k(m *model) float64 {
	const n = 10_000
	told := e.costs.audience
	told.reads = max(0, told.reads-1) // the list is a query
	m.begin(n, &kind{operations: told}, false)
	m.run(math.Inf(1), m.people.ready)
	return n / m.now
}

// The benchmark's alerts (emulator/bench/urgent.go).
const alerts, alertsASecond, alertRounds = 30, 10, 4

// alerts adds to seen how long alerts to one person take while so many other events come in; the first one is sent when all of those are published.
func (e env) alerts(m *model, seen *dist, flood int, published float64) {
	for range flood {
		m.publish(&parcel{messages: 1, people: 1, accepted: m.now, kind: &kind{operations: e.costs.grouping}})
	}
	alert := &kind{operations: e.costs.alone, seen: seen, watched: true}
	for i := range alerts {
		m.at(published+float64(i)/alertsASecond, func() {
			m.local.tidings.run(e.costs.message, func() { // to take it, as much as to open it
				m.publish(&parcel{messages: 1, people: 1, accepted: m.now, urgent: true, kind: alert})
			})
		})
	}
	m.run(math.Inf(1), never)
}

// storm is how long after the last of 1,000 likes was accepted the post's author sees all of them. They are accepted evenly within a time, and each takes so many
// seconds of a core for that.
func (e env) storm(m *model, posting, accepting float64) float64 {
	const likes = 1000
	author, posters := &inboxOf{}, m.local.cores.program(m.local.cores.idle)
	for i := range likes {
		m.at(float64(i+1)/likes*posting, func() {
			posters.run(accepting, func() {})
			m.publish(&parcel{messages: 1, people: 1, accepted: m.now, inbox: author, kind: &kind{operations: e.costs.grouping, watched: true}})
		})
	}
	m.run(math.Inf(1), never)
	return m.latest - posting
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
		spread := ""
		if !c.calibrated {
			spread = fmt.Sprintf(" (%s to %s)", count(c.low), count(c.high))
		}
		fmt.Fprintf(out, "| %s | %s %s | %s %s%s | %+.0f %% | %s |\n", c.figure, count(c.measured), c.unit, count(c.model), c.unit, spread, c.off()*100, verdict)
	}
}
