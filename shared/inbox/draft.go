package inbox

import (
	"iter"

	"tidings.dev/shared/event"
)

// What an item says follows from all of its members. A commit may bring hundreds of events for an item that has thousands, so it is derived
// once they are all among the members, and not with each event.

// draft is what a box keeps of an item until then.
type draft struct {
	before   shown
	revision int64
	say      Say     // nil: it says what it said before
	unheard  []Voice // of those who have come since, and for whom the memory has no room
}

// touch notes what the item says, before its members change.
func (n *Item) touch() {
	if n.since.draft == nil {
		n.since.draft = &draft{before: n.shows(), revision: n.Revision}
	}
}

// restate has the item say what follows from its members, before anybody reads it. How many count is known at once.
func (n *Item) restate(say Say) {
	n.since.draft.say = say
	if lead := n.leadingKind(); lead >= 0 {
		n.count(n.Memory.Kinds[lead])
	}
}

// finish derives the item, if it is to be. If there is something else to see than before, it is another revision.
func (n *Item) finish() {
	d := n.since.draft
	if d == nil || d.say == nil || !n.RetractedAt.IsZero() {
		return
	}
	n.derive()
	if n.Revision == d.revision {
		n.rewrite(d.before, d.say)
	} else {
		n.Speak(d.say)
	}
	n.since.draft = nil
}

// voices are those in the memory, and then those that were heard since the item was read; the latest first.
func (n *Item) voices() iter.Seq[*Voice] {
	return func(yield func(*Voice) bool) {
		for i := len(n.Memory.Voices) - 1; i >= 0; i-- {
			if !yield(&n.Memory.Voices[i]) {
				return
			}
		}
		if n.since.draft == nil {
			return
		}
		for i := len(n.since.draft.unheard) - 1; i >= 0; i-- {
			if !yield(&n.since.draft.unheard[i]) {
				return
			}
		}
	}
}

// acquaintance is what the item knows of an actor, by their id.
func (n *Item) acquaintance(id string) event.Actor {
	if id == "" {
		return event.Actor{}
	}
	for v := range n.voices() {
		if v.Actor.ID == id {
			return v.Actor
		}
	}
	for _, a := range n.Actors {
		if a.ID == id {
			return a.Actor
		}
	}
	return event.Actor{}
}
