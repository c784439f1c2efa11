package source

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strings"
)

// Secrets are what a source and we alone know. There may be two, so that one can be replaced while the other still holds.
// Without any, nothing is verified. All are always tried and compared in constant time: how long it takes tells nothing.
type Secrets []string

// Signed reports whether the signature is the HMAC-SHA256 of the body under one of the secrets.
func (s Secrets) Signed(signature, body []byte) bool {
	return s.any(func(secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return hmac.Equal(mac.Sum(nil), signature)
	})
}

// Presented reports whether the request carries one of the secrets: "Authorization: Bearer SECRET", or as the password of
// Basic under any user name, which is what Alertmanager and Grafana can send.
func (s Secrets) Presented(r *http.Request) bool {
	given, ok := "", false
	if _, given, ok = r.BasicAuth(); !ok {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return false
		}
		given = strings.TrimSpace(token)
	}
	a := sha256.Sum256([]byte(given)) // equal lengths: comparing would tell the secret's
	return s.any(func(secret string) bool {
		b := sha256.Sum256([]byte(secret))
		return hmac.Equal(a[:], b[:])
	})
}

func (s Secrets) any(holds func(secret string) bool) (ok bool) {
	for _, secret := range s {
		if secret != "" && holds(secret) { // an empty one is everybody's
			ok = true
		}
	}
	return ok
}
