package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Key signs messages: a secret that both sides have (whsec_…, signature v1), or a private key of which the product has the public half
// (whsk_…, signature v1a). The zero value is none.
type Key struct {
	shared  []byte
	private ed25519.PrivateKey
}

// Keys are those of one endpoint. All of them sign, so that a product can go over from one to the next.
type Keys []Key

const (
	sharedPrefix  = "whsec_"
	privatePrefix = "whsk_"
	minShared     = 24 // bytes, by the specification
	maxShared     = 64
)

// ParseKey reads a key as the specification serializes it. The error does not repeat it.
func ParseKey(s string) (Key, error) {
	encoded, isShared := strings.CutPrefix(s, sharedPrefix)
	encoded, isPrivate := strings.CutPrefix(encoded, privatePrefix)
	if isShared == isPrivate {
		return Key{}, errors.New(`begins with neither "whsec_" nor "whsk_"`)
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	switch {
	case err != nil:
		return Key{}, errors.New("is not base64 after its prefix")
	case isShared && (len(raw) < minShared || len(raw) > maxShared):
		return Key{}, fmt.Errorf("has %d bytes; %d to %d were expected", len(raw), minShared, maxShared)
	case isShared:
		return Key{shared: raw}, nil
	case len(raw) == ed25519.SeedSize:
		return Key{private: ed25519.NewKeyFromSeed(raw)}, nil
	case len(raw) == ed25519.PrivateKeySize: // the seed with the public key behind it, as some tools write it
		key := ed25519.NewKeyFromSeed(raw[:ed25519.SeedSize])
		if !key.Equal(ed25519.PrivateKey(raw)) {
			return Key{}, errors.New("is no ed25519 key: its second half is not the public key of its first")
		}
		return Key{private: key}, nil
	}
	return Key{}, fmt.Errorf("has %d bytes; the %d of an ed25519 seed were expected", len(raw), ed25519.SeedSize)
}

// Headers are those of one attempt, made at that time: the id, the time, and a signature by each key.
func (m *Message) Headers(at time.Time, keys Keys) http.Header {
	seconds := strconv.FormatInt(at.Unix(), 10)
	signed := append([]byte(m.ID+"."+seconds+"."), m.Body...)
	signatures := make([]string, len(keys))
	for i, key := range keys {
		signatures[i] = key.sign(signed)
	}
	return http.Header{
		"Webhook-Id": {m.ID}, "Webhook-Timestamp": {seconds}, "Webhook-Signature": {strings.Join(signatures, " ")},
	}
}

func (k Key) sign(signed []byte) string {
	if k.private != nil {
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, signed))
	}
	mac := hmac.New(sha256.New, k.shared)
	mac.Write(signed)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
