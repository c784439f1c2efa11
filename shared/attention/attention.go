// Package attention decides what one piece of news means for a person: for each channel whether it goes there now, later, in a summary or not at
// all, and why. It is domain: standard library only, and one pure function, [Decide].
//
// What decides, the first that applies:
//
//  1. A type that may not be muted passes the person's preferences and mutes.
//  2. A channel that the person has chosen, or the catalogue's default where they have not.
//  3. A mute of the target, or a category that is off in the app, sends the item to the archive, without a push. Nor is it mailed, unless only the category
//     is off in the app and the person has chosen mail for it.
//  4. A snooze holds a push back until it ends; so do quiet hours and do not disturb, until both have ended. Urgent passes.
//  5. Who has the app in view is told there. Urgent passes.
//  6. A push follows another one of its item after the type's interval, and not before.
//  7. A person gets so many pushes in an hour, and what is more waits for its turn (budget.go). Urgent passes. This comes last, so that only what would ring takes
//     from the budget.
package attention

import (
	"cmp"
	"slices"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// Question is all that a decision depends on.
type Question struct {
	Type         event.Type       // as the catalogue has it; one without a name is no longer there: nobody knows who wants it
	Priority     event.Priority   // of the event, or of the item that is looked at
	Target       event.Target     // what it is about
	Person       *profile.Profile // nil is somebody who has said nothing
	SnoozedUntil time.Time        // of the item that tells of it; in the past or zero is not
	PushedAt     time.Time        // when the item was pushed last; zero is never
	Waited       bool             // its mail's time has come, and nobody has seen it: what remains to be decided is whether it goes now
	Budget       profile.Budget   // the person's
	Message      string           // the Pub/Sub message that asks; all that it has pushed to the person is one push. "" is none
	Turn         bool             // its push was held back by the budget, and its time has come
	Now          time.Time
}

// When is what happens on a channel.
type When string

// The answers.
const (
	Now    When = "now"
	Held   When = "held"   // decided anew at Choice.Until
	Digest When = "digest" // in the next summary
	Off    When = "off"
)

// Reason is what an answer is due to. The names stand on items.
type Reason string

// The reasons.
const (
	ByDefault      Reason = "default"        // the catalogue
	ByPreference   Reason = "preference"     // the person's choice for the category, against the catalogue's
	ByMute         Reason = "mute"           // the person has silenced the target
	BySnooze       Reason = "snooze"         // the person does not want to hear of the item before a time
	ByQuietHours   Reason = "quiet_hours"    // the person's schedule
	ByDoNotDisturb Reason = "do_not_disturb" // the person's switch
	ByPresence     Reason = "presence"       // the person has the app in view
	ByInterval     Reason = "interval"       // it follows another push of its item too soon
	ByBudget       Reason = "budget"         // the person has had their pushes of this hour
)

// Away reports whether something holds back for the person's sake, not for the item's: all that is held back like that comes out together.
func (r Reason) Away() bool {
	return r == ByQuietHours || r == ByDoNotDisturb || r == ByPresence || r == ByBudget
}

// Passes reports whether what is held back for the reason goes later, and is not off for good.
func (r Reason) Passes() bool { return r.Away() || r == BySnooze || r == ByInterval }

// Choice is the answer for one channel.
type Choice struct {
	When  When
	Until time.Time // of Held: when to decide anew, after now; zero is when the person ends it
	Why   Reason
}

// Decision is the answer. In the app, Off is the archive.
type Decision struct {
	InApp, Push, Email Choice
	Seen               bool // the person has on their screen what it is about
}

// mailAfter is how long an item of priority high must be unseen until it is mailed, where its type does not say otherwise.
const mailAfter = 10 * time.Minute

// Decide answers the question.
func Decide(q Question) Decision {
	if q.Type.Name == "" {
		off := Choice{When: Off, Why: ByDefault}
		return Decision{InApp: Choice{When: Now, Why: ByDefault}, Push: off, Email: off}
	}
	if q.Person == nil {
		q.Person = &profile.Profile{}
	}
	return Decision{InApp: q.inApp(), Push: q.push(), Email: q.email(), Seen: q.Person.Shows(q.Target, q.Now)}
}

func (q *Question) urgent() bool { return q.Priority == event.Urgent }

func (q *Question) inApp() Choice {
	if why := q.silenced(); why != "" {
		return Choice{When: Off, Why: why}
	}
	if q.snoozed() {
		return Choice{When: Held, Until: q.SnoozedUntil, Why: BySnooze}
	}
	return Choice{When: Now, Why: ByDefault}
}

func (q *Question) push() Choice {
	wanted, why := q.wanted(event.Push)
	if !wanted {
		return Choice{When: Off, Why: why}
	}
	if silence := q.silenced(); silence != "" {
		return Choice{When: Off, Why: silence}
	}
	if until, reason := q.undisturbed(); reason != "" {
		return Choice{When: Held, Until: until, Why: reason}
	}
	if until := q.Person.InViewUntil(); until.After(q.Now) && !q.urgent() {
		return Choice{When: Held, Until: until, Why: ByPresence}
	}
	if again := q.PushedAt.Add(q.Type.PushInterval); again.After(q.Now) {
		return Choice{When: Held, Until: again, Why: ByInterval}
	}
	if turn := q.overBudget(); !turn.IsZero() {
		return Choice{When: Held, Until: turn, Why: ByBudget}
	}
	return Choice{When: Now, Why: why}
}

// email: urgent goes at once, high once it has been unseen for a while, and the rest into the summary. Somebody who wants a category by mail
// only switches it off in the app.
func (q *Question) email() Choice {
	wanted, why := q.wanted(event.Email)
	_, said := q.Person.Preferences.Choice(event.Email, q.Type.Category)
	silence := q.silenced()
	switch {
	case !wanted:
		return Choice{When: Off, Why: why}
	case silence == ByMute || silence != "" && !said:
		return Choice{When: Off, Why: silence}
	case q.urgent():
		return Choice{When: Now, Why: why}
	case q.Priority != event.High:
		return Choice{When: Digest, Why: why}
	}
	at := q.Now
	if !q.Waited {
		at = at.Add(cmp.Or(q.Type.MailAfter, mailAfter))
	}
	if until, reason := q.undisturbed(); reason != "" && (until.IsZero() || until.After(at)) {
		return Choice{When: Held, Until: until, Why: reason}
	}
	if q.Waited {
		return Choice{When: Now, Why: why}
	}
	return Choice{When: Held, Until: at, Why: why}
}

// InDigest reports whether an unread item belongs into its person's digest. Who asks for one wants to know of all that is unread, whichever types go
// by mail otherwise, but for what they have muted or snoozed, or switched off for mail.
func InDigest(q Question) bool {
	if q.Person == nil {
		q.Person = &profile.Profile{}
	}
	if q.Type.Name == "" || q.snoozed() {
		return false
	}
	wanted, said := q.Person.Preferences.Choice(event.Email, q.Type.Category)
	if said && q.Type.Mutable {
		return wanted && q.silenced() != ByMute
	}
	return q.silenced() == ""
}

// silenced is why the person does not want the item among the new ones at all; "" if they do.
func (q *Question) silenced() Reason {
	if !q.Type.Mutable {
		return ""
	}
	if q.Person.Muted(q.Target, q.Now) {
		return ByMute
	}
	if wanted, said := q.Person.Preferences.Choice(event.InApp, q.Type.Category); said && !wanted {
		return ByPreference
	}
	return ""
}

// wanted reports whether the channel is one for this, and who says so: a choice that agrees with the catalogue changes nothing.
func (q *Question) wanted(channel event.Channel) (bool, Reason) {
	byDefault := q.byDefault(channel)
	if wanted, said := q.Person.Preferences.Choice(channel, q.Type.Category); said && q.Type.Mutable && wanted != byDefault {
		return wanted, ByPreference
	}
	return byDefault, ByDefault
}

// byDefault is what the catalogue says. An event that is given another priority than its type's is pushed as that priority says.
func (q *Question) byDefault(channel event.Channel) bool {
	listed := slices.Contains(q.Type.Channels, channel)
	if channel != event.Push || q.Priority == q.Type.Priority {
		return listed
	}
	return q.Priority.Rank() >= event.High.Rank() || listed && q.Priority != event.Low
}

func (q *Question) snoozed() bool { return q.SnoozedUntil.After(q.Now) && !q.urgent() }

// undisturbed is until when the person is to be left alone, and why; "" if they are not.
func (q *Question) undisturbed() (time.Time, Reason) {
	switch {
	case q.urgent():
		return time.Time{}, ""
	case q.snoozed():
		return q.SnoozedUntil, BySnooze
	}
	return q.quiet()
}

// quiet is until when the person wants no disturbance: the switch and the schedule, one behind the other where the second begins before
// the first has ended.
func (q *Question) quiet() (until time.Time, why Reason) {
	p := &q.Person.Settings
	if p.DoNotDisturb.On(q.Now) {
		until, why = p.DoNotDisturb.Until, ByDoNotDisturb
		if until.IsZero() {
			return until, why
		}
	}
	if !p.QuietHours.Enabled {
		return until, why
	}
	zone := p.Location()
	if end, quiet := p.QuietHours.Week.Until(q.Now, zone); quiet {
		if why == "" {
			return end, ByQuietHours
		}
		if end.After(until) {
			return end, why
		}
	}
	if why != "" {
		if end, quiet := p.QuietHours.Week.Until(until, zone); quiet {
			until = end
		}
	}
	return until, why
}
