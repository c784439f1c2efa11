package profile

import (
	"cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/quiet"
)

// Digest is when the person wants a summary of what is unread by mail. The zero value is never: nobody gets one who has not asked for it.
type Digest struct {
	Every Every     `json:"every"`       // "" is never
	At    string    `json:"at,omitzero"` // by the clock on the wall, "07:00"; "" is that
	On    quiet.Day `json:"on,omitzero"` // of a weekly one; "" is Monday
}

// Every is how often.
type Every string

// The rhythms.
const (
	Daily  Every = "day"
	Weekly Every = "week"
)

// Wanted reports whether the person has asked for digests.
func (d Digest) Wanted() bool { return d.Every == Daily || d.Every == Weekly }

// Hour is the time of day at which it goes.
func (d Digest) Hour() string { return cmp.Or(d.At, "07:00") }

// Day is the day on which a weekly one goes.
func (d Digest) Day() quiet.Day {
	for _, day := range quiet.Days {
		if day == d.On {
			return day
		}
	}
	return quiet.Days[0]
}

func (d Digest) check(f *event.FieldErrors) {
	if d == (Digest{}) {
		return
	}
	if !d.Wanted() {
		f.Add("digest.every", "is %.20q; day or week was expected. Leave digest out: none", d.Every)
	}
	if _, ok := quiet.Clock(d.Hour()); !ok {
		f.Add("digest.at", "is %.20q; a time of day such as \"07:00\" was expected", d.At)
	}
	if d.On != "" && d.On != d.Day() {
		f.Add("digest.on", "is %.20q; one of mon, tue, wed, thu, fri, sat, sun was expected", d.On)
	}
}
