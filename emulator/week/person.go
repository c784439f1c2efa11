//go:build unix

package week

import (
	"slices"
	"time"

	"tidings.dev/shared/quiet"
)

// person is somebody as the plan knows them: what they have said, changed as the run goes on.
type person struct {
	uid     string
	zone    string
	where   *time.Location
	devices []string                   // the addresses of their devices
	address bool                       // they have a verified one
	choices map[string]map[string]bool // by channel and category
	quiet   quiet.Schedule             // nil: never
	dnd     bool
	dndEnds time.Time            // zero: when they switch it off
	mutes   map[string]time.Time // by target, until when; zero: for ever
	leases  []lease
	digest  *rhythm // nil: none
}

// rhythm is when somebody's digests go: by the clock on their wall.
type rhythm struct {
	weekly       bool
	on           time.Weekday
	hour, minute int
}

// lease is a page in view.
type lease struct {
	from, until time.Time
	target      string // what it shows, as "type/id"
}

// kind is a type of the catalogue as the plan knows it.
type kind struct {
	name, category, priority, target string
	push, mail, mutable, groups      bool // push and mail: by default
}

var kinds = []kind{
	{name: "post.liked", category: "social", priority: "medium", target: "post", push: true, mutable: true, groups: true},
	{name: "comment.created", category: "social", priority: "medium", target: "post", push: true, mutable: true, groups: true},
	{name: "message.received", category: "messages", priority: "high", target: "chat", push: true, mutable: true, groups: true},
	{name: "user.mentioned", category: "social", priority: "high", target: "comment", push: true, mutable: true},
	{name: "friend.requested", category: "social", priority: "high", target: "user", push: true, mutable: true},
	{name: "payment.failed", category: "payments", priority: "high", target: "subscription", push: true, mail: true, mutable: true},
	{name: "security.alert", category: "security", priority: "urgent", target: "account", push: true, mail: true},
	{name: "info", category: "system", priority: "low", target: "note", mutable: true},
}

func (k kind) urgent() bool { return k.priority == "urgent" }

// wants reports whether the channel is one for the kind, by their choice or by default.
func (p *person) wants(channel string, k kind) bool {
	if wanted, said := p.choices[channel][k.category]; said && k.mutable {
		return wanted
	}
	switch channel {
	case "push":
		return k.push
	case "email":
		return k.mail
	}
	return true
}

// silences reports whether they do not want to see it among what is new at all, and whether that is for a mute.
func (p *person) silences(b *burst, at time.Time) (silences, mute bool) {
	if !b.kind.mutable {
		return false, false
	}
	if until, ok := p.mutes[b.target]; ok && (until.IsZero() || until.After(at)) {
		return true, true
	}
	return !p.wants("in_app", b.kind), false
}

// The reasons that the plan knows, as they stand on items.
const (
	quietHours, doNotDisturb, snoozed, presence, interval = "quiet_hours", "do_not_disturb", "snooze", "presence", "interval"
	muted, unwanted                                       = "mute", "preference"
)

// undisturbed is why they want no disturbance at that time, but of what is urgent.
func (p *person) undisturbed(at time.Time) (why []string) {
	if p.dnd && (p.dndEnds.IsZero() || p.dndEnds.After(at)) {
		why = append(why, doNotDisturb)
	}
	if _, is := p.quiet.Until(at, p.where); is {
		why = append(why, quietHours)
	}
	return why
}

// viewEnds is when the last page ends that is in view at that time; zero is where none is.
func (p *person) viewEnds(at time.Time) (until time.Time) {
	for _, l := range p.leases {
		if !l.from.After(at) && l.until.After(at) && l.until.After(until) {
			until = l.until
		}
	}
	return until
}

// hasOnScreen reports whether a page shows what the burst is about.
func (p *person) hasOnScreen(b *burst, at time.Time) bool {
	return slices.ContainsFunc(p.leases, func(l lease) bool {
		return !l.from.After(at) && l.until.After(at) && l.target == b.kind.target+"/"+b.target
	})
}

// pushInterval is the least time between two pushes of an item, and mailAfter how long one must be unseen until it is mailed: the catalogue's defaults.
const (
	pushInterval = time.Minute
	mailAfter    = 10 * time.Minute
)

// holds is what keeps the item's push back at that time, but for silence; nothing is where it must go out.
func (p *person) holds(i *item, at time.Time) (why []string) {
	if !i.burst.kind.urgent() {
		why = p.undisturbed(at)
		if i.doc.SnoozedUntil != nil && i.doc.SnoozedUntil.After(at) {
			why = append(why, snoozed)
		}
		if !p.viewEnds(at).IsZero() || i.doc.Held == presence && at.Before(i.looksAgain(at)) {
			why = append(why, presence)
		}
	}
	if i.doc.Push.At.Add(pushInterval).After(at) {
		why = append(why, interval)
	}
	return why
}

// looksAgain is when what was held since a page was in view is looked at at the latest: what has waited long may wait for a fifth of that.
func (i *item) looksAgain(at time.Time) time.Time {
	ended := time.Time{}
	for _, l := range i.burst.to.leases {
		if !l.from.After(at) && l.until.After(ended) {
			ended = l.until
		}
	}
	return ended.Add(ended.Sub(i.doc.UpdatedAt) / 5)
}

// goes is when the digest of a date goes; ok is false where none does.
func (r *rhythm) goes(date time.Time, where *time.Location) (at time.Time, ok bool) {
	y, m, d := date.Date()
	return time.Date(y, m, d, r.hour, r.minute, 0, 0, where), !r.weekly || date.Weekday() == r.on
}
