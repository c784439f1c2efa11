package event

import (
	"cmp"
	"time"
)

// Type is what the catalogue says about a type of event, as far as the machine needs to know; its sentences stay there.
type Type struct {
	Name         string
	Category     string // what preferences are about
	Priority     Priority
	Icon         string
	Group        *Group        // nil: every event is an item of its own
	State        State         // of a type that counts states: what it means for the item
	Channels     []Channel     // the defaults, before the recipient's preferences
	Mutable      bool          // whether preferences may hold it back; quiet hours ask for the priority
	PushInterval time.Duration // the least time between two pushes of one group
	MailAfter    time.Duration // how long an item of priority high must be unseen until it is mailed; 0 is ten minutes
}

// PriorityOf is how important an event of this type is: what the event says, else what the type says.
func (t *Type) PriorityOf(e *Event) Priority { return cmp.Or(e.Priority, t.Priority) }

// ToWhoeverWasTold reports whether the event goes to all who were told of what it is about: it takes something back, or tells that
// it is over, and names nobody.
func (t *Type) ToWhoeverWasTold(e *Event) bool {
	return len(e.Recipients) == 0 && (e.Retract || e.Audience == "" && t.State == Over)
}

// Channel is a way to reach a person.
type Channel string

// The channels. Every notification is in the inbox; in_app says whether it stands among the new ones or in the archive.
const (
	InApp Channel = "in_app"
	Push  Channel = "push"
	Email Channel = "email"
)

// Channels are all of them.
var Channels = []Channel{InApp, Push, Email}

// State is what the state that a type tells of means to a person. What is open speaks for the item before what is neutral, and that
// before what is over.
type State string

// The states.
const (
	Neutral State = ""     // it happened: an order was shipped
	Open    State = "open" // it asks for something until it is over: an alert fires, changes are requested
	Over    State = "over" // nothing is to be done any more: the alert is resolved
)

// Group says how events of a type fold into one item.
type Group struct {
	Key    string        // types with the same key share items; defaults to the type's name
	By     GroupBy       // what else must be equal
	Window time.Duration // how long an item takes further events in, from its first one; 0 where it counts states: for ever
	Counts Counts        // what is counted
}

// GroupBy is what the events of a group have in common, besides the recipient and the key.
type GroupBy string

// The things to group by.
const (
	ByTarget    GroupBy = "target"    // all likes of one post
	ByRecipient GroupBy = "recipient" // all new followers
)

// Counts is what a group counts, and so what its sentence speaks of.
type Counts string

// The things to count.
const (
	CountActors Counts = "actors" // "Alice and 2 others liked …": doing it twice counts once
	CountEvents Counts = "events" // "3 new comments by Alice and Bob": each one counts
	CountStates Counts = "states" // what holds: an order's step, an assignment, the alerts that fire. Each instance has one state, which is what was said last; anybody can take it back
)
