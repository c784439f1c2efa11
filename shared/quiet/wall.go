package quiet

import "time"

// wall is how the clock on the wall runs in a zone during some days: stretches in which it keeps its distance from UTC, in order and
// without a gap. A reading of it is written as if it were UTC, in seconds since 1970-01-01 00:00.
type wall []stretch

// stretch lasts from one instant to before another, in seconds of Unix time.
type stretch struct {
	from, until int64
	offset      int64 // seconds east of UTC
}

const daySeconds = 24 * 60 * 60

// wallOf reads the zone's clock from one instant to another. Two days on either side of what is asked for are enough: no clock is
// further than 16 hours from UTC.
func wallOf(zone *time.Location, from, until int64) (w wall) {
	for from < until {
		t := time.Unix(from, 0).In(zone)
		_, offset := t.Zone()
		_, end := t.ZoneBounds()
		s := stretch{from, until, int64(offset)}
		if !end.IsZero() && end.Unix() < until {
			s.until = end.Unix()
		}
		w = append(w, s)
		from = s.until
	}
	return w
}

// first is the first instant at which the clock has reached a reading: that of its first occurrence, or the end of the gap that skips it.
func (w wall) first(reading int64) int64 {
	for _, s := range w {
		if reading <= s.from+s.offset {
			return s.from
		}
		if reading < s.until+s.offset {
			return reading - s.offset
		}
	}
	return w[len(w)-1].until
}

// last is the instant of a reading's last occurrence, or the end of the gap that skips it: before then, and not afterwards, the clock
// shows earlier readings.
func (w wall) last(reading int64) int64 {
	at := w[0].from
	for _, s := range w {
		if s.from+s.offset < reading {
			at = min(s.until, reading-s.offset)
		}
	}
	return at
}

// floor divides and rounds down, also before 1970.
func floor(a, by int64) int64 {
	q := a / by
	if a%by < 0 {
		q--
	}
	return q
}
