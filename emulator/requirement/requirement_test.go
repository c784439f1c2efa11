package requirement_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tidings.dev/emulator/requirement"
)

// The package's tests run once more in a process where nothing is installed.
const bare = "REQUIREMENT_TEST_BARE"

func TestMain(m *testing.M) {
	code := m.Run()
	if os.Getenv(bare) != "" {
		code = requirement.Report(os.Stdout, code)
	}
	os.Exit(code)
}

func TestNeedsEmulator(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(bare) == "" {
				t.Skip("for the process in which nothing is installed")
			}
			requirement.Missing(t, "the Firestore emulator (Java)", errors.New("java is\nnot on the PATH"))
		})
	}
}

func TestNeedsBrowser(t *testing.T) {
	if os.Getenv(bare) == "" {
		t.Skip("for the process in which nothing is installed")
	}
	requirement.Missing(t, "a browser", errors.New("no Chromium"))
}

func TestNeedsExtra(t *testing.T) {
	if os.Getenv(bare) == "" {
		t.Skip("for the process in which nothing is installed")
	}
	requirement.Extra(t, "OpenTofu", errors.New("no tofu"))
}

func TestTheLastLineSaysWhatWasSkipped(t *testing.T) {
	t.Parallel()
	for ci, want := range map[string]struct {
		word   string
		status int
	}{"": {"SKIPPED", 0}, "true": {"FAILED", 1}} {
		cmd := exec.Command(os.Args[0], "-test.run=TestNeeds")
		cmd.Env = append(os.Environ(), bare+"=1", "CI="+ci)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != want.status {
			t.Errorf("CI=%s: exit status %d, want %d", ci, got, want.status)
		}
		end := want.word + ": 2 tests need the Firestore emulator (Java): java is not on the PATH\n" + want.word + ": 1 test needs a browser: no Chromium\nSKIPPED: 1 test needs OpenTofu: no tofu\n"
		if !strings.HasSuffix(string(out), end) {
			t.Errorf("CI=%s: the last lines are not\n%s\nbut:\n%s", ci, end, out)
		}
	}
}
