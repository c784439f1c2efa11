package door_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/source"
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

// A retraction that names nobody goes to whoever was told; one whose people are not linked goes to nobody.
func TestARetractionThatNamesNobodyIsPublished(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		tell []string
		want int
	}{{"nobody", nil, 1}, {"somebody", []string{"bob"}, 1}, {"somebody unknown", []string{"eve"}, 0}} {
		src := retractor{doorbell: bell, tell: test.tell}
		s := sourcetest.Start(t, src, links)
		s.Send(t, request(strings.NewReader(ring)))
		if got := len(s.Published(t)); got != test.want {
			t.Errorf("%s: %d events were published, want %d", test.name, got, test.want)
		}
	}
}

// retractor takes back what the doorbell told.
type retractor struct {
	doorbell
	tell []string
}

func (r retractor) Map(http.Header, []byte) (source.Mapped, error) {
	e := event.Event{ID: "1", Type: "incident.opened", Retract: true, Target: event.Target{Type: "door", ID: "front"}}
	return source.Mapped{Events: []source.Event{{Event: e, Tell: r.tell}}}, nil
}

func TestTheSameIDForOtherContentIsAConflict(t *testing.T) {
	t.Parallel()
	s := sourcetest.Start(t, bell, links)
	untimed := strings.Replace(ring, "2026-11-21T09:00:00Z", "2019-05-15T15:20:18Z", 1)
	s.Send(t, request(strings.NewReader(untimed)))
	s.Send(t, request(strings.NewReader(untimed)))
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, request(strings.NewReader(strings.Replace(untimed, "postman", "plumber", 1))))
	if w.Code != http.StatusConflict || len(s.Published(t)) != 2 {
		t.Errorf("got %d %s, and %d events", w.Code, w.Body, len(s.Published(t)))
	}
}
