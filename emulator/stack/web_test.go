//go:build unix

package stack

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The demo's server: files, the description of the stack, and the product's back end with the producer's token.
func TestWebHandler(t *testing.T) {
	t.Parallel()
	var signIns atomic.Int32
	auth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signIns.Add(1)
		_, _ = io.WriteString(w, `{"idToken":"the-token"}`)
	}))
	t.Cleanup(auth.Close)
	publish := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(body))
	}))
	t.Cleanup(publish.Close)
	insight := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.EscapedPath()+"?"+r.URL.RawQuery+" "+r.Header.Get("Authorization"))
	}))
	t.Cleanup(insight.Close)
	dist := t.TempDir()
	write(t, filepath.Join(dist, "index.html"), "the demo")

	authHost := strings.TrimPrefix(auth.URL, "http://")
	s := &Stack{accounts: newAccounts(authHost), Addresses: Addresses{
		Publish: publish.URL, Insight: insight.URL, Firestore: "127.0.0.1:7404", Auth: authHost, FCM: "http://127.0.0.1:7407", Clock: "http://127.0.0.1:7408",
	}}
	h, err := s.webHandler(dist)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)

	for _, tc := range demoRequests(auth.URL) {
		req, err := http.NewRequest(tc.method, srv.URL+tc.path, strings.NewReader(tc.body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, res.Status[:4]+string(body)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tc.method, tc.path, diff)
		}
	}
	if got := signIns.Load(); got != 1 {
		t.Errorf("signed in %d times, want once an hour", got)
	}
}

type demoRequest struct{ method, path, body, want string }

func demoRequests(auth string) []demoRequest {
	return []demoRequest{
		{"GET", "/", "", "200 the demo"},
		{"GET", "/nothing.js", "", "404 404 page not found\n"},
		{"GET", "/producer-token", "", "200 the-token"},
		{"POST", "/v1/events", `{"type":"info"}`, `202 POST /v1/events Bearer the-token {"type":"info"}`},
		{"GET", "/v1/events/%2F%2Fshop/e1/log?recipient=bob", "", "200 /v1/events/%2F%2Fshop/e1/log?recipient=bob Bearer the-token"},
		{"GET", "/v1/insight/types", "", "200 /v1/insight/types? Bearer the-token"},
		{"GET", "/stack.json", "", `200 {"project":"demo-tidings","firestore":{"host":"127.0.0.1","port":7404},"auth":"` + auth +
			`","fcm":"http://127.0.0.1:7407","clock":"http://127.0.0.1:7408","mailbox":"","people":[` +
			`{"name":"Alice","uid":"alice","email":"alice@tidings.example","password":"tidings"},` +
			`{"name":"Bob","uid":"bob","email":"bob@tidings.example","password":"tidings"},` +
			`{"name":"Carol","uid":"carol","email":"carol@tidings.example","password":"tidings"},` +
			`{"name":"Dave","uid":"dave","email":"dave@tidings.example","password":"tidings"},` +
			`{"name":"Erin","uid":"erin","email":"erin@tidings.example","password":"tidings"}]}`},
	}
}

func TestHashTree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "src", "a.ts"), "a")
	hash := func() string {
		t.Helper()
		h, err := hashTree(dir)
		if err != nil {
			t.Fatal(err)
		}
		return string(h)
	}
	first := hash()
	for _, ignored := range []string{"node_modules/x/index.js", "dist/index.html", ".vite/cache"} {
		write(t, filepath.Join(dir, ignored), "x")
	}
	if got := hash(); got != first {
		t.Error("what is built or installed changed the hash")
	}
	seen := map[string]bool{first: true}
	for _, change := range []func(){
		func() { write(t, filepath.Join(dir, "src", "a.ts"), "b") },
		func() { write(t, filepath.Join(dir, "src", "b.ts"), "") },
		func() {
			if err := os.Rename(filepath.Join(dir, "src", "b.ts"), filepath.Join(dir, "src", "c.ts")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		change()
		h := hash()
		if seen[h] {
			t.Error("a change left the hash as it was")
		}
		seen[h] = true
	}
}

func write(t *testing.T, file, body string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}
