package topics

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/telemetry"
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

// usualPushed is what a push body with one event fits into.
const usualPushed = 4 << 10

// ErrNotPushed says that a request was not posted by a push subscription.
var ErrNotPushed = errors.New("not a request of a Pub/Sub push subscription")

// bodies are buffers that push bodies are read into: everything is copied out of them. Large ones are not kept.
var bodies = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, usualPushed)) }}

// ReadPush reads a push request, or returns [ErrNotPushed] with the field that is wrong, in words for the caller.
func ReadPush(body io.Reader) (Pushed, error) {
	buffer := bodies.Get().(*bytes.Buffer)
	buffer.Reset()
	defer func() {
		if buffer.Cap() <= 4*usualPushed {
			bodies.Put(buffer)
		}
	}()
	if _, err := buffer.ReadFrom(io.LimitReader(body, maxPushed)); err != nil {
		return Pushed{}, fmt.Errorf("%w: the body ended early: %w", ErrNotPushed, err)
	}
	raw := buffer.Bytes()
	var p Pushed
	if costly(raw) {
		return Pushed{}, fmt.Errorf("%w: the body has too many fields", ErrNotPushed)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return Pushed{}, fmt.Errorf("%w: %w", ErrNotPushed, wrongPush(err))
	}
	if p.Message.MessageID == "" {
		return Pushed{}, fmt.Errorf("%w: message.messageId: is missing", ErrNotPushed)
	}
	return p, nil
}

// costly reports whether reading the JSON would take many times its size in memory: it has lists or objects as no message has them. What
// is as short as most messages are costs little anyway, and is not looked through.
func costly(raw []byte) bool {
	if len(raw) <= usualPushed || !json.Valid(raw) { // what is not valid is not read
		return false
	}
	entries, depth := event.Extent(raw)
	return entries > 2*event.MaxRecipients || depth > 2*event.MaxDepth
}

// wrongPush says what encoding/json found wrong. It leaves out the field where a type reads its text itself.
func wrongPush(err error) event.FieldErrors {
	var f event.FieldErrors
	switch {
	case errors.As(err, new(base64.CorruptInputError)):
		f.Add("message.data", "is not base64")
	case errors.As(err, new(*time.ParseError)):
		f.Add("message.publishTime", "is not a time of RFC 3339")
	default:
		f = event.WrongJSON(err)
	}
	return f
}

// Delivery is what a trace says of the message.
func (p *Pushed) Delivery() telemetry.Delivery {
	return telemetry.Delivery{
		Subscription: p.subscription(), MessageID: p.Message.MessageID, Attempt: p.DeliveryAttempt, Attributes: p.Message.Attributes,
	}
}

// subscription is the id of the subscription that delivered it.
func (p *Pushed) subscription() string {
	return p.Subscription[strings.LastIndex(p.Subscription, "/")+1:]
}

// Key names the message among those of all subscriptions: Pub/Sub's ids are unique within a topic only.
func (p *Pushed) Key() string {
	return p.subscription() + "-" + p.Message.MessageID
}
