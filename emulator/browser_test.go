//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tidings.dev/emulator/requirement"
)

// TestBrowser is what a person sees, in Chromium, by the scripts in web/e2e, several at a time. Some of them move the stack's
// clock, so they run while no other test does. They judge what is right, and not how fast it is on a machine that is busy. Those that
// take minutes run where CI is set.
func TestBrowser(t *testing.T) {
	requireSystem(t)
	file := filepath.Join(t.TempDir(), "addresses.json")
	if err := writeAddresses(file, system.Addresses); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "e2e/all.mjs")
	cmd.Dir = filepath.Join("..", "web")
	cmd.Env = append(os.Environ(), "ADDRESSES="+file, "JOBS=3", "SLOW=10",
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
		t.Errorf("web/e2e/all.mjs: %v", err)
	}
}
