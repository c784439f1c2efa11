package infra_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/topology"
)

var (
	lookedUp = regexp.MustCompile(`lookup\("([A-Z_]+)"\)`)
	called   = regexp.MustCompile(`Store\.([A-Z]\w+)\(`)
)

// A variable that the code reads and Terraform does not set is a setting that nobody can make.
func TestTheCodeReadsTheTablesVariables(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"FUNCTION_TARGET": true,                                                                     // the module sets it
		"FCM_ENDPOINT":    true, "BIGQUERY_ENDPOINT": true, "CLOCK_FILE": true, "CALLER_KEYS": true, // the local stack's: in the cloud they stay empty
	}
	for _, f := range topology.Deployed().Functions {
		for _, name := range slices.Concat(f.Environment, slices.Collect(maps.Keys(f.Secrets))) {
			want[name] = true
		}
	}
	got := map[string]bool{}
	for _, name := range firstGroups(lookedUp, read(t, "../functions/config.go")+read(t, "../functions/callers.go")+read(t, "../shared/mail/config.go")) {
		if name != "PORT" && !strings.HasPrefix(name, "K_") { // Cloud Run sets these
			got[name] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-table +functions/config.go):\n%s", diff)
	}
}

// reading are the methods of the store that write nothing.
var reading = []string{"Load", "Due", "Waiting", "Progress", "DeadLetter", "DeadLetters", "Identities", "HasMembers"}

// A function whose account may only read Firestore calls nothing that writes.
func TestReadersOnlyRead(t *testing.T) {
	t.Parallel()
	for _, f := range topology.Deployed().Functions {
		if slices.Contains(f.Roles, "roles/datastore.user") {
			continue
		}
		files, err := filepath.Glob("../functions/" + f.Name + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files: %v", f.Name, err)
		}
		for _, file := range files {
			for _, method := range firstGroups(called, read(t, file)) {
				if !slices.Contains(reading, method) && !strings.HasSuffix(file, "_test.go") {
					t.Errorf("%s calls Store.%s; its account may only read Firestore", f.Name, method)
				}
			}
		}
	}
}
