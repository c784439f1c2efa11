//go:build unix

package people_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/functions/people"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/store/storetest"
)

// FuzzPreferences: whatever a product's server puts as somebody's preferences, or as a mute, is answered without a 5xx. What is accepted is
// what a GET answers afterwards, and putting that changes nothing.
func FuzzPreferences(f *testing.F) {
	cat, err := catalog.New()
	if err != nil {
		f.Fatal(err)
	}
	documents, all := storetest.Open(f)
	fn := people.New(people.Needs{
		Catalog: cat, Store: documents, Producers: &producers.Allowed{Grants: grantsOf(f, cat), Audience: "https://people.example", Google: google},
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	f.Add("bob", "", "application/json", []byte(`{"locale":"de","timeZone":"Europe/Berlin","preferences":{"push":{"social":false}},"mutes":{"post/42":{"title":"A walk","until":"2026-12-01T00:00:00Z"}},
		"quietHours":{"enabled":true,"week":{"sat":["22:00-09:00"]}},"doNotDisturb":{"enabled":true},"digest":{"every":"week","at":"18:30","on":"fri"},"pushesPerHour":5}`))
	f.Add("bob", "post/42", "application/json; charset=utf-8", []byte(`{"until":"2026-12-01T00:00:00+01:00"}`))
	f.Add("__x__", "a/b/c", "text/plain", []byte(`{}`))
	f.Add("b/ob", "", "application/json", []byte(`{"preferences":{"push":{"nothing":true}},"quietHours":{"week":{"sat":[]}}}`))
	call := func(method, path, contentType string, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, bytes.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Authorization", "Bearer "+token(account, "good"))
		w := httptest.NewRecorder()
		fn.ServeHTTP(w, r)
		return w
	}
	f.Fuzz(func(t *testing.T, uid, mute, contentType string, body []byte) {
		all.Clear()
		person := "/v1/people/" + url.PathEscape(uid)
		path := person + "/preferences"
		if mute != "" {
			path = person + "/mutes/" + mute
		}
		if _, err := url.ParseRequestURI(path); err != nil || !printable(path) {
			return // which no client can ask for
		}
		w := call(http.MethodPut, path, contentType, body)
		sourcetest.Answered(t, w)
		if w.Code != http.StatusOK {
			return
		}
		got := call(http.MethodGet, person+"/preferences", "", nil)
		if diff := cmp.Diff(w.Body.String(), got.Body.String()); diff != "" {
			t.Fatalf("-put +got:\n%s", diff)
		}
		var answer struct{ Settings json.RawMessage }
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		if again := call(http.MethodPut, person+"/preferences", "application/json", answer.Settings); again.Code != http.StatusOK || again.Body.String() != got.Body.String() {
			t.Errorf("put again: got %d, -once +twice:\n%s", again.Code, cmp.Diff(got.Body.String(), again.Body.String()))
		}
	})
}

// printable reports whether a request line can carry the path.
func printable(path string) bool {
	for _, c := range []byte(path) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
