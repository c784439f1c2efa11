// Package webhook tells a product what became of its events, after the Standard Webhooks specification 1.0
// (github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): whom to tell ([Endpoints]), what ([Report], [Message]), how
// it is signed ([Keys]), and what follows from an answer ([Answer]).
//
// A message's id is made from what it tells, so that twice is once: whoever tells it again makes the same message.
//
// It is domain: standard library only, no clock, no network.
package webhook

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// Outcome is what became of an event.
type Outcome string

// The outcomes, in the words of facts.
const (
	Delivered    Outcome = "delivered"    // the person's item says it
	Seen         Outcome = "seen"         // the person has seen the item
	Acted        Outcome = "acted"        // the person has chosen one of the item's actions
	DeadLettered Outcome = "deadLettered" // it could not be done; an operator may replay it
)

// Outcomes are all of them.
var Outcomes = []Outcome{Delivered, Seen, Acted, DeadLettered}

// Endpoint is an address of a product that wants to be told.
type Endpoint struct {
	Name     string    // in the configuration, and in the log
	URL      string    // https; on a laptop http to this machine, too
	Outcomes []Outcome // what it is told of; none: only of actions that name it
	Types    []string  // of which types: names, or beginnings of names with a "*" behind; empty is all
	Sources  []string  // of whose events, in the same way; empty is all. An item does not know its events' sources, so only [Delivered] and [DeadLettered] have them
}

// Endpoints are all that are configured. Without any, nobody is told of anything.
type Endpoints []Endpoint

// Named is the endpoint of that name.
func (all Endpoints) Named(name string) (Endpoint, bool) {
	i := slices.IndexFunc(all, func(e Endpoint) bool { return e.Name == name })
	if i < 0 {
		return Endpoint{}, false
	}
	return all[i], true
}

// ForActions reports whether actions may name the endpoint: it asks for [Acted], or for nothing.
func (e Endpoint) ForActions() bool {
	return len(e.Outcomes) == 0 || slices.Contains(e.Outcomes, Acted)
}

func (all Endpoints) forActions() Endpoints {
	return slices.DeleteFunc(slices.Clone(all), func(e Endpoint) bool { return !e.ForActions() })
}

// HearMarks reports whether any endpoint is told what people do with their items. Only then each change of an item is looked at, which is paid for.
func (all Endpoints) HearMarks() bool {
	return slices.ContainsFunc(all, func(e Endpoint) bool { return e.ForActions() || slices.Contains(e.Outcomes, Seen) })
}

// Want reports whether any endpoint wants to know of the outcome, of a type and a source.
func (all Endpoints) Want(o Outcome, kind, source string) bool {
	return slices.ContainsFunc(all, func(e Endpoint) bool { return e.wants(o, kind, source) })
}

func (e Endpoint) wants(o Outcome, kind, source string) bool {
	return slices.Contains(e.Outcomes, o) && (len(e.Types) == 0 || covers(e.Types, kind)) && (len(e.Sources) == 0 || covers(e.Sources, source))
}

// covers reports whether one of the patterns stands for the name.
func covers(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		beginning, open := strings.CutSuffix(pattern, "*")
		return pattern == name || open && strings.HasPrefix(name, beginning)
	})
}

// Report is one thing that became of an event or an item, for one person.
type Report struct {
	Outcome   Outcome
	At        time.Time    // when
	Source    string       // with Event: which event; both are "" of what a person did with an item
	Event     string       // the event's id
	Type      string       // of the event, or of what the item tells of
	Target    event.Target // what it happened to; its words are not told
	Recipient string       // the uid; "" where nobody is known yet
	Item      string       // the notification; "" is none
	Revision  int64        // the state of the item that the person saw or answered; 0 of an event
	Action    string       // of Acted: the action's id
	Webhook   string       // of Acted: the endpoint that the action names; "" is none
	Reason    string       // of DeadLettered: why, in a word
}

// Message is what one endpoint is told: a webhook in the specification's sense. It is the same however often it is sent.
type Message struct {
	ID       string          `json:"id"`             // the header webhook-id
	Endpoint string          `json:"endpoint"`       // the endpoint's name
	Type     string          `json:"type"`           // "notification." and the outcome
	Names    []string        `json:"names,omitzero"` // ids in the body that may be a person's, so that it goes with them
	Body     json.RawMessage `json:"body"`
}

// payload is the body, as the specification recommends it. There are no words in it: who may read them can read the item.
type payload struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Event        *eventRef  `json:"event,omitempty"`
	EventType    string     `json:"eventType"`
	Recipient    string     `json:"recipient,omitzero"`
	Notification string     `json:"notification,omitzero"`
	Target       *targetRef `json:"target,omitempty"`
	Action       string     `json:"action,omitzero"`
	Reason       string     `json:"reason,omitzero"`
}

type eventRef struct {
	Source string `json:"source"`
	ID     string `json:"id"`
}

type targetRef struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Source string `json:"source,omitzero"`
}

// Messages are what the endpoints that want the report are told, and the one that it names, whatever that asks for: each of them once. One that
// is named, and not configured any more, gets a message that waits for it.
func (all Endpoints) Messages(r Report) (messages []Message) {
	named := r.Webhook
	for _, e := range all {
		if e.wants(r.Outcome, r.Type, r.Source) || e.Name == named {
			messages = append(messages, e.Message(r))
		}
		if e.Name == named {
			named = ""
		}
	}
	if named != "" {
		messages = append(messages, Endpoint{Name: named}.Message(r))
	}
	return messages
}

// CheckActions returns every action that names an endpoint which is not there, or is not for actions.
func (all Endpoints) CheckActions(actions []event.Action) (wrong event.FieldErrors) {
	for i, a := range actions {
		e, known := all.Named(a.Webhook)
		if a.Webhook == "" || known && e.ForActions() {
			continue
		}
		field := fmt.Sprintf("actions[%d].webhook", i)
		switch {
		case known:
			wrong.Add(field, "is %.100q, an endpoint that is not told what people do; in WEBHOOKS its outcomes must have acted, or be []", a.Webhook)
		case len(all) == 0:
			wrong.Add(field, "is %.100q; no endpoint is configured here (WEBHOOKS), so leave it out", a.Webhook)
		default:
			wrong.Add(field, "is %.100q, which is no endpoint; one of %q was expected (WEBHOOKS)", a.Webhook, all.forActions().Names())
		}
	}
	return wrong
}

// Names are those of the endpoints.
func (all Endpoints) Names() (names []string) {
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names
}

// Message is the report as the endpoint is told it.
func (e Endpoint) Message(r Report) Message {
	p := payload{Type: "notification." + string(r.Outcome), Timestamp: r.At.UTC().Truncate(time.Microsecond), Data: data{
		EventType: r.Type, Recipient: r.Recipient, Notification: r.Item, Action: r.Action, Reason: r.Reason,
	}}
	if r.Event != "" {
		p.Data.Event = &eventRef{r.Source, r.Event}
	}
	m := Message{ID: e.id(r), Endpoint: e.Name, Type: p.Type}
	if r.Recipient != "" {
		m.Names = append(m.Names, r.Recipient)
	}
	if r.Target.ID != "" {
		m.Names = append(m.Names, r.Target.ID)
		p.Data.Target = &targetRef{r.Target.Type, r.Target.ID, r.Target.Source}
	}
	m.Body, _ = json.Marshal(p) // texts and a time always can be
	return m
}

var letters = base32.HexEncoding.WithPadding(base32.NoPadding)

// id is 128 bits of a hash, with lengths in it, so that no two reports look alike. It has no full stop, which the specification forbids.
func (e Endpoint) id(r Report) string {
	parts := []string{e.Name, string(r.Outcome), r.Recipient, r.Source, r.Event}
	if r.Event == "" {
		parts = append(parts, r.Item, strconv.FormatInt(r.Revision, 10))
	}
	hash := sha256.New()
	for _, p := range parts {
		hash.Write(binary.AppendUvarint(nil, uint64(len(p))))
		hash.Write([]byte(p))
	}
	return "msg_" + strings.ToLower(letters.EncodeToString(hash.Sum(nil)[:16]))
}
