package profile

import "time"

// Received counts the items that a person got within an hour, by the stream that they came in: a source, and whether it was urgent. It is not
// exact: functions add to it a hundred items late ([tidings.dev/functions/notify/groupcommit]).
type Received struct {
	Hour  int64          // since 1970
	Items map[string]int // by stream
}

// HourOf is the hour of a time, as [Received] counts hours.
func HourOf(t time.Time) int64 { return t.Unix() / 3600 }

// In returns how many items of the stream are counted in that hour.
func (r Received) In(hour int64, stream string) int {
	if r.Hour != hour {
		return 0
	}
	return r.Items[stream]
}
