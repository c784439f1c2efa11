// Package oidc stands in for the part of Google that signs tokens for service accounts: what Pub/Sub, Eventarc and Cloud Scheduler send with
// each call, and what gcloud gives an operator.
package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Signer signs tokens with a key of its own. It is safe for concurrent use.
type Signer struct {
	key    *rsa.PrivateKey
	signer jose.Signer

	mu     sync.Mutex
	tokens map[[2]string]token // by account and audience
}

type token struct {
	text string
	made time.Time
}

const (
	keyID    = "local"
	validFor = time.Hour        // as Google's
	keptFor  = 10 * time.Minute // a token is signed for many calls, as Google's services do
)

// New makes a signer with a new key.
func New() (*Signer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}}, (&jose.SignerOptions{}).WithType("JWT"))
	return &Signer{key: key, signer: signer, tokens: map[[2]string]token{}}, err
}

// WriteKeys writes the public key, as Google publishes its own (a JSON Web Key Set).
func (s *Signer) WriteKeys(file string) error {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: keyID, Algorithm: string(jose.RS256), Use: "sig"}}}
	text, err := json.Marshal(set)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// Token returns a token of the account for the audience. Its life is that of the system's clock, whatever the stack's clock says.
func (s *Signer) Token(account, audience string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	which, now := [2]string{account, audience}, time.Now()
	if t := s.tokens[which]; now.Sub(t.made) < keptFor {
		return t.text, nil
	}
	text, err := s.Sign(map[string]any{
		"iss": "https://accounts.google.com", "aud": audience, "sub": account, "email": account, "email_verified": true,
		"iat": now.Unix(), "exp": now.Add(validFor).Unix(),
	})
	if err == nil {
		s.tokens[which] = token{text, now}
	}
	return text, err
}

// Sign signs any claims.
func (s *Signer) Sign(claims map[string]any) (string, error) {
	return jwt.Signed(s.signer).Claims(claims).Serialize()
}
