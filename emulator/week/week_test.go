//go:build unix

package week

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/testdeps"
)

var (
	long   = flag.Bool("long", false, "run the long form, with progress")
	people = flag.Int("people", 0, "how many people; 0: 6, or 20 in the long form")
	days   = flag.Float64("days", 0, "of the stack's clock; 0: 1.5, or 7 in the long form")
	seed   = flag.Uint64("seed", 1, "the seed")
)

func TestMain(m *testing.M) { os.Exit(requirement.Report(os.Stdout, m.Run())) }

// TestAWeekIsAccountedFor is the package in one test.
//
//	go test ./emulator/week                              a day and a half of 6 people, a few crashes
//	go test ./emulator/week -long -seed 7 -timeout 30m   a week of 20 people, with crashes at every point
func TestAWeekIsAccountedFor(t *testing.T) {
	testdeps.On(t, "../../functions", "../../shared", "../../infra")
	o := Options{Seed: *seed, People: 6, Span: 36 * time.Hour, Quiet: 12, Root: filepath.Join("..", ".."), Progress: io.Discard}
	if *long {
		o.People, o.Span, o.Quiet, o.Progress = 20, 7*24*time.Hour, 8, os.Stderr
	}
	if *people > 0 {
		o.People = *people
	}
	if *days > 0 {
		o.Span = time.Duration(*days * 24 * float64(time.Hour))
	}
	report, err := Run(t.Context(), o)
	if errors.Is(err, stack.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 and Node.js 20 or later)", err)
	}
	if err != nil {
		t.Fatalf("seed %d: %v", o.Seed, err)
	}
	t.Logf("seed %d: %s", o.Seed, report)
	fmt.Fprintf(o.Progress, "seed %d: %s\n", o.Seed, report)
	for _, p := range report.Problems {
		t.Error(p)
	}
	if t.Failed() {
		t.Fatalf("the same again: go test ./emulator/week -v -seed %d -people %d -days %g", o.Seed, o.People, o.Span.Hours()/24)
	}
	if report.News == 0 || report.Pushes == 0 || report.Digests == 0 {
		t.Errorf("nothing was accounted for: %s", report)
	}
	for _, p := range points {
		if *long && report.Kills[p.String()] == 0 {
			t.Errorf("nothing was killed: %s", p)
		}
	}
}
