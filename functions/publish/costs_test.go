package publish_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/hostile"
)

// The whole door, with its answer, costs a few times what was sent; of gzip, what comes out of it counts, which is limited too.
func TestHostileRequestsCostLittle(t *testing.T) {
	p := newFuzzedDoor(t)
	for where, around := range map[string][2]string{"whole": {"", ""}, "data": {`{"type":"info","title":"t","recipients":["bob"],"data":`, "}"}, "CloudEvent's data": {`{"specversion":"1.0","id":"1","source":"s","type":"info","data":`, "}"}} {
		for contentType, encoding := range map[string]string{"application/json": "", "application/cloudevents+json": sourcetest.Compress} {
			hostile.Costs(t, 2<<20, hostile.JSON(120_000, around[0], around[1]), func(input []byte) {
				h := http.Header{}
				r := httptest.NewRequest(http.MethodPost, "/v1/events", bytes.NewReader(sourcetest.Coded(h, encoding, input)))
				r.Header = h
				r.Header.Set("Content-Type", contentType)
				r.Header.Set("Authorization", "Bearer "+p.token)
				w := httptest.NewRecorder()
				p.handler.ServeHTTP(w, r)
				if w.Code < 400 || w.Body.Len() > 50_000 {
					t.Errorf("%s: got %d, and %d bytes", where, w.Code, w.Body.Len())
				}
			})
		}
	}
}
