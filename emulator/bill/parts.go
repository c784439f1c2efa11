//go:build unix

package bill

import (
	"context"
	"time"

	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
	"tidings.dev/infra/cost/prices"
	"tidings.dev/shared/topology"
)

// Part is one thing that a case is billed for.
type Part struct {
	What     string  `json:"what"`               // "read by notify"
	Price    string  `json:"price"`              // its name in infra/cost/prices
	Quantity float64 `json:"quantity"`           // for one unit of the case, in the price's units
	Computed string  `json:"computed,omitempty"` // from what, where it did not go over the wire
}

// Work is what one function had to do for one unit of a case.
type Work struct {
	Requests float64 `json:"requests"`
	CPU      float64 `json:"cpu"` // seconds
}

// Result is what one unit of a case takes.
type Result struct {
	Key       string          `json:"key"`
	Name      string          `json:"name"`
	Unit      string          `json:"unit"`
	Units     int             `json:"units"` // that were measured
	Target    float64         `json:"target,omitempty"`
	Parts     []Part          `json:"parts"`
	Floor     []Part          `json:"floor,omitempty"` // what the ideal system must pay for
	Functions map[string]Work `json:"functions"`
	Marks     int             `json:"marks,omitempty"` // of the person in a day
}

// reading is what was counted until a moment.
type reading struct {
	firestore map[string]tap.Counts // by function, and of the page
	pubsub    tap.Counts
	requests  map[string]int64 // by function
	cpu       map[string]time.Duration
	triggers  stack.TriggerCalls
	expiring  int // documents that will expire
}

func (s *system) read() reading {
	r := reading{firestore: map[string]tap.Counts{}, requests: map[string]int64{}, cpu: map[string]time.Duration{}, triggers: s.stack.TriggerCalls()}
	for name, t := range s.firestore {
		r.firestore[name] = t.Counts()
	}
	for _, t := range s.pubsub {
		r.pubsub = r.pubsub.Add(t.Counts())
	}
	for _, f := range deployed.Functions {
		r.requests[f.Name], r.cpu[f.Name] = s.stack.Calls(f.Name), s.stack.Used(f.Name).CPU
	}
	s.mu.Lock()
	r.requests["publish"] += s.posted
	r.expiring = len(s.expiring)
	s.mu.Unlock()
	return r
}

// measure lets a case happen and counts what it took.
func (s *system) measure(ctx context.Context, c Case) (Result, error) {
	result := Result{Key: c.Key, Name: c.Name, Unit: c.Unit, Target: c.Target, Functions: map[string]Work{}}
	happen, err := c.Prepare(ctx, s)
	if err == nil {
		err = s.settle(ctx)
	}
	if err != nil {
		return result, err
	}
	before, jobs := s.read(), s.jobs
	result.Units, err = happen(ctx)
	if err == nil {
		err = s.settle(ctx)
	}
	if err != nil {
		return result, err
	}
	spent := difference{before: before, after: s.read(), units: float64(result.Units)}
	result.Functions = spent.functions()
	result.Parts = append(spent.parts(), c.Computed...)
	result.Floor = c.Floor
	s.dayJobs = s.jobs - jobs
	if c.Key == emptyKey {
		s.idle = result
	}
	if c.Finish != nil {
		c.Finish(s, &result)
	}
	return result, nil
}

// difference is what was counted between two readings.
type difference struct {
	before, after reading
	units         float64
}

func (d difference) of(name string) tap.Counts {
	return d.after.firestore[name].Sub(d.before.firestore[name])
}

// functions is what each function did for a unit.
func (d difference) functions() map[string]Work {
	all := map[string]Work{}
	for _, f := range deployed.Functions {
		requests := d.after.requests[f.Name] - d.before.requests[f.Name]
		if requests > 0 {
			all[f.Name] = Work{float64(requests) / d.units, (d.after.cpu[f.Name] - d.before.cpu[f.Name]).Seconds() / d.units}
		}
	}
	return all
}

// heardByScreens are the documents that listeners got.
const heardByScreens = "heard by screens"

// parts are what a unit is billed for.
func (d difference) parts() (all []Part) {
	add := func(what, price string, quantity float64, computed string) {
		if quantity > 0 {
			all = append(all, Part{what, price, quantity / d.units, computed})
		}
	}
	readers := []string{pageTap}
	for _, f := range deployed.Functions {
		readers = append(readers, f.Name)
	}
	for _, name := range readers {
		add("read by "+name, "firestore_reads", float64(d.of(name).Reads), "")
	}
	add(heardByScreens, "firestore_reads", float64(d.of(pageTap).Listened), "")
	for _, name := range readers {
		add("written by "+name, "firestore_writes", float64(d.of(name).Writes), "")
	}
	for _, name := range readers {
		add("deleted by "+name, "firestore_deletes", float64(d.of(name).Deletes), "")
	}
	add("deleted when it expires", "firestore_deletes", float64(d.after.expiring-d.before.expiring), "one for each document that was made with the field of its TTL")
	const gib = 1 << 30
	pubsub := d.after.pubsub.Sub(d.before.pubsub)
	add("messages in", "pubsub", float64(pubsub.PublishBytes)/gib, "")
	add("messages out", "pubsub", float64(pubsub.PushBytes)/gib, "")
	triggers := d.after.triggers.Bytes - d.before.triggers.Bytes
	add("triggers, in and out", "pubsub", 2*float64(triggers)/gib, "Eventarc takes nothing for Google's own events; its transport is Pub/Sub's, with the bytes of the calls that were made here")
	return append(all, d.run()...)
}

// run is the part of Cloud Run.
func (d difference) run() (all []Part) {
	functions := d.functions()
	for _, f := range deployed.Functions {
		if w, busy := functions[f.Name]; busy {
			all = append(all, Part{What: "requests of " + f.Name, Price: "run_requests", Quantity: w.Requests})
		}
	}
	for _, f := range deployed.Functions {
		if w, busy := functions[f.Name]; busy {
			all = append(all, ran(f, w)...)
		}
	}
	return all
}

// ran is what a function's CPU and memory are billed as, where its instances are shared by as many requests as they may have.
func ran(f topology.Function, w Work) []Part {
	billed := prices.Shared(w.CPU)
	return []Part{
		{What: "CPU of " + f.Name, Price: "run_cpu", Quantity: billed * float64(f.CPU)},
		{What: "memory of " + f.Name, Price: "run_memory", Quantity: billed * float64(f.MemoryMiB) / 1024},
	}
}
