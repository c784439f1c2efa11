package source

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/shared/event"
)

// Trim brings what other systems wrote within our limits: they know nothing of these, and nothing of theirs is to fail for a
// long title. Text is cut and loses its control characters; an address that clients would not open is left out.
func Trim(e *event.Event) {
	e.Actor.Name = Line(e.Actor.Name, event.MaxName)
	e.Actor.ImageURL = link(e.Actor.ImageURL)
	e.Target.Title = Line(e.Target.Title, event.MaxTitle)
	e.Target.URL = link(e.Target.URL)
	e.Title = Line(e.Title, event.MaxTitle)
	e.Body = Line(e.Body, event.MaxBody)
	for limit := Excerpt; limit > 1; limit /= 2 { // JSON writes a character in up to six bytes: the first limit may not do
		for key, value := range e.Data {
			if s, ok := value.(string); ok {
				e.Data[key] = Line(s, limit)
			}
		}
		if raw, err := json.Marshal(e.Data); err == nil && len(raw) <= event.MaxData {
			return
		}
	}
}

// Excerpt is how much of a text stands in an item, in characters: two or three lines.
const Excerpt = 200

// Line is text in one line of at most limit characters: white space becomes a single blank, other control characters go.
func Line(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:limit-1])) + "…"
}

// link is the address if clients open such a one: [event.Event.Validate] knows.
func link(s string) string {
	e := event.Event{Target: event.Target{URL: s}}
	for _, wrong := range e.Validate(time.Time{}) {
		if wrong.Field == "target.url" {
			return ""
		}
	}
	return s
}
