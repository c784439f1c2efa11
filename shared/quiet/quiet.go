// Package quiet knows when a person wants no disturbance: a weekly schedule by the clock on the wall, made into intervals of
// instants. It is domain: standard library only, and pure.
//
// # What a quiet period is
//
// A range begins on a date, each week on the same day, and ends on that date, or on the next one where its end is before its
// beginning. Clocks change, so the same reading of the wall clock may come twice, or not at all. So a range is computed once for each date: the
// period goes from the first instant at or after the beginning to the last occurrence of the end. An end that does not exist that day is
// the first instant after the gap. Periods that overlap or touch are one. Whether now is quiet, and when that ends, come from the same
// period, so a period never ends and begins again in one night.
package quiet

import (
	"fmt"
	"slices"
	"time"
)

// Day is a day of the week.
type Day string

// Days are all of them, in the order in which people read them.
var Days = []Day{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Range is a part of a day by the clock on the wall, "22:00-07:00": from 00:00 to 23:59, to 24:00. It ends on the next date if its end is before
// its beginning; one without anything between is never quiet.
type Range string

// Schedule has the ranges that begin on each day of the week, in any order. They may overlap.
type Schedule map[Day][]Range

// MaxRanges is how many ranges a day has at most.
const MaxRanges = 4

// Check returns what is wrong with a range, or "". One with a problem is never quiet.
func (r Range) Check() string {
	from, to, ok := r.ends()
	switch {
	case !ok:
		return fmt.Sprintf("is %.40q; a part of a day such as \"22:00-07:00\" was expected, from 00:00 to 23:59, to 24:00", string(r))
	case from == to:
		return "ends when it begins; a whole day is \"00:00-24:00\""
	}
	return ""
}

// ends are the beginning and the end as they are written, in minutes since midnight.
func (r Range) ends() (from, to int, ok bool) {
	if len(r) != len("22:00-07:00") || r[5] != '-' {
		return 0, 0, false
	}
	from, ok1 := minutes(string(r[:5]))
	to, ok2 := minutes(string(r[6:]))
	return from, to, ok1 && ok2 && from < dayMinutes
}

const dayMinutes = 24 * 60

// minutes reads "HH:MM", from 00:00 to 24:00, as minutes since midnight.
func minutes(s string) (m int, ok bool) {
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	m = (int(s[0]-'0')*10+int(s[1]-'0'))*60 + int(s[3]-'0')*10 + int(s[4]-'0')
	return m, s[3] < '6' && m <= dayMinutes
}

// horizon is how many days ahead the end of a period is looked for. Somebody whose schedule leaves no minute of the week is quiet until
// then, and the decision is made anew.
const horizon = 8

// Until returns the end of the quiet period in which now lies, by the clocks of the zone; false is that now is not quiet. The end is after
// now, and not itself quiet, unless it is more than a week ahead.
func (s Schedule) Until(now time.Time, zone *time.Location) (time.Time, bool) {
	if len(s) == 0 {
		return time.Time{}, false
	}
	at := now.Unix()
	_, offset := now.In(zone).Zone()
	today := floor(at+int64(offset), daySeconds)
	// A period of the day before yesterday can reach today where the zone skips a date.
	wall := wallOf(zone, at-4*daySeconds, at+4*daySeconds)
	var periods []period
	for day := today - 2; day <= today+1; day++ {
		periods = s.on(periods, day, wall)
	}
	end := joined(periods, at)
	for day := today + 2; end > at && day <= today+horizon && end >= wall.first(day*daySeconds); day++ {
		if day == today+2 {
			wall = wallOf(zone, at-4*daySeconds, at+(horizon+4)*daySeconds)
		}
		periods = s.on(periods, day, wall)
		end = joined(periods, at)
	}
	return time.Unix(end, 0).UTC(), end > at
}

// period is from one instant to before another, in seconds of Unix time.
type period struct{ from, until int64 }

// on appends the periods of the ranges that begin on the day, which is counted since 1970-01-01.
func (s Schedule) on(periods []period, day int64, wall wall) []period {
	weekday := Days[day+3-7*floor(day+3, 7)] // 1970-01-01 was a Thursday
	for _, r := range s[weekday] {
		from, to, ok := r.ends()
		if !ok || from == to {
			continue
		}
		if to < from {
			to += dayMinutes
		}
		p := period{wall.first(day*daySeconds + int64(from)*60), wall.last(day*daySeconds + int64(to)*60)}
		if p.from < p.until { // both may lie in one gap
			periods = append(periods, p)
		}
	}
	return periods
}

// joined is the end of those periods that contain the instant, with those that overlap or follow at once; the instant itself if there
// are none.
func joined(periods []period, at int64) int64 {
	slices.SortFunc(periods, func(a, b period) int { return int(a.from - b.from) })
	end := at
	for _, p := range periods {
		if p.from > end {
			break
		}
		end = max(end, p.until)
	}
	return end
}
