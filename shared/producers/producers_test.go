package producers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/api/idtoken"
)

// google is the beginning of a service account's token.
const google = "e30.eyJpc3MiOiJhY2NvdW50cy5nb29nbGUuY29tIn0." // {"iss":"accounts.google.com"}

func TestAGoodTokenIsCheckedOnceAMinuteUntilItExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, checks := time.Now(), 0
		p := &Allowed{Grants: shop(t), Google: func(context.Context, string, string) (*idtoken.Payload, error) {
			checks++
			if time.Since(start) >= 90*time.Second {
				return nil, errors.New("idtoken: token expired: now=2, expires=1")
			}
			return &idtoken.Payload{Expires: start.Add(90 * time.Second).Unix(), Claims: map[string]any{"email": "shop@p.iam", "email_verified": true}}, nil
		}}
		for _, step := range []struct {
			at     time.Duration
			checks int // so far
			good   bool
		}{
			{0, 1, true},
			{59 * time.Second, 1, true},
			{60 * time.Second, 2, true},
			{89 * time.Second, 2, true},
			{90 * time.Second, 3, false},
			{91 * time.Second, 4, false}, // a refusal is not remembered
		} {
			time.Sleep(time.Until(start.Add(step.at)))
			who, err := p.Authenticate(bearing(google + "sig"))
			if checks != step.checks || (err == nil) != step.good || step.good && who.Name != "shop@p.iam" {
				t.Errorf("after %s: %v, %v and %d checks; want good=%v after %d checks", step.at, who, err, checks, step.good, step.checks)
			}
		}
	})
}

func TestATokenVouchesForNoOther(t *testing.T) {
	t.Parallel()
	p := &Allowed{Grants: shop(t), Google: func(_ context.Context, token, _ string) (*idtoken.Payload, error) {
		if token != google+"sig" {
			return nil, errors.New("idtoken: signature not valid")
		}
		return &idtoken.Payload{Expires: time.Now().Add(time.Hour).Unix(), Claims: map[string]any{"email": "shop@p.iam", "email_verified": true}}, nil
	}}
	if _, err := p.Authenticate(bearing(google + "sig")); err != nil {
		t.Fatal(err)
	}
	if who, err := p.Authenticate(bearing(google + "forged")); err == nil {
		t.Errorf("the same claims with another signature are %v's", who)
	}
}

func TestTokensThatAreRememberedAreBounded(t *testing.T) {
	t.Parallel()
	var k known
	now := time.Now()
	for i := range 3 * maxTokens {
		k.add(strconv.Itoa(i), &Producer{}, now, now.Add(time.Hour).Unix())
		if len(k.tokens) > maxTokens {
			t.Fatalf("%d are remembered", len(k.tokens))
		}
	}
}

// shop are grants of one service account, which may do nothing but draw settings pages.
func shop(t *testing.T) Grants {
	t.Helper()
	g, wrong := Parse(`{shop: {producers: ["serviceAccount:shop@p.iam"], settings: true}}`, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return g
}

func bearing(token string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}
