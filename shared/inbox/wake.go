package inbox

import (
	"time"

	"tidings.dev/shared/event"
)

// Look is an order to look at an item without an event.
type Look struct {
	Type    event.Type // of the item
	Message string     // the Pub/Sub message that it came in
	Repeat  bool       // it came before, and only some devices were not reached: nothing new is decided for their sake
	Seen    bool       // as in Op
	Push    Verdict    // as in Op
}

// Wake looks at the item: a push that was held back until now is decided anew, a snooze that is over makes the item
// new, members that have expired leave, and what was pushed of an item that its recipient is done with is taken back. Where
// none of it is the case, it does nothing, so it may be asked at any time and any number of times.
func (b *Box) Wake(id string, l Look, now time.Time, say Say) Effect {
	n := b.items[id]
	if n == nil {
		return Effect{}
	}
	if l.Repeat {
		if n.done() && n.Withdrawn.Message == l.Message {
			return Effect{Kind: Withdraw, Item: n, Message: l.Message, Revision: n.Withdrawn.Revision}
		}
		return n.repeats(l.Message, now)
	}
	before := n.shows()
	if n.Visible() && n.expire(now) {
		b.changed[id] = true
		n.derive()
		n.rewrite(before, say)
	}
	rung := !n.SnoozedUntil.IsZero() && !n.SnoozedUntil.After(now)
	if rung {
		b.changed[id] = true
		n.ring(now)
	}
	return b.reconsider(n, l, rung, now)
}

// ring ends a snooze: the item is new.
func (n *Item) ring(now time.Time) {
	n.SnoozedUntil = time.Time{}
	if n.Visible() && n.ArchivedAt.IsZero() {
		n.SeenAt, n.ReadAt, n.UpdatedAt = time.Time{}, time.Time{}, now
		n.Revision++ // a client shows each revision once
	}
}

// reconsider decides about an item's push again.
func (b *Box) reconsider(n *Item, l Look, rung bool, now time.Time) (e Effect) {
	waited := !n.DueAt.IsZero() && !n.DueAt.After(now)
	switch {
	case n.done():
		e = b.withdraw(n, l.Message)
	case !n.unnoticed(now):
	case rung || waited && n.Held != "":
		b.changed[n.ID] = true
		return b.decide(n, look{l.Type.PushInterval, l.Push, l.Seen, l.Message}, now)
	case n.Push.Message == l.Message:
		e = n.repeats(l.Message, now)
	}
	if waited {
		n.DueAt, b.changed[n.ID] = time.Time{}, true
		n.watch()
	}
	return e
}

// withdraw takes back what was pushed, once for each push.
func (b *Box) withdraw(n *Item, message string) Effect {
	switch {
	case n.Pushed():
		b.undone[n.ID] = n.Withdrawn
		n.Withdrawn = Withdrawal{Revision: n.Push.Revision, Message: message}
		b.changed[n.ID] = true
	case n.Withdrawn.Message != message || message == "":
		return Effect{}
	}
	return Effect{Kind: Withdraw, Item: n, Message: message, Revision: n.Withdrawn.Revision} // the second time, nobody answered for it
}
