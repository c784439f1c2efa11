package notify

import (
	"errors"
	"time"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/attention"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/push"
)

// What is told of a message, by the one who takes the steps. Everything follows from results that are there anyway: no document is read or
// written for a fact, and nobody waits for one.

// The reasons of facts besides attention's, which are those of items, and those of words.go.
const (
	becauseExpired     = "expired"     // its time was over before it came to anybody
	becauseCancelled   = "cancelled"   // its producer has cancelled it
	becauseTakenBack   = "taken_back"  // its actor has taken it back, now or before it came
	becauseOver        = "over"        // what it tells of is over, or its recipient has nothing to do with it any more
	becauseNoRoom      = "no_room"     // so many newer announcements stand
	becauseJoined      = "joined"      // held: a push of the item that was decided before is to tell of it, too
	becauseNoDevice    = "no_device"   // held: the person has no device
	becauseUnreachable = "unreachable" // held: none of their devices can be reached any more
	becauseNoticed     = "noticed"     // held: they have seen it before a push could go
	becauseNoNews      = "no_news"     // held: devices were told of its item before, and it brought nothing new, or came another time
	becauseNeverCame   = "never_came"  // withdrawn: what it takes back has not come
	becauseUnseen      = "unseen"      // held: a mail goes then, if it is still unseen
	becauseFCM         = "fcm"         // retried: FCM cannot take it now
)

// fact is a step of the message's event, or of an item that it asks to look at.
func (m *message) fact(now time.Time, stage fact.Stage, channel fact.Channel, reason string) fact.Fact {
	f := fact.Fact{Stage: stage, Channel: channel, Reason: reason, HappenedAt: fact.At(now), Attempt: m.attempt()}
	if m.IsLook() {
		f.Item = m.Look.ID
		return f
	}
	f.Source, f.Event, f.Type, f.AcceptedAt = m.Event.Source, m.Event.ID, m.Event.Type, fact.At(m.wanted())
	return f
}

// attempt is which attempt at the message this is, from 1.
func (m *message) attempt() int64 { return int64(max(m.Attempts+1, m.pushed.DeliveryAttempt)) }

// wanted is when the event was to begin: at its acceptance, or at its sendAt.
func (m *message) wanted() time.Time {
	if m.Event.SendAt.After(m.Accepted.At) {
		return m.Event.SendAt
	}
	return m.Accepted.At
}

// channel is where it is decided what becomes of the message: one for devices that are owed a push finds its item shown already.
func (m *message) channel() fact.Channel {
	if m.Devices != nil {
		return fact.Push
	}
	return fact.InApp
}

// accepted is the first of an event's steps for each person.
func (m *message) accepted() fact.Fact { return m.fact(m.wanted(), fact.Accepted, fact.InApp, "") }

// tellAll tells what becomes of the whole event. Where the message does not name its people, it is told once.
func (fn *Function) tellAll(m *message, stage fact.Stage, reason string) {
	if fn.Facts == nil || m.IsLook() || m.Event.ID == "" {
		return
	}
	uids := m.Event.Recipients
	if len(uids) == 0 {
		uids = []string{""}
	}
	step := m.fact(fn.Now(), stage, m.channel(), reason)
	for _, uid := range uids {
		fn.Facts.Tell(uid, m.accepted(), step)
	}
}

// tellFailed tells of people for whom it could not be done, and when it is tried again.
func (fn *Function) tellFailed(m *message, uids []string, stage fact.Stage, cause error, until time.Time) {
	if fn.Facts == nil || !m.IsLook() && m.Event.ID == "" { // an event that cannot be read is nobody's
		return
	}
	f := m.fact(fn.Now(), stage, m.channelOf(cause), wordOf(cause))
	f.HeldUntil = fact.At(until)
	for _, uid := range m.those(uids) {
		fn.Facts.Tell(uid, f)
	}
}

// those are the people named, or all of the message where nobody is; "" is somebody whom it does not name.
func (m *message) those(uids []string) []string {
	switch {
	case m.IsLook():
		return []string{m.Look.UID}
	case len(uids) == 0 && len(m.Event.Recipients) > 0:
		return m.Event.Recipients
	case len(uids) == 0:
		return []string{""}
	}
	return uids
}

// channelOf is where a cause keeps something from being done: with the item there, only the devices are not told.
func (m *message) channelOf(cause error) fact.Channel {
	for _, courier := range []error{courier.ErrLater, push.ErrTransient, push.ErrConfig, push.ErrRefused} {
		if errors.Is(cause, courier) {
			return fact.Push
		}
	}
	return m.channel()
}

// tellOf tells what a job has come to, but for what the devices are told; and what its person did lately.
func (fn *Function) tellOf(m *message, j groupcommit.Job, r groupcommit.Result) {
	if fn.Facts == nil {
		return
	}
	var facts []fact.Fact
	if j.Item == "" {
		facts = append(facts, m.accepted())
	}
	if now := fn.Now(); errors.Is(r.Err, inbox.ErrEarly) && m.Walk.Second {
		facts = append(facts, m.fact(now, fact.Withdrawn, fact.InApp, becauseNeverCame))
	} else if r.Err == nil {
		if j.Item == "" && !j.Repeat {
			facts = append(facts, m.shown(j, r.Holder, now))
		}
		if f, ok := m.held(j, r, now); ok {
			facts = append(facts, f)
		}
		if j.Item == "" && r.Holder != nil && !r.Holder.MailAt.IsZero() {
			f := of(r.Holder, m.fact(now, fact.Held, fact.Email, becauseUnseen))
			f.HeldUntil = fact.At(r.Holder.MailAt)
			facts = append(facts, f)
		}
	}
	fn.Facts.Tell(j.UID, append(facts, fn.deeds(m, j, r)...)...)
}

// of is the fact, of that item in its state.
func of(item *inbox.Item, f fact.Fact) fact.Fact {
	f.Item, f.Revision = item.ID, item.Revision
	if f.Event == "" {
		f.Type = item.Type
	}
	return f
}

// shown is what became of the event in the app.
func (m *message) shown(j groupcommit.Job, holder *inbox.Item, now time.Time) fact.Fact {
	switch {
	case holder == nil:
		return m.fact(now, fact.Withdrawn, fact.InApp, becauseTakenBack)
	case !holder.Visible():
		return of(holder, m.fact(now, fact.Withdrawn, fact.InApp, becauseOver))
	case holder.Muted != "":
		return of(holder, m.fact(now, fact.Held, fact.InApp, string(holder.Muted)))
	case holder.SnoozedUntil.After(now) && !j.Urgent:
		f := of(holder, m.fact(now, fact.Held, fact.InApp, string(attention.BySnooze)))
		f.HeldUntil = fact.At(holder.SnoozedUntil)
		return f
	}
	return of(holder, m.fact(now, fact.Shown, fact.InApp, ""))
}

// held is why no device is told, if none is; ok is false where the courier tells what became of the push, or there is nothing to say.
func (m *message) held(j groupcommit.Job, r groupcommit.Result, now time.Time) (f fact.Fact, ok bool) {
	n := r.Holder
	why, until := "", time.Time{}
	switch rings := r.Effect.Kind == inbox.Show || r.Effect.Kind == inbox.Repeat; {
	case j.Repeat && (n == nil || r.Effect.Kind == inbox.Withdraw) && len(r.Devices) == 0: // devices were owed a withdrawal, and are there no more
		return m.fact(now, fact.Withdrawn, fact.Push, becauseNoDevice), true
	case j.Repeat && n == nil && len(effectsOf(r)) == 0: // or there is nothing to withdraw any more
		return m.fact(now, fact.Withdrawn, fact.Push, becauseOver), true
	case n == nil, r.Effect.Kind == inbox.Withdraw, rings && len(r.Devices) > 0:
		return f, false
	case rings:
		why = becauseNoDevice
	case j.Repeat:
		why = becauseNoticed
	case j.Item != "" && n.Visible() && n.Push.Revision < n.Revision && noticed(n): // a look that decided nothing any more
		why = becauseNoticed
	case n.Held != "":
		why, until = string(n.Held), n.HeldUntil()
	case j.Item != "": // a look that decided nothing
		return f, false
	case n.Push.Revision == n.Revision && n.Revision > 0 && n.Withdrawn.Message == "" && !n.Pushed(): // nobody was there to be shown it
		why = becauseNoDevice
	case n.Push.Revision == n.Revision && n.Revision > 0:
		why = becauseJoined
	case !n.Visible():
		why = becauseOver
	case noticed(n):
		why = becauseNoticed
	case n.Push.Revision > 0:
		why = becauseNoNews
	default:
		why = string(attention.ByDefault)
	}
	if j.Item != "" && n.Held != "" && why != becauseNoticed && !until.IsZero() && !until.After(now) { // nothing was decided: it is seen, or over
		return f, false
	}
	f = of(n, m.fact(now, fact.Held, fact.Push, why))
	f.HeldUntil = fact.At(until)
	return f, true
}

// noticed reports whether the person has done something about the item that ends what waits for their devices.
func noticed(n *inbox.Item) bool {
	return !n.SeenAt.IsZero() || !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero()
}

// tellPushed tells what became of a push, or of a withdrawal, for each job that it was for.
func (fn *Function) tellPushed(m *message, e errand, owed []courier.Owed, err error) {
	if fn.Facts == nil {
		return
	}
	now := fn.Now()
	var wait time.Duration
	for _, o := range owed {
		wait = max(wait, o.Wait)
	}
	for i, j := range e.jobs {
		item, withdraws := e.Effect.Item, e.Effect.Kind == inbox.Withdraw
		if i > 0 {
			item = e.With[i-1]
		}
		var facts []fact.Fact
		add := func(stage fact.Stage, reason string, until time.Time) {
			f := of(item, m.fact(now, stage, fact.Push, reason)) // a push tells of the item as it is, also where it is repeated
			if withdraws {
				f.Revision = e.Effect.Revision
			}
			f.HeldUntil = fact.At(until)
			facts = append(facts, f)
		}
		switch {
		case e.Taken > 0 && withdraws:
			add(fact.Withdrawn, becauseOver, time.Time{})
		case e.Taken > 0:
			add(fact.Pushed, "", time.Time{})
		case err == nil && len(owed) == 0 && withdraws: // nobody is left who could be asked
			add(fact.Withdrawn, becauseUnreachable, time.Time{})
		case err == nil && len(owed) == 0:
			add(fact.Held, becauseUnreachable, time.Time{})
		}
		if len(owed) > 0 && e.Taken == 0 {
			add(fact.Retried, becauseFCM, now.Add(wait))
		}
		fn.Facts.Tell(j.UID, facts...)
	}
}
