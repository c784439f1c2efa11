//go:build unix

package faults

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/requirement"
)

var (
	long       = flag.Bool("long", false, "run the long form, with progress")
	events     = flag.Int("events", 0, "events to make up; 0: 400, or 100,000 in the long form")
	recipients = flag.Int("recipients", 0, "people to tell; 0: 12, or 500 in the long form")
	kills      = flag.Int("kills", 0, "processes to kill; 0: 14, or 60 in the long form")
	seed       = flag.Uint64("seed", 1, "the first seed")
	seeds      = flag.Int("seeds", 1, "how many seeds to run, one after the other")
)

func TestMain(m *testing.M) { os.Exit(requirement.Report(os.Stdout, m.Run())) }

// perRound is how many events share a database. The Firestore emulator looks at every document for a query, so the time of
// a run grows with the square of this; and people do not depend on each other, so nothing is lost by taking them in
// turns.
const perRound = 5_000

// TestInboxesUnderFaults is the package in one test. A failure prints the command that makes the same events and the
// same faults again. A run of more than 5,000 events is divided into rounds, each with its share of people and kills
// and the next seed.
//
//	go test ./emulator/faults                              a few hundred events, below a minute
//	go test ./emulator/faults -seeds 20                    the same with seeds 1 to 20
//	go test ./emulator/faults -long -seed 7 -timeout 3h    100,000 events to 500 people, 60 kills, 20 restarts of Firestore
func TestInboxesUnderFaults(t *testing.T) {
	all := Options{Events: pick(*events, 400, 100_000), Recipients: pick(*recipients, 12, 500), Kills: pick(*kills, 14, 60)}
	rounds := max(1, all.Events/perRound)
	struck := map[string]int{}
	for n := range *seeds {
		for round := range rounds {
			report := runOnce(t, Options{
				Seed: *seed + uint64(n*rounds+round), Root: filepath.Join("..", ".."),
				Events: all.Events / rounds, Recipients: max(10, all.Recipients/rounds), Kills: (all.Kills + rounds - 1) / rounds,
			})
			for point, n := range report.Kills {
				struck[point] += n
			}
		}
	}
	t.Logf("killed in all: %v", struck)
	for _, p := range points {
		if *long && struck[p.String()] == 0 {
			t.Errorf("no process was killed %s", p)
		}
	}
}

// TestTheLogUnderFaults kills nobody, so that no fact is lost: the log knows of every event and every recipient what is so.
func TestTheLogUnderFaults(t *testing.T) {
	report := runOnce(t, Options{Seed: *seed, Root: filepath.Join("..", ".."), Events: 300, Recipients: 10})
	if report.Doubtful > 0 || report.Explained < crowd {
		t.Errorf("%d decisions were compared, and %d are doubtful; of all of them the log must know", report.Explained, report.Doubtful)
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

func runOnce(t *testing.T, o Options) Report {
	t.Helper()
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
	if errors.Is(err, google.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 or later)", err)
	}
	if err != nil {
		t.Fatalf("seed %d: %v; logs are in %s", o.Seed, err, dir)
	}
	t.Logf("seed %d: %s", o.Seed, report)
	if *long {
		fmt.Fprintf(os.Stderr, "seed %d: %s\n", o.Seed, report)
	}
	for i, p := range report.Problems {
		if i == 20 {
			t.Errorf("… and %d more", len(report.Problems)-i)
			break
		}
		t.Error(p)
	}
	if t.Failed() {
		t.Fatalf("failed; logs are in %s; the same again: go test ./emulator/faults -v -seed %d -events %d -recipients %d -kills %d", dir, o.Seed, o.Events, o.Recipients, o.Kills)
	}
	_ = os.RemoveAll(dir)
	return report
}
