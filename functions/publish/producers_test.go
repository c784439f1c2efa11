package publish_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/api/idtoken"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
)

func TestOnlyProducersMayPost(t *testing.T) {
	t.Parallel()
	s := start(t)
	past := time.Now().Add(-time.Hour).Unix()
	tests := []struct {
		name, authorization string
		status              int // 0 is accepted
		detail              string
	}{
		{"a producer", "Bearer " + token(nil), 0, ""},
		{"in small letters", "bearer " + token(nil), 0, ""},
		{"no header", "", 401, "missing"},
		{"no token", "Bearer ", 401, "missing"},
		{"another scheme", "Basic cHJvZHVjZXI6eA==", 401, "missing"},
		{"expired", "Bearer " + token(map[string]any{"exp": past, "iat": past - 3600}), 401, "expired"},
		{"not a producer", "Bearer " + token(map[string]any{"producer": false}), 403, `user "producer" is no producer`},
		{"a producer in words", "Bearer " + token(map[string]any{"producer": "true"}), 403, "is no producer"},
		{"a recipient", "Bearer " + token(map[string]any{"producer": nil, "sub": "bob"}), 403, `user "bob" is no producer`},
		{"garbage", "Bearer garbage", 403, "not valid"},
		{"garbage in three parts", "Bearer a.b.c", 403, "not valid"},
		{"three dots", "Bearer ...", 403, "not valid"},
		{"another project's", "Bearer " + token(map[string]any{"aud": "q", "iss": "https://securetoken.google.com/q"}), 403, "not valid"},
		{"nobody's", "Bearer " + token(map[string]any{"sub": ""}), 403, "not valid"},
		{"from the future", "Bearer " + token(map[string]any{"iat": time.Now().Add(time.Hour).Unix()}), 403, "not valid"},

		{"a service account with a grant", "Bearer " + googleToken(nil), 0, ""},
		{"a service account with a grant, by the other name of the issuer", "Bearer " + googleToken(map[string]any{"iss": "accounts.google.com"}), 0, ""},
		{"another service account", "Bearer " + googleToken(map[string]any{"email": "evil@q.iam.gserviceaccount.com"}), 403, `"serviceAccount:evil@q.iam.gserviceaccount.com" has no grant`},
		{"a user without a grant", "Bearer " + token(map[string]any{"sub": "bob"}), 403, `"uid:bob" has no grant`},
		{"another audience", "Bearer " + googleToken(map[string]any{"aud": "https://other.example"}), 403, `audience "https://publish.example"`},
		{"an address that is not verified", "Bearer " + googleToken(map[string]any{"email_verified": false}), 403, "no verified address"},
		{"no address", "Bearer " + googleToken(map[string]any{"email": nil}), 403, "no verified address"},
		{"an expired service account's", "Bearer " + googleToken(map[string]any{"exp": past}), 401, "expired"},
		{"a forged service account's", "Bearer " + strings.TrimSuffix(googleToken(nil), "sig") + "forged", 403, "not valid"},
		{"a Google token with the claim", "Bearer " + googleToken(map[string]any{"email": "evil@q.iam", "producer": true, "sub": "producer"}), 403, `"serviceAccount:evil@q.iam" has no grant`},
		{"a user whose uid is an account's address", "Bearer " + token(map[string]any{"sub": account}), 403, `"uid:` + account + `" has no grant`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := s
			if test.status == 0 {
				s = start(t)
			}
			r := request("application/json", like(""))
			r.Header.Del("Authorization")
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			w := s.send(r)
			if test.status == 0 {
				accepted(t, w)
				return
			}
			if p := s.refused(t, w, test.status); !strings.Contains(p.Detail, test.detail) {
				t.Errorf("got %q, want … %q", p.Detail, test.detail)
			}
			if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="tidings"` {
				t.Errorf("WWW-Authenticate: %q", got)
			}
		})
	}
}

func TestAnExpiredTokenIsKnownByTheOriginalCheckToo(t *testing.T) {
	t.Parallel()
	p := &producers.Allowed{Audience: audience, Google: idtoken.Validate} // refuses it before it asks for keys
	r := request("application/json", "")
	r.Header.Set("Authorization", "Bearer "+googleToken(map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}))
	_, err := p.Authenticate(r)
	if got := new(problem.Problem); !errors.As(err, &got) || got.Status != http.StatusUnauthorized {
		t.Errorf("got %v, want a 401", err)
	}
}

func TestATokenThatCannotBeCheckedNowMayBeSentAgain(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := request("application/json", like(""))
	r.Header.Set("Authorization", "Bearer "+googleToken(map[string]any{"keys": "unreachable"}))
	w := s.send(r)
	s.refused(t, w, http.StatusServiceUnavailable)
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestARefusedProducersEventsAreNotRead(t *testing.T) {
	t.Parallel()
	s := start(t)
	r := request("application/json", "not even JSON")
	r.Header.Del("Authorization")
	if p := s.refused(t, s.send(r), http.StatusUnauthorized); len(p.Errors) > 0 {
		t.Errorf("got %v: who may not post learns nothing about the body", p.Errors)
	}
}
