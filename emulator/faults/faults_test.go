//go:build unix

package faults

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/emulator/internal/official"
)

var (
	long       = flag.Bool("long", false, "run the long form, with progress")
	events     = flag.Int("events", 0, "events to make up; 0: 400, or 100,000 in the long form")
	recipients = flag.Int("recipients", 0, "people to tell; 0: 12, or 500 in the long form")
	kills      = flag.Int("kills", 0, "processes to kill; 0: 14, or 56 in the long form")
	seed       = flag.Uint64("seed", 1, "the first seed")
	seeds      = flag.Int("seeds", 1, "how many seeds to run, one after the other")
)

// TestInboxesUnderFaults is the package in one test. A failure prints the seed: -seed N makes the same events and the
// same faults again.
//
//	go test ./emulator/faults                                      a few hundred events, below a minute
//	go test ./emulator/faults -seeds 20                            the same with seeds 1 to 20
//	go test ./emulator/faults -long -seed 7 -timeout 3h -v         100,000 events to 500 people, 56 kills
func TestInboxesUnderFaults(t *testing.T) {
	for i := range *seeds {
		o := Options{
			Seed: *seed + uint64(i), Root: filepath.Join("..", ".."),
			Events: pick(*events, 400, 100_000), Recipients: pick(*recipients, 12, 500), Kills: pick(*kills, 14, 56),
		}
		runOnce(t, o)
	}
}

func pick(asked, short, full int) int {
	switch {
	case asked > 0:
		return asked
	case *long:
		return full
	}
	return short
}

func runOnce(t *testing.T, o Options) {
	dir, err := os.MkdirTemp("", "tidings-faults-")
	if err != nil {
		t.Fatal(err)
	}
	o.Dir, o.Progress = dir, io.Writer(t.Output())
	if *long {
		o.Progress = os.Stderr
	}
	t.Logf("seed %d: %d events to %d people, %d kills", o.Seed, o.Events, o.Recipients, o.Kills)
	report, err := Run(t.Context(), o)
	if errors.Is(err, official.ErrMissing) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("seed %d: %v; logs are in %s", o.Seed, err, dir)
	}
	t.Logf("seed %d: %s", o.Seed, report)
	for i, p := range report.Problems {
		if i == 20 {
			t.Errorf("… and %d more", len(report.Problems)-i)
			break
		}
		t.Error(p)
	}
	if t.Failed() {
		t.Fatalf("seed %d failed; logs are in %s", o.Seed, dir)
	}
	_ = os.RemoveAll(dir)
}
