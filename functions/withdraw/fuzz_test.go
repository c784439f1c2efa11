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

// FuzzReceive: whatever Eventarc brings is acknowledged. What is published is an order to look at the item that the document names.
func FuzzReceive(f *testing.F) {
	f.Add("users/bob/withdrawals/i-5-3")
	f.Add("users/bob/withdrawals/i-99999999999999999999")
	f.Add("users//withdrawals/-1")
	f.Add("users/b\x00b/withdrawals/\xff-1")
	f.Add("users/bob/notifications/i-1")
	sink, publisher := topicstest.NewSink(f)
	fn := withdraw.New(withdraw.Needs{Publisher: publisher, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, document string) {
		r := httptest.NewRequest(http.MethodPost, "/withdraw", nil)
		r.Header.Set("Ce-Document", document)
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, r)
		if w.Code != http.StatusNoContent {
			t.Errorf("got %d %s, want a 204", w.Code, w.Body)
		}
		for _, m := range sink.Take() {
			e, err := topics.Decode(topics.PushedMessage{MessageID: "1", Data: m.Data, Attributes: m.Attributes})
			revision, named := strings.CutPrefix(document, "users/"+e.Look.UID+"/withdrawals/"+e.Look.ID+"-")
			if err != nil || !named || strings.Trim(revision, "0123456789") != "" || revision == "" {
				t.Errorf("%s: published %+v, %v", document, e.Look, err)
			}
		}
	})
}
