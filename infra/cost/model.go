package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// A line is one thing that Google bills.
type line struct {
	what, price, formula string
}

// A step gives a name to what several lines count.
type step struct {
	name, formula string
}

// steps are computed in their order, from people, the assumptions and what was measured.
var steps = []step{
	{"month_minutes", "days * 24 * 60"},
	{"grouping", "people * grouping_per_day * days"},
	{"alone", "people * alone_per_day * days"},
	{"audience", "people * audience_per_day * days"},
	{"opens", "people * opens_per_day * days"},
	{"leases", "opens * minutes_per_open * 60 / lease_seconds"},
	{"items", "grouping * items_per_grouping + alone + audience"},
	{"marks", "items * marks_per_item"},
	{"posted", "grouping + alone + audience / audience_size"},
	{"messages", "grouping + alone + audience / 250 + audience / 1000"}, // shares and steps of a walk: functions/notify/walk.go
	{"item_writes", "grouping * group_writes + alone * alone_writes + audience * audience_writes + marks"},
}

var lines = []line{
	{"read by the subscriber", "firestore_reads", "grouping * group_reads + alone * alone_reads + audience * audience_reads"},
	{"read by screens", "firestore_reads", "opens * items_on_open"},
	{"read by withdraw and due", "firestore_reads", "item_writes + month_minutes * 10"},
	{"written: items and marks", "firestore_writes", "item_writes"},
	{"written: presence", "firestore_writes", "leases + opens"}, // each lease, and its end,
	{"written: counters of rate limits", "firestore_writes", "posted * 0.04"},
	{"removed by TTL", "firestore_ttl_deletes", "items"},
	{"kept", "firestore_storage", "items * item_bytes / 1073741824"},
	{"sent to screens", "network_out", "opens * items_on_open * item_bytes / 1073741824"},
	{"messages, in and out", "pubsub", "messages * 2 * message_bytes / 1073741824"},
	{"triggers, in and out", "pubsub", "item_writes * 2 * trigger_bytes / 1073741824"},
	{"requests", "run_requests", "posted + messages + item_writes + month_minutes"},
	{"CPU", "run_cpu", "busy(posted, cpu) + busy(messages, cpu) + busy(item_writes, cpu) + busy(month_minutes, cpu)"},
	{"memory", "run_memory", "(busy(posted, cpu) + busy(messages, cpu)) / 2 + (busy(item_writes, cpu) + busy(month_minutes, cpu)) / 4"},
	{"pushes", "fcm", "people * pushes_per_day * days"},
	{"logged", "logging", "(posted + month_minutes) * log_bytes / 1073741824"},
	{"alerts", "alert_conditions", "15"},
	{"jobs", "scheduler_jobs", "2"},
}

type price struct {
	Name    string  `json:"name"`
	Dollars float64 `json:"dollars"` // for Per units
	Per     float64 `json:"per"`
	Free    float64 `json:"free"` // units a month (Firestore counts by the day: 30 of them)
	Unit    string  `json:"unit"`
	Seen    string  `json:"seen"` // when the price was looked up; "" not yet
	Source  string  `json:"source"`
}

type assumption struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	What  string  `json:"what"`
}

// model is everything that the table is computed from.
type model struct {
	where       string
	prices      []price
	assumptions []assumption
	measured    values
}

// readModel reads the three files of dir. measured.json has the form of `go run ./emulator bench -json`.
func readModel(dir string) (m model, err error) {
	var list struct {
		Where  string
		Prices []price
	}
	var bench struct {
		Results []struct {
			Workload, System string
			Figures          map[string]float64
		}
	}
	for name, into := range map[string]any{"prices.json": &list, "assumptions.json": &m.assumptions, "measured.json": &bench} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return m, err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return m, fmt.Errorf("%s: %w", name, err)
		}
	}
	m.where, m.prices, m.measured = list.Where, list.Prices, values{}
	for _, want := range []struct {
		name, workload, system, figure string
		scale                          float64
	}{
		{"group_reads", "lone event that groups", "tidings", "reads", 1},
		{"group_writes", "lone event that groups", "tidings", "writes", 1},
		{"alone_reads", "lone event that stands alone", "tidings", "reads", 1},
		{"alone_writes", "lone event that stands alone", "tidings", "writes", 1},
		{"audience_reads", "audience of 10,000", "tidings", "reads_per_event", 1},
		{"audience_writes", "audience of 10,000", "tidings", "writes_per_event", 1},
		{"cpu", "paced", "tidings-push", "cpu_s_per_1000", 1.0 / 2000}, // for an event there are two requests: publish and notify
	} {
		found := false
		for _, r := range bench.Results {
			if value, ok := r.Figures[want.figure]; ok && r.Workload == want.workload && r.System == want.system {
				m.measured[want.name], found = value*want.scale, true
			}
		}
		if !found {
			return m, fmt.Errorf("measured.json: %s of %s, %s is missing; write it anew with go run ./emulator bench -json", want.figure, want.workload, want.system)
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
	for name, value := range m.measured {
		v[name] = value
	}
	for _, s := range steps {
		value, err := evaluate(s.formula, v)
		if err != nil {
			return nil, err
		}
		v[s.name] = value
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

// costs are the dollars of each line in a month. What is free goes to a price's lines in their order.
func (m model) costs(people float64) ([]float64, error) {
	quantities, err := m.quantities(people)
	if err != nil {
		return nil, err
	}
	free := map[string]float64{}
	for _, p := range m.prices {
		free[p.Name] = p.Free
	}
	all := make([]float64, len(lines))
	for i, l := range lines {
		p, err := m.price(l.price)
		if err != nil {
			return nil, err
		}
		used := min(quantities[i], free[l.price])
		free[l.price] -= used
		all[i] = (quantities[i] - used) * p.Dollars / p.Per
	}
	return all, nil
}

func (m model) price(name string) (price, error) {
	for _, p := range m.prices {
		if p.Name == name {
			return p, nil
		}
	}
	return price{}, fmt.Errorf("prices.json has no %q", name)
}

// freeUntil is how many people a price's free tier is enough for; 0 where there is none, infinite where people do not matter.
func (m model) freeUntil(name string) (float64, error) {
	p, err := m.price(name)
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
