//go:build unix

package bill

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/testdeps"
)

func TestMain(m *testing.M) { os.Exit(requirement.Report(os.Stdout, m.Run())) }

// TestWhatAnEventIsBilledFor holds the counts of a lone event and of an announcement, on the wire, in all processes: who adds an operation to one sees it here.
// What the counts cost is printed by `go run ./emulator bill`.
func TestWhatAnEventIsBilledFor(t *testing.T) {
	testdeps.On(t, "../../functions", "../../shared", "../../infra")
	s, err := startSystem(t.Context(), t.Logf)
	if errors.Is(err, stack.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 and Node.js 20 or later)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	// An event that is handled in another window than the one in which it happened is read twice. Windows begin at whole multiples of five minutes or
	// more: from the middle of one, the cases are over before the next.
	const least = 5 * time.Minute
	now := s.stack.Clock.Now()
	if err := s.stack.Clock.Advance(now.Truncate(least).Add(least * 3 / 2).Sub(now)); err != nil {
		t.Fatal(err)
	}
	// For each lone event: one request of publish and one of notify, a message, and one open screen. An announcement has four screens: what it takes besides them is
	// a quarter for each.
	for _, test := range []struct {
		name string
		of   Case
		want map[string]float64
	}{
		{"a lone event that stands alone", Case{Prepare: loneEvents(mention, 3)}, map[string]float64{
			"read by notify": 1, "heard by screens": 1, "written by notify": 1, "deleted when it expires": 1,
			"requests of publish": 1, "requests of notify": 1,
		}},
		{"a lone event that groups", Case{Prepare: loneEvents(like, 3)}, map[string]float64{
			"read by notify": 3, "heard by screens": 1, "written by notify": 1, "deleted when it expires": 1,
			"requests of publish": 1, "requests of notify": 1,
		}},
		{"an announcement", Case{Prepare: announcement(4)}, map[string]float64{
			"read by notify": .75, "heard by screens": 1, "written by notify": .25, "deleted when it expires": .25,
			"requests of publish": .25, "requests of notify": .25,
		}},
	} {
		result, err := s.measure(t.Context(), test.of)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		got := map[string]float64{}
		for _, p := range result.Parts {
			if strings.HasPrefix(p.Price, "firestore_") || p.Price == "run_requests" {
				got[p.What] = p.Quantity
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s is billed for (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestTriggersKnowTheirDocuments(t *testing.T) {
	t.Parallel()
	const pattern = "users/{uid}/notifications/{id}"
	for document, want := range map[string]bool{"users/bob/notifications/1": true, "users/bob/devices/1": false, "users/bob": false, "users/bob/notifications/1/parts/2": false} {
		if got := matches(pattern, document); got != want {
			t.Errorf("%s: got %v, want %v", document, got, want)
		}
	}
}

func TestOnlyCasesThatThereAreCanBeChosen(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]string{"": "", "alone,groups": "alone,groups", "day": "minute,day", "alone,nothing": `there is no case "nothing"; there are minute, `} {
		chosen, err := choose(names)
		var got []string
		for _, c := range chosen {
			got = append(got, c.Key)
		}
		switch {
		case err != nil:
			if want == "" || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want %q", names, err, want)
			}
		case names == "" && len(got) != len(cases), names != "" && strings.Join(got, ",") != want:
			t.Errorf("%q: got %v, want %q", names, got, want)
		}
	}
}

// The day is the same in each run, and is as it is described.
func TestTheDayIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	one, visits := plan(), 0
	if diff := cmp.Diff(one, plan(), cmp.AllowUnexported(moment{})); diff != "" {
		t.Error(diff)
	}
	for _, m := range one {
		if m.visit {
			visits++
		}
	}
	if len(one) != dayEvents || visits != dayVisits {
		t.Errorf("got %d events and %d visits, want %d and %d", len(one), visits, dayEvents, dayVisits)
	}
}
