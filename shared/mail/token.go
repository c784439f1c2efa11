package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Keys sign the links that end mails. The first one signs, and all of them are good: a new one is put in front, and the old one is
// taken away when no mail that it signed is looked at any more.
type Keys [][]byte

const minKey = 32 // bytes, the length of what HMAC-SHA256 makes of a longer one (RFC 2104, section 3)

// ReadKeys reads keys, comma-separated.
func ReadKeys(s string) (keys Keys, err error) {
	for _, key := range strings.Split(s, ",") {
		key = strings.TrimSpace(key)
		switch {
		case key == "":
		case len(key) < minKey:
			return nil, fmt.Errorf("a key has %d characters; %d or more were expected, say from openssl rand -base64 32", len(key), minKey)
		default:
			keys = append(keys, []byte(key))
		}
	}
	return keys, nil
}

// Subscription is what a link ends: a person's mails of one list. The list is a category, or "" for the digest.
type Subscription struct {
	UID, List string
	By        By // the mail that has the link; zero: a mail of an earlier version, whose links do not say
}

// By is a mail: what it tells of, as facts have it. Of a digest there is no type, and the item is its period.
type By struct {
	Type, Item string
	Revision   int64
}

// ErrToken is returned for a token that no key has signed.
var ErrToken = errors.New("mail: not a token of ours")

// Token is the subscription as a link carries it. It does not expire: somebody may want to end the mails by an old one.
func (k Keys) Token(s Subscription) string {
	payload := []byte(strings.Join(append([]string{s.List}, s.By.words()...), " ") + "\n" + s.UID)
	return base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(mac(k[0], payload))
}

// Open reads a token, or returns [ErrToken].
func (k Keys) Open(token string) (Subscription, error) {
	if strings.ContainsAny(token, "\r\n") { // which encoding/base64 skips, so that one token would have many forms
		return Subscription{}, ErrToken
	}
	text, signature, _ := strings.Cut(token, ".")
	payload, err1 := base64.RawURLEncoding.Strict().DecodeString(text)
	got, err2 := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err1 != nil || err2 != nil {
		return Subscription{}, ErrToken
	}
	for _, key := range k {
		if hmac.Equal(got, mac(key, payload)) {
			first, uid, _ := strings.Cut(string(payload), "\n")
			words := strings.Split(first, " ")
			return Subscription{UID: uid, List: words[0], By: readBy(words[1:])}, nil
		}
	}
	return Subscription{}, ErrToken
}

// words are the mail in a link's first line, behind the list. None of them has a space in it.
func (b By) words() []string {
	if b.Item == "" {
		return nil
	}
	return []string{b.Type, b.Item, strconv.FormatInt(b.Revision, 10)}
}

// readBy reads what words wrote.
func readBy(words []string) (b By) {
	if len(words) == 3 {
		b.Type, b.Item = words[0], words[1]
		b.Revision, _ = strconv.ParseInt(words[2], 10, 64) // we have signed it
	}
	return b
}

// mac signs for this purpose only, whatever else a key may be used for.
func mac(key, payload []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("tidings unsubscribe 1\n"))
	h.Write(payload)
	return h.Sum(nil)
}
