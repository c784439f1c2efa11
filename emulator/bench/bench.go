//go:build unix

// Package bench measures Tidings side by side with two reference subscribers, in one run on the same emulators, and says
// which of the budgets of README's "Budgets" hold. Absolute times mean little on a laptop; the ratios to the references, the
// documents that Firestore bills, and the CPU of the subscriber's own process do.
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
	for _, system := range b.systems {
		if err := b.system(ctx, system, functions); err != nil {
			return fmt.Errorf("%s: %w", system, err)
		}
	}
	return nil
}

// system runs all workloads against one system on a fresh stack.
func (b *bench) system(ctx context.Context, system, functions string) error {
	b.say("%s: starting fresh emulators", system)
	s, err := startSubscriber(ctx, system, functions)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := newRun(ctx, s, b.say)
	if err != nil {
		return err
	}
	if system == pushing {
		if err := r.equip(ctx); err != nil {
			return err
		}
	}
	if err := r.warm(ctx); err != nil {
		return err
	}
	length, events := 30*time.Second, 5000
	if b.quick {
		length, events = 8*time.Second, 1500
	}
	if isOurs(system) {
		if err := b.lone(ctx, r); err != nil {
			return err
		}
	}
	if err := b.paced(ctx, r, length); err != nil {
		return err
	}
	if err := b.mixed(ctx, r, events); err != nil {
		return err
	}
	if system == tidings {
		if err := b.urgent(ctx, r); err != nil {
			return err
		}
		if err := b.fanOut(ctx, r); err != nil {
			return err
		}
	}
	if err := b.storm(ctx, r); err != nil { // last: naive may not be through with it for minutes
		return err
	}
	s.stop()
	if system == pushing {
		b.add("pushes", system, map[string]float64{"sent": float64(len(s.stack.FCM.Attempts("")))})
		return nil
	}
	if system != naiveRef {
		return b.startUp(ctx, s, functions)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (b *bench) paced(ctx context.Context, r *run, length time.Duration) error {
	l, c, u, err := r.paced(ctx, length)
	if err != nil {
		return err
	}
	n := length.Seconds() * 30
	b.add("paced", r.system, map[string]float64{
		"p50_ms": ms(l.at(.5)), "p95_ms": ms(l.at(.95)), "p99_ms": ms(l.at(.99)),
		"reads_per_event": float64(c.Reads) / n, "writes_per_event": float64(c.Writes) / n,
		"cpu_s_per_1000": u.cpu.Seconds() * 1000 / n, "peak_rss_mb": float64(u.peakRSS) / (1 << 20),
	})
	return nil
}

// The prices of Firestore in us-central1, in dollars for a million documents (2026-11).
const dollarsPerMillionReads, dollarsPerMillionWrites = 0.30, 0.90

func (b *bench) mixed(ctx context.Context, r *run, events int) error {
	applied, took, c, u, err := r.mixed(ctx, events, 90*time.Second)
	if err != nil {
		return err
	}
	n := float64(max(applied, 1))
	b.add("mixed", r.system, map[string]float64{
		"applied": float64(applied), "events_per_s": n / took.Seconds(),
		"reads_per_event": float64(c.Reads) / n, "writes_per_event": float64(c.Writes) / n,
		"dollars_per_million": float64(c.Reads)/n*dollarsPerMillionReads + float64(c.Writes)/n*dollarsPerMillionWrites,
		"cpu_s_per_1000":      u.cpu.Seconds() * 1000 / n, "peak_rss_mb": float64(u.peakRSS) / (1 << 20),
	})
	return nil
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
		before := r.tap.Counts()
		if _, err = r.accept(ctx, e); err != nil {
			return c, err
		}
		r.warmed++
		return r.tap.Counts().Sub(before), r.settled(ctx, r.warmed, 10*time.Second)
	}
	before := r.tap.Counts()
	for name, e := range map[string]event.Event{"groups": like(-50_001, "lone", "lone", "lone1"), "stands alone": mention(-50_002, "lone", "lone2")} {
		if _, err := cost(e); err != nil {
			return err
		}
		c := r.tap.Counts().Sub(before)
		before = r.tap.Counts()
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
	r.warmed = r.stack.Pushes["events-notify"].Stats().Delivered
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
	if err := r.flood(ctx, 10_000); err != nil {
		return err
	}
	busy, err := measure("busy", -80_000)
	if err != nil {
		return err
	}
	b.add("urgent", r.system, map[string]float64{"idle_p99_ms": ms(idle.at(.99)), "busy_p99_ms": ms(busy.at(.99)), "idle_p50_ms": ms(idle.at(.5)), "busy_p50_ms": ms(busy.at(.5))})
	return r.settled(ctx, r.warmed, 2*time.Minute)
}

// startUp measures exec → first answer, beside a bare binary with the same clients: five times each, the median.
func (b *bench) startUp(ctx context.Context, s *subscriber, functions string) error {
	system := s.system
	if system == floorRef {
		s.system = "bare"
	}
	defer func() { s.system = system }()
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
