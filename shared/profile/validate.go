package profile

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"tidings.dev/shared/event"
	"tidings.dev/shared/quiet"
)

// Limits of what a person may say. They are those of infra/firestore.rules: all of it is read at every event for the person.
const (
	MaxMutes     = 200
	MaxMuteKey   = 400    // bytes of a key
	MaxMuteKeys  = 20_000 // bytes of all keys
	MaxMuteTitle = 100    // characters
	MaxAhead     = 366 * 24 * time.Hour
)

// Decode reads settings as they are in JSON. It is strict, as [event.Decode] is; the error is an [event.FieldErrors].
func Decode(raw []byte) (s Settings, err error) {
	err = decode(raw, &s, "a person's settings")
	s.normalize()
	return s, err
}

// DecodeMute reads one mute.
func DecodeMute(raw []byte) (m Mute, err error) {
	err = decode(raw, &m, "a mute")
	m.Until = stored(m.Until)
	return m, err
}

// normalize gives the settings the form in which they are read from Firestore: times in UTC and microseconds, and nothing that is empty. An
// entity tag is made of them, and it is to be the same before and after.
func (s *Settings) normalize() {
	for key, m := range s.Mutes {
		m.Until = stored(m.Until)
		s.Mutes[key] = m
	}
	s.DoNotDisturb.Until = stored(s.DoNotDisturb.Until)
	maps.DeleteFunc(s.Preferences, func(c event.Channel, choices map[string]bool) bool {
		return len(choices) == 0 && slices.Contains(event.Channels, c) // another one is a mistake, and told
	})
	maps.DeleteFunc(s.QuietHours.Week, func(d quiet.Day, ranges []quiet.Range) bool {
		return len(ranges) == 0 && slices.Contains(quiet.Days, d)
	})
	if len(s.Mutes) == 0 {
		s.Mutes = nil
	}
	if len(s.Preferences) == 0 {
		s.Preferences = nil
	}
	if len(s.QuietHours.Week) == 0 {
		s.QuietHours.Week = nil
	}
}

// UnmarshalJSON reads a mute, and its time in small letters too, as [event.Event] does.
func (m *Mute) UnmarshalJSON(raw []byte) error {
	type bare Mute
	return json.Unmarshal(raw, &struct {
		*bare
		Until *event.Moment `json:"until"`
	}{(*bare)(m), (*event.Moment)(&m.Until)})
}

// UnmarshalJSON reads the switch, and its time in small letters too.
func (d *DoNotDisturb) UnmarshalJSON(raw []byte) error {
	type bare DoNotDisturb
	return json.Unmarshal(raw, &struct {
		*bare
		Until *event.Moment `json:"until"`
	}{(*bare)(d), (*event.Moment)(&d.Until)})
}

// stored is the time as Firestore keeps it.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func decode[T any](raw []byte, into *T, what string) error {
	f := event.CheckJSON(raw)
	if json.Valid(raw) {
		f = append(f, event.CheckShape(raw, reflect.TypeFor[T](), what)...)
	}
	if len(f) > 0 {
		return f
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return event.WrongJSON(err)
	}
	return nil
}

var (
	localeForm  = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)
	muteKeyForm = regexp.MustCompile(`^[A-Za-z0-9_.!~*'()%-]+/[A-Za-z0-9_.!~*'()%-]+(/[A-Za-z0-9_.!~*'()%-]+)?$`)
)

// Validate returns all that is wrong with the settings, or nil. categories are the catalogue's.
func (s *Settings) Validate(categories []string, now time.Time) (f event.FieldErrors) {
	if s.Locale != "" && (len(s.Locale) > 35 || !localeForm.MatchString(s.Locale)) {
		f.Add("locale", "is %.50q; a language such as \"pt-BR\" was expected", s.Locale)
	}
	if zone, err := time.LoadLocation(s.TimeZone); s.TimeZone != "" && (err != nil || zone == time.Local || len(s.TimeZone) > 64) {
		f.Add("timeZone", "is %.80q; a name of the IANA database such as \"Europe/Berlin\" was expected", s.TimeZone)
	}
	s.Preferences.check(&f, categories)
	if len(s.Mutes) > MaxMutes {
		f.Add("mutes", "has %d entries; at most %d are allowed", len(s.Mutes), MaxMutes)
	}
	length := 0
	for _, key := range slices.Sorted(maps.Keys(s.Mutes)) {
		length += len(key)
		f = append(f, s.Mutes[key].Validate(key).Within(fmt.Sprintf("mutes[%.60q]", key))...)
	}
	if length > MaxMuteKeys {
		f.Add("mutes", "has keys of %d bytes together; at most %d are allowed", length, MaxMuteKeys)
	}
	s.QuietHours.check(&f)
	s.Digest.check(&f)
	s.checkPushes(&f)
	if ahead := s.DoNotDisturb.Until.Sub(now); ahead > MaxAhead {
		f.Add("doNotDisturb.until", "lies %d days ahead; at most 366 are allowed. Leave it out: until it is turned off", ahead/(24*time.Hour))
	}
	return f
}

func (p Preferences) check(f *event.FieldErrors, categories []string) {
	for _, channel := range slices.Sorted(maps.Keys(p)) {
		name := fmt.Sprintf("preferences.%.40s", channel)
		if !slices.Contains(event.Channels, channel) {
			f.Add(name, "is no channel; one of in_app, push, email was expected")
			continue
		}
		for _, category := range slices.Sorted(maps.Keys(p[channel])) {
			if !slices.Contains(categories, category) {
				f.Add(fmt.Sprintf("%s.%.40s", name, category), "is no category of the catalogue; did you mean %q?", event.Nearest(category, slices.Values(categories)))
			}
		}
	}
}

// Validate returns all that is wrong with a mute under that key, or nil.
func (m Mute) Validate(key string) (f event.FieldErrors) {
	if len(key) > MaxMuteKey || !muteKeyForm.MatchString(key) {
		f.Add("key", "is not a target's type and id, and perhaps its source, each percent-encoded, with slashes between them (\"post/42\"), of at most %d bytes", MaxMuteKey)
	}
	if n := utf8.RuneCountInString(m.Title); n > MaxMuteTitle {
		f.Add("title", "has %d characters; at most %d are allowed", n, MaxMuteTitle)
	}
	return f
}

func (q QuietHours) check(f *event.FieldErrors) {
	for _, day := range slices.Sorted(maps.Keys(q.Week)) {
		name := fmt.Sprintf("quietHours.week.%.20s", day)
		if !slices.Contains(quiet.Days, day) {
			f.Add(name, "is no day; one of mon, tue, wed, thu, fri, sat, sun was expected")
			continue
		}
		if n := len(q.Week[day]); n > quiet.MaxRanges {
			f.Add(name, "has %d ranges; at most %d are allowed", n, quiet.MaxRanges)
		}
		for i, r := range q.Week[day] {
			if problem := r.Check(); problem != "" {
				f.Add(fmt.Sprintf("%s[%d]", name, i), "%s", problem)
			}
		}
	}
}

// Known is without choices about categories that the catalogue no longer has: they decide over nothing.
func (s Settings) Known(categories []string) Settings {
	known := Preferences{}
	for channel, choices := range s.Preferences {
		for category, wanted := range choices {
			if !slices.Contains(categories, category) {
				continue
			}
			if known[channel] == nil {
				known[channel] = map[string]bool{}
			}
			known[channel][category] = wanted
		}
	}
	if s.Preferences = known; len(known) == 0 {
		s.Preferences = nil
	}
	return s
}
