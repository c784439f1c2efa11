package github_test

import (
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/source"
)

var update = flag.Bool("update", false, "write testdata/golden.txt anew; it needs all payloads")

const goldenFile = "testdata/golden.txt"

// Payloads lie in folders named by their event: a selection of GitHub's published examples (github.com/octokit/webhooks, MIT
// licence) here, and as many as there are beside the repository.
var (
	selection = filepath.Join("testdata", "payloads")
	beside    = filepath.Join("..", "..", "..", "shared", "data", "github-webhooks")
)

// payloads reads all payloads of a folder by their path in it, "issues/01-assigned.json"; none where there is no folder.
func payloads(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = body
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return all
}

func header(name string) http.Header {
	return http.Header{"X-Github-Event": {name}, "X-Github-Delivery": {"d"}, "Content-Type": {"application/json"}}
}

// TestEveryPayload compares what each payload makes with the golden file: who is told, and what they read.
func TestEveryPayload(t *testing.T) {
	t.Parallel()
	all := payloads(t, selection)
	if len(all) == 0 {
		t.Fatal("there is no selection")
	}
	here := len(all)
	maps.Copy(all, payloads(t, beside))
	if len(all) == here {
		t.Log("only the selection was looked at: there are no payloads beside the repository")
	}
	golden := readGolden(t)
	var file strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		eventName, _, _ := strings.Cut(name, "/")
		sourcetest.Holds(t, &github.Source{}, header(eventName), all[name])
		got := told(t, eventName, all[name])
		if strings.Contains(got, "unknown event type") {
			t.Errorf("%s is not in the table", name)
		}
		if diff := gocmp.Diff(golden[name], got); diff != "" && !*update {
			t.Errorf("%s (-golden +got):\n%s", name, diff)
		}
		fmt.Fprintf(&file, "%s\n%s", name, got)
	}
	if *update {
		if err := os.WriteFile(goldenFile, []byte(file.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readGolden gives the indented lines below each name.
func readGolden(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(goldenFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	golden, name := map[string]string{}, ""
	for line := range strings.Lines(string(raw)) {
		if !strings.HasPrefix(line, " ") {
			name = strings.TrimSpace(line)
			continue
		}
		golden[name] += line
	}
	return golden
}

// told is what a payload makes, in lines that a person can judge. Whoever did it is listed, though the seam leaves them out.
func told(t *testing.T, name string, body []byte) string {
	t.Helper()
	mapped, err := (&github.Source{}).Map(header(name), body)
	if err != nil {
		return "    refused: " + err.Error() + "\n"
	}
	if len(mapped.Events) == 0 {
		return "    nobody: " + mapped.Why + "\n"
	}
	var b strings.Builder
	for _, e := range mapped.Events {
		who := strings.Join(e.Tell, ", ")
		if e.Audience != "" {
			who = "audience " + e.Audience
		}
		if e.Retract {
			fmt.Fprintf(&b, "    %s: %s is taken back of %q\n", cmp.Or(who, "whoever was told"), what(e.Event), cmp.Or(e.Target.Title, e.Target.ID))
			continue
		}
		words := sentence(t, e)
		fmt.Fprintf(&b, "    %s: %s", who, words.Title)
		if words.Body != "" {
			fmt.Fprintf(&b, " | %s", words.Body)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// what names what a retraction takes back.
func what(e event.Event) string {
	name := e.Type
	if e.Instance != "" {
		name += " of " + e.Instance
	}
	if len(e.Except) > 0 {
		name += " but of " + strings.Join(e.Except, ", ")
	}
	return name
}

func sentence(t *testing.T, e source.Event) inbox.Words {
	t.Helper()
	c, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	source.Trim(&e.Event)
	n := &inbox.Notification{Type: e.Type, Target: e.Target, Data: e.Data, ActorCount: 1, EventCount: 1}
	if e.Actor != (event.Actor{}) {
		n.Actors = []inbox.Actor{{Actor: e.Actor}}
	}
	return c.Say("en")(n)
}
