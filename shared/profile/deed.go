package profile

import (
	"strconv"
	"strings"
	"time"
)

// Deed is what a person did with an item. Their pages write the latest ones into the profile, with a lease that they write anyway. The marks on
// the items are the truth; this is how the subscriber, which reads the profile, hears of them without reading the items.
type Deed struct {
	Stage    string    // a stage of facts: seen, opened or acted
	At       time.Time // by the mark on the item
	Revision int64     // the item's state
	Item     string    // the item's id
}

// MaxDeeds is how many deeds a profile has at most: the latest ones. The rules see to that.
const MaxDeeds = 100

// ParseDeed reads a deed as clients write it: stage, milliseconds since 1970, revision and item, with spaces between them. ok is false for
// anything else: the rules check the form, and so does whoever relies on it.
func ParseDeed(text string) (d Deed, ok bool) {
	parts := strings.Split(text, " ")
	if len(parts) != 4 || parts[0] != "seen" && parts[0] != "opened" && parts[0] != "acted" {
		return Deed{}, false
	}
	at, err := strconv.ParseUint(parts[1], 10, 44) // until the year 2527
	if err != nil {
		return Deed{}, false
	}
	revision, err := strconv.ParseUint(parts[2], 10, 31)
	if err != nil || parts[3] == "" || len(parts[3]) > 128 {
		return Deed{}, false
	}
	return Deed{Stage: parts[0], At: time.UnixMilli(int64(at)), Revision: int64(revision), Item: parts[3]}, true
}
