package inbox

import (
	"time"

	"tidings.dev/shared/event"
)

// When does a person's phone ring, and when does it stop?
//
// A push goes out at once unless something holds it back: the recipient's choice, quiet hours, their being in the app, a snooze, or
// that another push of the group went out less than an interval ago. What holds it back is on the item (Held) and, where that
// passes, when it does (DueAt). The scheduler finds items whose DueAt has come and has them looked at again (Wake): by then they
// may have been seen, and if not, the push tells of the last state. So nothing is written for waiting but what is written anyway.

// Effect is what the recipient's devices are to be told once the items are written. The zero value is nothing.
type Effect struct {
	Kind     EffectKind
	Item     *Item  // of which
	Message  string // the Pub/Sub message that decided it
	Revision int64  // the state it tells of
}

// EffectKind is what kind of effect it is.
type EffectKind string

// The effects.
const (
	Nothing  EffectKind = ""
	Show     EffectKind = "show"     // push the item
	Repeat   EffectKind = "repeat"   // push it to those whom the push that this message decided did not reach
	Withdraw EffectKind = "withdraw" // take away what the devices show of it
)

// Verdict is a decision about a channel, with the reason where it is no.
type Verdict struct {
	Send   bool
	Reason string
	Until  time.Time // when to decide again, after now; zero is never
}

// Reasons why a push is held back that lie in the item itself; a profile has others.
const (
	HeldInterval = "interval" // it follows another one of its group too soon
	HeldSnooze   = "snooze"   // the recipient does not want to hear of it before SnoozedUntil
)

// Settle is the effect as it stands when all that concerns the box is folded: what was decided may be over, and a push tells of
// the last state.
func (b *Box) Settle(e Effect) Effect {
	switch {
	case e.Kind == Nothing:
		return Effect{}
	case e.Kind == Withdraw:
		if e.Item.Withdrawn.Message != e.Message {
			return Effect{}
		}
		e.Revision = e.Item.Withdrawn.Revision
		return e
	case e.Item.Push.Message != e.Message || e.Item.done():
		return Effect{}
	}
	e.Revision = e.Item.Push.Revision
	return e
}

// tell makes the item new again: unseen, unread, back in the inbox unless its category is muted, and pushed unless the
// recipient or the interval says no. A snooze stands: it was asked for in the knowledge that more may come.
func (b *Box) tell(n *Item, c *contribution) Effect {
	accepted := c.when.Accepted
	switch from := &n.Memory.UnreadFrom; {
	case !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero() && n.RetractedAt.IsZero() && !c.Muted:
		*from = accepted
	case *from > accepted:
		*from = accepted
	}
	if !n.Visible() || n.CreatedAt.IsZero() {
		n.CreatedAt = c.now
	}
	n.UpdatedAt = c.now
	n.SeenAt, n.ReadAt, n.ArchivedAt, n.RetractedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	n.DoneAction = ""
	if before, ok := b.undone[n.ID]; ok { // it is not over after all, and nobody has been told yet that it is
		n.Withdrawn = before
		delete(b.undone, n.ID)
	}
	if c.Muted {
		n.ArchivedAt = c.now
	}
	n.Priority = n.priority(n.leadingKind())
	n.Revision++
	n.Speak(c.say)
	return b.decide(n, look{c.Type.PushInterval, c.Push, c.Seen, c.Message}, c.now)
}

// look is what deciding about a push must know.
type look struct {
	interval time.Duration
	push     Verdict
	seen     bool
	message  string
}

// decide settles whether the news of an item is pushed now, waits, or is not pushed. What the recipient has on screen is seen.
func (b *Box) decide(n *Item, l look, now time.Time) (e Effect) {
	n.DueAt = time.Time{}
	switch {
	case b.decided[n.ID]:
		n.Push.Revision = n.Revision // not sent yet: it will tell of this too
	case n.SnoozedUntil.After(now) && n.Priority != event.Urgent:
		n.Held = HeldSnooze // the end of the snooze wakes it
	case !l.push.Send:
		n.Held = l.push.Reason
		if !l.push.Until.IsZero() {
			n.DueAt = later(l.push.Until, now.Add(now.Sub(n.UpdatedAt)/patience))
		}
	case now.Sub(n.Push.At) < l.interval:
		n.Held, n.DueAt = HeldInterval, n.Push.At.Add(l.interval)
	default:
		n.Held, b.decided[n.ID] = "", true
		n.Push = Push{At: now, Revision: n.Revision, Message: l.message}
		e = Effect{Kind: Show, Item: n, Message: l.message, Revision: n.Revision}
	}
	if l.seen {
		n.SeenAt, n.DueAt = now, time.Time{}
	}
	n.watch()
	return e
}

// watch has the item looked at when the next of its members expires, if others stay.
func (n *Item) watch() {
	if n.PartCount > 0 || n.EventCount < 2 {
		return
	}
	for _, x := range n.Members.entries {
		at := microTime(x.expires)
		if !x.takesBack && x.expires != 0 && at.Before(n.ExpireAt) && (n.DueAt.IsZero() || at.Before(n.DueAt)) {
			n.DueAt = at
		}
	}
}

// patience: what has waited for an hour may wait for a fifth of that until it is looked at again. Somebody who keeps the app
// in view all day without ever looking at their items would otherwise cost a look at each of them every minute.
const patience = 5

// repeats: the message has told of the item before, and nobody answered for the push.
func (n *Item) repeats(message string, now time.Time) Effect {
	if message == "" || n.Push.Message != message || !n.unnoticed(now) {
		return Effect{}
	}
	return Effect{Kind: Repeat, Item: n, Message: message, Revision: n.Push.Revision}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
