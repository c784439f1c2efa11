package profile

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Bounce is what is known of a person's address when a mail server has refused it for the recipient's sake. The zero value is nothing.
//
// Who goes on sending mails to mailboxes that are not there is taken for a spammer, and then others' mails go astray, too. So such an address is left
// alone for a day, after the next bounce for two, and so on, at most 32 days. A mail that is taken, or another address, ends it.
type Bounce struct {
	Address int64     // a hash of the uid and the address: addresses are kept nowhere
	Times   int       // in a row
	At      time.Time // the last time
}

const (
	firstRest = 24 * time.Hour
	mostRests = 6 // doubled five times
)

// Another is what is known after the address has bounced again.
func (b Bounce) Another(uid, address string, now time.Time) Bounce {
	hash := hashOf(uid, address)
	if b.Address != hash {
		b = Bounce{Address: hash}
	}
	b.Times, b.At = min(b.Times+1, mostRests), now
	return b
}

// Rests reports whether no mail goes to the address now.
func (b Bounce) Rests(uid, address string, now time.Time) bool {
	return b.Times > 0 && b.Address == hashOf(uid, address) && now.Before(b.At.Add(firstRest<<(min(b.Times, mostRests)-1)))
}

func hashOf(uid, address string) int64 {
	sum := sha256.Sum256([]byte(uid + "\x00" + address))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}
