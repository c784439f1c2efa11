//go:build unix

package process_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tidings.dev/emulator/internal/process"
)

// family starts a child with a child of its own; both write their process ids to the log and take no hint to end.
const family = `trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & echo $$; wait`

func TestMain(m *testing.M) {
	if os.Getenv("CHILD_TEST_PARENT") != "" {
		parent()
		return
	}
	os.Exit(m.Run())
}

// parent is this test binary as a program that is going to be killed.
func parent() {
	g, err := process.NewGroup()
	if err != nil {
		panic(err)
	}
	log := os.Getenv("CHILD_TEST_PARENT")
	if _, err := g.Start(process.Spec{Name: "family", Path: "sh", Args: []string{"-c", family}, Log: log}); err != nil {
		panic(err)
	}
	fmt.Println(g.Guardian().PID())
	select {}
}

func TestKilledParentLeavesNothing(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILD_TEST_PARENT="+log)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	guardian, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	pids := append(pids(t, log, 2), guardian)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // "signal: killed"
	gone(t, pids)
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	g := group(t)
	log := filepath.Join(t.TempDir(), "log")
	p := start(t, g, log, family)
	all := append(pids(t, log, 2), g.Guardian().PID())
	g.Close(10 * time.Millisecond)
	gone(t, all)
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("Err = %v, want one that says killed", err)
	}
	if _, err := g.Start(process.Spec{Name: "late", Path: "true", Log: log}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Start after Close = %v, want ErrClosed", err)
	}
}

func TestKilledGuardianIsNoticed(t *testing.T) {
	t.Parallel()
	g := group(t)
	log := filepath.Join(t.TempDir(), "log")
	start(t, g, log, family)
	all := pids(t, log, 2)
	if err := syscall.Kill(g.Guardian().PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-g.Guardian().Done()
	g.Close(10 * time.Millisecond)
	gone(t, all)
}

func TestDeadChildTellsWhy(t *testing.T) {
	t.Parallel()
	g := group(t)
	log := filepath.Join(t.TempDir(), "log")
	p := start(t, g, log, `seq 1 20; echo the disk is full >&2; exit 3`)
	err := p.Ended()
	for _, want := range []string{"child ended", "exit status 3", "| 20\n", "the disk is full"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "| 11\n") {
		t.Errorf("%q holds more than the last ten lines", err)
	}
	// A grandchild goes with the child that left it behind.
	log2 := filepath.Join(t.TempDir(), "log2")
	p = start(t, g, log2, `sh -c 'echo $$; while :; do sleep 1; done' & until [ -s '`+log2+`' ]; do sleep 0.01; done`)
	left := pids(t, log2, 1)
	if err := p.Err(); err != nil {
		t.Errorf("Err = %v, want nil for exit status 0", err)
	}
	gone(t, left)
}

func TestLock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	unlock, err := process.Lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error)
	go func() {
		unlock, err := process.Lock(t.Context(), file)
		if err == nil {
			unlock()
		}
		second <- err
	}()
	select {
	case err := <-second:
		t.Fatalf("two hold the lock at once (%v)", err)
	case <-time.After(250 * time.Millisecond):
	}
	unlock()
	if err := <-second; err != nil {
		t.Fatal(err)
	}
}

func group(t *testing.T) *process.Group {
	t.Helper()
	g, err := process.NewGroup()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close(0) })
	return g
}

func start(t *testing.T, g *process.Group, log, script string) *process.Child {
	t.Helper()
	p, err := g.Start(process.Spec{Name: "child", Path: "sh", Args: []string{"-c", script}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pids waits until n process ids are in the log.
func pids(t *testing.T, log string, n int) []int {
	t.Helper()
	var out []int
	within(t, fmt.Sprintf("%d process ids in the log", n), func() bool {
		out = nil
		b, _ := os.ReadFile(log)
		for _, line := range strings.Fields(string(b)) {
			pid, err := strconv.Atoi(line)
			if err != nil {
				t.Fatalf("log line %q is no process id", line)
			}
			out = append(out, pid)
		}
		return len(out) == n
	})
	return out
}

// gone waits until none of the processes is left; zombies, which wait for whoever adopted them, do not count.
func gone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		within(t, fmt.Sprintf("the end of process %d", pid), func() bool {
			if syscall.Kill(pid, 0) != nil {
				return true
			}
			out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
			return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
		})
	}
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within 10 s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
