//go:build unix

// Package infra_test holds the rules and indexes of Firestore to what README and code promise: the rules against the
// official emulator, by the same REST calls with unsigned tokens that any hostile client could make; the index file by
// itself, because the emulator answers queries without looking at it.
package infra_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/requirement"
)

// TestMain stops the emulator that a test started, and looks at the coverage of the rules when all tests have run: no test
// by itself can know what the others have reached.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && !filtered() {
		if gaps := coverage.gaps(); len(gaps) > 0 {
			fmt.Printf("FAIL: conditions of firestore.rules that no test has seen both ways:\n  %s\n", strings.Join(gaps, "\n  "))
			code = 1
		}
	}
	stopEmulator()
	os.Exit(requirement.Report(os.Stdout, code))
}

// filtered is true when only some of the tests were asked for.
func filtered() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return true
		}
	}
	return false
}

var (
	stopEmulator = func() {}
	// emulatorHost starts the emulator at its first use, so that the tests of the index file need no Java.
	emulatorHost = sync.OnceValues(func() (string, error) {
		host, stop, err := google.Firestore(context.Background(), "firestore.rules")
		if err != nil {
			return "", err
		}
		stopEmulator = stop
		return host, os.Setenv("FIRESTORE_EMULATOR_HOST", host) // for the store of one test
	})
)

// requireEmulator returns host:port of the emulator. Where there is no Java the test is skipped, but not where CI is set.
func requireEmulator(t *testing.T) string {
	t.Helper()
	host, err := emulatorHost()
	switch {
	case errors.Is(err, google.ErrMissing):
		requirement.Missing(t, "the Firestore emulator (Java 11 or later)", err)
	case err != nil:
		t.Fatalf("no Firestore emulator: %v", err)
	}
	return host
}
