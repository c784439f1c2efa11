package source_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/source"
	"tidings.dev/shared/source/sourcetest"
)

// doorbell is the example of the README: a source as small as can be.
type doorbell struct{ secrets source.Secrets }

func (doorbell) Name() string { return "doorbell" }

func (d doorbell) Verify(r *http.Request, _ []byte) error {
	if !d.secrets.Presented(r) {
		return source.Unverified{Challenge: "Bearer", Detail: "Authorization: send the doorbell's secret as Bearer token"}
	}
	return nil
}

func (doorbell) Map(_ http.Header, body []byte) (source.Mapped, error) {
	var ring struct {
		ID, Visitor, Resident string
		At                    time.Time
	}
	if err := json.Unmarshal(body, &ring); err != nil || ring.ID == "" {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "the body is no ring of the doorbell")
	}
	if ring.Resident == "" {
		return source.Mapped{Why: "it does not say at whose door"}, nil
	}
	e := event.Event{ID: ring.ID, Type: "info", Time: ring.At, Title: ring.Visitor + " is at the door"}
	return source.Mapped{Events: []source.Event{{Event: e, Tell: []string{ring.Resident}}}}, nil
}

const ring = `{"id": "1", "visitor": "The postman", "resident": "Bob", "at": "2026-11-21T09:00:00Z"}`

func request(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/doorbell", body)
	r.Header.Set("Authorization", "Bearer secret")
	return r
}

var (
	bell  = doorbell{source.Secrets{"secret"}}
	links = map[string]string{"bob": "uid-of-bob"}
)

func TestTheExampleIsASource(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, sourcetest.Case{
		Source: bell, Links: links, Body: ring, Request: request,
		Forgeries: map[string]func(r *http.Request){"another secret": func(r *http.Request) { r.Header.Set("Authorization", "Bearer Secret") }},
	})
}

func TestTheAnswerSaysWhatWasDone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       sourcetest.Answer
	}{
		{"published", ring, sourcetest.Answer{IDs: []string{"1"}}},
		{"nobody we know", strings.Replace(ring, "Bob", "Eve", 1), sourcetest.Answer{IDs: []string{}, Unknown: []string{"Eve"}, Why: "nobody who is concerned is linked to a person here"}},
		{"nothing for people", `{"id": "1"}`, sourcetest.Answer{IDs: []string{}, Why: "it does not say at whose door"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sourcetest.Start(t, bell, links)
			if diff := cmp.Diff(test.want, s.Send(t, request(strings.NewReader(test.body)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got, want := len(s.Published(t)), len(test.want.IDs); got != want {
				t.Errorf("%d events were published, want %d", got, want)
			}
		})
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]time.Time{
		"2026-11-21T09:00:00Z": sourcetest.Now.Add(-30 * time.Minute),
		"2026-11-14T09:30:00Z": sourcetest.Now.Add(-source.MaxAge),
		"2026-11-14T09:29:59Z": sourcetest.Now, // a replay
		"2019-05-15T15:20:18Z": sourcetest.Now,
		"2026-11-21T09:35:00Z": sourcetest.Now.Add(event.MaxAhead), // by a clock that is ahead
		"2026-11-21T09:35:01Z": sourcetest.Now,                     // by one that is wrong
		"0001-01-01T00:00:00Z": sourcetest.Now,                     // unknown
	} {
		s := sourcetest.Start(t, bell, links)
		s.Send(t, request(strings.NewReader(strings.Replace(ring, "2026-11-21T09:00:00Z", given, 1))))
		if got := s.Published(t)[0].Time; !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
	}
}

func TestWhatOthersWroteIsBroughtWithinOurLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("<ä>\x00\n", 5000)
	e := event.Event{
		ID: "1", Source: "s", Type: "info", Recipients: []string{"bob"}, Title: long, Body: long,
		Actor:  event.Actor{ID: "a", Name: long, ImageURL: "javascript:alert(1)"},
		Target: event.Target{Type: "t", ID: "1", Title: long, URL: "https://example.com/" + long},
		Data:   map[string]any{"a": long, "b": long, "c": long, "d": long, "e": long, "n": 1.5},
	}
	if len(e.Validate(sourcetest.Now)) == 0 {
		t.Fatal("there is nothing to bring within the limits")
	}
	source.Trim(&e)
	if wrong := e.Validate(sourcetest.Now); len(wrong) > 0 {
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
