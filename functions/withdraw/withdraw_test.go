package withdraw_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tidings.dev/functions/withdraw"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// TestAWithdrawalAsksForItsItem: the name of the document is all that there is. A wrong one is logged and acknowledged.
func TestAWithdrawalAsksForItsItem(t *testing.T) {
	t.Parallel()
	for document, item := range map[string]string{
		"users/bob/withdrawals/q0jc7-5870016-3": "q0jc7-5870016",
		"users/bob/withdrawals/single-12":       "single",
		"users/bob/withdrawals/single":          "",
		"users/bob/withdrawals/-3":              "",
		"users/bob/withdrawals/i-":              "",
		"users/bob/withdrawals/i-x":             "",
		"users/bob/withdrawals/i--1":            "i-",
		"users/bob/withdrawals/i-+1":            "",
		"users/bob/withdrawals/i-1/parts/2-2":   "",
		"users/bob/notifications/i-1":           "",
		"audiences/bob/withdrawals/i-1":         "",
		"":                                      "",
	} {
		sink, publisher := topicstest.NewSink(t)
		var log strings.Builder
		fn := withdraw.New(withdraw.Needs{Publisher: publisher, Log: slog.New(slog.NewTextHandler(&log, nil))})
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodPost, "/withdraw", strings.NewReader("\x0a\x01 protobuf"))
		req.Header.Set("ce-document", document)
		fn.ServeHTTP(w, req)
		messages := sink.Take()
		if w.Code != http.StatusNoContent || len(messages) > 1 || (len(messages) == 1) != (item != "") {
			t.Errorf("%q: got %d and %d messages, want 204 and an order to look at %q", document, w.Code, len(messages), item)
			continue
		}
		if item == "" {
			if !strings.Contains(log.String(), document) {
				t.Errorf("%q: got the log %q, want a line with the document", document, log.String())
			}
			continue
		}
		m, err := topics.Decode(topics.PushedMessage{Data: messages[0].Data, Attributes: messages[0].Attributes})
		if want := (topics.Ref{UID: "bob", ID: item}); err != nil || m.Look != want || m.Lane != topics.Events {
			t.Errorf("%q: got %+v on %s, %v; want %+v", document, m.Look, m.Lane, err, want)
		}
	}
}
