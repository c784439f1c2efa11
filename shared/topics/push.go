package topics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// Pushed is the body that a Pub/Sub push subscription posts. The functions framework's own conversion to a CloudEvent drops
// subscription and deliveryAttempt, so the subscribers are plain HTTP functions that read this.
type Pushed struct {
	Message         PushedMessage `json:"message"`
	Subscription    string        `json:"subscription"`    // projects/P/subscriptions/S
	DeliveryAttempt int           `json:"deliveryAttempt"` // from 1; 0 where the subscription does not count
}

// PushedMessage is a message as it was pushed.
type PushedMessage struct {
	Data        []byte            `json:"data"`
	Attributes  map[string]string `json:"attributes"`
	MessageID   string            `json:"messageId"`
	PublishTime time.Time         `json:"publishTime"`
}

// maxPushed bounds a push body: Pub/Sub's 10 MB of data in base64, and its frame.
const maxPushed = 14 << 20

// ErrNotPushed says that a request was not posted by a push subscription.
var ErrNotPushed = errors.New("topics: not a Pub/Sub push request")

// ReadPush reads a push request, or returns [ErrNotPushed].
func ReadPush(body io.Reader) (Pushed, error) {
	var p Pushed
	if err := json.NewDecoder(io.LimitReader(body, maxPushed)).Decode(&p); err != nil {
		return Pushed{}, fmt.Errorf("%w: %v", ErrNotPushed, err)
	}
	if p.Message.MessageID == "" {
		return Pushed{}, fmt.Errorf("%w: message.messageId is missing", ErrNotPushed)
	}
	return p, nil
}

// From reports whether it came from the topic's subscription. The name of a subscription is that of its topic, a
// dash, and the function it pushes to.
func (p *Pushed) From(t Topic) bool {
	_, name, _ := strings.Cut(p.Subscription, "/subscriptions/")
	return strings.HasPrefix(name, string(t)+"-") && !(t == Events && (strings.HasPrefix(name, string(Urgent)) || strings.HasPrefix(name, string(Retry))))
}

// Event reads the event in the message. Whoever may publish to the topic may have put anything there, so it is checked like
// one that comes in by the API, with two differences: its time may be long past, and a field that is not known is let be,
// because during a roll-out it may come from a newer version.
func (m *PushedMessage) Event() (e event.Event, err error) {
	if err = json.Unmarshal(m.Data, &e); err != nil {
		err = fmt.Errorf("(request body): is not an event as JSON: %w", err)
	} else if wrong := e.Validate(e.Time); len(wrong) > 0 {
		err = wrong
	}
	if err != nil {
		return event.Event{}, fmt.Errorf("topics: message %s: %w", m.MessageID, err)
	}
	return e, nil
}

// Again reads the order in a message that has no event.
func (m *PushedMessage) Again() (a Again, ok bool) {
	a = Again{UID: m.Attributes[AttrUID], ID: m.Attributes[AttrItem]}
	return a, a.UID != "" && a.ID != ""
}

// NotBefore is when a retried message may be tried again; zero is now.
func (m *PushedMessage) NotBefore() time.Time {
	t, err := time.Parse(time.RFC3339Nano, m.Attributes[AttrNotBefore])
	if err != nil {
		return time.Time{}
	}
	return t
}

// Key names the message among those of all subscriptions: Pub/Sub's ids are unique within a topic only.
func (p *Pushed) Key() string {
	return p.Subscription[strings.LastIndex(p.Subscription, "/")+1:] + "-" + p.Message.MessageID
}

// Origin is the key of the message in which the event first came.
func (p *Pushed) Origin() string {
	if origin := p.Message.Attributes[AttrOrigin]; origin != "" {
		return origin
	}
	return p.Key()
}
