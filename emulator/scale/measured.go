package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// bench is the output of `go run ./emulator bench -json`.
type bench struct {
	file    string
	Results []struct {
		Workload, System string
		Figures          map[string]float64
	}
}

func readBench(file string) (*bench, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b := &bench{file: file}
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return b, nil
}

// figure is one figure of one system; ok is false where it was not measured.
func (b *bench) figure(workload, system, name string) (value float64, ok bool) {
	for _, r := range b.Results {
		if v, found := r.Figures[name]; found && r.Workload == workload && r.System == system {
			value, ok = v, true
		}
	}
	return value, ok
}

// reader reads figures that must be there; err is the first one that is not.
func (b *bench) reader(err *error) func(workload, system, figure string) float64 {
	return func(workload, system, figure string) float64 {
		v, ok := b.figure(workload, system, figure)
		if !ok && *err == nil {
			*err = fmt.Errorf("%s: %s of %s, %s is missing; measure it anew with go run ./emulator bench -systems floor,tidings,tidings-push -json", b.file, figure, workload, system)
		}
		return v
	}
}

// The systems and workloads of the benchmark that are read here.
const (
	ours       = "tidings"
	withPushes = "tidings-push"
	floorRef   = "floor"

	paced    = "paced"
	mixed    = "mixed"
	storm    = "storm"
	urgent   = "urgent"
	startUp  = "start-up"
	audience = "audience of 10,000"
	grouping = "lone event that groups"
	alone    = "lone event that stands alone"
)

// operations are billed documents for each person that is told.
type operations struct{ reads, writes float64 }

// costs is what Tidings' own process needs, in seconds of CPU, and what it reads and writes. All of it is measured.
type costs struct {
	publish float64 // to take one event
	message float64 // to take one message from Pub/Sub
	commit  float64 // for each commit
	person  float64 // for each person of a commit
	push    float64 // for each push
	start   float64 // from exec to the first answer, seconds

	grouping, alone, audience, mixed operations
}

// costs takes the process's CPU apart: a person of an audience has a hundredth of a commit (its messages are shared by hundreds), a mixed event has a message besides,
// with pushes one call of FCM more, and a paced event has its request and its commit for itself.
func (b *bench) costs(s settings) (c costs, err error) {
	read := b.reader(&err)
	const cpu = "cpu_s_per_1000"
	told, mixedOne := read(audience, ours, cpu)/1000, read(mixed, ours, cpu)/1000
	c.message = mixedOne - told
	c.push = max(0, read(mixed, withPushes, cpu)/1000-mixedOne)
	lone := read(paced, ours, cpu)/1000 - mixedOne
	c.publish, c.commit = lone*s.PublishShare, lone*(1-s.PublishShare)
	c.person = told - c.commit/float64(s.Inboxes)
	c.start = read(startUp, ours, "exec_to_answer_ms") / 1000
	c.grouping = operations{read(grouping, ours, "reads"), read(grouping, ours, "writes")}
	c.alone = operations{read(alone, ours, "reads"), read(alone, ours, "writes")}
	c.audience = operations{read(audience, ours, "reads_per_event"), read(audience, ours, "writes_per_event")}
	c.mixed = operations{read(mixed, ours, "reads_per_event"), read(mixed, ours, "writes_per_event")}
	if err == nil && (c.message <= 0 || lone <= 0 || c.person <= 0) {
		err = fmt.Errorf("%s: a mixed event needs less CPU than a person of an audience, or a paced one less than a mixed one: measure it on a quiet machine", b.file)
	}
	return c, err
}
