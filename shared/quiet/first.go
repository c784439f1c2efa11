package quiet

import "time"

// Clock reads a time of day such as "07:00", from 00:00 to 23:59, as minutes since midnight.
func Clock(s string) (minute int, ok bool) {
	m, ok := minutes(s)
	return m, ok && m < dayMinutes
}

// First is the first instant of a date at which the zone's clock has reached a time of day: that of its first occurrence, or the end of the
// gap that skips it. The date is that of a midnight in UTC, and the time of day is in minutes since midnight.
func First(date time.Time, minute int, zone *time.Location) time.Time {
	midnight := date.Unix()
	wall := wallOf(zone, midnight-2*daySeconds, midnight+3*daySeconds)
	return time.Unix(wall.first(midnight+int64(minute)*60), 0).UTC()
}
