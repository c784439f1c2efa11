package sourcetest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"tidings.dev/shared/hostile"
)

// Costs holds a source's whole function to costing no more than ten times what was sent, and four megabytes, whatever stands between the two
// texts. The test must not be parallel.
func Costs(t *testing.T, d *Door, before, after string, request func(body []byte) *http.Request) {
	t.Helper()
	hostile.Costs(t, 4<<20, hostile.JSON(150_000, before, after), func(input []byte) {
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, request(bytes.Clone(input)))
		d.sink.Take()
		Answered(t, w)
		if w.Body.Len() > 50_000 {
			t.Errorf("the answer has %d bytes", w.Body.Len())
		}
	})
}
