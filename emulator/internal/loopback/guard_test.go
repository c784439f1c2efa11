package loopback

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	tests := []struct {
		host, origin string
		want         int
	}{
		{"127.0.0.1:7408", "", 200}, {"localhost:7408", "", 200}, {"LOCALHOST", "", 200}, {"[::1]:7408", "", 200}, {"127.8.8.8", "", 200}, {"demo.localhost:7400", "", 200},
		{"127.0.0.1:7408", "http://localhost:7400", 200}, {"127.0.0.1:7408", "http://127.0.0.1:7400", 200}, {"127.0.0.1:7408", "http://shop.localhost:7400", 200},
		{"evil.example:7408", "", 403}, {"127.0.0.1.evil.example:7408", "", 403}, {"notlocalhost:7408", "", 403}, {"192.168.1.2:7408", "", 403}, {"", "", 403},
		{"127.0.0.1:7408", "https://evil.example", 403}, {"127.0.0.1:7408", "null", 403}, {"127.0.0.1:7408", "http://localhost.evil.example", 403},
		{"127.0.0.1:7408", "file://", 403}, {"127.0.0.1:7408", "chrome-extension://localhost", 403}, {"127.0.0.1:7408", "http://127.0.0.1@evil.example", 403},
	}
	for _, test := range tests {
		for _, method := range []string{http.MethodPost, http.MethodOptions} {
			served := false
			h := Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }))
			r := httptest.NewRequest(method, "/advance", nil)
			r.Host = test.host
			want, allowed := test.want, test.origin
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			preflight := method == http.MethodOptions && test.origin != ""
			if preflight {
				r.Header.Set("Access-Control-Request-Method", "DELETE")
			}
			if want != 200 {
				allowed = ""
			} else if preflight {
				want = http.StatusNoContent
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != want || got != allowed || served != (want == 200) {
				t.Errorf("%s %q from %q: %d, open to %q, served: %t; want %d and %q", method, test.host, test.origin, w.Code, got, served, want, allowed)
			}
		}
	}
}
