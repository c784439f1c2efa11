package infra_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/topology"
)

var update = flag.Bool("update", false, "write topology.json and the golden files anew")

// Terraform reads topology.json, so it deploys what the table says, as the local stack runs it.
func TestTopologyFileIsTheTable(t *testing.T) {
	t.Parallel()
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(topology.Deployed()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("topology.json", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("topology.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("infra/topology.json differs from shared/topology; run go test ./infra -run TopologyFile -update (-table +file):\n%s", diff)
	}
}
