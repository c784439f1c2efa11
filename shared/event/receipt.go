package event

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

// KeepReceipt is how long the same source and id are the same event where the producer named an id and no time.
const KeepReceipt = 24 * time.Hour

// Receipt is what the door keeps of an event that has an id of its own and no time: posted again, it gets the time of its first
// acceptance again, so that everything behind the door takes it for the same event.
type Receipt struct {
	Source, ID string
	Content    string    // a hash of what the sender said; the same source and id with another one is a mistake
	At         time.Time // the acceptance, in microseconds
}

// ContentOf is the hash of what a sender said. Said is encoded as JSON, with sorted keys, so neither the order of an object's members nor
// white space counts.
func ContentOf(said any) (string, error) {
	raw, err := json.Marshal(said)
	if err != nil {
		return "", fmt.Errorf("event: hash what was said: %w", err)
	}
	sum := sha256.Sum256(raw)
	return string(sum[:]), nil
}
