package infra_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Terraform makes the table and the views of what the code reads and writes. It is given a folder alone, so it has copies.
func TestFactsFilesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"schema.json", "once.sql", "rollup.sql", "held.sql"} {
		want, err := os.ReadFile(filepath.Join("..", "shared", "fact", name))
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(filepath.Join("facts", name), want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(want), read(t, filepath.Join("facts", name))); diff != "" {
			t.Errorf("infra/facts/%s differs from shared/fact; run go test ./infra -run FactsFiles -update (-code +copy):\n%s", name, diff)
		}
	}
}
