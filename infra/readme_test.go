package infra_test

import (
	"strings"
	"testing"

	"tidings.dev/shared/topology"
)

// Each function is in the tables that say who calls it, here and in the README of the functions.
func TestREADMEsSayWhoCallsEachFunction(t *testing.T) {
	t.Parallel()
	for file, heading := range map[string]string{"README.md": "\n## Who may call what\n", "../functions/README.md": "\n## Who calls what\n"} {
		_, section, _ := strings.Cut(read(t, file), heading)
		section, _, _ = strings.Cut(section, "\n## ")
		for _, f := range topology.Deployed().Functions {
			if !strings.Contains(section, "`"+f.Name+"`") {
				t.Errorf("%s:%s lacks the function %s", file, strings.TrimRight(heading, "\n"), f.Name)
			}
		}
	}
}
