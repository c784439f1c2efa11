package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"tidings.dev/infra/cost/prices"
)

// data is what infra/cost knows: prices, and what people do on an ordinary day.
type data struct {
	dollars map[string]float64 // of one unit, by the price's name
	assumed map[string]float64
}

func readData(dir string) (d data, err error) {
	var assumptions []struct {
		Name  string
		Value float64
	}
	raw, err := os.ReadFile(filepath.Join(dir, "assumptions.json"))
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(raw, &assumptions); err != nil {
		return d, fmt.Errorf("assumptions.json: %w", err)
	}
	list, err := prices.Read()
	if err != nil {
		return d, err
	}
	d.dollars, d.assumed = map[string]float64{}, map[string]float64{}
	for _, name := range []string{"firestore_reads", "firestore_writes", "firestore_deletes", "pubsub", "run_requests", "run_cpu", "run_memory"} {
		p, err := list.Of(name)
		if err != nil {
			return d, err
		}
		d.dollars[name] = p.For(1)
	}
	for _, a := range assumptions {
		d.assumed[a.Name] = a.Value
	}
	for _, name := range []string{"grouping_per_day", "alone_per_day", "audience_per_day", "audience_size", "items_per_grouping", "pushes_per_day"} {
		if _, ok := d.assumed[name]; !ok {
			return d, fmt.Errorf("assumptions.json has no %q", name)
		}
	}
	return d, nil
}

// notifyGiB is the memory of an instance of notify, as shared/topology has it.
const notifyGiB = 0.5

// bill is the price of what was used, without what is free. It is that of the pipeline: what screens read, marks and presence are the
// matter of infra/cost.
func (d data) bill(u usage) float64 {
	const gib = 1 << 30
	return u.reads*d.dollars["firestore_reads"] + u.writes*d.dollars["firestore_writes"] + u.created*d.dollars["firestore_deletes"] +
		u.messages*messageBytes/gib*d.dollars["pubsub"] + u.requests*d.dollars["run_requests"] +
		u.instanceSeconds*(d.dollars["run_cpu"]+notifyGiB*d.dollars["run_memory"])
}
