//go:build unix

package withdraw_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/withdraw"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

func TestOnlyWhatIsOverAndStillShownIsAskedFor(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	pushed := func(change func(*inbox.Notification)) *inbox.Notification {
		n := &inbox.Notification{Type: "post.liked", Priority: event.Urgent, EventCount: 1, Revision: 2, Push: inbox.Push{At: at, Revision: 2}}
		change(n)
		return n
	}
	tests := []struct {
		name string
		item *inbox.Notification // nil: the document is gone
		want bool
	}{
		{"gone", nil, false},
		{"new", pushed(func(*inbox.Notification) {}), false},
		{"seen", pushed(func(n *inbox.Notification) { n.SeenAt = at }), false},
		{"snoozed", pushed(func(n *inbox.Notification) { n.SnoozedUntil = at }), false},
		{"read", pushed(func(n *inbox.Notification) { n.ReadAt = at }), true},
		{"archived", pushed(func(n *inbox.Notification) { n.ArchivedAt = at }), true},
		{"taken back", pushed(func(n *inbox.Notification) { n.RetractedAt, n.EventCount = at, 0 }), true},
		{"read, never pushed", pushed(func(n *inbox.Notification) { n.ReadAt, n.Push = at, inbox.Push{} }), false},
		{"read and withdrawn", pushed(func(n *inbox.Notification) { n.ReadAt, n.Withdrawn.Revision = at, 2 }), false},
		{"read, withdrawn, pushed and read again", pushed(func(n *inbox.Notification) { n.ReadAt, n.Withdrawn.Revision = at, 1 }), true},
	}
	server, publisher := topicstest.Start(t)
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	fn := withdraw.New(withdraw.Needs{Store: s, Publisher: publisher, Log: slog.New(slog.DiscardHandler)})
	for _, test := range tests {
		if test.item != nil {
			item := &inbox.Item{ID: test.name, Notification: *test.item}
			if err := s.Save(t.Context(), []store.Write{{UID: "bob", Item: item}})[0]; err != nil {
				t.Fatal(err)
			}
		}
		server.ClearMessages()
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodPost, "/withdraw", strings.NewReader("\x0a\x01 protobuf"))
		req.Header.Set("ce-document", "users/bob/notifications/"+test.name)
		fn.ServeHTTP(w, req)
		if w.Code != http.StatusNoContent {
			t.Fatalf("%s: got %d", test.name, w.Code)
		}
		messages := server.Messages()
		if got := len(messages) == 1; got != test.want || len(messages) > 1 {
			t.Errorf("%s: got %d messages, want one: %t", test.name, len(messages), test.want)
			continue
		}
		if test.want {
			m, err := topics.Decode(topics.PushedMessage{Attributes: messages[0].Attributes})
			if a := m.Look; err != nil || a.UID != "bob" || a.ID != test.name || messages[0].Topic != "projects/p/topics/events-urgent" {
				t.Errorf("%s: got %+v on %s", test.name, a, messages[0].Topic)
			}
		}
	}
}

func TestAWrongFilterIsLoggedAndAcknowledged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	fn := withdraw.New(withdraw.Needs{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/withdraw", nil)
	req.Header.Set("ce-document", "users/bob/devices/1")
	fn.ServeHTTP(w, req)
	if w.Code != http.StatusNoContent || !strings.Contains(log.String(), "users/bob/devices/1") {
		t.Errorf("got %d and %q, want 204 and a log line with the document", w.Code, log.String())
	}
}
