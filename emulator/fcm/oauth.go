package fcm

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
)

// Credentials returns a service account as Google hands it out in a JSON file, which signs in at tokenURI: the address of
// this server's POST /token.
func (s *Server) Credentials(tokenURI string) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		return nil, fmt.Errorf("fcm: %w", err)
	}
	email := fmt.Sprintf("emulator@%s.iam.gserviceaccount.com", s.project)
	return json.MarshalIndent(map[string]string{
		"type":           "service_account",
		"project_id":     s.project,
		"private_key_id": "emulator",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"client_email":   email,
		"client_id":      "1",
		"token_uri":      tokenURI,
	}, "", "  ")
}

// token is the OAuth endpoint: it gives an access token for an assertion signed with the service account's key.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if r.PostFormValue("grant_type") != grant || !s.signed(r.PostFormValue("assertion")) {
		writeJSON(w, http.StatusBadRequest, map[string]string{
			"error": "invalid_grant", "error_description": "Invalid JWT Signature.",
		})
		return
	}
	var b [24]byte
	_, _ = rand.Read(b[:]) // does not fail
	token := "ya29.fake-" + hex.EncodeToString(b[:])
	s.mu.Lock()
	s.tokens[token] = true
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3599})
}

// signed says whether a JWT bears the service account's signature.
func (s *Server) signed(jwt string) bool {
	i := strings.LastIndexByte(jwt, '.')
	if i < 0 {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(jwt[i+1:])
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(jwt[:i]))
	return rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, sum[:], signature) == nil
}

func (s *Server) authorized(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok && s.tokens[token]
}
