package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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

func TestDrainWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	var requests inFlight
	entered, leave, drained := make(chan struct{}), make(chan struct{}), make(chan struct{})
	serve := requests.count(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
	}))
	go serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil))
	<-entered
	go func() {
		requests.drain()
		close(drained)
	}()
	select {
	case <-drained:
		t.Error("it did not wait")
	default:
	}
	close(leave)
	<-drained
}
