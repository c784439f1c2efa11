//go:build unix

// Package web_test makes the web package's own checks part of `go test ./...`: types (tsc), style (Biome) and unit tests
// (vitest), as `npm run check` in this folder runs them.
package web_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/testdeps"
)

func TestMain(m *testing.M) { os.Exit(requirement.Report(os.Stdout, m.Run())) }

func TestCheck(t *testing.T) {
	t.Parallel()
	testdeps.On(t, ".", "../shared/catalog")
	npm, err := exec.LookPath("npm")
	if err != nil {
		requirement.Missing(t, "npm, which comes with Node.js (nodejs.org)", err)
	}
	if err := stack.InstallWeb(context.Background(), "", t.Output()); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(npm, "run", "--silent", "check")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("npm run check: %v\n%s", err, out)
	}
}
