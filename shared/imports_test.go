// Package shared_test holds the architecture to what DESIGN §4 says of it: imports point one way.
package shared_test

import (
	"errors"
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "tidings.dev/"

var (
	domain   = []string{"shared/attention", "shared/digest", "shared/event", "shared/fact", "shared/inbox", "shared/profile", "shared/quiet", "shared/topology", "shared/webhook"} // the standard library and each other only
	adapters = []string{"shared/archive", "shared/catalog", "shared/problem", "shared/push", "shared/store", "shared/topics", "shared/warehouse"}

	// above are the packages of shared/ that are neither, with what they may import besides the domain.
	above = map[string][]string{
		"shared/clock":             {},
		"shared/telemetry":         {},
		"shared/intake":            {"shared/catalog", "shared/topics", "shared/telemetry"},
		"shared/intake/intaketest": {},
		"shared/mail":              {"shared/catalog"},
		"shared/callers":           {"shared/problem"},
		"shared/producers":         {"shared/problem", "shared/limit"},
		"shared/limit":             {},
		"shared/endpoints":         {},
		"shared/cloudevent":        {},
		"shared/source":            {},
		"shared/topics/topicstest": {"shared/topics"},
		"shared/store/storetest":   {"shared/store"},
		"shared/store/wire":        {},
		"shared/tasks":             {},
		"shared/hostile":           {},
	}

	// tools are what all of shared/ but the domain may use.
	tools = []string{"shared/tasks"}

	// measured are the adapters that make spans.
	measured = []string{"shared/push", "shared/topics"}

	// subscribes is what runs the subscriber without being called by Pub/Sub: a replay is no other code.
	subscribes = map[string]string{"functions/archive": "functions/notify"}

	// clients are the libraries that one place alone speaks to.
	clients = map[string][]string{
		"cloud.google.com/go/firestore":       {"shared/store", "shared/store/storetest", "shared/store/wire"},
		"cloud.google.com/go/storage":         {"shared/archive"},
		"google.golang.org/api/bigquery/":     {"shared/warehouse"},
		"github.com/twmb/avro":                {"shared/archive"},
		"cloud.google.com/go/pubsub/":         {"shared/topics", "shared/topics/topicstest", "functions/internal/door/sourcetest", "functions"},
		"firebase.google.com/go/v4/messaging": {"shared/push"},
		"github.com/nicksnyder/go-i18n/":      {"shared/catalog"},
		"github.com/yuin/goldmark":            {"functions/github"},
		"github.com/wneessen/go-mail":         {"shared/mail"},
		"github.com/emersion/":                {"shared/mail"},
		"github.com/GoogleCloudPlatform/":     {"functions"},
		"go.opentelemetry.io/":                {"shared/telemetry"},
		"golang.org/x/sync/errgroup":          {"shared/tasks"},
	}
)

// broken lists the imports that no rule allows, as "importer → imported", in order.
func broken(imports map[string][]string) (bad []string) {
	for pkg, imported := range imports {
		for _, path := range imported {
			if !allowed(pkg, path) {
				bad = append(bad, pkg+" → "+strings.TrimPrefix(path, module))
			}
		}
		if _, known := above[pkg]; !known && strings.HasPrefix(pkg, "shared/") && !slices.Contains(slices.Concat(domain, adapters), pkg) {
			bad = append(bad, pkg+" is in no layer: add it to this test")
		}
	}
	slices.Sort(bad)
	return bad
}

func allowed(pkg, path string) bool {
	own, ours := strings.CutPrefix(path, module)
	if !ours {
		for prefix, places := range clients {
			if strings.HasPrefix(path, prefix) && !slices.Contains(places, pkg) {
				return false
			}
		}
		first, _, _ := strings.Cut(path, "/")
		standard := !strings.Contains(first, ".")
		return standard || !slices.Contains(domain, pkg)
	}
	switch {
	case own == "infra/facts": // the text of queries, which Terraform has too
		return pkg == "functions/insight"
	case strings.HasPrefix(pkg, "shared/"):
		return slices.Contains(domain, own) || slices.Contains(above[pkg], own) || own == "shared/telemetry" && slices.Contains(measured, pkg) ||
			slices.Contains(tools, own) && !slices.Contains(domain, pkg) || strings.HasPrefix(own, pkg+"/") // a room of its own
	case pkg == "functions": // main puts everything together
		return strings.HasPrefix(own, "shared/") || strings.HasPrefix(own, "functions/")
	case strings.HasPrefix(own, "functions/internal/"): // what several functions share, and nobody else
		return strings.HasPrefix(pkg, "functions/")
	default: // a function, or a room of one
		return strings.HasPrefix(own, "shared/") || strings.HasPrefix(own, pkg+"/") || own == subscribes[pkg]
	}
}

// The rules are about what is deployed: a test may use whatever helps it.
func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, top := range []string{"shared", "functions"} {
		err := filepath.WalkDir(filepath.Join("..", top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			if d.Name() == "testdata" {
				return filepath.SkipDir
			}
			pkg, err := build.ImportDir(path, 0)
			if none := new(build.NoGoError); errors.As(err, &none) {
				return nil
			}
			if err != nil {
				return err
			}
			imports[strings.TrimPrefix(filepath.ToSlash(path), "../")] = pkg.Imports
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range slices.Concat(domain, adapters, []string{"functions", "functions/insight", "functions/publish", "functions/notify"}) {
		if _, ok := imports[name]; !ok {
			t.Errorf("%s was not found: the test looks in the wrong place", name)
		}
	}
	for _, b := range broken(imports) {
		t.Error(b)
	}
}

func TestEveryRuleCanBeBroken(t *testing.T) {
	t.Parallel()
	got := broken(map[string][]string{
		"shared/event":            {"time", "encoding/json", "github.com/google/uuid", "tidings.dev/shared/clock"},
		"shared/inbox":            {"tidings.dev/shared/event", "golang.org/x/text/language"},
		"shared/profile":          {"tidings.dev/shared/inbox", "tidings.dev/shared/store"},
		"shared/store":            {"cloud.google.com/go/firestore", "tidings.dev/shared/inbox", "tidings.dev/shared/topics"},
		"shared/problem":          {"tidings.dev/shared/event", "tidings.dev/functions/notify"},
		"shared/push":             {"tidings.dev/shared/telemetry", "google.golang.org/api/bigquery/v2"},
		"shared/clock":            {"tidings.dev/shared/telemetry", "go.opentelemetry.io/otel"},
		"shared/catalog":          {"gopkg.in/yaml.v3", "tidings.dev/emulator/stack", "cloud.google.com/go/pubsub/v2"},
		"shared/intake":           {"tidings.dev/shared/catalog", "tidings.dev/shared/topics", "tidings.dev/shared/store"},
		"shared/utils":            {},
		"shared/quiet":            {"tidings.dev/shared/tasks"},
		"shared/topics":           {"tidings.dev/shared/tasks", "golang.org/x/sync/errgroup"},
		"functions":               {"tidings.dev/functions/notify", "tidings.dev/shared/store", "tidings.dev/emulator/clock"},
		"functions/publish":       {"tidings.dev/shared/intake", "tidings.dev/functions/notify", "tidings.dev/functions/internal/door"},
		"functions/internal/door": {"tidings.dev/shared/intake", "tidings.dev/functions/publish"},
		"shared/source":           {"tidings.dev/functions/internal/door"},
		"functions/archive":       {"tidings.dev/functions/notify", "tidings.dev/functions/publish", "tidings.dev/functions/notify/courier", "cloud.google.com/go/storage"},
		"functions/notify":        {"tidings.dev/functions/archive", "tidings.dev/emulator/fcm", "cloud.google.com/go/firestore/apiv1"},
	})
	want := []string{
		"functions → emulator/clock",
		"functions/archive → cloud.google.com/go/storage",
		"functions/archive → functions/notify/courier",
		"functions/archive → functions/publish",
		"functions/notify → functions/archive",
		"functions/notify → cloud.google.com/go/firestore/apiv1",
		"functions/notify → emulator/fcm",
		"functions/publish → functions/notify",
		"functions/internal/door → functions/publish",
		"shared/source → functions/internal/door",
		"shared/clock → shared/telemetry",
		"shared/clock → go.opentelemetry.io/otel",
		"shared/catalog → cloud.google.com/go/pubsub/v2",
		"shared/catalog → emulator/stack",
		"shared/event → github.com/google/uuid",
		"shared/event → shared/clock",
		"shared/inbox → golang.org/x/text/language",
		"shared/intake → shared/store",
		"shared/problem → functions/notify",
		"shared/profile → shared/store",
		"shared/push → google.golang.org/api/bigquery/v2", "shared/quiet → shared/tasks",
		"shared/store → shared/topics",
		"shared/topics → golang.org/x/sync/errgroup",
		"shared/utils is in no layer: add it to this test",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
