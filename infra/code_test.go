package infra_test

import (
	"fmt"
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
	registered = regexp.MustCompile(`\{"([a-z]+)", \[\]string\{([^}]*)\}`)
	lookedUp   = regexp.MustCompile(`lookup\("([A-Z_]+)"\)`)
	routed     = regexp.MustCompile(`\{(?:"([\w-]+)"|deadLetters), "([\w-]+)", "(\w+)", (\d+)\}`)
	called     = regexp.MustCompile(`Store\.([A-Z]\w+)\(`)
	triggered  = regexp.MustCompile(`\{"([\w-]+)", "(\w+)", "(users/[^"]+)"\}`)
)

// source is a file of the code, or "" if it reads the table itself: then there is nothing to compare.
func source(t *testing.T, name string) string {
	t.Helper()
	text := read(t, name)
	if strings.Contains(text, `"tidings.dev/shared/topology"`) {
		return ""
	}
	return text
}

func TestTheCodeServesTheTablesFunctions(t *testing.T) {
	t.Parallel()
	text := source(t, "../functions/wiring.go")
	if text == "" {
		return
	}
	got, want := map[string][]string{}, map[string][]string{}
	for _, match := range registered.FindAllStringSubmatch(text, -1) {
		for _, path := range strings.Split(match[2], ",") {
			got[match[1]] = append(got[match[1]], strings.Trim(path, ` "`))
		}
	}
	for _, f := range topology.Deployed().Functions {
		want[f.Name] = f.Paths
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("functions and their paths (-table +functions/wiring.go):\n%s", diff)
	}
}

// A variable that the code reads and Terraform does not set is a setting that nobody can make.
func TestTheCodeReadsTheTablesVariables(t *testing.T) {
	t.Parallel()
	want := map[string]bool{
		"FUNCTION_TARGET": true,                     // the module sets it
		"FCM_ENDPOINT":    true, "CLOCK_FILE": true, // the local stack's: in the cloud they stay empty
	}
	for _, f := range topology.Deployed().Functions {
		for _, name := range slices.Concat(f.Environment, slices.Collect(maps.Keys(f.Secrets))) {
			want[name] = true
		}
	}
	got := map[string]bool{}
	for _, name := range firstGroups(lookedUp, read(t, "../functions/config.go")) {
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

func TestTheLocalStackIsTheTable(t *testing.T) {
	t.Parallel()
	table := topology.Deployed()
	if text := source(t, "../emulator/stack/topology.go"); text != "" {
		var want, got []string
		for _, s := range table.Subscriptions {
			want = append(want, fmt.Sprint(s.Topic, " ", s.Name, " ", s.Path, " ", s.Attempts))
		}
		for _, m := range routed.FindAllStringSubmatch(text, -1) {
			topic := m[1]
			if topic == "" {
				topic = "dead-letters"
			}
			got = append(got, fmt.Sprint(topic, " ", m[2], " /", m[3], " ", m[4]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("subscriptions (-table +emulator/stack):\n%s", diff)
		}
		for _, setting := range []string{"ackDeadline = 60 * time.Second", "MinBackoff: 10 * time.Second", "MaxBackoff: 600 * time.Second"} {
			if !strings.Contains(text, setting) {
				t.Errorf("emulator/stack/topology.go does not say %q, as the table does", setting)
			}
		}
	}
	if text := source(t, "../emulator/stack/triggers.go"); text != "" {
		var want, got []string
		for _, tr := range table.Triggers {
			want = append(want, fmt.Sprint(tr.Name, " ", tr.Path, " ", tr.Document))
		}
		for _, m := range triggered.FindAllStringSubmatch(text, -1) {
			got = append(got, fmt.Sprint(m[1], " /", m[2], " ", m[3]))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("triggers (-table +emulator/stack):\n%s", diff)
		}
	}
}
