package deadletters

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// fromPubSub begins the attributes that Pub/Sub adds to what it gives up on.
const fromPubSub = "CloudPubSubDeadLetterSource"

// envelope is the message that a letter holds, as it was before anything of it failed: in its lane, with all that a newer version may
// have written, and for those only whom it did not reach. Its origin makes a push that was owed the same push.
func envelope(letter store.DeadLetter) (topics.Envelope, error) {
	for _, part := range []string{"data", "attributes", "recipients"} {
		if slices.Contains(letter.Cut, part) {
			return topics.Envelope{}, problem.New(http.StatusConflict,
				"the message was too large to keep: its %s were cut (%d of %d bytes of data are here). Send the event again, or discard the letter", part, len(letter.Data), letter.DataBytes)
		}
	}
	m := topics.PushedMessage{Data: []byte(letter.Data), Attributes: letter.Attributes, PublishTime: letter.PublishedAt}
	e, _ := topics.Decode(m) // a newer version may be able to read what this one cannot
	var object map[string]json.RawMessage
	if err := json.Unmarshal(m.Data, &object); !e.IsLook() && (err != nil || object == nil) {
		return e, problem.New(http.StatusConflict, "the message is not an event as JSON, so it would fail again")
	}
	for key := range e.Before {
		if strings.HasPrefix(key, fromPubSub) {
			delete(e.Before, key)
		}
	}
	if len(letter.Recipients) > 0 {
		e = e.For(letter.Recipients)
	}
	return e.Untried(), nil
}
