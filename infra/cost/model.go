package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"tidings.dev/infra/cost/prices"
	"tidings.dev/shared/topology"
)

// A line is one thing that Google bills.
type line struct {
	what, price, formula string
}

// A step gives a name to what several lines count.
type step struct {
	name, formula string
}

// steps are computed in their order, from people and the assumptions.
var steps = []step{
	{"month_minutes", "days * 24 * 60"},
	{"grouping", "people * grouping_per_day * days"},
	{"alone", "people * alone_per_day * days"},
	{"audience", "people * audience_per_day * days"},
	{"opens", "people * opens_per_day * days"},
	{"items", "grouping * items_per_grouping + alone + audience"},
	{"marks", "items * marks_per_item"},
	{"pushed", "people * pushes_per_day * days"},
	{"posted", "grouping + alone + audience / audience_size"},
	{"announced", "people * announcements_per_month"},
	{"standing", "announcements_per_month * announcement_days / days"},
}

// kinds are the cases of measured.json that a month is made of, each with how many of its units there are.
var kinds = []struct{ key, volume string }{
	{"groups", "grouping"}, {"alone", "alone"}, {"audience", "audience"}, {"visit", "opens"}, {"mark", "marks - pushed"}, {"markPushed", "pushed"}, {"markAnnouncement", "announced"}, {"minute", "month_minutes"},
}

var lines = []line{
	{"read by functions and pages", "firestore_reads", "each(reads)"},
	{"heard by screens", "firestore_reads", "opens * visit_heard + (marks - pushed) * mark_heard + pushed * markPushed_heard + announced * markAnnouncement_heard"},
	{"heard by screens: announcements that stand, with the marks on them", "firestore_reads", "opens * standing * 2"},
	{"written", "firestore_writes", "each(writes)"},
	{"written: counters of rate limits", "firestore_writes", "posted * 0.04"}, // at most (shared/limit); the bill's producer may send too much for its counter to be written
	{"deleted, mostly by TTL", "firestore_deletes", "each(deletes)"},
	{"kept", "firestore_storage", "items * item_bytes / 1073741824"},
	{"sent to screens", "network_out", "opens * visit_heard * item_bytes / 1073741824"},
	{"messages and triggers, in and out", "pubsub", "each(pubsub)"},
	{"requests", "run_requests", "each(requests)"},
	{"CPU", "run_cpu", "cpu_seconds"},
	{"memory", "run_memory", "memory_seconds"},
	{"pushes", "fcm", "pushed"},
	{"logged", "logging", "(posted + month_minutes * 2) * log_bytes / 1073741824"},
	{"alerts", "alert_conditions", "19"},
	{"jobs", "scheduler_jobs", "3"},
}

type assumption struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	What  string  `json:"what"`
}

// measured is what the bill (measured.json) says of one case, for one unit.
type measured struct {
	quantities values // by what a formula calls it: reads, heard, writes, deletes, pubsub, requests
	functions  map[string]struct{ Requests, CPU float64 }
}

// model is everything that the table is computed from.
type model struct {
	prices      prices.List
	assumptions []assumption
	measured    map[string]measured // by the case's key
}

// names are what formulas call the parts of the bill, by their price. What screens have heard is apart, because it depends on who looks.
var names = map[string]string{
	"firestore_reads": "reads", "firestore_writes": "writes", "firestore_deletes": "deletes", "pubsub": "pubsub", "run_requests": "requests",
}

// readModel reads the files of dir. measured.json is what `go run ./emulator bill -json FILE` writes.
func readModel(dir string) (m model, err error) {
	var bill struct {
		Cases []struct {
			Key   string
			Parts []struct {
				What, Price string
				Quantity    float64
			}
			Functions map[string]struct{ Requests, CPU float64 }
		}
	}
	for name, into := range map[string]any{"assumptions.json": &m.assumptions, "measured.json": &bill} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return m, err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return m, fmt.Errorf("%s: %w", name, err)
		}
	}
	if m.prices, err = prices.Read(); err != nil {
		return m, err
	}
	m.measured = map[string]measured{}
	for _, c := range bill.Cases {
		q := values{"reads": 0, "heard": 0, "writes": 0, "deletes": 0, "pubsub": 0, "requests": 0}
		for _, p := range c.Parts {
			name := names[p.Price]
			if p.What == "heard by screens" {
				name = "heard"
			}
			if name != "" { // CPU and memory depend on how many requests share an instance
				q[name] += p.Quantity
			}
		}
		m.measured[c.Key] = measured{q, c.Functions}
	}
	for _, k := range kinds {
		if _, ok := m.measured[k.key]; !ok {
			return m, fmt.Errorf("measured.json: the case %s is missing; write it anew with go run ./emulator bill -json infra/cost/measured.json", k.key)
		}
	}
	return m, nil
}

// quantities are what each line counts in a month, for so many people.
func (m model) quantities(people float64) ([]float64, error) {
	v := values{"people": people}
	for _, a := range m.assumptions {
		v[a.Name] = a.Value
	}
	for _, s := range steps {
		value, err := evaluate(s.formula, v)
		if err != nil {
			return nil, err
		}
		v[s.name] = value
	}
	if err := m.addMeasured(v); err != nil {
		return nil, err
	}
	all := make([]float64, len(lines))
	for i, l := range lines {
		var err error
		if all[i], err = evaluate(l.formula, v); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addMeasured adds what was measured: of each case by name, as "visit_heard"; of all cases of a month together, as "each(reads)"; and for how long
// the instances of all functions are billed.
func (m model) addMeasured(v values) error {
	requests, cpu := map[string]float64{}, map[string]float64{} // by function
	for _, k := range kinds {
		volume, err := evaluate(k.volume, v)
		if err != nil {
			return err
		}
		for name, quantity := range m.measured[k.key].quantities {
			v[k.key+"_"+name] = quantity
			v["each("+name+")"] += volume * quantity
		}
		for name, work := range m.measured[k.key].functions {
			requests[name] += volume * work.Requests
			cpu[name] += volume * work.CPU
		}
	}
	month := v["month_minutes"] * 60
	for _, f := range topology.Deployed().Functions {
		if n := requests[f.Name]; n > 0 {
			busy := prices.Busy(n, cpu[f.Name]/n, month)
			v["cpu_seconds"] += busy * float64(f.CPU)
			v["memory_seconds"] += busy * float64(f.MemoryMiB) / 1024
		}
	}
	return nil
}

// costs are the dollars of each line in a month. What is free goes to a price's lines in their order.
func (m model) costs(people float64) ([]float64, error) {
	quantities, err := m.quantities(people)
	if err != nil {
		return nil, err
	}
	free := map[string]float64{}
	for _, p := range m.prices.Prices {
		free[p.Name] = p.Free
	}
	all := make([]float64, len(lines))
	for i, l := range lines {
		p, err := m.prices.Of(l.price)
		if err != nil {
			return nil, err
		}
		used := min(quantities[i], free[l.price])
		free[l.price] -= used
		all[i] = p.For(quantities[i] - used)
	}
	return all, nil
}

// freeUntil is how many people a price's free tier is enough for; 0 where there is none, infinite where people do not matter.
func (m model) freeUntil(name string) (float64, error) {
	p, err := m.prices.Of(name)
	if err != nil {
		return 0, err
	}
	over := func(people float64) (bool, error) {
		quantities, err := m.quantities(people)
		sum := 0.0
		for i, l := range lines {
			if err == nil && l.price == name {
				sum += quantities[i]
			}
		}
		return sum > p.Free, err
	}
	const most = 1e9
	if is, err := over(most); err != nil || !is {
		return math.Inf(1), err
	}
	low, high := 0.0, most
	for high-low > 0.5 {
		middle := (low + high) / 2
		is, err := over(middle)
		if err != nil {
			return 0, err
		}
		if is {
			high = middle
		} else {
			low = middle
		}
	}
	return math.Floor(low), nil
}
