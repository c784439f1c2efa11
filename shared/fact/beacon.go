package fact

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strconv"
	"strings"
)

// Beacon names one push for its service worker, which says with it what it has done: whose push, of which item, in which state. Nobody can make a
// token of it who has not the key, and it has no uid in clear.
type Beacon struct {
	Person   string // by Key.Person
	Item     string
	Revision int64
}

// ErrBeacon says that a token is not one of ours.
var ErrBeacon = errors.New("fact: the token is not one of ours")

// maxBeacon is more than any token has: an item's id has some 40 letters.
const maxBeacon = 256

// Sign is the beacon as a token of letters, digits, dots and hyphens.
func (k Key) Sign(b Beacon) string {
	said := b.Person + "." + strconv.FormatInt(b.Revision, 10) + "." + b.Item
	return k.seal(said) + "." + said
}

// Open reads what Sign has made, or fails with ErrBeacon.
func (k Key) Open(token string) (Beacon, error) {
	if len(k) == 0 || len(token) > maxBeacon {
		return Beacon{}, ErrBeacon
	}
	seal, said, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(seal), []byte(k.seal(said))) {
		return Beacon{}, ErrBeacon
	}
	parts := strings.SplitN(said, ".", 3)
	if len(parts) != 3 || parts[2] == "" {
		return Beacon{}, ErrBeacon
	}
	revision, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return Beacon{}, ErrBeacon
	}
	return Beacon{Person: parts[0], Item: parts[2], Revision: revision}, nil
}

// seal is a MAC that is never a person: what is said begins with a word that no uid is hashed with.
func (k Key) seal(said string) string {
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte("beacon\x00" + said))
	return short(mac.Sum(nil))
}
