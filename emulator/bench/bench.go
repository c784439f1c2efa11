//go:build unix

// Package bench measures Tidings side by side with two references, in one run, and says which of the budgets of README's
// "The benchmark" hold. Absolute times mean little on a laptop; the ratios to the references, the documents that Firestore bills, and
// the CPU of a system's own process do. A system publishes and subscribes in one process, and has emulators of its own.
package bench

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Result is one measurement of one system.
type Result struct {
	Workload string             `json:"workload"`
	System   string             `json:"system"`
	Figures  map[string]float64 `json:"figures"` // by name with unit: "p50_ms", "writes_per_event"
}

// Budget is a promise and what came of it.
type Budget struct {
	Promise string `json:"promise"`
	Found   string `json:"found"`
	Holds   bool   `json:"holds"`
}

// Main is `go run ./emulator bench`: it runs the workloads and prints the table.
func Main(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON object instead of the table")
	quick := flags.Bool("quick", false, "shorter and rougher: a minute instead of several")
	systems := flags.String("systems", strings.Join([]string{floorRef, naiveRef, tidings, pushing}, ","), "what to measure, comma-separated")
	beside := flags.String("beside", "", "another build of ./functions, measured in the same turns as older and older-push")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{start: time.Now(), progress: os.Stderr, quick: *quick, systems: strings.Split(*systems, ","), beside: *beside}
	if *beside != "" {
		var err error
		if b.beside, err = exec.LookPath(*beside); err == nil {
			b.beside, err = filepath.Abs(b.beside)
		}
		if err != nil {
			return fmt.Errorf("-beside: %w; build one with: go build -o ./older ./functions", err)
		}
		b.systems = append(b.systems, older, olderPush)
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"results": b.results, "budgets": b.budgets()})
	}
	b.print(out)
	return nil
}

type bench struct {
	start    time.Time
	progress io.Writer
	quick    bool
	systems  []string
	beside   string // another build of the functions; "": none
	results  []Result
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "%6.1f s  %s\n", time.Since(b.start).Seconds(), fmt.Sprintf(format, args...))
}

func (b *bench) add(workload, system string, figures map[string]float64) {
	b.results = append(b.results, Result{workload, system, figures})
}

// figure is one figure of one system; 0 where it was not measured.
func (b *bench) figure(workload, system, name string) float64 {
	for _, r := range b.results {
		if r.Workload == workload && r.System == system {
			return r.Figures[name]
		}
	}
	return 0
}

func (b *bench) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "tidings-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	functions := filepath.Join(dir, "functions")
	b.say("building the functions")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", functions, "./functions")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./functions: %w\n%s", err, out)
	}
	b.cores()
	var runs, inTurns []*run
	for _, system := range b.systems {
		r, err := b.newRun(ctx, system, functions)
		if err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
		defer r.close()
		runs = append(runs, r)
		if system != naiveRef { // it is minutes behind whatever it is given
			inTurns = append(inTurns, r)
		}
	}
	if err := b.inTurns(ctx, inTurns); err != nil {
		return err
	}
	for _, r := range runs {
		if err := b.alone(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.system, err)
		}
		r.close()
	}
	return nil
}

// newRun starts a system and brings it to working temperature.
func (b *bench) newRun(ctx context.Context, system, functions string) (*run, error) {
	b.say("%s: starting fresh emulators", system)
	binary := functions
	if system == older || system == olderPush {
		binary = b.beside
	}
	s, err := startSubscriber(ctx, system, functions, binary)
	if err != nil {
		return nil, err
	}
	r, err := newRun(ctx, s, b.say)
	if err == nil {
		err = r.warm(ctx)
	}
	if err != nil {
		s.close()
	}
	return r, err
}
