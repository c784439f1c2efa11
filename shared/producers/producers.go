// Package producers knows who may bring events in by a token, and what each of them may do: the product's own back ends.
//
// Who it is, [Allowed] finds out. What they may do is their [Grant], which the configuration has; without one they may do nothing.
package producers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"firebase.google.com/go/v4/auth"
	"google.golang.org/api/idtoken"

	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
)

// Allowed says who is a producer. There are two kinds, and each needs a grant:
//
//   - a Firebase user with the custom claim "producer": true, by an ID token;
//   - a Google service account, by an OIDC token made for our audience (what Cloud Run, Cloud Scheduler and Pub/Sub send by
//     themselves).
type Allowed struct {
	Firebase *auth.Client
	Grants   Grants
	Audience string // what tokens of service accounts must be made for: this service's URL

	// Google checks an OIDC token; idtoken.Validate in production.
	Google func(ctx context.Context, token, audience string) (*idtoken.Payload, error)

	found known // the tokens that were found good
}

// Authenticate returns the producer who sent the request. Without a token it is a 401; with one that does not allow producing, or whose
// owner has no grant, a 403 (an expired one a 401: a fresh one may do).
func (p *Allowed) Authenticate(r *http.Request) (*Producer, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); token == "" || !strings.EqualFold(scheme, "Bearer") {
		return nil, problem.New(http.StatusUnauthorized, "Authorization: is missing; send \"Bearer\" and the ID token of a producer")
	}
	if who, ok := p.found.producer(token, time.Now()); ok {
		return who, nil
	}
	check, kind := p.firebaseUser, firebaseUser
	if issuer := issuerOf(token); issuer == "https://accounts.google.com" || issuer == "accounts.google.com" {
		check, kind = p.serviceAccount, serviceAccount
	}
	name, expires, err := check(r.Context(), token)
	if err != nil {
		return nil, err
	}
	who, ok := p.Grants.of(kind, name)
	if !ok {
		var denied event.FieldErrors
		denied.Add("Authorization", "%q has no grant; whoever runs Tidings can add one in PRODUCER_GRANTS", kind+name)
		return nil, Denied(denied)
	}
	p.found.add(token, who, time.Now(), expires)
	return who, nil
}

// firebaseUser and serviceAccount return whose token it is and when the token expires, in seconds of Unix time.
func (p *Allowed) firebaseUser(ctx context.Context, token string) (uid string, expires int64, err error) {
	t, err := p.Firebase.VerifyIDToken(ctx, token)
	switch {
	case auth.IsIDTokenExpired(err):
		return "", 0, problem.New(http.StatusUnauthorized, "Authorization: the token has expired; get a fresh one").Because(err)
	case auth.IsCertificateFetchFailed(err):
		return "", 0, problem.New(http.StatusServiceUnavailable, "the token cannot be checked now; send the same request again").Because(err)
	case err != nil:
		return "", 0, problem.New(http.StatusForbidden, "Authorization: the token is not valid for this project").Because(err)
	case t.Claims["producer"] != true:
		return "", 0, problem.New(http.StatusForbidden, "Authorization: user %q is no producer; an administrator sets the custom claim {\"producer\": true}", t.UID)
	}
	return t.UID, t.Expires, nil
}

func (p *Allowed) serviceAccount(ctx context.Context, token string) (address string, expires int64, err error) {
	payload, err := p.Google(ctx, token, p.Audience)
	unreachable := new(url.Error)
	switch {
	case errors.As(err, &unreachable): // Google's keys could not be fetched
		return "", 0, problem.New(http.StatusServiceUnavailable, "the token cannot be checked now; send the same request again").Because(err)
	case err != nil && strings.Contains(err.Error(), "token expired"): // idtoken has no sentinel; a test asks the original
		return "", 0, problem.New(http.StatusUnauthorized, "Authorization: the token has expired; get a fresh one").Because(err)
	case err != nil:
		return "", 0, problem.New(http.StatusForbidden, "Authorization: the token is not valid for the audience %q", p.Audience).Because(err)
	}
	email, _ := payload.Claims["email"].(string)
	if verified, _ := payload.Claims["email_verified"].(bool); !verified || email == "" {
		return "", 0, problem.New(http.StatusForbidden, "Authorization: the token has no verified address; make it with the claims of the e-mail (--include-email)")
	}
	return email, payload.Expires, nil
}

// issuerOf reads who claims to have made the token, unchecked: it only decides which check follows.
func issuerOf(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	_ = json.Unmarshal(raw, &claims)
	return claims.Issuer
}

// known remembers tokens that were found good: a producer sends the same one for an hour, and with the Auth emulator each check is a
// call.
type known struct {
	mu     sync.Mutex
	tokens map[string]pass
}

type pass struct {
	who   *Producer
	until time.Time
}

const (
	goodFor   = time.Minute // a check, and no longer than the token: a producer whose claim is taken away is refused by then
	maxTokens = 1_000       // at about 1 KB
)

func (k *known) producer(token string, now time.Time) (who *Producer, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, ok := k.tokens[token]
	return found.who, ok && now.Before(found.until)
}

func (k *known) add(token string, who *Producer, now time.Time, expires int64) {
	until := now.Add(goodFor)
	if end := time.Unix(expires, 0); end.Before(until) {
		until = end
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.tokens == nil || len(k.tokens) >= maxTokens {
		k.tokens = map[string]pass{}
	}
	k.tokens[token] = pass{who, until}
}
