package store_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/store"
)

// search reads the whole database, whatever the collections are called, and returns the paths of documents that have any of the texts in their path or in
// a field.
func (w *town) search(t *testing.T, texts ...string) (found []string) {
	t.Helper()
	base := "projects/" + w.project + "/databases/(default)/documents"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+os.Getenv("FIRESTORE_EMULATOR_HOST")+"/v1/"+base+":runQuery",
		strings.NewReader(`{"structuredQuery": {"from": [{"allDescendants": true}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer owner")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var all []struct {
		Document struct {
			Name   string
			Fields map[string]any
		}
		Error any
	}
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("search: %s, %v", answer.Status, err)
	}
	for _, one := range all {
		if one.Error != nil {
			t.Fatalf("search: %v", one.Error)
		}
		path := strings.TrimPrefix(one.Document.Name, base+"/")
		text := path + "\n" + flat("", one.Document.Fields)
		if path != "" && slices.ContainsFunc(texts, func(sought string) bool { return strings.Contains(text, sought) }) {
			found = append(found, path)
		}
	}
	return found
}

// flat is a value as text, each part of it in quotes: bytes as the text that may be in them.
func flat(name string, v any) string {
	var all []string
	switch v := v.(type) {
	case string:
		if name == "bytesValue" {
			raw, _ := base64.StdEncoding.DecodeString(v)
			v = string(raw)
		}
		return `"` + v + `"`
	case map[string]any:
		for key, x := range v {
			all = append(all, `"`+key+`"`, flat(key, x))
		}
	case []any:
		for _, x := range v {
			all = append(all, flat("", x))
		}
	}
	return strings.Join(all, "\n")
}

// Every collection that the rules, the indexes or the key layout know is one of which an erasure knows what to do.
func TestEveryPlaceIsKnownToErasures(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, from := range []struct {
		file    string
		pattern *regexp.Regexp
	}{
		{"../../infra/firestore.indexes.json", regexp.MustCompile(`"collectionGroup": "(\w+)"`)},
		{"../../infra/firestore.rules", regexp.MustCompile(`match (?:/databases/\{database\}/documents)?/(\w+)/\{`)},
		{"../../infra/firestore.rules", regexp.MustCompile(`match /\w+/\{\w+\}/(\w+)/\{`)},
		{"store.go", regexp.MustCompile(`(?m)^//\t(?:…/notifications/\{id\}/|users/\{uid\}/|audiences/\{id\}/|identities/\{source\}/)?(\w+)/\{`)},
	} {
		raw, err := os.ReadFile(from.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range from.pattern.FindAllStringSubmatch(string(raw), -1) {
			if known[m[1]] = true; store.Places[m[1]] == "" && m[1] != "databases" {
				t.Errorf("%s has the collection %q, and store.Places does not say what an erasure does there", from.file, m[1])
			}
		}
	}
	for place := range store.Places {
		if !known[place] && place != "audiences" && place != "identities" && place != "due" && place != "erasures" {
			t.Errorf("store.Places has %q, which nothing else knows", place)
		}
	}
	w := newTown(t)
	w.settle(t, 1)
	if _, err := w.eraser(w.Store).Erase(t.Context(), gone, time.Now()); err != nil {
		t.Fatal(err)
	}
	seeded := map[string]bool{"audiences": true, "identities": true}
	for _, path := range w.search(t, "") {
		parts := strings.Split(path, "/")
		seeded[parts[len(parts)-2]] = true
	}
	for place := range store.Places {
		if !seeded[place] {
			t.Errorf("the test of erasing has nothing in %q", place)
		}
	}
}

func (w *town) set(t *testing.T, path string, fields map[string]any) {
	t.Helper()
	if _, err := w.db.Doc(path).Set(t.Context(), fields); err != nil {
		t.Fatal(err)
	}
}

// count has a sender bring something in.
func (w *town) count(t *testing.T, sender string) {
	t.Helper()
	if _, _, err := w.CountUnits(t.Context(), sender, 1, time.Now()); err != nil {
		t.Fatal(err)
	}
}
