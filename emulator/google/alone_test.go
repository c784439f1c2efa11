//go:build unix

package google_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/requirement"
)

func TestMain(m *testing.M) { os.Exit(requirement.Report(os.Stdout, m.Run())) }

func TestFirestoreAlone(t *testing.T) {
	t.Parallel()
	host, stop, err := google.Firestore(t.Context(), "../../infra/firestore.rules")
	if errors.Is(err, google.ErrMissing) {
		requirement.Missing(t, "the Firestore emulator (Java 11 or later)", err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	url := "http://" + host + "/v1/projects/demo-alone/databases/(default)/documents/users/alice"
	if got := get(t, url); got != http.StatusForbidden {
		t.Errorf("somebody reads a profile: %d, want 403", got)
	}
	open := filepath.Join(t.TempDir(), "open.rules")
	rules := `rules_version = '2'; service cloud.firestore { match /databases/{d}/documents { match /{all=**} { allow read, write; } } }`
	if err := os.WriteFile(open, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := google.LoadRules(t.Context(), host, "demo-alone", open); err != nil {
		t.Fatal(err)
	}
	if got := get(t, url); got != http.StatusNotFound {
		t.Errorf("after opening the rules: %d, want 404", got)
	}
}

func get(t *testing.T, url string) (status int) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}
