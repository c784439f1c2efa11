package topics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/event"
)

// Envelope is everything that we put on Pub/Sub: an event with what we know of it, or an order to look at an item. What a message
// is, where it belongs and how often it was tried are read from it alone, and not from the name of a subscription.
type Envelope struct {
	Event    event.Event       // the message's data; zero where the message is an order to look at an item
	Accepted event.Acceptance  // when and how the door took the event in
	Lane     Topic             // Events or Urgent: where it belongs, wherever it is; Events unless it says otherwise
	Why      string            // why its recipients are told, where the event does not say: WhyAudience or WhyTold
	Look     Ref               // the item to look at; zero where there is an event
	More     []string          // ids of other items of that person, to look at together with it
	Walk     Walk              // how far an audience, or those who were told, have been walked
	Attempts int               // how often it was tried before it was handed over to the retry topic
	Devices  []string          // retried pushes: the ids of the devices that are missing; nil is all
	Tries    int               // retried pushes: how often FCM has been asked
	Origin   string            // the key of the message in which it first came; "" is this one. Pushes are remembered by it
	Reason   string            // why it was handed over, for people; cut to what an attribute holds
	Before   map[string]string // attributes that this version does not know: a newer one wrote them
	data     json.RawMessage   // the event as it came, with fields that this version does not know
	notUntil time.Time         // see NotBefore
}

// Ref names an inbox item.
type Ref struct{ UID, ID string }

// Walk is how far a message has come in telling many people, step by step. The zero value is the beginning.
type Walk struct {
	ID     string // the key of the message that began it
	Page   int    // the step, from 0
	Cursor string // the last one of the step before
	Second bool   // a retraction's second look, for those who were being told during the first
}

// The attributes of a message. The first three are named as CloudEvents' binding for Pub/Sub has them, for people who look at messages.
const (
	attrID       = "ce-id"
	attrSource   = "ce-source"
	attrType     = "ce-type"
	attrAccepted = "acceptedAt" // RFC 3339
	attrOwn      = "own"        // what of the event is the producer's: "time", "id", "time,id"
	attrLane     = "lane"
	attrWhy      = "why"
	attrItem     = "item"
	attrUID      = "uid"
	attrWalk     = "walk"
	attrPage     = "page"
	attrCursor   = "cursor"
	attrSecond   = "second"
	attrAttempts = "attempts"
	attrUntil    = "notBefore" // RFC 3339
	attrDevices  = "devices"   // ids with slashes between them, which no id contains
	attrTries    = "tries"
	AttrOrigin   = "origin"
	attrReason   = "reason"
)

var attributes = []string{
	attrID, attrSource, attrType, attrAccepted, attrOwn, attrLane, attrWhy, attrItem, attrUID, attrWalk, attrPage, attrCursor, attrSecond,
	attrAttempts, attrUntil, attrDevices, attrTries, AttrOrigin, attrReason,
}

// MaxValue is how much an attribute holds, in bytes.
const MaxValue = 1_024

// IsLook reports whether the message is an order to look at an item.
func (e *Envelope) IsLook() bool { return e.Look.UID != "" && e.Look.ID != "" }

// NotBefore is when a retried message may be tried; zero is now.
func (e *Envelope) NotBefore() time.Time { return e.notUntil }

// Later is the envelope as it goes to the retry topic: not to be tried before that time, and why.
func (e Envelope) Later(until time.Time, reason string) Envelope {
	e.notUntil, e.Reason = until, reason
	return e
}

// WhyTold says that the recipients have an item of the event's group. Why they do stands on that.
const WhyTold = "told"

// WhyAudience says that the recipients are members of that audience.
func WhyAudience(id string) string { return "audience:" + id }

// For is the envelope for some of its people, named one by one.
func (e Envelope) For(uids []string) Envelope {
	if e.IsLook() {
		return e
	}
	switch {
	case e.Why != "":
	case e.Event.Audience != "":
		e.Why = WhyAudience(e.Event.Audience)
	case len(e.Event.Recipients) == 0:
		e.Why = WhyTold
	}
	e.Event.Recipients, e.Event.Audience, e.Walk = uids, "", Walk{Second: e.Walk.Second}
	e.data = replaced(e.data, uids)
	return e
}

// Untried is the envelope as it was before anything of it failed, for a dead letter that is replayed.
func (e Envelope) Untried() Envelope {
	e.Attempts, e.Tries, e.Devices, e.Reason, e.notUntil = 0, 0, nil, "", time.Time{}
	return e
}

// Anew is the envelope as a message of its own: nobody has tried it, and what it decides is remembered by its own name.
func (e Envelope) Anew() Envelope {
	e = e.Untried()
	e.Origin = ""
	return e
}

// replaced puts other recipients into an event as it came, and leaves everything else as it is. What cannot be read stays.
func replaced(data json.RawMessage, uids []string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil || fields == nil {
		return nil
	}
	for key := range fields { // in small or capital letters, as they are read
		if strings.EqualFold(key, "audience") || strings.EqualFold(key, "recipients") {
			delete(fields, key)
		}
	}
	fields["recipients"], _ = json.Marshal(uids) // strings always can be
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // which would rewrite the values
	if encoder.Encode(fields) != nil {
		return nil
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// to is the topic that the envelope belongs to now.
func (e *Envelope) to() Topic {
	switch {
	case !e.notUntil.IsZero():
		return Retry
	case e.Lane == Urgent:
		return Urgent
	}
	return Events
}

// looks is the data of an order to look at several items.
type looks struct {
	More []string `json:"more"`
}

// Encode is the envelope as a message.
func (e *Envelope) Encode() (*pubsubpb.PubsubMessage, error) {
	m := &pubsubpb.PubsubMessage{Attributes: make(map[string]string, 8)}
	if len(e.More) > 0 {
		m.Data, _ = json.Marshal(looks{e.More}) // strings always can be
	}
	if !e.IsLook() {
		m.Data = e.data
		if m.Data == nil {
			data, err := json.Marshal(e.Event)
			if err != nil {
				return nil, fmt.Errorf("topics: encode event %q: %w", e.Event.ID, err)
			}
			m.Data = data
		}
	}
	if len(e.Before) > 0 {
		maps.Copy(m.Attributes, e.Before)
		for _, key := range attributes {
			delete(m.Attributes, key)
		}
	}
	for _, a := range [...]struct{ key, value string }{
		{attrID, e.Event.ID}, {attrSource, e.Event.Source}, {attrType, e.Event.Type}, {attrAccepted, stamp(e.Accepted.At)}, {attrOwn, own(e.Accepted)},
		{attrLane, string(e.Lane)}, {attrWhy, e.Why}, {attrItem, e.Look.ID}, {attrUID, e.Look.UID}, {attrWalk, e.Walk.ID}, {attrPage, number(e.Walk.Page)}, {attrCursor, e.Walk.Cursor},
		{attrSecond, yes(e.Walk.Second)}, {attrAttempts, number(e.Attempts)}, {attrUntil, stamp(e.notUntil)}, {attrDevices, strings.Join(e.Devices, "/")},
		{attrTries, number(e.Tries)}, {AttrOrigin, e.Origin}, {attrReason, clip(e.Reason)},
	} {
		if a.value != "" {
			m.Attributes[a.key] = a.value
		}
	}
	return m, nil
}

// ErrUnreadable says that a message is no envelope of ours. It will never be.
var ErrUnreadable = errors.New("topics: the message is not an event")

// Decode reads a message as Encode has made it, or returns [ErrUnreadable] together with what could be read. Whoever may publish to
// a topic may have put anything there, so an event is checked like one that comes in by the API, with two differences: its time may
// be long past, and a field that is not known is kept and not refused, because a newer version may have written it.
func Decode(m PushedMessage) (e Envelope, err error) {
	a := m.Attributes
	e = Envelope{
		Lane: lane(a[attrLane]), Why: a[attrWhy], Look: Ref{UID: a[attrUID], ID: a[attrItem]}, Origin: a[AttrOrigin], Reason: a[attrReason],
		Walk:     Walk{ID: a[attrWalk], Page: count(a[attrPage]), Cursor: a[attrCursor], Second: a[attrSecond] != ""},
		Accepted: event.Acceptance{At: moment(a[attrAccepted]), OwnTime: strings.Contains(a[attrOwn], "time"), OwnID: strings.Contains(a[attrOwn], "id")},
		Attempts: count(a[attrAttempts]), Tries: count(a[attrTries]), notUntil: moment(a[attrUntil]), data: m.Data,
	}
	if ids := a[attrDevices]; ids != "" {
		e.Devices = strings.Split(ids, "/")
	}
	for key, value := range a {
		if !slices.Contains(attributes, key) {
			if e.Before == nil {
				e.Before = map[string]string{}
			}
			e.Before[key] = value
		}
	}
	if e.IsLook() {
		if len(m.Data) > 0 {
			var more looks
			if err := json.Unmarshal(m.Data, &more); err != nil {
				return e, fmt.Errorf("%w, nor a list of items: %w", ErrUnreadable, err)
			}
			e.More = more.More
		}
		return e, nil
	}
	if costly(m.Data) {
		err = errors.New("it has too many fields, or too deep ones")
	} else if err = event.Read(m.Data, &e.Event); err != nil {
		err = event.WrongJSON(err)
	} else if wrong := e.Event.Validate(e.Event.Time); len(wrong) > 0 {
		err = wrong
	}
	if err != nil {
		return e, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if e.Accepted.At.IsZero() { // published by something else than our door
		e.Accepted = event.Acceptance{At: m.PublishTime.Truncate(time.Microsecond), OwnTime: !e.Event.Time.IsZero(), OwnID: true}
	}
	if e.Event.Time.IsZero() {
		e.Event.Time = e.Accepted.At
	}
	return e, nil
}

func lane(name string) Topic {
	if Topic(name) == Urgent {
		return Urgent
	}
	return Events
}

func own(a event.Acceptance) string {
	var parts []string
	if a.OwnTime {
		parts = append(parts, "time")
	}
	if a.OwnID {
		parts = append(parts, "id")
	}
	return strings.Join(parts, ",")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// moment reads a time; anything else is the zero time.
func moment(s string) time.Time {
	if s == "" {
		return time.Time{} // most messages have none, and an error costs more than a time
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// count reads a number of tries; anything else, or a negative number, is 0.
func count(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// clip bounds an attribute's value.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), MaxValue)], "") }
