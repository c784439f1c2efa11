// Package event is the language in which a producer tells Tidings that something happened.
//
// An [Event] carries the CloudEvents 1.0 attributes (id, source, type, time) and the data of ours: who caused it, what it
// happened to, and who is to be told. Source and ID together identify it: the same pair is the same event, however
// often it arrives. The package is domain: it imports the standard library only.
package event

import (
	"slices"
	"time"
)

// Limits of one event. They keep an item's document small (clients download it at every change) and every message far
// below Pub/Sub's 10 MB; DESIGN §6 gives the request's limits.
const (
	MaxID         = 256   // bytes of an id, source, type or groupKey each
	MaxUID        = 128   // bytes of a uid: the limit of Firebase Auth
	MaxName       = 200   // characters of a name or a label
	MaxTitle      = 500   // characters
	MaxBody       = 2_000 // characters
	MaxURL        = 2_048 // bytes
	MaxData       = 2_048 // bytes of data as JSON
	MaxActions    = 4
	MaxRecipients = 1_000
	MaxExcept     = 100             // instances that a retraction leaves
	MaxAhead      = 5 * time.Minute // how far `time` may lie in the future: clocks differ
)

// Priority decides what a recipient notices. It is a string, and so immune to renumbering.
type Priority string

// The four priorities, the most important first.
const (
	Urgent Priority = "urgent" // a toast that stays, a sound, a push through quiet hours
	High   Priority = "high"   // a toast and a push
	Medium Priority = "medium" // the badge and the centre
	Low    Priority = "low"    // the centre only
)

// Priorities lists all priorities, the most important first.
var Priorities = []Priority{Urgent, High, Medium, Low}

// Rank orders priorities where strings do not: 3 for urgent down to 0 for low, and -1 for what is no priority.
func (p Priority) Rank() int {
	return slices.Index([]Priority{Low, Medium, High, Urgent}, p)
}

// Event says that something happened. The zero value of an optional field means that the producer left it out and the
// catalogue's default holds.
type Event struct {
	ID         string         `json:"id"`                  // producer, or a UUIDv7 made on acceptance
	Source     string         `json:"source"`              // producer; defaults to the producer's own identity
	Type       string         `json:"type"`                // producer; an entry of the catalogue
	Time       time.Time      `json:"time"`                // when it happened, in microseconds; defaults to the acceptance
	Actor      Actor          `json:"actor,omitzero"`      // who caused it; they are never told of it
	Target     Target         `json:"target,omitzero"`     // what it happened to
	Recipients []string       `json:"recipients,omitzero"` // uids, at most MaxRecipients
	Audience   string         `json:"audience,omitzero"`   // instead of recipients: an audience whose members are in Firestore, or Everybody
	Retract    bool           `json:"retract,omitzero"`    // takes back this actor's earlier events of the same type and target; without recipients, from all who were told
	Instance   string         `json:"instance,omitzero"`   // types that tell a state: which of several conditions of the target it tells of
	Except     []string       `json:"except,omitzero"`     // retractions of a state: the instances that stay
	Priority   Priority       `json:"priority,omitzero"`   // overrides the catalogue
	GroupKey   string         `json:"groupKey,omitzero"`   // overrides what the type groups by
	Title      string         `json:"title,omitzero"`      // overrides the catalogue's sentence
	Body       string         `json:"body,omitzero"`       // overrides the catalogue's sentence
	Actions    []Action       `json:"actions,omitzero"`    // overrides the catalogue's actions
	Data       map[string]any `json:"data,omitzero"`       // the product's own, usable in sentences as {data.key}
	SendAt     time.Time      `json:"sendAt,omitzero"`     // it is sent then, at most MaxSchedule ahead
	ExpiresAt  time.Time      `json:"expiresAt,omitzero"`  // worthless afterwards
}

// Actor is who caused an event.
type Actor struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitzero"`
	ImageURL string `json:"imageUrl,omitzero"`
}

// Target is what an event happened to: a post, an order, a conversation. Type, ID and Source together identify it.
type Target struct {
	Type   string `json:"type"`
	ID     string `json:"id"`
	Source string `json:"source,omitzero"` // within which the id names it: two shops have an order 1001 each; "" is everywhere
	Title  string `json:"title,omitzero"`
	URL    string `json:"url,omitzero"`
}

// Action is something the recipient can do about a notification.
type Action struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	URL     string `json:"url,omitzero"`
	Style   string `json:"style,omitzero"`   // "primary", "danger" or ""
	Webhook string `json:"webhook,omitzero"` // the endpoint that is told of whoever takes it (shared/webhook); "" is none
}

// Acceptance is what the door knows of an event besides what the producer said. It travels with the event, and the fold
// orders events by it (shared/inbox, order.go).
type Acceptance struct {
	At      time.Time // when the event was taken in, in microseconds; later entries of one request are later
	OwnTime bool      // the producer named the time: it is by their clock, and not by ours
	OwnID   bool      // the producer named the id: the same again is the same event
}

// Normalize fills what the producer left out and removes what cannot matter: the time defaults to now and is cut to
// microseconds (the precision of a stored timestamp), recipients are told once each, and never of their own doing.
func (e *Event) Normalize(now time.Time) {
	if e.Time.IsZero() {
		e.Time = now
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	seen := make(map[string]bool, len(e.Recipients))
	e.Recipients = slices.DeleteFunc(e.Recipients, func(uid string) bool {
		out := seen[uid] || uid == e.Actor.ID
		seen[uid] = true
		return out
	})
}
