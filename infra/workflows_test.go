package infra_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	uses   = regexp.MustCompile(`(?m)^\s*(?:- )?uses:\s*(\S+)(.*)$`)
	pinned = regexp.MustCompile(`^[\w-]+/[\w./-]+@[0-9a-f]{40}$`)
)

// The workflows are for whoever forks this. Nobody but their authors may change what they run, so each action is named by a commit, with the
// release it is of; and none of them can do more than it says.
func TestWorkflowsArePinnedAndNarrow(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.FromSlash("../.github/workflows/*.yml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("got %v, %v; want those for tests, fuzzing and releases", files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faultsOf(string(raw)) {
			t.Errorf("%s: %s", filepath.Base(file), fault)
		}
	}
}

func TestAWorkflowThatIsNotPinnedIsTold(t *testing.T) {
	t.Parallel()
	good := "permissions:\n  contents: read\njobs:\n  - uses: actions/checkout@" + strings.Repeat("a", 40) + " # v4.2.2\n  - uses: ./.github/workflows/test.yml\n"
	if got := faultsOf(good); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	for _, change := range [][2]string{
		{"@" + strings.Repeat("a", 40), "@v4"}, {" # v4.2.2", ""}, {"permissions:\n  contents: read\n", ""}, {"jobs:", "on: pull_request_target\njobs:"},
		{"jobs:", "jobs:\n  - run: echo ${{ github.event.pull_request.title }}"}, {"contents: read", "contents: write"},
	} {
		if got := faultsOf(strings.Replace(good, change[0], change[1], 1)); len(got) != 1 {
			t.Errorf("%q instead of %q: got %v, want one fault", change[1], change[0], got)
		}
	}
}

func faultsOf(workflow string) (faults []string) {
	for _, found := range uses.FindAllStringSubmatch(workflow, -1) {
		switch action, behind := found[1], strings.TrimSpace(found[2]); {
		case strings.HasPrefix(action, "./"):
		case !pinned.MatchString(action):
			faults = append(faults, action+" is not pinned to a commit")
		case !strings.HasPrefix(behind, "# v"):
			faults = append(faults, action+" does not say its release")
		}
	}
	if !strings.Contains(workflow, "\npermissions:\n  contents: read\n") && !strings.HasPrefix(workflow, "permissions:\n  contents: read\n") {
		faults = append(faults, "does not begin with the permission to read alone")
	}
	if strings.Contains(workflow, "pull_request_target") {
		faults = append(faults, "runs a stranger's pull request with this repository's rights")
	}
	if strings.Contains(workflow, "${{ github.event.") {
		faults = append(faults, "puts what a stranger wrote into a command")
	}
	return faults
}
