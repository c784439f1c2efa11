package inbox

import (
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

// MaxActors is how many of the latest actors an item names.
const MaxActors = 3

// Retention: an item's document is removed this long after its last news was accepted. A tombstone (an item whose members all
// took their events back) must outlive every redelivery that could revive it, and Pub/Sub keeps a message for 7 days.
const (
	Keep          = 90 * 24 * time.Hour
	KeepTombstone = 8 * 24 * time.Hour
)

// Notification is one recipient's inbox item, as it is stored and as clients read it.
type Notification struct {
	Type     string           // functions; of the member that speaks
	Category string           // functions; what preferences are about
	Priority event.Priority   // functions; the highest of what is unread
	Icon     string           // functions; a name that clients map to a picture
	Title    string           // functions; in the recipient's language
	Body     string           // functions; "" is none
	URL      string           // functions; where a click leads, "" is nowhere
	Target   event.Target     // functions
	Actions  []event.Action   // functions
	Own      Own              // functions; what of these words the producer wrote
	Data     map[string]any   // functions; the product's own, of the member that speaks
	Why      string           // functions; "recipient", or "audience:ID": why this person is told
	Held     attention.Reason // functions; why the last push was held back, "" when it was not
	Muted    attention.Reason // functions; why the last news went to the archive only, "" when it did not

	Actors     []Actor // functions; the latest first, at most MaxActors
	ActorCount int     // functions; distinct actors that are present; of states, those of whom the sentence speaks
	EventCount int     // functions; events that are present; of states, the instances in the state of which the sentence speaks

	CreatedAt time.Time // functions; when the item first appeared
	UpdatedAt time.Time // functions; when there last was something new to see
	Revision  int64     // functions; grows with every visible change
	LatestAt  time.Time // functions; the time of the member that speaks
	OpenedAt  time.Time // functions; the time of the earliest event folded in: the window begins here. Zero: not yet opened
	ExpireAt  time.Time // functions; when Firestore may remove the document: the longest life of all members

	SeenAt       time.Time // owner; zero is not yet
	ReadAt       time.Time // owner; zero is not yet; read implies seen
	ArchivedAt   time.Time // owner, or functions for a muted category; zero is in the inbox
	SnoozedUntil time.Time // owner; zero is not
	FollowedAt   time.Time // owner; when its link was followed; zero is not yet
	DoneAction   string    // owner; the action that was taken
	DoneAt       time.Time // owner; when that was; zero where the client does not say
	RetractedAt  time.Time // functions; set while nothing is left to show of the item

	GroupID string  // functions; equal on all items of one group
	Members Members // functions; who is in it, while they are few
	Memory  Memory  // functions; what the item needs of its members when one of them leaves

	PartCount  int  // functions; how many parts hold the members; 0 while they are few
	EntryCount int  // functions; entries of members, here or in all parts
	Push       Push // functions; the last push that was decided

	DueAt     time.Time  // functions; when the item is to be looked at again, since a push was held back or a member expires; zero: nothing waits
	Withdrawn Withdrawal // functions; the last push that was taken back from the devices

	MailAt time.Time // functions; when it is to be decided whether the item is mailed; zero: nothing waits for that
	Mail   Mail      // functions; its mail, until the person has seen it
}

// Actor is one of the people an item names.
type Actor struct {
	event.Actor
	At time.Time // the time of this actor's newest event that was news: doing the same again is no news
}

// Own marks the words of an item that came with the event and are not the catalogue's: they stay when the catalogue's
// sentences are renewed.
type Own struct {
	Title, Body, Actions bool
}

// Words are what an item says to its recipient.
type Words struct {
	Title, Body string
	Actions     []event.Action
}

// Say gives the catalogue's words for an item, in the recipient's language. They are empty for a type that the catalogue does not
// have.
type Say func(n *Notification) Words

// Speak puts the item into those words, but for what the producer wrote. An item whose type is no longer in the catalogue keeps
// the words it has.
func (n *Notification) Speak(say Say) {
	words := say(n)
	if words.Title == "" {
		return
	}
	if !n.Own.Title {
		n.Title = words.Title
	}
	if !n.Own.Body {
		n.Body = words.Body
	}
	if !n.Own.Actions {
		n.Actions = words.Actions
	}
}

// Push remembers the last push that was decided for an item. It is committed together with what it tells of, before
// anything is sent, so that a crash in between can be noticed: the same message delivered again sends again, under
// the same collapse id and revision, and any other message does not.
type Push struct {
	At       time.Time // when; zero is never
	Revision int64     // the state it tells of
	Message  string    // the Pub/Sub message that made it
}

// Withdrawal remembers up to which state the pushes of an item were taken back from the devices, once its recipient was done
// with it, and by which message: as a [Push] does. Without a message, no device was there to be shown them.
type Withdrawal struct {
	Revision int64 // 0: none was
	Message  string
}

// Visible reports whether any screen may show the item.
func (n *Notification) Visible() bool { return n.RetractedAt.IsZero() && n.EventCount > 0 }

// Pushed reports whether devices show a push of the item, as far as it is known. Clients conclude the same from the document.
func (n *Notification) Pushed() bool { return n.Push.Revision > n.Withdrawn.Revision }

// done reports whether its recipient has nothing to do with the item any more.
func (n *Notification) done() bool {
	return !n.Visible() || !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero()
}

// unnoticed reports whether the item is still worth a push.
func (n *Notification) unnoticed(now time.Time) bool {
	return !n.done() && n.SeenAt.IsZero() && (n.ExpireAt.IsZero() || n.ExpireAt.After(now))
}
