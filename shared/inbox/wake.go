package inbox

import (
	"time"

	"tidings.dev/shared/event"
)

// When does a person's phone ring, and when does it stop?
//
// A push goes out at once unless something holds it back: the recipient's choice, quiet hours, his being in the app, a snooze, or
// that another push of the group went out less than an interval ago. What holds it back is on the item (Held) and, where that
// passes, when it does (DueAt). The scheduler finds items whose DueAt has come and has them looked at again (Wake): by then they
// may have been seen, and if not, the push tells of the last state. So nothing is written for waiting but what is written anyway.

// Reasons why a push is held back that lie in the item itself; a profile has others.
const (
	HeldInterval = "interval" // it follows another one of its group too soon
	HeldSnooze   = "snooze"   // the recipient does not want to hear of it before SnoozedUntil
)

// decide settles whether the news of an item is pushed now, waits or is let be. What the recipient has on his screen is seen.
func (n *Item) decide(t event.Type, push Verdict, seen bool, message string, now time.Time) {
	n.DueAt = time.Time{}
	switch {
	case n.Due:
		n.Push.Revision = n.Revision // not sent yet: it will tell of this too
	case n.SnoozedUntil.After(now) && n.Priority != event.Urgent:
		n.Held = HeldSnooze // the end of the snooze wakes it
	case !push.Send:
		n.Held = push.Reason
		if !push.Until.IsZero() {
			n.DueAt = later(push.Until, now.Add(now.Sub(n.UpdatedAt)/patience))
		}
	case now.Sub(n.Push.At) < t.PushInterval:
		n.Held, n.DueAt = HeldInterval, n.Push.At.Add(t.PushInterval)
	default:
		n.Held, n.Due = "", true
		n.Push = Push{At: now, Revision: n.Revision, Message: message}
	}
	if seen {
		n.SeenAt, n.DueAt = now, time.Time{}
	}
}

// patience: what has waited for an hour may wait for a fifth of that until it is looked at again. Somebody who keeps the app
// in view all day without ever looking at his items would otherwise cost a look at each of them every minute.
const patience = 5

// Again is an order to look at an item without an event.
type Again struct {
	Type    event.Type // of the item
	Message string     // the Pub/Sub message that it came in
	Repeat  bool       // it came before, and only some devices were not reached: nothing new is decided for their sake
	Seen    bool       // as in Op
	Push    Verdict    // as in Op
}

// Wake looks at the item again: a push that was held back until now is decided anew, a snooze that is over makes the item
// new, and what was pushed of an item that its recipient is done with is taken back. Where none of it is the case, it does
// nothing, so it may be asked at any time and any number of times.
func (n *Item) Wake(a Again, now time.Time) {
	if a.Repeat {
		n.Undo = n.Undo || n.done() && n.Withdrawn.Message == a.Message
		n.Repeat = n.Repeat || n.unnoticed(now) && n.Push.Message == a.Message
		return
	}
	rung := !n.SnoozedUntil.IsZero() && !n.SnoozedUntil.After(now)
	waited := !n.DueAt.IsZero() && !n.DueAt.After(now)
	if rung {
		n.SnoozedUntil, n.Dirty = time.Time{}, true
		if n.Visible() && n.ArchivedAt.IsZero() {
			n.SeenAt, n.ReadAt, n.UpdatedAt = time.Time{}, time.Time{}, now
			n.Revision++ // a client shows each revision once
		}
	}
	switch {
	case n.done():
		n.undo(a.Message)
	case !n.unnoticed(now):
	case rung || waited:
		n.decide(a.Type, a.Push, a.Seen, a.Message, now)
		n.Dirty = true
		return
	case n.Push.Message == a.Message:
		n.Repeat = true // as in Fold: nobody answered for the push
	}
	if waited {
		n.DueAt, n.Dirty = time.Time{}, true
	}
}

// undo takes back what was pushed, once for each push.
func (n *Item) undo(message string) {
	switch {
	case n.Pushed():
		n.Withdrawn, n.Undo, n.Dirty = Withdrawal{Revision: n.Push.Revision, Message: message}, true, true
	case n.Withdrawn.Message == message && message != "":
		n.Undo = true // nobody answered for it
	}
}

// Ended reports whether the devices still show what its recipient is done with.
func (n *Notification) Ended() bool { return n.done() && n.Pushed() }

// Pushed reports whether there is a push that was not taken back.
func (n *Notification) Pushed() bool { return n.Push.Revision > n.Withdrawn.Revision }

// done reports whether its recipient has nothing to do with the item any more.
func (n *Notification) done() bool {
	return !n.Visible() || !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero()
}

// unnoticed reports whether the item is still worth a push.
func (n *Notification) unnoticed(now time.Time) bool {
	return !n.done() && n.SeenAt.IsZero() && (n.ExpireAt.IsZero() || n.ExpireAt.After(now))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
