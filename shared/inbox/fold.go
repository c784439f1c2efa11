package inbox

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tidings.dev/shared/event"
)

// Item is a notification with what the fold must know of its document.
type Item struct {
	ID string
	Notification
	Exists bool      // there is a document
	Read   time.Time // the document's update time when it was read: the precondition of writing it
	Parts  map[int]*Part
	Dirty  bool // it differs from the document and must be written
	Due    bool // a push of it is to be sent once it is written
	Repeat bool // the push that was decided before is to be sent again, to whom it did not reach
	Undo   bool // its pushes are to be taken back from the devices once it is written
}

// Op is one event as it comes to one recipient.
type Op struct {
	Event   event.Event
	Type    event.Type
	Message string  // the Pub/Sub message it came in
	Why     string  // "recipient" or "audience:ID"
	Muted   bool    // the recipient wants this category in the archive only
	Seen    bool    // the recipient has on his screen what it is about
	Push    Verdict // whether the recipient wants a push now
}

// Verdict is a decision about a channel, with the reason where it is no.
type Verdict struct {
	Send   bool
	Reason string
	Until  time.Time // when to decide again, after now; zero is never
}

// ErrEarly says that a retraction came before the event that it takes back. The event is on its way: try again later.
var ErrEarly = errors.New("inbox: nothing to take back yet")

// Fold applies op to the items of its group, which hold at least those at its address; those that do not exist in
// the database may be missing from the map. Items that changed are marked Dirty, new ones are added to the map.
//
// It converges: the same ops, however often repeated and in whatever order, end in the same members. It returns
// [ErrEarly] for a retraction to be tried again; then nothing has changed.
func Fold(items map[string]*Item, at Address, op Op, now time.Time, say Say) error {
	if op.Event.Retract {
		return retract(items, at, op, now, say)
	}
	mend(items, at, op, now, say)
	item := choose(items, at, op)
	if item == nil {
		return nil // taken back since, in another window
	}
	delta := item.change(op, (*Members).Add)
	switch {
	case delta.Events > 0:
		item.count(delta)
		if news := item.absorb(op, now); news {
			item.tell(op, now, say)
		}
	case item.Push.Message == op.Message && item.unnoticed(now) && op.Message != "":
		item.Repeat = true // this message told of the item before, and nobody answered for the push
	}
	return nil
}

// mend takes the event out of an item where it should not be. A retraction and its event that are handled at the same time by
// two subscribers, in items of different windows, do not see each other: each looks again after it has written, and the
// later one finds here what the earlier one did.
func mend(items map[string]*Item, at Address, op Op, now time.Time, say Say) {
	e, t := element(op), op.Event.Time
	taken, held := false, false
	for _, item := range items {
		if item.GroupID == at.GroupID {
			taken = taken || item.members(e).TakenBack(e, t)
			held = held || item.members(e).Holds(e, t)
		}
	}
	if taken && held {
		takeAllBack(items, at, op, now, say)
	}
}

// takeAllBack takes back what the event's actor did until its time, in every item of the group.
func takeAllBack(items map[string]*Item, at Address, op Op, now time.Time, say Say) {
	e, t := element(op), op.Event.Time
	for _, item := range items {
		if item.GroupID == at.GroupID && item.members(e).Holds(e, t) {
			item.takeBack(op, now, say)
		}
	}
}

// change applies the op to the item's members.
func (n *Item) change(op Op, how func(*Members, Element, time.Time) Delta) Delta {
	e := element(op)
	set := n.members(e)
	before := set.Len()
	delta := how(set, e, op.Event.Time)
	if delta.Stored {
		n.store(e, before)
	}
	return delta
}

// choose is the rule at the head of window.go.
func choose(items map[string]*Item, at Address, op Op) *Item {
	e, t := element(op), op.Event.Time
	if at.Late() {
		for _, item := range items {
			if item.GroupID == at.GroupID && item.members(e).TakenBack(e, t) {
				return nil
			}
		}
	}
	for _, id := range at.IDs {
		if item := items[id]; item != nil && item.members(e).Settled(e, t) {
			return item
		}
	}
	if op.Type.Group != nil {
		if previous := items[at.IDs[0]]; previous != nil && open(&previous.Notification, op.Type.Group.Window, t) {
			return previous
		}
	}
	return obtain(items, at, at.IDs[len(at.IDs)-1])
}

// obtain is the item of that id, a new one if there is none.
func obtain(items map[string]*Item, at Address, id string) *Item {
	if items[id] == nil {
		items[id] = &Item{ID: id}
	}
	items[id].GroupID = at.GroupID
	return items[id]
}

// retract takes back what the actor has done until then, in every item of the group. In a type that groups it also
// leaves a tombstone where an event of his that is still on its way will look, so it needs neither the event nor a second
// try: in the item of the retraction's own index and in the one before, as far as they are there, and in both if there
// was nothing to take back. So if an event and its retraction are handled at the same time by two subscribers, one of
// them loses the race for the item that the event joins, and sees the other when it tries again.
func retract(items map[string]*Item, at Address, op Op, now time.Time, say Say) error {
	e, t := element(op), op.Event.Time
	takeAllBack(items, at, op, now, say)
	var places []string
	if op.Type.Group != nil {
		i := index(t, op.Type.Group.Window)
		if t.After(now) { // by a clock that is ahead: events from before it may still come under today's index
			i = index(now, op.Type.Group.Window)
		}
		places = []string{itemID(at.GroupID, i-1), itemID(at.GroupID, i)}
	}
	known := false
	for id, item := range items {
		known = known || item.GroupID == at.GroupID && item.members(e).TakenBack(e, t) && (places == nil || slices.Contains(places, id))
	}
	if places == nil && !known {
		return ErrEarly
	}
	for _, id := range places {
		if items[id] != nil || !known {
			obtain(items, at, id).takeBack(op, now, say)
		}
	}
	return nil
}

func (n *Item) takeBack(op Op, now time.Time, say Say) {
	delta := n.change(op, (*Members).Retract)
	if !delta.Stored {
		return
	}
	n.count(delta)
	if n.CreatedAt.IsZero() {
		n.CreatedAt, n.UpdatedAt = now, now
	}
	if delta.Actors < 0 {
		n.Actors = slices.DeleteFunc(n.Actors, func(a Actor) bool {
			gone := a.ID == op.Event.Actor.ID
			if gone && a.At.Equal(n.LatestAt) { // the item says what he said
				n.Data, n.Own, n.Body = nil, Own{}, ""
			}
			return gone
		})
	}
	if n.EventCount == 0 && n.RetractedAt.IsZero() {
		n.vanish(now)
	} else if delta.Events < 0 {
		n.write(say)
	}
}

// vanish takes the item from every screen and forgets what it said. Its members stay, so that a late redelivery cannot
// bring it back.
func (n *Item) vanish(now time.Time) {
	n.RetractedAt, n.ArchivedAt, n.ExpireAt = now, now, now.Add(KeepTombstone)
	n.Title, n.Body, n.Held, n.Due, n.Repeat = "", "", "", false, false
	n.Actors, n.Actions, n.Data = nil, nil, nil
	n.LatestAt, n.DueAt = time.Time{}, time.Time{}
	n.Revision++
}

// count moves the counts by what changed in the set.
func (n *Item) count(d Delta) {
	n.EventCount += d.Events
	n.ActorCount += d.Actors
}

// absorb takes over what the event says about the item: its window and its actor always, the rest if it is the newest
// one. It reports whether there is something new to see: an order's step that was overtaken by a later one is nothing.
func (n *Item) absorb(op Op, now time.Time) (news bool) {
	e, t := op.Event, op.Type
	if n.OpenedAt.IsZero() || e.Time.Before(n.OpenedAt) {
		n.OpenedAt = e.Time
	}
	if n.CreatedAt.IsZero() {
		n.CreatedAt = now
	}
	overtaken := e.Time.Before(n.LatestAt)
	if t.Group != nil && t.Group.Counts == event.CountStates {
		if overtaken {
			return false
		}
		n.Actors = nil // of the step before: the newest speaks alone
	}
	if e.Actor.ID != "" {
		n.Actors = latest(n.Actors, Actor{Actor: e.Actor, At: e.Time})
	}
	if overtaken {
		return t.Group != nil
	}
	n.LatestAt = e.Time
	n.Type, n.Category, n.Icon = t.Name, t.Category, t.Icon
	n.Priority = t.PriorityOf(&e)
	n.Target, n.URL, n.Data, n.Why = e.Target, e.Target.URL, e.Data, op.Why
	n.Title, n.Body, n.Actions = e.Title, e.Body, e.Actions
	n.Own = Own{Title: e.Title != "", Body: e.Body != "", Actions: len(e.Actions) > 0}
	n.ExpireAt = n.LatestAt.Add(Keep)
	if !e.ExpiresAt.IsZero() {
		n.ExpireAt = e.ExpiresAt
	}
	return true
}

// latest puts an actor among the latest ones: once each, the newest first, at most MaxActors.
func latest(actors []Actor, a Actor) []Actor {
	for _, b := range actors {
		if b.ID == a.ID && b.At.After(a.At) {
			a = b
		}
	}
	actors = slices.DeleteFunc(slices.Clone(actors), func(b Actor) bool { return b.ID == a.ID })
	actors = append(actors, a)
	slices.SortFunc(actors, func(a, b Actor) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.ID, b.ID)) })
	return actors[:min(len(actors), MaxActors)]
}

// tell makes the item new again: unseen, unread, back in the inbox unless its category is muted, and pushed unless the
// recipient or the interval says no. A snooze stands: it was asked for in the knowledge that more may come.
func (n *Item) tell(op Op, now time.Time, say Say) {
	n.UpdatedAt = now
	n.SeenAt, n.ReadAt, n.ArchivedAt, n.RetractedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	n.DoneAction = ""
	if n.Undo { // it is not over after all, and what the devices show will be replaced
		n.Undo, n.Withdrawn = false, Withdrawal{}
	}
	if op.Muted {
		n.ArchivedAt = now
	}
	n.write(say)
	n.decide(op.Type, op.Push, op.Seen, op.Message, now)
}

// write renews the sentences after a visible change.
func (n *Item) write(say Say) {
	n.Revision++
	n.Speak(say)
}

// element is what the event contributes to its group. Steps belong to what they happen to, whoever takes them: anybody's
// retraction takes the item back, as when one colleague assigns an issue and another one closes it.
func element(op Op) Element {
	owner := op.Event.Actor.ID
	if op.Type.Group != nil {
		switch op.Type.Group.Counts {
		case event.CountActors:
			return ActorElement(owner)
		case event.CountStates:
			owner = ""
		}
	}
	return EventElement(owner, op.Event.Source, op.Event.ID)
}
