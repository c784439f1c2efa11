package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHealthIsAnsweredBesideTheFunction(t *testing.T) {
	t.Parallel()
	h := withHealth(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
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
	var requests inFlight
	err := register(t.Context(), config{Target: "publsh", Project: "p"}, clients{}, &requests)
	if err == nil || !strings.Contains(err.Error(), `"publsh"`) {
		t.Errorf("got %v", err)
	}
}

func TestDrainWaitsForWhatIsUnderWayButNotForEver(t *testing.T) {
	t.Parallel()
	for name, took := range map[string]time.Duration{"soon done": time.Second, "stuck": time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var requests inFlight
			serve := requests.count(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(took) }))
			go serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
			synctest.Wait()
			start := time.Now()
			requests.drain()
			if got, want := time.Since(start), min(took, drainTime); got != want {
				t.Errorf("%s: waited %s, want %s", name, got, want)
			}
			requests.wg.Wait() // the bubble ends when all in it has
			synctest.Wait()
		})
	}
}
