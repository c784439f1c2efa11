package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/topology"
)

func TestHealthIsAnsweredBesideTheFunction(t *testing.T) {
	t.Parallel()
	h := withHealth(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), newCapture())
	tests := []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/health", http.StatusOK}, {http.MethodPost, "/notify", http.StatusTeapot}, {http.MethodGet, "/healthz", http.StatusTeapot}, {http.MethodGet, "/health/x", http.StatusTeapot},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
		if w.Code != test.want {
			t.Errorf("%s %s: got %d, want %d", test.method, test.path, w.Code, test.want)
		}
	}
}

func TestAnUnknownFunctionIsToldByName(t *testing.T) {
	t.Parallel()
	err := register(t.Context(), config{Target: "publsh", Project: "p"}, clients{}, nil, slog.New(slog.DiscardHandler), newCapture())
	if err == nil || !strings.Contains(err.Error(), `"publsh"`) {
		t.Errorf("got %v", err)
	}
}

func TestEachDeployedFunctionHasAHandler(t *testing.T) {
	t.Parallel()
	byName, err := handlers(config{}, clients{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(functionNames())), slices.Sorted(maps.Keys(byName))); diff != "" {
		t.Errorf("functions (-shared/topology +handlers):\n%s", diff)
	}
}

// The framework's registry is the process's own, so that this is the one test that registers.
func TestTheFrameworkServesOnOurServer(t *testing.T) {
	server := newCapture()
	served := withHealth(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panics" {
			panic("a fault")
		}
		w.WriteHeader(http.StatusTeapot)
	}), server)
	functions.HTTP("served", served.ServeHTTP)
	t.Setenv("FUNCTION_TARGET", "served")
	h, err := frameworkHandler(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/health": http.StatusOK, "/": http.StatusTeapot, "/any/path": http.StatusTeapot, "/panics": http.StatusInternalServerError} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
	t.Setenv("FUNCTION_TARGET", "nowhere")
	if _, err := frameworkHandler(t.Context(), newCapture()); err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("the framework's own error was lost: %v", err)
	}
}

// Whatever is asked of a function that it does not serve, the answer is a problem, and not net/http's own text.
func TestWhatAFunctionDoesNotServeIsAProblem(t *testing.T) {
	t.Parallel()
	byName, err := handlers(config{}, clients{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range topology.Deployed().Functions {
		h, served := byName[f.Name](), f.Paths[0]
		if strings.HasSuffix(served, "/") { // all below it
			served += "bob/preferences"
		}
		tests := []struct {
			method, path string
			want         int
		}{
			{"POST", "/nothing/here", http.StatusNotFound}, {"POST", "/" + f.Name + "/", http.StatusNotFound}, {"POST", "//" + f.Name, http.StatusNotFound},
			{"BREW", served, http.StatusMethodNotAllowed},
		}
		for _, test := range tests {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
			if w.Code != test.want || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %s %s: got %d %s, want %d as a problem", f.Name, test.method, test.path, w.Code, w.Header().Get("Content-Type"), test.want)
			}
		}
	}
}

// What is wrong with a body is told by its fields, and without the names that it has in Go.
func TestAnswersNameNoTypesOfGo(t *testing.T) {
	t.Parallel()
	byName, err := handlers(config{GitHubSecrets: []string{"s"}, AlertmanagerSecrets: []string{"s"}}, clients{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	bodies := []string{
		"", "{", "7", "null", "[]", `"text"`, "[7]", `{"alerts": 5}`, `{"alerts": [7]}`, `{"alerts": [{"labels": 5}]}`, `{"message": 7}`, `{"message": {"attributes": {"a": 7}}}`,
		`{"message": {"data": 7}}`, `{"message": {"data": "!"}}`, `{"message": {"publishTime": 7}}`, `{"message": {"publishTime": "soon"}}`, `{"deliveryAttempt": 1.5}`,
	}
	for _, f := range topology.Deployed().Functions {
		if !slices.Contains([]string{"notify", "deadletters", "github", "alertmanager"}, f.Name) { // the others ask who it is first; their own tests look at their answers
			continue
		}
		h := byName[f.Name]()
		for _, body := range bodies {
			r := httptest.NewRequest(http.MethodPost, f.Paths[0], strings.NewReader(body))
			mac := hmac.New(sha256.New, []byte("s"))
			mac.Write([]byte(body))
			r.Header = http.Header{"Authorization": {"Bearer s"}, "X-Hub-Signature-256": {fmt.Sprintf("sha256=%x", mac.Sum(nil))}, "X-Github-Event": {"issues"}, "X-Github-Delivery": {"1"}}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code/100 == 5 || w.Code == http.StatusUnauthorized {
				t.Errorf("%s: %s: got %d %s", f.Name, body, w.Code, w.Body)
			}
			for _, leak := range []string{"Go ", "struct", "json:", "reflect", "nmarshal", "topics.", "time.Time", "base64 data"} {
				if strings.Contains(w.Body.String(), leak) {
					t.Errorf("%s: %s: got %s, which has %q", f.Name, body, w.Body, leak)
				}
			}
		}
	}
}
