package callers_test

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tidings.dev/emulator/oidc"
	"tidings.dev/shared/callers"
)

const (
	pubsub    = "tidings-pubsub@p.iam.gserviceaccount.com"
	scheduler = "tidings-scheduler@p.iam.gserviceaccount.com"
)

// claims are those of a token that Pub/Sub sends, with changes.
func claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": "https://accounts.google.com", "aud": "https://notify", "sub": "1", "email": pubsub, "email_verified": true,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	}
	maps.Copy(all, changes)
	return all
}

func TestOnly(t *testing.T) {
	t.Parallel()
	ours, theirs := signer(t), signer(t)
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := ours.WriteKeys(keys); err != nil {
		t.Fatal(err)
	}
	sign := func(s *oidc.Signer, changes map[string]any) string {
		token, err := s.Sign(claims(changes))
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + token
	}
	removed := func(token string) string {
		return token[:strings.LastIndexByte(token, '.')] + ".SIGNATURE_REMOVED_BY_GOOGLE"
	}
	good := sign(ours, nil)
	tests := []struct {
		name, authorization string
		cloudRun            bool
		status              int
		names               string // what the answer says
	}{
		{"signed", good, false, 200, ""},
		{"signed, on Cloud Run", good, true, 200, ""},
		{"checked by Cloud Run", removed(good), true, 200, ""},
		{"its signature removed by somebody else", removed(good), false, 403, "the token is not valid"},
		{"lower case", "b" + good[1:], false, 200, ""},
		{"nothing", "", false, 401, "Authorization: is missing"},
		{"nothing, on Cloud Run", "", true, 401, "Authorization: is missing"},
		{"another scheme", "Basic YTpi", false, 401, "Authorization: is missing"},
		{"no token", "Bearer ", false, 401, "Authorization: is missing"},
		{"rubbish", "Bearer rubbish", false, 403, "the token is not valid"},
		{"rubbish, removed", "Bearer a.b.SIGNATURE_REMOVED_BY_GOOGLE", true, 403, "the token is not valid"},
		{"another key", sign(theirs, nil), false, 403, "the token is not valid"},
		{"another key, on Cloud Run", sign(theirs, nil), true, 403, "the token is not valid"},
		{"over", sign(ours, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), false, 403, "the token is not valid"},
		{"another account", sign(ours, map[string]any{"email": scheduler}), false, 403, scheduler},
		{"another account, checked by Cloud Run", removed(sign(ours, map[string]any{"email": scheduler})), true, 403, scheduler},
		{"not verified", sign(ours, map[string]any{"email_verified": false}), false, 403, "verified"},
		{"verified, in words", sign(ours, map[string]any{"email_verified": "true"}), false, 403, "verified"},
		{"no address", sign(ours, map[string]any{"email": nil}), false, 403, `""`},
		{"another issuer", sign(ours, map[string]any{"iss": "https://securetoken.google.com/p"}), false, 403, "issuer"},
	}
	for _, test := range tests {
		validate, err := callers.WithKeys(keys)
		if err != nil {
			t.Fatal(err)
		}
		check := callers.Check{CloudRun: test.cloudRun, Validate: validate}
		served := false
		h := check.Only([]string{pubsub}, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served = true }), slog.New(slog.DiscardHandler))
		r := httptest.NewRequest(http.MethodPost, "/notify", nil)
		if test.authorization != "" {
			r.Header.Set("Authorization", test.authorization)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != test.status || served != (test.status == 200) || !strings.Contains(w.Body.String(), strings.ReplaceAll(test.names, `"`, `\"`)) {
			t.Errorf("%s: %d %s (served: %t), want %d and %q", test.name, w.Code, w.Body, served, test.status, test.names)
		}
	}
}

// Nobody gets in where nobody is named.
func TestNobodyIsNamed(t *testing.T) {
	t.Parallel()
	s := signer(t)
	token, err := s.Token("", "")
	if err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := s.WriteKeys(keys); err != nil {
		t.Fatal(err)
	}
	validate, err := callers.WithKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/v1/dead-letters", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	(&callers.Check{Validate: validate}).Only(nil, http.NotFoundHandler(), slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("%d %s, want 403", w.Code, w.Body)
	}
}

func TestKeysThatCannotBeRead(t *testing.T) {
	t.Parallel()
	validate, err := callers.WithKeys(filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer(t).Token(pubsub, "https://notify")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/notify", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	(&callers.Check{Validate: validate}).Only([]string{pubsub}, http.NotFoundHandler(), slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s, want 503: the same call will do later", w.Code, w.Body)
	}
}

func signer(t *testing.T) *oidc.Signer {
	t.Helper()
	s, err := oidc.New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
