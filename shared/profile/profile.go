// Package profile is what is known of a recipient: what they have said about being told, their devices and their open pages. It is
// domain: standard library only, and pure. What follows for a notification, package attention decides.
package profile

import (
	"strings"
	"sync"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/quiet"
)

// Profile is the document users/{uid}. A missing document is the zero value: English, UTC, the catalogue's defaults. One read of
// it gives the subscriber all it must know about a person.
type Profile struct {
	Settings
	Devices  []Device  // the one seen last first; a copy of the documents below, kept by the mirror function
	Sessions []Session // in any order
	Deeds    []string  // what the person has done with items lately, as their pages say it; ParseDeed reads each
	Budget   Budget    // of pushes
	Received Received  // items, lately
	Bounce   Bounce    // of mails
}

// Settings are what a person has said. The owner writes them, or a product's server for them. The names in JSON are those of the
// document's fields.
type Settings struct {
	Locale       string          `json:"locale,omitzero"`       // BCP 47; "" is the catalogue's first language
	TimeZone     string          `json:"timeZone,omitzero"`     // IANA; "" or unknown is UTC
	Preferences  Preferences     `json:"preferences,omitzero"`  // by channel and category; what is not there is left to the catalogue
	Mutes        map[string]Mute `json:"mutes,omitzero"`        // by MuteKey
	QuietHours   QuietHours      `json:"quietHours,omitzero"`   // a weekly schedule
	DoNotDisturb DoNotDisturb    `json:"doNotDisturb,omitzero"` // a switch beside it; neither ends the other
	Digest       Digest          `json:"digest,omitzero"`       // a summary by mail

	// PushesPerHour is how many pushes the person wants in an hour at most, urgent ones apart: 1 to MaxPushesPerHour. It lowers the defaults of
	// package attention, and raises none. nil is the defaults.
	PushesPerHour *int `json:"pushesPerHour,omitzero"`
}

// Preferences are choices: by channel, whether a category is wanted there.
type Preferences map[event.Channel]map[string]bool

// Choice is what the person has said about a category's channel, if anything.
func (p Preferences) Choice(channel event.Channel, category string) (wanted, said bool) {
	wanted, said = p[channel][category]
	return wanted, said
}

// Mute silences one target.
type Mute struct {
	Title string    `json:"title,omitzero"` // what the target is called, for people; "" is unknown
	Until time.Time `json:"until,omitzero"` // zero is until it is taken back
}

// QuietHours are when a person does not want to be disturbed, in their time zone.
type QuietHours struct {
	Enabled bool           `json:"enabled"`
	Week    quiet.Schedule `json:"week,omitzero"`
}

// DoNotDisturb is a switch.
type DoNotDisturb struct {
	Enabled bool      `json:"enabled"`
	Until   time.Time `json:"until,omitzero"` // zero is until it is turned off
}

// On reports whether it holds now.
func (d DoNotDisturb) On(now time.Time) bool {
	return d.Enabled && (d.Until.IsZero() || d.Until.After(now))
}

// MuteKey names a target among a person's mutes: its type, its id and, where it has one, its source, each as JavaScript's
// encodeURIComponent writes it, with slashes between them.
func MuteKey(target event.Target) string {
	key := escape(target.Type) + "/" + escape(target.ID)
	if target.Source != "" {
		key += "/" + escape(target.Source)
	}
	return key
}

// Muted reports whether the person has silenced the target: as it is named, or without its source, which is within every source.
func (s *Settings) Muted(target event.Target, now time.Time) bool {
	if target.ID == "" || len(s.Mutes) == 0 {
		return false
	}
	if m, ok := s.Mutes[MuteKey(target)]; ok && m.holds(now) {
		return true
	}
	target.Source = ""
	m, ok := s.Mutes[MuteKey(target)]
	return ok && m.holds(now)
}

func (m Mute) holds(now time.Time) bool { return m.Until.IsZero() || m.Until.After(now) }

// Expire drops the mutes that are over.
func (s *Settings) Expire(now time.Time) {
	for key, m := range s.Mutes {
		if !m.holds(now) {
			delete(s.Mutes, key)
		}
	}
	if len(s.Mutes) == 0 {
		s.Mutes = nil // as it is read
	}
}

// escape writes a part of a key.
func escape(s string) string {
	if !strings.ContainsFunc(s, isReserved) {
		return s
	}
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; isReserved(rune(c)) {
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isReserved(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.!~*'()", r)
}

// Location is the recipient's time zone, UTC where none is known. "Local" would be this machine's.
func (s *Settings) Location() *time.Location {
	if known, ok := zones.Load(s.TimeZone); ok {
		return known.(*time.Location)
	}
	loc, err := time.LoadLocation(s.TimeZone)
	if err != nil || loc == time.Local {
		return time.UTC
	}
	zones.Store(s.TimeZone, loc)
	return loc
}

// zones remembers the zones that were loaded, at most some 600, since loading one reads and parses a file.
var zones sync.Map
