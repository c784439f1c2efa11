package inbox

import (
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/profile"
)

// When does a person's phone ring, and when does it stop?
//
// Package attention decides: a push goes out at once unless something holds it back. What does is on the item (Held) and, where that
// passes, when it does (DueAt). The scheduler finds items whose DueAt has come and has them looked at again (Wake): by then they
// may have been seen, and if not, the push tells of the last state. So nothing is written for waiting but what is written anyway.

// Effect is what the recipient's devices are to be told once the items are written. The zero value is nothing.
type Effect struct {
	Kind     EffectKind
	Item     *Item            // of which
	Message  string           // the Pub/Sub message that decided it
	Revision int64            // the state it tells of
	Held     attention.Reason // of Show: what had held it back until now, if anything did
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

// Settle is the effect as it stands when all that concerns the box is folded: what was decided may be over, and a push tells of
// the last state. What an event has ended besides is in [Box.Ended].
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

// Ended are the withdrawals that the message has decided, now or when it came before, of items that an event at the address may touch. A
// message that comes another time, since nobody answered for it, withdraws another time, up to the same state.
func (b *Box) Ended(at Address, message string) (all []Effect) {
	for _, n := range b.Touched(at) {
		if message != "" && n.done() && n.Withdrawn.Message == message {
			all = append(all, Effect{Kind: Withdraw, Item: n, Message: message, Revision: n.Withdrawn.Revision})
		}
	}
	return all
}

// end has what the devices show of the address's items taken away, where their recipient has nothing to do with them any more: they were
// taken back, are over or are muted, or the recipient is done with them, and nobody has said so.
func (b *Box) end(at Address, message string) {
	for _, n := range b.Touched(at) {
		if !n.done() {
			continue
		}
		if before := n.since.decided; before != nil { // not sent yet, and it will not be
			n.Push, n.since.decided = *before, nil
		}
		b.withdraw(n, message)
	}
}

// tell makes the item new again: unseen, unread, back in the inbox unless its category or target is muted, and pushed unless
// something holds that back. A snooze stands: it was asked for in the knowledge that more may come.
func (b *Box) tell(n *Item, c *contribution) Effect {
	if c.silent(n) {
		b.retell(n, c)
		return Effect{}
	}
	q := c.question(n, b.Budget)
	accepted, choice := c.when.Accepted, attention.Decide(q)
	muted := choice.InApp.When == attention.Off
	switch from := &n.Memory.UnreadFrom; {
	case !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero() && n.RetractedAt.IsZero() && !muted:
		*from = accepted
	case *from > accepted:
		*from = accepted
	}
	if !n.Visible() || n.CreatedAt.IsZero() {
		n.CreatedAt = c.now
	}
	n.UpdatedAt = c.now
	n.anewForMail()
	n.SeenAt, n.ReadAt, n.ArchivedAt, n.RetractedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	n.FollowedAt, n.DoneAction, n.DoneAt = time.Time{}, "", time.Time{}
	if before := n.since.undone; before != nil { // it is not over after all, and nobody has been told yet that it is
		n.Withdrawn, n.since.undone = *before, nil
	}
	n.Muted = ""
	if muted {
		n.ArchivedAt, n.Muted = c.now, choice.InApp.Why
	}
	n.Revision++
	return b.carryOut(n, q, choice)
}

// question asks what the contribution means for its recipient.
func (c *contribution) question(n *Item, budget profile.Budget) attention.Question {
	return attention.Question{
		Type: *c.Type, Priority: c.Type.PriorityOf(c.Event), Target: c.Event.Target, Person: c.Person,
		SnoozedUntil: n.SnoozedUntil, PushedAt: n.Push.At, Budget: budget, Message: c.Message, Now: c.now,
	}
}

// carryOut carries out the answer to a question: it pushes the news of an item now, notes what holds it back, or does neither. What the recipient has on screen is seen.
func (b *Box) carryOut(n *Item, q attention.Question, d attention.Decision) (e Effect) {
	message, now := q.Message, q.Now
	n.DueAt = time.Time{}
	n.planMail(d.Email, now)
	switch {
	case n.since.decided != nil:
		n.Push.Revision = n.Revision // not sent yet: it will tell of this too
		n.reaches(q.Person, now)
	case d.Push.When == attention.Now:
		e = Effect{Kind: Show, Item: n, Message: message, Revision: n.Revision, Held: n.Held}
		before := n.Push
		n.Held, n.since.decided = "", &before
		n.Push = Push{At: now, Revision: n.Revision, Message: message}
		n.reaches(q.Person, now)
		b.Budget = attention.Spend(q)
	case d.Push.When == attention.Off && d.Push.Why == attention.ByDefault:
		n.Held = "" // it is simply not one that is pushed
	default:
		n.Held, n.DueAt = d.Push.Why, n.due(d.Push, now)
	}
	if d.Seen {
		n.SeenAt, n.DueAt, n.MailAt = now, time.Time{}, time.Time{}
	}
	n.watch()
	return e
}

// reaches notes who is shown the push that was decided: where the person has no device, there is nothing to take away later.
func (n *Item) reaches(p *profile.Profile, now time.Time) {
	if p == nil || !p.Reachable(now) {
		n.Withdrawn = Withdrawal{Revision: n.Push.Revision}
	}
}

// due is when an item whose push is held back is looked at; zero is never, or not for that.
func (n *Item) due(c attention.Choice, now time.Time) time.Time {
	switch {
	case c.When != attention.Held || c.Why == attention.BySnooze: // the end of the snooze wakes it
		return time.Time{}
	case c.Until.IsZero(): // when the person ends it, they say so in their profile; in case that is lost:
		return now.Add(day)
	case c.Why == attention.ByPresence:
		return later(c.Until, now.Add(now.Sub(n.UpdatedAt)/patience))
	}
	return c.Until
}

const day = 24 * time.Hour

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

// patience: what has waited for an hour, while its recipient is in the app, may wait for a fifth of that until it is looked at again. Somebody who keeps the app
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
