//go:build unix

package unsubscribe_test

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/unsubscribe"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var now = time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)

var keys = mail.Keys{[]byte("0123456789abcdef0123456789abcdef")}

type rig struct {
	http.Handler
	store *store.Store
}

func start(t *testing.T) *rig {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &rig{unsubscribe.New(unsubscribe.Needs{Catalog: cat, Store: s, Keys: keys, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}), s}
}

var said = profile.Settings{
	Locale: "de", Digest: profile.Digest{Every: profile.Daily, At: "07:00"},
	Preferences: profile.Preferences{event.Push: {"social": false}, event.Email: {"social": true, "code": true}},
}

// seed has bob say that.
func (r *rig) seed(t *testing.T) {
	t.Helper()
	if _, err := r.store.ChangeSettings(t.Context(), "bob", now, func(s *profile.Settings) error { *s = said; return nil }); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) settings(t *testing.T) profile.Settings {
	t.Helper()
	s, err := r.store.Settings(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (r *rig) ask(method, token, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, "/unsubscribe?"+url.Values{"t": {token}}.Encode(), strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept-Language", "de-AT,de;q=0.8,en;q=0.5")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

const oneClick = "List-Unsubscribe=One-Click"

// Programs follow links, and ask for them in every way but POST.
func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.seed(t)
	for _, list := range []string{"", "social"} {
		token := keys.Token(mail.Subscription{UID: "bob", List: list})
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete} {
			w := r.ask(method, token, oneClick)
			if looks := method == http.MethodGet || method == http.MethodHead; (w.Code == http.StatusOK) != looks {
				t.Errorf("%s: got %d", method, w.Code)
			}
		}
		page := r.ask(http.MethodGet, token, "")
		if !strings.Contains(page.Body.String(), `<form method="post">`) || !strings.Contains(page.Body.String(), "<button>Abbestellen</button>") {
			t.Errorf("got %s", page.Body)
		}
	}
	if diff := cmp.Diff(said, r.settings(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One click ends one list, without a cookie, as often as it is asked, and leaves the rest as it is.
func TestOneClick(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list string
		want func(*profile.Settings)
	}{
		{"", func(s *profile.Settings) { s.Digest = profile.Digest{} }},
		{"social", func(s *profile.Settings) {
			s.Preferences = profile.Preferences{event.Push: {"social": false}, event.Email: {"social": false, "code": true}}
		}},
		{"payments", func(s *profile.Settings) {
			s.Preferences = profile.Preferences{event.Push: {"social": false}, event.Email: {"social": true, "code": true, "payments": false}}
		}},
	}
	for _, test := range tests {
		t.Run(test.list, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			r.seed(t)
			want := said
			test.want(&want)
			for range 2 {
				if w := r.ask(http.MethodPost, keys.Token(mail.Subscription{UID: "bob", List: test.list}), oneClick); w.Code != http.StatusOK || len(w.Header()["Set-Cookie"]) > 0 {
					t.Fatalf("got %d %s", w.Code, w.Body)
				}
				if diff := cmp.Diff(want, r.settings(t)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func TestSomebodyWhoHasSaidNothing(t *testing.T) {
	t.Parallel()
	r := start(t)
	if w := r.ask(http.MethodPost, keys.Token(mail.Subscription{UID: "bob", List: "payments"}), ""); w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if wanted, said := r.settings(t).Preferences.Choice(event.Email, "payments"); !said || wanted {
		t.Error("the mails go on")
	}
}

func TestAForgedToken(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.seed(t)
	forged := mail.Keys{[]byte("another-key-of-at-least-32-characters")}.Token(mail.Subscription{UID: "bob"})
	for _, token := range []string{"", "x", forged, keys.Token(mail.Subscription{UID: "bob"}) + "x"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if w := r.ask(method, token, oneClick); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "<form") {
				t.Errorf("%s with %q: got %d %s", method, token, w.Code, w.Body)
			}
		}
	}
	if diff := cmp.Diff(said, r.settings(t)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The page runs nothing, is in no index and no frame, and tells nobody its address.
func TestThePagesHeaders(t *testing.T) {
	t.Parallel()
	r := start(t)
	w := r.ask(http.MethodGet, keys.Token(mail.Subscription{UID: "bob", List: "<script>"}), "")
	policy := w.Header().Get("Content-Security-Policy")
	_, css, _ := strings.Cut(w.Body.String(), "<style>")
	css, _, _ = strings.Cut(css, "</style>")
	sum := sha256.Sum256([]byte(css))
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy has no %s: %s", want, policy)
		}
	}
	if got := w.Header().Get("X-Robots-Tag"); got != "noindex, nofollow" {
		t.Errorf("X-Robots-Tag: got %q", got)
	}
	if strings.Contains(w.Body.String(), "<script>") {
		t.Errorf("a name is markup: %s", w.Body)
	}
}
