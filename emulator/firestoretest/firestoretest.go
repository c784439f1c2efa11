//go:build unix

// Package firestoretest gives the tests of a package the official Firestore emulator, and nothing else of the stack: one for all its
// tests, started at its first use and stopped at the end. Each test takes a project id of its own, and projects are isolated.
package firestoretest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/requirement"
)

var (
	stop  = func() {}
	start = sync.OnceValue(func() error {
		host, stopEmulator, err := google.Firestore(context.Background(), "")
		if err != nil {
			return err
		}
		stop = stopEmulator
		return os.Setenv("FIRESTORE_EMULATOR_HOST", host)
	})
	projects atomic.Int64
)

// Main runs a package's tests: func TestMain(m *testing.M) { firestoretest.Main(m) }. Its last line says how many could not run
// without the emulator; with CI set they have failed.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(requirement.Report(os.Stdout, code))
}

// Project returns the id of an empty project in a running emulator, to which FIRESTORE_EMULATOR_HOST points. Without Java the test
// is skipped with the reason, and fails where CI is set. An emulator that does not start for another reason fails it always.
func Project(t testing.TB) string {
	t.Helper()
	if err := start(); errors.Is(err, google.ErrMissing) {
		requirement.Missing(t, "the Firestore emulator (Java 11 or later)", err)
	} else if err != nil {
		t.Fatalf("the Firestore emulator does not start: %v", err)
	}
	return fmt.Sprintf("demo-test-%d-%d", time.Now().UnixMilli(), projects.Add(1))
}
