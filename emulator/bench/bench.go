//go:build unix

// Package bench measures Tidings side by side with two references, in one run, and says which of the budgets of README's
// "Measuring" hold. Absolute times mean little on a laptop; the ratios to the references, the documents that Firestore bills, and
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
	"sync"
	"time"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
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
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &bench{start: time.Now(), progress: os.Stderr, quick: *quick, systems: strings.Split(*systems, ",")}
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
		if err := b.alone(ctx, r, functions); err != nil {
			return fmt.Errorf("%s: %w", r.system, err)
		}
		r.close()
	}
	return nil
}

// pacedTurns is how often each system has its turn.
const pacedTurns = 8

// inTurns runs the workloads that are compared with the floor.
func (b *bench) inTurns(ctx context.Context, runs []*run) error {
	turns, mixes, events := pacedTurns, 3, 5000
	if b.quick {
		turns, mixes, events = 2, 1, 1500
	}
	err := b.turns(runs, turns, "30 events/s to 20 people", b.addPaced, func(r *run) (sample, error) {
		return r.paced(ctx, 4*time.Second)
	})
	if err != nil {
		return err
	}
	return b.turns(runs, mixes, fmt.Sprintf("%d mixed events to 500 people", events), b.addMixed, func(r *run) (sample, error) {
		return r.mixed(ctx, events, time.Minute)
	})
}

// turns has the systems do the same a few seconds each, again and again, so that whatever else this machine does, it does to all of
// them.
func (b *bench) turns(runs []*run, turns int, what string, add func(system string, s sample), do func(r *run) (sample, error)) error {
	all := make([]sample, len(runs))
	for turn := range turns {
		for k := range runs {
			i := (k + turn) % len(runs) // each is the first one as often
			b.say("turn %d of %d: %s: %s", turn+1, turns, runs[i].system, what)
			one, err := do(runs[i])
			if err != nil {
				return err
			}
			all[i].add(one)
		}
	}
	for i, r := range runs {
		add(r.system, all[i])
	}
	return nil
}

// alone runs the other workloads against one system.
func (b *bench) alone(ctx context.Context, r *run, functions string) error {
	steps := []func(context.Context, *run) error{b.storm}
	switch r.system {
	case naiveRef: // the storm comes last: it may not be through with it for minutes
		steps = []func(context.Context, *run) error{b.naive, b.storm}
	case tidings:
		steps = []func(context.Context, *run) error{b.lone, b.urgent, b.fanOut, b.storm}
	case pushing:
		steps = []func(context.Context, *run) error{b.lone, b.storm}
	}
	for _, step := range steps {
		if err := step(ctx, r); err != nil {
			return err
		}
	}
	r.stop()
	switch r.system {
	case pushing:
		b.add("pushes", r.system, map[string]float64{"sent": float64(r.pushes.Load())})
	case tidings, floorRef:
		return b.startUp(ctx, r.subscriber, functions)
	}
	return nil
}

// newRun starts a system and brings it to working temperature.
func (b *bench) newRun(ctx context.Context, system, functions string) (*run, error) {
	b.say("%s: starting fresh emulators", system)
	s, err := startSubscriber(ctx, system, functions)
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

// sample is what was measured in one turn, or in several.
type sample struct {
	latency
	counts  tap.Counts
	cpu     time.Duration
	peakRSS int64
	events  int           // that were applied
	took    time.Duration // to apply them
}

func (s *sample) add(one sample) {
	s.latency = append(s.latency, one.latency...)
	s.counts = s.counts.Add(one.counts)
	s.cpu += one.cpu
	s.peakRSS = max(s.peakRSS, one.peakRSS)
	s.events += one.events
	s.took += one.took
}

// perEvent are the figures that every workload has.
func (s *sample) perEvent() map[string]float64 {
	n := float64(max(s.events, 1))
	return map[string]float64{
		"reads_per_event": float64(s.counts.Reads) / n, "writes_per_event": float64(s.counts.Writes) / n,
		"cpu_s_per_1000": s.cpu.Seconds() * 1000 / n, "peak_rss_mb": float64(s.peakRSS) / (1 << 20),
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) addPaced(system string, s sample) {
	figures := s.perEvent()
	figures["p50_ms"], figures["p95_ms"], figures["p99_ms"] = ms(s.at(.5)), ms(s.at(.95)), ms(s.at(.99))
	b.add("paced", system, figures)
}

// The prices of Firestore in us-central1, in dollars for a million documents (2026-11).
const dollarsPerMillionReads, dollarsPerMillionWrites = 0.30, 0.90

func (b *bench) addMixed(system string, s sample) {
	figures := s.perEvent()
	figures["applied"], figures["events_per_s"] = float64(s.events), float64(s.events)/s.took.Seconds()
	figures["dollars_per_million"] = figures["reads_per_event"]*dollarsPerMillionReads + figures["writes_per_event"]*dollarsPerMillionWrites
	b.add("mixed", system, figures)
}

// naive is what the others do in turns.
func (b *bench) naive(ctx context.Context, r *run) error {
	b.say("%s: 30 events/s to 20 people, then 5,000 mixed events to 500", r.system)
	s, err := r.paced(ctx, 8*time.Second)
	if err != nil {
		return err
	}
	b.addPaced(r.system, s)
	s, err = r.mixed(ctx, 5000, 90*time.Second)
	b.addMixed(r.system, s)
	return err
}

func (b *bench) storm(ctx context.Context, r *run) error {
	patience := 30 * time.Second
	if r.system == naiveRef {
		patience = 20 * time.Second
	}
	applied, c, visible, err := r.storm(ctx, patience)
	if err != nil {
		return err
	}
	b.add("storm", r.system, map[string]float64{
		"applied": float64(applied), "writes_per_event": float64(c.Writes) / 1000, "reads_per_event": float64(c.Reads) / 1000,
		"visible_after_ms": ms(visible),
	})
	return nil
}

// lone counts what a single event costs when nothing else is going on.
func (b *bench) lone(ctx context.Context, r *run) error {
	cost := func(e event.Event) (c tap.Counts, err error) {
		s := r.watch(ctx, e.Recipients[0])
		defer s.stop()
		before, settled := r.tap.Counts(), r.settling()
		if _, err = r.accept(ctx, e); err == nil {
			err = settled(ctx, 1, 10*time.Second)
		}
		return r.tap.Counts().Sub(before), err
	}
	for name, e := range map[string]event.Event{"groups": like(-50_001, "lone", "lone", "lone1"), "stands alone": mention(-50_002, "lone", "lone2")} {
		c, err := cost(e)
		if err != nil {
			return err
		}
		b.add("lone event that "+name, r.system, map[string]float64{"reads": float64(c.Reads), "writes": float64(c.Writes)})
	}
	return nil
}

// fanOut sends one event to an audience of 10,000, beside a bare BulkWriter that writes as many documents.
func (b *bench) fanOut(ctx context.Context, r *run) error {
	const n = 10_000
	b.say("%s: an audience of %d", r.system, n)
	wire, err := openDirect(ctx, r.tap.Address)
	if err != nil {
		return err
	}
	defer wire.Close()
	members := r.db.BulkWriter(ctx)
	for i := range n {
		if _, err := members.Set(r.db.Doc(fmt.Sprintf("audiences/all/members/m%05d", i)), map[string]any{}); err != nil {
			return err
		}
	}
	members.End()

	bulk := wire.BulkWriter(ctx)
	start := time.Now()
	for i := range n {
		if _, err := bulk.Set(wire.Doc(fmt.Sprintf("users/b%05d/notifications/n", i)), item(like(i, "a", "p", "u"), 1)); err != nil {
			return err
		}
	}
	bulk.End()
	b.add("audience of 10,000", "BulkWriter", map[string]float64{"writes_per_s": n / time.Since(start).Seconds(), "writes_per_event": 1})

	before, used := r.tap.Counts(), r.usage()
	e := like(-60_000, "a", "p", "")
	e.Type, e.Title, e.Recipients, e.Audience = "system.announcement", "Hello", nil, "all"
	start = time.Now()
	if _, err := r.accept(ctx, e); err != nil {
		return err
	}
	for r.tap.Counts().Sub(before).Writes < n {
		if time.Since(start) > time.Minute {
			return fmt.Errorf("wrote %d of %d in a minute", r.tap.Counts().Sub(before).Writes, n)
		}
		time.Sleep(2 * time.Millisecond)
	}
	took := time.Since(start)
	for last := -1; last != r.stack.Pushes["events-notify"].Stats().Delivered; time.Sleep(300 * time.Millisecond) {
		last = r.stack.Pushes["events-notify"].Stats().Delivered
	}
	c, after := r.tap.Counts().Sub(before), r.usage()
	b.add("audience of 10,000", r.system, map[string]float64{
		"writes_per_s": n / took.Seconds(), "writes_per_event": float64(c.Writes) / n, "reads_per_event": float64(c.Reads) / n,
		"peak_rss_mb": float64(after.peakRSS) / (1 << 20), "cpu_s_per_1000": (after.cpu - used.cpu).Seconds() * 1000 / n,
	})
	return nil
}

// urgent sends alerts while 10,000 low events wait, and compares their latency with that on an idle system.
func (b *bench) urgent(ctx context.Context, r *run) error {
	measure := func(uid string, from int) (latency, error) {
		var l latency
		var mu sync.Mutex
		var wg sync.WaitGroup
		var failed error
		s := r.watch(ctx, uid)
		defer s.stop()
		accepted := map[int]time.Time{}
		for i := range 60 {
			wg.Go(func() {
				e := mention(from+i, "system", uid)
				e.Type = "security.alert"
				at, err := r.accept(ctx, e)
				mu.Lock()
				defer mu.Unlock()
				accepted[from+i] = at
				if err != nil {
					failed = err
				}
			})
			time.Sleep(50 * time.Millisecond)
		}
		wg.Wait()
		for deadline := time.Now().Add(time.Minute); s.count() < 60 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for seq, at := range accepted {
			seen, ok := s.seen[seq]
			if !ok {
				return nil, fmt.Errorf("alert %d was never seen (%v)", seq, failed)
			}
			l = append(l, seen.Sub(at))
		}
		return l, failed
	}
	b.say("%s: urgent events, idle", r.system)
	idle, err := measure("idle", -70_000)
	if err != nil {
		return err
	}
	b.say("%s: urgent events while 10,000 low ones wait", r.system)
	settled := r.settling()
	if err := r.publish(ctx, r.flood(10_000)); err != nil {
		return err
	}
	busy, err := measure("busy", -80_000)
	if err != nil {
		return err
	}
	b.add("urgent", r.system, map[string]float64{"idle_p99_ms": ms(idle.at(.99)), "busy_p99_ms": ms(busy.at(.99)), "idle_p50_ms": ms(idle.at(.5)), "busy_p50_ms": ms(busy.at(.5))})
	return settled(ctx, 10_000, 2*time.Minute)
}

// startUp measures exec → first answer, beside a bare binary with the same clients: seven times each, the median.
func (b *bench) startUp(ctx context.Context, s *subscriber, functions string) error {
	if s.system == floorRef {
		s.system = "bare"
	} else {
		s.target = "notify" // as in the cloud
	}
	b.say("%s: start-up", s.system)
	var l latency
	for range 7 {
		took, err := s.run(ctx, functions)
		if err != nil {
			return err
		}
		l = append(l, took)
		s.stop()
	}
	b.add("start-up", s.system, map[string]float64{"exec_to_answer_ms": ms(l.at(.5))})
	return nil
}
