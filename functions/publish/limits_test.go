package publish_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/shared/limit"
)

// slow gives the producers of these tests a rate of two units a second, and so 100 at once.
var slow = strings.Replace(everything, "priority", "rate: 2, priority", 1)

// limited is a service whose only instance limits its producers.
func limited(t *testing.T) *service {
	t.Helper()
	return startWith(t, slow).limitedBy(&limit.Limiter{Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
}

// info is one event to so many people.
func info(people int) string {
	return fmt.Sprintf(`{"type": "info", "title": "Hi", "recipients": ["u0"%s]}`, strings.Repeat(`, "u1"`, people-1))
}

func TestWhoSendsTooMuchIsTold(t *testing.T) {
	t.Parallel()
	s := limited(t)
	for i, step := range []struct {
		name, body string
		status     int
		left       string
		again      string // Retry-After
	}{
		{"one event", info(1), 202, `"units";r=99`, ""},
		{"one to a hundred people", info(100), 202, `"units";r=98`, ""},
		{"one to a hundred and one", info(101), 202, `"units";r=96`, ""},
		{"three", "[" + info(1) + "," + info(1) + "," + info(1) + "]", 202, `"units";r=93`, ""},
		{"an audience", `{"type": "info", "title": "Hi", "audience": "all"}`, 202, `"units";r=92`, ""},
		{"what cannot be read", "{", 400, `"units";r=91`, ""},
		{"what is wrong", "[" + info(1) + `, {"type": "infos"}]`, 400, `"units";r=89`, ""},
		{"a cancellation", "/v1/events/%2Fshop/1", 200, `"units";r=88`, ""},
		{"much", "[" + strings.Repeat(info(1)+",", 98) + info(101) + "]", 202, `"units";r=0`, ""}, // 12 too many
		{"one more", info(1), 429, `"units";r=0;t=7`, "7"},
		{"what cannot be read, and is not read", "{", 429, `"units";r=0;t=7`, "7"},
		{"one more cancellation", "/v1/events/%2Fshop/1", 429, `"units";r=0;t=7`, "7"},
	} {
		before := len(s.pubsub.Messages())
		w := s.ask(step.body, token(nil))
		if w.Code != step.status || w.Header().Get("Retry-After") != step.again {
			t.Errorf("%d, %s: got %d %s and Retry-After %q; want %d and %q", i, step.name, w.Code, w.Body, w.Header().Get("Retry-After"), step.status, step.again)
		}
		if got := w.Header().Get("RateLimit"); got != step.left || w.Header().Get("RateLimit-Policy") != `"units";q=100;w=50` {
			t.Errorf("%d, %s: got RateLimit %s and RateLimit-Policy %s; want %s", i, step.name, got, w.Header().Get("RateLimit-Policy"), step.left)
		}
		if n := len(s.pubsub.Messages()); step.status != 202 && n != before {
			t.Errorf("%d, %s: %d messages were published", i, step.name, n-before)
		}
	}
	if w := s.ask(info(1), googleToken(nil)); w.Code != http.StatusAccepted {
		t.Errorf("the other producer of the same grant got %d %s", w.Code, w.Body)
	}
}

// Who may not come in takes nothing from anybody.
func TestWhoIsRefusedTakesNoUnits(t *testing.T) {
	t.Parallel()
	s := limited(t)
	for range 200 {
		if w := s.ask(info(1), token(map[string]any{"producer": false})); w.Code != http.StatusForbidden || w.Header().Get("RateLimit") != "" {
			t.Fatalf("got %d, RateLimit %q", w.Code, w.Header().Get("RateLimit"))
		}
	}
	if w := s.ask(info(1), token(nil)); w.Header().Get("RateLimit") != `"units";r=99` {
		t.Errorf("got %d, RateLimit %q", w.Code, w.Header().Get("RateLimit"))
	}
}

// The counter is told beside the request, and before its end. Where it is away, the request is answered as if it were there.
func TestTheCounterIsToldWithinTheRequest(t *testing.T) {
	t.Parallel()
	for _, away := range []error{nil, errors.New("away")} {
		told := int64(0)
		s := startWith(t, slow).limitedBy(&limit.Limiter{
			Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
			Add: func(_ context.Context, sender string, units int64, fullAt time.Time) (int64, time.Time, error) {
				if sender != "serviceAccount:"+account {
					t.Errorf("told of %q", sender)
				}
				told += units
				return told, fullAt, away
			},
		})
		for i := range 30 {
			r := request("application/json", info(1))
			r.Header.Set("Authorization", "Bearer "+googleToken(nil))
			ctx, cancel := context.WithCancel(r.Context())
			cancel() // a sender who is gone has used their units all the same
			s.handler.ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
			if want := int64(i / 24 * 25); told != want {
				t.Fatalf("after %d requests %d were told, want %d", i+1, told, want)
			}
		}
	}
}

// TestNothingRunsAfterTheAnswer: what the counter could not be told before, a later request tells it, and waits for that, whichever of its looks began to.
func TestNothingRunsAfterTheAnswer(t *testing.T) {
	t.Parallel()
	clock, calls := now, 0
	var under, told atomic.Int64
	s := startWith(t, slow).limitedBy(&limit.Limiter{
		Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
		Add: func(_ context.Context, _ string, units int64, fullAt time.Time) (int64, time.Time, error) {
			if calls++; calls == 1 {
				return 0, time.Time{}, errors.New("away")
			}
			under.Add(1)
			time.Sleep(50 * time.Millisecond)
			under.Add(-1)
			told.Add(units)
			return told.Load(), fullAt, nil
		},
	})
	for range 30 {
		if w := s.ask(info(1), token(nil)); w.Code != http.StatusAccepted {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
	}
	clock = clock.Add(10 * time.Second)
	s.ask(info(1), token(nil))
	if under.Load() != 0 || told.Load() < 30 {
		t.Errorf("after the answer %d calls are under way, and %d units were told", under.Load(), told.Load())
	}
}
