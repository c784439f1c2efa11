package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// serve lets the handler answer one request and returns the answer and the lines of log.
func serve(t *testing.T, h Handler) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	w := httptest.NewRecorder()
	Handle(slog.New(slog.NewJSONHandler(&out, nil)), h).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/events?secret=1", nil))
	var lines []map[string]any
	for line := range bytes.Lines(out.Bytes()) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, m)
	}
	return w, lines
}

func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	one := 1
	fields := event.FieldErrors{{Field: "id", Detail: "is missing", Index: &one}}
	tests := []struct {
		name   string
		err    error
		status int
		want   map[string]any
		level  string
		logged string
	}{
		{"a problem", New(403, "not %s", "you"), 403,
			map[string]any{"status": 403.0, "title": "Forbidden", "detail": "not you"}, "INFO", "not you"},
		{"a problem with a cause", New(503, "later").Because(errors.New("secret address")), 503,
			map[string]any{"status": 503.0, "title": "Service Unavailable", "detail": "later"}, "ERROR", "secret address"},
		{"a problem that is expected", fmt.Errorf("notify: %w", New(503, "full").Because(errors.New("no room")).Expected()), 503,
			map[string]any{"status": 503.0, "title": "Service Unavailable", "detail": "full"}, "INFO", "no room"},
		{"a wrapped problem", fmt.Errorf("publish: %w", New(404, "no such")), 404,
			map[string]any{"status": 404.0, "title": "Not Found", "detail": "no such"}, "INFO", "publish"},
		{"fields", fmt.Errorf("publish: %w", fields), 400, map[string]any{
			"status": 400.0, "title": "Invalid event", "detail": "event 1: id: is missing",
			"errors": []any{map[string]any{"field": "id", "detail": "is missing", "index": 1.0}},
		}, "INFO", "id: is missing"},
		{"anything else", errors.New("secret address"), 500,
			map[string]any{"status": 500.0, "title": "Internal Server Error", "detail": "the fault is on our side; the same request can be sent again"}, "ERROR", "secret address"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, log := serve(t, func(http.ResponseWriter, *http.Request) error { return test.err })
			if w.Code != test.status || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %d %s, want %d", w.Code, w.Header().Get("Content-Type"), test.status)
			}
			var got map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(log) != 1 {
				t.Fatalf("got %d lines of log, want 1", len(log))
			}
			if said, _ := log[0]["error"].(string); log[0]["level"] != test.level || log[0]["status"] != float64(test.status) || !strings.Contains(said, test.logged) {
				t.Errorf("logged %v, want %s … %s", log[0], test.level, test.logged)
			}
		})
	}
}

func TestSuccessIsNotLogged(t *testing.T) {
	t.Parallel()
	w, log := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		return JSON(w, http.StatusAccepted, map[string]any{"ids": []string{"1"}})
	})
	if w.Code != 202 || w.Header().Get("Content-Type") != "application/json" || strings.TrimSpace(w.Body.String()) != `{"ids":["1"]}` {
		t.Errorf("got %d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if len(log) != 0 {
		t.Errorf("logged %v, want nothing", log)
	}
}

func TestHeadersSetBeforeAnErrorAreSent(t *testing.T) {
	t.Parallel()
	w, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Retry-After", "1")
		return New(http.StatusServiceUnavailable, "later")
	})
	if got := w.Header().Get("Retry-After"); got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestACauseCanBeFound(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	if err := error(New(500, "x").Because(cause)); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

// What a panic says may be anybody's. Of Go's own mistakes the text is logged, of others the type.
func TestAPanicIsAnErrorThatNamesNobody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cause func()
		want  string
	}{
		"somebody's text":  {func() { panic("alice@example.com") }, "panic of type string"},
		"a mistake of Go":  {func() { var m map[string]int; m["x"] = 1 }, "assignment to entry in nil map"},
		"an error of ours": {func() { panic(errors.New("users/alice")) }, "panic of type *errors.errorString"},
	} {
		var out bytes.Buffer
		h := Handle(slog.New(slog.NewJSONHandler(&out, nil)), func(http.ResponseWriter, *http.Request) error { c.cause(); return nil })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/users/alice", nil))
		if log := out.String(); w.Code != http.StatusInternalServerError || !strings.Contains(log, c.want) || strings.Contains(log, "alice") || strings.Contains(w.Body.String(), "alice") {
			t.Errorf("%s: got %d, %s and the line %s", name, w.Code, w.Body, log)
		}
	}
}
