package source_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func TestWhatOthersWroteIsBroughtWithinOurLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("<ä>\x00\n", 5000)
	e := event.Event{
		ID: "1", Source: "s", Type: "info", Recipients: []string{"bob"}, Title: long, Body: long,
		Actor:  event.Actor{ID: "a", Name: long, ImageURL: "javascript:alert(1)"},
		Target: event.Target{Type: "t", ID: "1", Title: long, URL: "https://example.com/" + long},
		Data:   map[string]any{"a": long, "b": long, "c": long, "d": long, "e": long, "n": 1.5},
	}
	if len(e.Validate(now)) == 0 {
		t.Fatal("there is nothing to bring within the limits")
	}
	source.Trim(&e)
	if wrong := e.Validate(now); len(wrong) > 0 {
		t.Errorf("got %v", wrong)
	}
	if e.Data["n"] != 1.5 || e.Data["a"] == "" {
		t.Errorf("got %v: it was to be cut, not to be lost", e.Data)
	}
	kept := event.Event{Actor: event.Actor{Name: "Zoë", ImageURL: "https://example.com/z.png"}, Target: event.Target{Title: "A title", URL: "/orders/1"}, Data: map[string]any{"text": "It's <fine>"}}
	want := kept
	want.Data = map[string]any{"text": "It's <fine>"}
	source.Trim(&kept)
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Errorf("what is within them was changed (-want +got):\n%s", diff)
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\tb\x00c \xff", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 1 || limit > 1000 {
			return
		}
		got := source.Line(s, limit)
		if utf8.RuneCountInString(got) > limit || !utf8.ValidString(got) || strings.TrimSpace(got) != got || strings.ContainsAny(got, "\n\r\t\x00") {
			t.Errorf("%q, %d: got %q", s, limit, got)
		}
	})
}
