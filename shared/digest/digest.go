// Package digest knows when a person's digest goes, and which one it is. It is domain: standard library only, and pure.
//
// # What a period is
//
// A digest belongs to a period: a date on the person's calendar, or an ISO week. A period is never an instant, so neither a clock that changes nor a
// person who moves to another time zone repeats or skips one. At each moment one period is the latest: that of the latest date whose hour has come, in the zone where
// the person is now. It is due if it is later than the last one that is done with. So of several that were missed (the functions were
// away), only the latest is sent: what is unread is the same for all of them.
package digest

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
)

// Plan is where a person stands with their digests. It is in users/{uid}, for functions only.
type Plan struct {
	At      time.Time // digestAt: when to look at them next; zero: they want none
	Last    Period    // digested: the last period that is done with; its digest was sent, or nothing was unread
	Sending Period    // digesting: a period whose digest was begun, and of which nobody has noted that it was sent
}

const (
	// Lease is how long nobody else begins a digest that was begun. It is longer than a call of the function may take, so whoever has begun is done, or dead.
	Lease = 5 * time.Minute
	// Spread is within what time the digests of one hour go: each person has their own moment of it, so that not everybody is due at once.
	Spread = 10 * time.Minute
)

// Arranged is the plan after the person has said something, or after a period is done with. Who asks for digests gets the first one when the hour comes
// next, and not at once for the hour that has passed.
func (p Plan) Arranged(s *profile.Settings, uid string, now time.Time) Plan {
	if !s.Digest.Wanted() {
		return Plan{Last: p.Last}
	}
	if p.Sending != "" && p.At.After(now) {
		return p // whoever is sending it arranges what follows
	}
	if p.At.IsZero() {
		if passed := latest(s, now); !p.Last.covers(profile.Daily, passed) {
			p.Last = periodOf(profile.Daily, passed)
		}
	}
	p.At = p.next(s, now).Add(spread(uid))
	return p
}

// Due is the period whose digest is to be sent now, or "".
func (p Plan) Due(s *profile.Settings, now time.Time) Period {
	if !s.Digest.Wanted() {
		return ""
	}
	date := latest(s, now)
	if p.Last.covers(s.Digest.Every, date) {
		return ""
	}
	return periodOf(s.Digest.Every, date)
}

// Begun is the plan while the period's digest is being sent. It is written before, so that of two who want to send it one does.
func (p Plan) Begun(period Period, now time.Time) Plan {
	p.Sending, p.At = period, now.Add(Lease)
	return p
}

// Failed is the plan after the digest could not be sent: it is tried again when the lease is over.
func (p Plan) Failed() Plan {
	p.Sending = ""
	return p
}

// Done is the plan after the period's digest was sent, or had nothing to tell.
func (p Plan) Done(period Period, s *profile.Settings, uid string, now time.Time) Plan {
	p.Last, p.Sending = period, ""
	return p.Arranged(s, uid, now)
}

// next is when the first period comes that is not done with; in the past if one is due.
func (p Plan) next(s *profile.Settings, now time.Time) time.Time {
	date := latest(s, now)
	for !goes(s, date) || p.Last.covers(s.Digest.Every, date) {
		date = date.AddDate(0, 0, 1)
	}
	return hour(s, date)
}

// latest is the latest date whose digest's hour has come.
func latest(s *profile.Settings, now time.Time) time.Time {
	local := now.In(s.Location())
	date := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	for !goes(s, date) || hour(s, date).After(now) {
		date = date.AddDate(0, 0, -1)
	}
	return date
}

// hour is when a date's digest goes.
func hour(s *profile.Settings, date time.Time) time.Time {
	minute, _ := quiet.Clock(s.Digest.Hour()) // midnight, if it is no time of day
	return quiet.First(date, minute, s.Location())
}

// goes reports whether a digest goes on the date.
func goes(s *profile.Settings, date time.Time) bool {
	return s.Digest.Every != profile.Weekly || quiet.Days[weekday(date)-1] == s.Digest.Day()
}

// weekday is that of ISO 8601: 1 is Monday, 7 is Sunday.
func weekday(date time.Time) int { return int(date.Weekday()+6)%7 + 1 }

// spread is the person's own moment within Spread.
func spread(uid string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(uid)) // never fails
	return time.Duration(h.Sum32()%uint32(Spread/time.Second)) * time.Second
}

// Period is what one digest covers, as ISO 8601 writes the date on which it goes: "2026-11-26" is a day's, "2026-W48-4" a week's. "" is none.
type Period string

// Name is the same for all digests of the period: of a week, whichever its day.
func (p Period) Name() string {
	if p.weekly() {
		return string(p[:len("2026-W48")])
	}
	return string(p)
}

func periodOf(every profile.Every, date time.Time) Period {
	if every == profile.Weekly {
		year, week := date.ISOWeek()
		return Period(fmt.Sprintf("%04d-W%02d-%d", year, week, weekday(date)))
	}
	return Period(date.Format(time.DateOnly))
}

func (p Period) weekly() bool { return strings.Contains(string(p), "W") }

// date is the date on which its digest goes; zero if it is no period.
func (p Period) date() time.Time {
	if !p.weekly() {
		date, _ := time.Parse(time.DateOnly, string(p))
		return date
	}
	var year, week, day int
	if _, err := fmt.Sscanf(string(p), "%4d-W%2d-%1d", &year, &week, &day); err != nil {
		return time.Time{}
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	return fourth.AddDate(0, 0, (week-1)*7+day-weekday(fourth))
}

// covers reports whether nothing is to be sent any more on the date: it is not later, or in a week that has had its digest.
func (p Period) covers(every profile.Every, date time.Time) bool {
	if p == "" {
		return false
	}
	return !p.date().Before(date) || every == profile.Weekly && p.weekly() && p.Name() == periodOf(every, date).Name()
}
