package profile

import (
	"time"

	"tidings.dev/shared/event"
)

// Budget is what is left of a person's pushes: a bucket that is full again after an hour at most, kept as one time (the "theoretical arrival time" of the
// generic cell rate algorithm, ITU-T I.371). Package attention says what a push takes. The functions write it, and the zero value is a full bucket.
type Budget struct {
	FullAt  time.Time // when the bucket is full again; in the past or zero: it is full
	Message string    // the Pub/Sub message whose push was the last to take from it: it takes nothing a second time
}

// MaxPushesPerHour is the most that a person can ask for. More than that the defaults give to nobody.
const MaxPushesPerHour = 60

// Reachable reports whether there is a device to which a push would be sent.
func (p *Profile) Reachable(now time.Time) bool {
	for i := range p.Devices {
		if p.Devices[i].Fresh(now) {
			return true
		}
	}
	return false
}

func (s *Settings) checkPushes(f *event.FieldErrors) {
	if most := s.PushesPerHour; most != nil && (*most < 1 || *most > MaxPushesPerHour) {
		f.Add("pushesPerHour", "is %d; a whole number from 1 to %d was expected. Leave pushesPerHour out: the default of each priority. No pushes at all: preferences.push", *most, MaxPushesPerHour)
	}
}
