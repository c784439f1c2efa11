package mirror_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tidings.dev/functions/mirror"
	"tidings.dev/shared/store/storetest"
)

// FuzzReceive: whatever Eventarc brings is acknowledged, since the same event would never get better: the function reads the document's
// name, in a header, and no body.
func FuzzReceive(f *testing.F) {
	f.Add("users/bob/devices/phone", []byte{})
	f.Add("users/bob/devices/page", []byte{0x0a, 0x00})
	f.Add("users//devices/", []byte("{}"))
	f.Add("users/b\x00b/devices/\xff", []byte("{}"))
	f.Add("users/bob/devices/phone/x", []byte(nil))
	f.Add("", []byte(nil))
	documents, _ := storetest.Open(f)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	fn := mirror.New(mirror.Needs{Store: documents, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	f.Fuzz(func(t *testing.T, document string, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/mirror", bytes.NewReader(body))
		r.Header.Set("Ce-Document", document)
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, r)
		if w.Code != http.StatusNoContent {
			t.Errorf("got %d %s, want a 204", w.Code, w.Body)
		}
	})
}
