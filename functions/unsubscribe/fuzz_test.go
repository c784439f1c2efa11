package unsubscribe_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tidings.dev/functions/unsubscribe"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/store/storetest"
)

// FuzzToken: whatever stands in a link, to whatever browser, it is answered with a page, and only a token of ours ends anything.
func FuzzToken(f *testing.F) {
	cat, err := catalog.New()
	if err != nil {
		f.Fatal(err)
	}
	documents, _ := storetest.Open(f)
	fn := unsubscribe.New(unsubscribe.Needs{Catalog: cat, Store: documents, Keys: keys, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	for _, uid := range []string{"bob", "b/ob", "", "__x__", "b\nob"} {
		f.Add(keys.Token(mail.Subscription{UID: uid, List: "social"}), "de-AT,en;q=0.5", "List-Unsubscribe=One-Click")
		f.Add(keys.Token(mail.Subscription{UID: uid}), "", "")
	}
	f.Add("..", "*;q=9", "\x00")
	f.Add("", strings.Repeat("a-", 100), "%")
	f.Fuzz(func(t *testing.T, token, language, body string) {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(method, "/unsubscribe?t="+url.QueryEscape(token), strings.NewReader(body))
			r.Header.Set("Accept-Language", language)
			w := httptest.NewRecorder()
			fn.ServeHTTP(w, r)
			_, err := keys.Open(token)
			if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[err == nil]; w.Code != want || !strings.Contains(w.Body.String(), "</html>") {
				t.Errorf("%s: got %d %s, want %d", method, w.Code, w.Body, want)
			}
		}
	})
}
