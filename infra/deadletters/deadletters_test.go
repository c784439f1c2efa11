//go:build unix

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/deadletters"
	"tidings.dev/infra/operator"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics/topicstest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var start = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// rig is the command in front of the function, on the official emulator and a Pub/Sub in memory.
type rig struct {
	*store.Store
	server *httptest.Server
	pubsub *pstest.Server
}

func newRig(t *testing.T) *rig {
	t.Helper()
	pubsub, publisher := topicstest.Start(t)
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	server := httptest.NewServer(deadletters.New(deadletters.Needs{Store: s, Publisher: publisher, Now: time.Now, Log: slog.New(slog.DiscardHandler)}))
	t.Cleanup(server.Close)
	return &rig{s, server, pubsub}
}

// bury makes letters m0, m1, …, one a second.
func (r *rig) bury(t *testing.T, count int, change func(i int, d *store.DeadLetter)) {
	t.Helper()
	for i := range count {
		d := store.DeadLetter{
			ID: fmt.Sprint("m", i), Reason: "FCM: SENDER_ID_MISMATCH", Attempts: 1, Subscription: "projects/p/subscriptions/events-notify", Data: `{"id":"1"}`,
			Attributes: map[string]string{"ce-type": "info"}, FailedAt: start.Add(time.Duration(i) * time.Second),
		}
		change(i, &d)
		if err := r.Bury(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs the command, with what a person types.
func (r *rig) run(t *testing.T, typed, command string, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := realMain(t.Context(), append([]string{command, "-emulator", "-url", r.server.URL + "/v1/dead-letters"}, args...), strings.NewReader(typed), &out)
	return out.String(), err
}

// left are the ids that can be read still, and those that were replayed.
func (r *rig) left(t *testing.T) (all, replayed int) {
	t.Helper()
	for cursor := ""; ; {
		letters, next, err := r.DeadLetters(t.Context(), cursor, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			if all++; l.ReplayedAt != nil {
				replayed++
			}
		}
		if cursor = next; cursor == "" {
			return all, replayed
		}
	}
}

func TestTheListShowsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.bury(t, 130, func(i int, d *store.DeadLetter) {
		switch {
		case i%13 == 0: // m0, m13, … m117
			d.Reason, d.Subscription = "topics: message 7: not\nan event \x1b[31m", "events-urgent-notify"
		case i == 1:
			d.Subscription = "events-urgent-notify"
		}
	})
	out, err := r.run(t, "", "list")
	if lines := strings.Count(out, "\n"); err != nil || lines != 102 || !strings.Contains(out, "there may be more: -cursor ") || strings.Contains(out, "\x1b") {
		t.Errorf("got %v and %d lines, want a heading, 100 letters and a cursor:\n%.500s", err, lines, out)
	}
	_, cursor, _ := strings.Cut(strings.TrimSpace(out), "-cursor ")
	if out, err := r.run(t, "", "list", "-cursor", cursor); err != nil || strings.Count(out, "\n") != 31 {
		t.Errorf("the second page: got %v\n%s", err, out)
	}
	out, err = r.run(t, "", "list", "-reason", "not\nan EVENT", "-subscription", "events-urgent-notify")
	if want := "2026-11-26T12:01:57Z  no        1         m117  info  topics: message 7: not an event [31m\n"; err != nil || strings.Count(out, "\n") != 11 || !strings.Contains(out, want) {
		t.Errorf("got %v and\n%s\nwant ten letters, one of them\n%s", err, out, want)
	}
	// A page of which nothing was asked for is not the end.
	if out, err := r.run(t, "", "list", "-reason", "sender", "-subscription", "events-urgent-notify"); err != nil || !strings.Contains(out, " m1 ") {
		t.Errorf("got %v and\n%s\nwant m1", err, out)
	}
	if out, err := r.run(t, "", "reasons"); err != nil || out != "   120  FCM: SENDER_ID_MISMATCH\n    10  topics: message 7: not an event [31m\n" {
		t.Errorf("reasons: got %v and\n%s", err, out)
	}
	if out, err := r.run(t, "", "list", "-reason", "nothing like it"); err != nil || out != "no letter is like that\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if out, err := r.run(t, "", "show", "m7"); err != nil || !strings.Contains(out, `  "data": "{\"id\":\"1\"}"`) {
		t.Errorf("show: got %v and\n%s", err, out)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.bury(t, 12, func(i int, d *store.DeadLetter) {
		if i == 3 || i == 4 {
			d.Data = "no event"
		}
		if i == 11 {
			d.Reason = "another"
		}
	})
	if out, err := r.run(t, "", "replay", "m11"); err != nil || out != "1 of 1 replayed\n" {
		t.Errorf("one: got %q, %v", out, err)
	}
	out, err := r.run(t, "", "replay", "-reason", "sender_id", "-most", "10")
	if err == nil || err.Error() != "2 of 10 letters failed" || !strings.Contains(out, "there are more than 10") ||
		!strings.Contains(out, "m4: 409 Conflict: the message is not an event") || !strings.HasSuffix(out, "8 of 10 replayed\n") {
		t.Errorf("all of a reason: got %v and\n%s", err, out)
	}
	if sent := r.pubsub.Messages(); len(sent) != 9 {
		t.Errorf("%d messages were sent, want 9", len(sent))
	}
	// Those that were replayed are left out the second time.
	if out, err := r.run(t, "", "replay", "-reason", "sender_id"); err == nil || !strings.HasSuffix(out, "1 of 3 replayed\n") {
		t.Errorf("the second time: got %v and\n%s", err, out)
	}
	if all, replayed := r.left(t); all != 12 || replayed != 10 {
		t.Errorf("%d letters, %d of them replayed; want 12 and 10", all, replayed)
	}
}

func TestDiscardAsks(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.bury(t, 6, func(i int, d *store.DeadLetter) {
		if i > 3 {
			d.Subscription = "events-retry-notify"
		}
	})
	steps := []struct {
		typed string
		args  []string
		fails string
		left  int
	}{
		{"", []string{"-subscription", "events-notify"}, "nothing was discarded", 6},
		{"y\n", []string{"-subscription", "events-notify"}, "nothing was discarded", 6},
		{"", nil, "IDs, -reason or -subscription", 6},
		{"yes\n", []string{"-reason", "x", "m1"}, "one of the two", 6},
		{"", []string{"m1", "-yes"}, "flags come first", 6},
		{"", []string{"m0"}, "", 5},
		{"", []string{"m0"}, "1 of 1 letters failed", 5},
		{"yes\n", []string{"-subscription", "events-notify"}, "", 2},
		{"", []string{"-yes", "-reason", "fcm"}, "", 0},
	}
	for _, step := range steps {
		out, err := r.run(t, step.typed, "discard", step.args...)
		if (err != nil) != (step.fails != "") || err != nil && !strings.Contains(err.Error(), step.fails) {
			t.Errorf("%q: got %v and %s, want %q", step.args, err, out, step.fails)
		}
		if all, _ := r.left(t); all != step.left {
			t.Errorf("%q: %d letters are left, want %d", step.args, all, step.left)
		}
	}
}

// A function that fails is not asked for a thousand letters, and what Cloud Run refuses is told in our words.
func TestRefusals(t *testing.T) {
	t.Parallel()
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch r.Header.Get("Authorization") {
		case "Bearer over":
			http.Error(w, "<html>Unauthorized</html>", http.StatusUnauthorized)
		case "Bearer stranger":
			http.Error(w, "<html>Forbidden</html>", http.StatusForbidden)
		default:
			http.Error(w, "upstream", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	for token, want := range map[string]string{"over": "401 Unauthorized: the token", "stranger": "403 Forbidden: your account", "": "503 Service Unavailable: upstream"} {
		c := &client{&operator.Client{URL: server.URL, Token: token}}
		if _, _, err := c.page(t.Context(), filter{}, ""); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("token %q: got %v, want %s", token, err, want)
		}
	}
	calls = 0
	var out strings.Builder
	err := each(t.Context(), &out, "replayed", strings.Fields(strings.Repeat("id ", 100)), (&client{&operator.Client{URL: server.URL}}).replay)
	if err == nil || calls != maxFailures || !strings.Contains(err.Error(), "5 failures in a row: 0 of 100 letters replayed") {
		t.Errorf("got %v after %d calls\n%s", err, calls, out.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := each(ctx, &out, "replayed", []string{"a", "b"}, (&client{&operator.Client{URL: server.URL}}).replay); err == nil || err.Error() != "stopped: 0 of 2 letters replayed, 0 failed" {
		t.Errorf("after Ctrl-C: got %v", err)
	}
}
