// Package profile is what a recipient has said about being told: language, time zone, preferences and quiet hours; and
// the decision that follows for each notification. It is domain: standard library only, and pure.
package profile

import (
	"fmt"
	"sync"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// Profile is the document users/{uid}. The owner writes it; a missing document is the zero value: English, UTC, the
// catalogue's defaults. One read of it gives the subscriber all it must know about a person.
type Profile struct {
	Locale      string                // BCP 47; "" is the catalogue's first language
	TimeZone    string                // IANA; "" or unknown is UTC
	Preferences map[string]Preference // by category
	QuietHours  QuietHours
	Devices     []Device  // the one seen last first; a copy of the documents below, kept by the mirror function
	Sessions    []Session // likewise
}

// Preference is a recipient's choice about a category. nil leaves the channel to the catalogue.
type Preference struct {
	InApp, Push, Email *bool
}

// QuietHours are when a person does not want to be disturbed, by the clock on the wall: DST is the time zone's matter.
type QuietHours struct {
	Enabled  bool
	From, To string // "22:00", "07:00"; past midnight if To is before From; equal is never
}

// Reasons why a push is held back, as they stand on the item.
const (
	HeldPreference = "preference"
	HeldQuietHours = "quiet_hours"
	HeldPresence   = "presence" // the person has the app in view
)

// Decision is what one event means for one recipient's channels.
type Decision struct {
	Muted bool          // the item goes to the archive: the person does not want this category among the new
	Seen  bool          // the person has on their screen what the event is about
	Push  inbox.Verdict // an empty reason where nothing was held back: the type is simply not one that is pushed
}

// Decide applies the recipient's choices to an event of type t. A type that may not be muted passes preferences;
// priority urgent passes quiet hours. An event that is given another priority than its type's is pushed by default as that
// priority says, and not as the type's channels say. Who has the app in view is told there, unless it is urgent. Where what holds
// a push back will pass, the verdict says when.
func (p *Profile) Decide(t event.Type, priority event.Priority, about event.Target, now time.Time) Decision {
	choice := p.Preferences[t.Category]
	if !t.Mutable {
		choice = Preference{}
	}
	d := Decision{Muted: choice.InApp != nil && !*choice.InApp, Seen: p.onScreen(about, now)}
	byDefault := hasPush(t.Channels)
	if priority != t.Priority {
		byDefault = priority.Rank() >= event.High.Rank() || byDefault && priority != event.Low
	}
	wanted := byDefault
	if choice.Push != nil {
		wanted = *choice.Push
	}
	switch {
	case !wanted && byDefault, wanted && d.Muted:
		d.Push.Reason = HeldPreference
	case !wanted:
	case priority != event.Urgent && p.Quiet(now):
		d.Push.Reason, d.Push.Until = HeldQuietHours, p.quietUntil(now)
	case priority != event.Urgent && p.inViewUntil().After(now):
		d.Push.Reason, d.Push.Until = HeldPresence, p.inViewUntil()
	default:
		d.Push.Send = true
	}
	return d
}

func hasPush(channels []event.Channel) bool {
	for _, c := range channels {
		if c == event.Push {
			return true
		}
	}
	return false
}

// Quiet reports whether now lies in the recipient's quiet hours. Hours that cannot be read are no quiet hours.
func (p *Profile) Quiet(now time.Time) bool {
	if !p.QuietHours.Enabled {
		return false
	}
	from, err1 := minutes(p.QuietHours.From)
	to, err2 := minutes(p.QuietHours.To)
	if err1 != nil || err2 != nil {
		return false
	}
	local := now.In(p.Location())
	m := local.Hour()*60 + local.Minute()
	if from <= to {
		return from <= m && m < to
	}
	return m >= from || m < to
}

// quietUntil is the end of the quiet hours in which now lies. On a day on which clocks change it may be an hour off: the
// decision is then made anew, and waits for the rest.
func (p *Profile) quietUntil(now time.Time) time.Time {
	to, _ := minutes(p.QuietHours.To)
	local := now.In(p.Location())
	end := time.Date(local.Year(), local.Month(), local.Day(), to/60, to%60, 0, 0, local.Location())
	if !end.After(now) {
		end = time.Date(local.Year(), local.Month(), local.Day()+1, to/60, to%60, 0, 0, local.Location())
	}
	return end
}

// Location is the recipient's time zone, UTC where none is known. "Local" would be this machine's.
func (p *Profile) Location() *time.Location {
	if known, ok := zones.Load(p.TimeZone); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil || loc == time.Local {
		return time.UTC
	}
	zones.Store(p.TimeZone, loc)
	return loc
}

// zones remembers the zones that were loaded, at most some 600, since loading one reads and parses a file.
var zones sync.Map

// minutes reads "HH:MM" as minutes since midnight.
func minutes(s string) (int, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("profile: %q is not a time of day: %w", s, err)
	}
	return t.Hour()*60 + t.Minute(), nil
}
