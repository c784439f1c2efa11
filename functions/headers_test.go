package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.dev/shared/topology"
)

// TestAnswersAreNotForBrowsers: whatever a function answers, and whoever's page asks.
func TestAnswersAreNotForBrowsers(t *testing.T) {
	t.Parallel()
	byName, err := handlers(config{}, clients{}, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range topology.Deployed().Functions {
		h := secured(withHealth(byName[f.Name](), newCapture()))
		for _, request := range [][2]string{{"GET", "/health"}, {"GET", "/nothing"}, {"BREW", f.Paths[0]}, {"OPTIONS", f.Paths[0]}, {"GET", "/unsubscribe"}} {
			r := httptest.NewRequest(request[0], request[1], nil)
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Access-Control-Request-Method", http.MethodPost)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=63072000", "Access-Control-Allow-Origin": "",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s %s: %s is %q, want %q", f.Name, request[0], request[1], name, got, want)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if !strings.HasPrefix(policy, "default-src 'none'; ") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s: %s %s: the policy is %q", f.Name, request[0], request[1], policy)
			}
		}
	}
}
