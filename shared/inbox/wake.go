package inbox

import (
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// Look is an order to look at an item without an event.
type Look struct {
	Type    event.Type       // of the item; zero: the catalogue no longer has it
	Message string           // the Pub/Sub message that it came in
	Repeat  bool             // it came before, and only some devices were not reached: nothing new is decided for their sake
	Person  *profile.Profile // as in Op
}

// question asks what the item means for its recipient now.
func (l *Look) question(n *Item, budget profile.Budget, now time.Time) attention.Question {
	return attention.Question{
		Type: l.Type, Priority: n.Priority, Target: n.Target, Person: l.Person, SnoozedUntil: n.SnoozedUntil, PushedAt: n.Push.At,
		Budget: budget, Message: l.Message, Turn: n.Held == attention.ByBudget && n.waited(now), Now: now,
	}
}

// waited reports whether the time has come until which the item was to wait.
func (n *Item) waited(now time.Time) bool { return !n.DueAt.IsZero() && !n.DueAt.After(now) }

// Wake looks at the item: a push that was held back until now, or whose recipient has ended their quiet, is decided anew, a snooze that is over makes the item
// new, members that have expired leave, and what was pushed of an item that its recipient is done with is taken back. Where
// none of it is the case, it does nothing, so it may be asked at any time and any number of times.
func (b *Box) Wake(id string, l Look, now time.Time, say Say) Effect {
	n := b.Item(id)
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
		n.since.changed = true
		n.derive()
		n.rewrite(before, say)
	}
	rung := !n.SnoozedUntil.IsZero() && !n.SnoozedUntil.After(now)
	if rung {
		n.since.changed = true
		n.ring(now)
	}
	return b.reconsider(n, l, rung, now)
}

// ring ends a snooze: the item is new.
func (n *Item) ring(now time.Time) {
	n.SnoozedUntil = time.Time{}
	if n.Visible() && n.ArchivedAt.IsZero() {
		n.anewForMail()
		n.SeenAt, n.ReadAt, n.FollowedAt, n.UpdatedAt = time.Time{}, time.Time{}, time.Time{}, now
		n.Revision++ // a client shows each revision once
	}
}

// reconsider decides about an item's push again.
func (b *Box) reconsider(n *Item, l Look, rung bool, now time.Time) (e Effect) {
	waited, q := n.waited(now), l.question(n, b.Budget, now)
	switch {
	case n.done():
		e = b.withdraw(n, l.Message)
	case !n.unnoticed(now):
	case rung || waited && n.Held != "" || n.freed(q):
		n.since.changed = true
		return b.carryOut(n, q, attention.Decide(q))
	case n.Push.Message == l.Message:
		e = n.repeats(l.Message, now)
	}
	if waited {
		n.DueAt, n.since.changed = time.Time{}, true
		n.watch()
	}
	return e
}

// freed reports whether what the person has said, and what holds the item back, is over before its time, or will be: they have changed it.
func (n *Item) freed(q attention.Question) bool {
	if n.DueAt.IsZero() || n.Held != attention.ByQuietHours && n.Held != attention.ByDoNotDisturb && n.Held != attention.ByBudget {
		return false
	}
	push := attention.Decide(q).Push
	return push.Why != n.Held || push.When == attention.Held && !push.Until.IsZero() && push.Until.Before(n.DueAt)
}

// withdraw takes back what was pushed, once for each push.
func (b *Box) withdraw(n *Item, message string) Effect {
	switch {
	case n.Pushed():
		before := n.Withdrawn
		n.since.undone = &before
		n.Withdrawn = Withdrawal{Revision: n.Push.Revision, Message: message}
		n.since.changed = true
	case n.Withdrawn.Message != message || message == "":
		return Effect{}
	}
	return Effect{Kind: Withdraw, Item: n, Message: message, Revision: n.Withdrawn.Revision} // the second time, nobody answered for it
}
