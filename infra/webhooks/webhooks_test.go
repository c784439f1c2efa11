//go:build unix

package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/webhooks"
	"tidings.dev/functions/webhooks/guard"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// An operator sees what failed, and why, sends it once more, and switches on what was switched off.
func TestAnOperatorAndAProductThatWasAway(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var answer atomic.Int64
	answer.Store(http.StatusInternalServerError)
	product := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(int(answer.Load()))
		fmt.Fprint(w, "oh \x1b[31mno")
	}))
	t.Cleanup(product.Close)
	e := webhook.Endpoint{Name: "shop", URL: product.URL, Outcomes: webhook.Outcomes}
	server := httptest.NewServer(webhooks.New(webhooks.Needs{
		Endpoints: webhook.Endpoints{e}, Client: guard.Client(guard.Options{Loopback: true}), Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	for i := range 3 {
		m := e.Message(webhook.Report{Outcome: webhook.Delivered, Source: "/shop", Event: fmt.Sprint("e", i), Type: "info", Recipient: "bob"})
		if _, err := s.AddOutgoing(t.Context(), m, time.Now(), time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		var out strings.Builder
		err := realMain(t.Context(), append([]string{args[0], "-emulator", "-url", server.URL + "/v1"}, args[1:]...), &out)
		return out.String(), err
	}
	for _, test := range []struct {
		args  []string
		want  []string // in the output
		fails string
	}{
		{[]string{"list", "-state", "pending"}, []string{"shop", "msg_", "notification.delivered"}, ""},
		{[]string{"list", "-state", "delivered"}, []string{"no message is like that"}, ""},
		{[]string{"list", "-state", "lost"}, nil, "state: "},
		{[]string{"replay", "-endpoint", "shop"}, []string{"not taken: 500 oh", "0 of 3 taken"}, "3 of 3 messages were not taken"},
		{[]string{"list"}, []string{"500 oh [31mno"}, ""},
		{[]string{"replay"}, nil, "nothing was chosen"},
		{[]string{"replay", "-state", "failed", "msg_1"}, nil, "one of the two"},
		{[]string{"replay", "msg_1", "-state"}, nil, "flags come first"},
		{[]string{"replay", "msg_1"}, nil, "404 Not Found: there is no message"},
		{[]string{"show"}, nil, "one ID"},
		{[]string{"on", "desk"}, nil, `there is no endpoint "desk"; WEBHOOKS has ["shop"]`},
		{[]string{"sned"}, nil, `"sned" is no command`},
		{[]string{"endpoints"}, []string{"shop", "delivered,seen,acted,deadLettered", " on\n"}, ""},
	} {
		out, err := run(test.args...)
		if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) || strings.Contains(out, "\x1b") {
			t.Errorf("%q: got %v, want %q; %s", test.args, err, test.fails, out)
		}
		for _, want := range test.want {
			if !strings.Contains(out, want) {
				t.Errorf("%q: got\n%s\nwant %q", test.args, out, want)
			}
		}
	}
	answer.Store(http.StatusGone)
	if out, err := run("replay", "-state", "pending"); err == nil || !strings.Contains(err.Error(), "Switch it on first; 1 of 3") {
		t.Errorf("a product that is gone: got %v\n%s", err, out)
	}
	if out, err := run("endpoints"); err != nil || !strings.Contains(out, "off since") || !strings.Contains(out, "410 Gone") {
		t.Errorf("got %v\n%s", err, out)
	}
	answer.Store(http.StatusOK)
	if out, err := run("on", "shop"); err != nil || out != "shop is on; what waits for it is sent within a minute\n" {
		t.Errorf("got %v\n%s", err, out)
	}
	if out, err := run("replay", "-most", "2", "-state", "pending"); err != nil || out != "there are more than 2; these are the latest ones\n2 of 2 taken\n" {
		t.Errorf("got %v\n%s", err, out)
	}
	messages, _, err := s.OutgoingLog(t.Context(), store.OutgoingDelivered, "", 10)
	if err != nil || len(messages) != 2 {
		t.Fatalf("got %d, %v", len(messages), err)
	}
	if out, err := run("show", messages[0].ID); err != nil || !strings.Contains(out, `"recipient": "bob"`) {
		t.Errorf("got %v\n%s", err, out)
	}
}
