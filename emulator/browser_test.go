//go:build unix

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
)

// TestBrowser is what a person sees, in Chromium, by the scripts in web/e2e, two at a time, on stacks of their own: a browser takes
// the time from Firestore, so that a clock which other tests have moved by hours would wake what is snoozed until tomorrow. Scripts
// that move the clock themselves have one stack, one after the other, and those that can run side by side another one. They judge
// what is right, and not how fast it is on a machine that is busy. Those that take minutes run where CI is set.
func TestBrowser(t *testing.T) {
	requireSystem(t)
	ctx := t.Context()
	if deadline, ok := t.Deadline(); ok { // what the scripts have said is worth more than what Go says when the time is over
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-time.Minute))
		defer cancel()
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	cmd := exec.CommandContext(ctx, "node", "e2e/all.mjs")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = filepath.Join("..", "web")
	cmd.Env = append(os.Environ(), "ADDRESSES="+ownStack(t, end), "ALONE="+ownStack(t, end), "JOBS=2", "SLOW=10",
		"PATIENCE_MS="+fmt.Sprint(patience.Milliseconds()), "FAILED="+t.ArtifactDir())
	if os.Getenv("CI") == "" {
		cmd.Env = append(cmd.Env, "QUICK=1")
		t.Run("thorough", func(t *testing.T) {
			requirement.Extra(t, "minutes", errors.New("the browser tests that take long run with CI=true, or by name: npm run e2e -- axe"))
		})
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", bytes.TrimSpace(out))
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == 2 {
		requirement.Missing(t, "a browser (Chromium)", err)
	}
	if err != nil {
		t.Errorf("web/e2e/all.mjs: %v", cmp.Or(context.Cause(ctx), err))
	}
}

// ownStack starts a stack that ends with the test, and returns the file with its addresses. If it ends before, it says why: no script can go on.
func ownStack(t *testing.T, ended func(why error)) string {
	t.Helper()
	own, err := stack.Start(t.Context(), stack.Options{Web: true, Insight: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	go func() { ended(own.Err()) }()
	file := filepath.Join(t.TempDir(), "addresses.json")
	if err := writeAddresses(file, own.Addresses); err != nil {
		t.Fatal(err)
	}
	return file
}
