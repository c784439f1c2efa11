//go:build unix

package stack_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
)

// The functions are played by this test binary: it is the stack that is tested here.
func TestMain(m *testing.M) {
	if out := os.Getenv("STACK_TEST_FUNCTION"); out != "" {
		fmt.Println("function", os.Getenv("FUNCTION_TARGET"), "is played by a test")
		if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), function(out)); err != nil {
			panic(err)
		}
	}
	os.Exit(requirement.Report(os.Stdout, m.Run()))
}

// Two stacks side by side, each with all it promises, until one of them loses a child.
func TestStacks(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	var one, two *stack.Stack
	var errs [2]error
	var wg sync.WaitGroup
	wg.Go(func() { one, errs[0] = start(t, out) })
	wg.Go(func() { two, errs[1] = start(t, t.TempDir()) })
	wg.Wait()
	if err := errors.Join(errs[:]...); errors.Is(err, stack.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 and Node.js 20 or later)", err)
	} else if err != nil {
		t.Fatal(err)
	}
	a := one.Addresses

	t.Run("addresses", func(t *testing.T) { checkAddresses(t, a, two.Addresses) })
	t.Run("functions' environment", func(t *testing.T) { checkEnvironment(t, a, out) })
	t.Run("rules and people", func(t *testing.T) { checkPeople(t, one) })
	t.Run("triggers", func(t *testing.T) {
		for _, uid := range []string{"alice", "bob", "carol", "dave", "erin"} {
			if document := "mirror.users-" + uid + "-devices-phone"; !exists(out, document) {
				t.Errorf("the stack serves, and %s has not come", document)
			}
		}
	})
	t.Run("the scheduler follows the clock", func(t *testing.T) {
		for range 2 {
			_ = os.Remove(filepath.Join(out, "due.called"))
			if err := one.Clock.Advance(time.Minute); err != nil {
				t.Fatal(err)
			}
			within(t, "the call that is due", func() bool { return exists(out, "due.called") })
		}
	})
	t.Run("messages", func(t *testing.T) { checkMessages(t, one, out) })
	t.Run("a push can be stopped and started", func(t *testing.T) { stopAndStart(t, client(t, a)) })
	t.Run("a function that SIGTERM breaks off", func(t *testing.T) {
		if err := one.Restart(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "function orders: signal: terminated") {
			t.Errorf("error %v does not say that it has not drained", err)
		}
		select {
		case <-one.Done():
			t.Errorf("what was asked for ended the stack: %v", one.Err())
		default:
		}
	})
	t.Run("a dead child ends the run", func(t *testing.T) { checkDeadChild(t, one, two, out) })
	t.Run("a clean stop", func(t *testing.T) {
		if err := errors.Join(two.Close(), two.Err(), two.Close()); err != nil {
			t.Error(err)
		}
		free(t, two.Addresses)
	})
}

func TestTakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	_, err = stack.Start(t.Context(), stack.Options{PortBase: port, Functions: os.Args[0]})
	if want := fmt.Sprintf("port %d is taken", port); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "-port-base") {
		t.Errorf("error = %v, want one with %q and the remedy", err, want)
	}
}

// start starts a stack whose functions take notes in the folder out.
func start(t *testing.T, out string) (*stack.Stack, error) {
	s, err := stack.Start(t.Context(), stack.Options{
		Functions: os.Args[0], Insight: true, Env: []string{"STACK_TEST_FUNCTION=" + out},
	})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}
