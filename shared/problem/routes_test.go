package problem

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhatIsNotServedIsAProblem(t *testing.T) {
	t.Parallel()
	ok := func(w http.ResponseWriter, _ *http.Request) error { return JSON(w, http.StatusOK, nil) }
	h := Serve(slog.New(slog.DiscardHandler), Routes{"POST /v1/events": ok, "GET /v1/letters": ok, "DELETE /v1/letters": ok, "POST /v1/letters/{id}": ok})
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"POST", "/v1/events", 200, ""},
		{"POST", "/v1/events?x=1", 200, ""},
		{"GET", "/v1/letters", 200, ""},
		{"HEAD", "/v1/letters", 200, ""},
		{"POST", "/v1/letters/1", 200, ""},
		{"POST", "/v1/letters/%2Fa%2F%2Fb", 200, ""},
		{"GET", "/v1/events", 405, "POST"},
		{"OPTIONS", "/v1/events", 405, "POST"},
		{"BREW", "/v1/events", 405, "POST"},
		{"POST", "/v1/letters", 405, "GET, DELETE"},
		{"GET", "/v1/letters/1", 405, "POST"},
		{"POST", "/v1/events/", 404, ""},
		{"POST", "/v1/letters/", 404, ""},
		{"POST", "//v1/events", 404, ""},
		{"POST", "/v1/./events", 404, ""},
		{"POST", "/v2/../v1/events", 404, ""},
		{"POST", "/V1/events", 404, ""},
		{"GET", "/", 404, ""},
		{"GET", "/%ff%0a", 404, ""},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(test.method, test.path, nil))
			if w.Code != test.status || w.Header().Get("Allow") != test.allow {
				t.Errorf("got %d and Allow %q, want %d and %q", w.Code, w.Header().Get("Allow"), test.status, test.allow)
			}
			if got := w.Header().Get("Content-Type"); test.status != 200 && got != "application/problem+json" {
				t.Errorf("got a body of type %q: %s", got, w.Body)
			}
		})
	}
}
