// Package requirement keeps count of the tests that could not run because something is not installed here. A test that was
// skipped looks like one that passed: so the package's last line says how many there were, and with CI set they fail.
//
// `go test ./...` shows what a package prints only if it failed; `go test -v ./...`, or `go test` within the package's folder,
// shows it always.
package requirement

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A lack is something that tests needed and did not find.
type lack struct {
	what   string   // "the Firestore emulator (Java)"
	reason string   // one line
	tests  []string // by name
	fails  bool     // with CI set, the tests have failed
}

var (
	mu    sync.Mutex
	lacks []*lack
)

// Missing skips the test, because what it needs cannot be had here for the reason that err gives. With CI set it fails the test.
func Missing(t testing.TB, what string, err error) {
	t.Helper()
	fails := os.Getenv("CI") != ""
	note(lack{what: what, fails: fails}, t.Name(), err)
	if fails {
		t.Fatalf("needs %s: %v", what, err)
	}
	t.Skipf("needs %s: %v", what, err)
}

// Extra skips the test, with CI set too: it needs something that not every machine for CI has.
func Extra(t testing.TB, what string, err error) {
	t.Helper()
	note(lack{what: what}, t.Name(), err)
	t.Skipf("needs %s: %v", what, err)
}

func note(found lack, test string, err error) {
	mu.Lock()
	defer mu.Unlock()
	i := slices.IndexFunc(lacks, func(l *lack) bool { return l.what == found.what })
	if i < 0 {
		found.reason = strings.Join(strings.Fields(err.Error()), " ")
		lacks = append(lacks, &found)
		i = len(lacks) - 1
	}
	if l := lacks[i]; !slices.Contains(l.tests, test) {
		l.tests = append(l.tests, test)
	}
}

// Report is for the end of TestMain: it takes what m.Run returned and returns the exit status. Where tests could not run, it prints
// a line for each thing that they lacked.
func Report(out io.Writer, code int) int {
	mu.Lock()
	defer mu.Unlock()
	for _, l := range lacks {
		word := "SKIPPED"
		if l.fails {
			word, code = "FAILED", max(code, 1)
		}
		tests := fmt.Sprintf("%d tests need", len(l.tests))
		if len(l.tests) == 1 {
			tests = "1 test needs"
		}
		fmt.Fprintf(out, "%s: %s %s: %s\n", word, tests, l.what, l.reason)
	}
	return code
}
