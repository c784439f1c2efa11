//go:build unix

// Package firestoretest gives the tests of a package the official Firestore emulator: one for all its tests, started at its
// first use and stopped at the end. Each test takes a project id of its own, and projects are isolated.
package firestoretest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/stack"
)

var (
	stop  = func() {}
	start = sync.OnceValue(func() error {
		host, stopEmulator, err := stack.Firestore(context.Background(), "")
		if err != nil {
			return err
		}
		stop = stopEmulator
		return os.Setenv("FIRESTORE_EMULATOR_HOST", host)
	})
	projects atomic.Int64
)

// Main runs a package's tests: func TestMain(m *testing.M) { firestoretest.Main(m) }.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// Project returns the id of an empty project in a running emulator, to which FIRESTORE_EMULATOR_HOST points. Without Java
// the test is skipped with the reason, and fails where CI is set.
func Project(t testing.TB) string {
	t.Helper()
	if err := start(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Firestore emulator: %v", err)
		}
		t.Skipf("no Firestore emulator: %v", err)
	}
	return fmt.Sprintf("demo-test-%d-%d", time.Now().UnixMilli(), projects.Add(1))
}
