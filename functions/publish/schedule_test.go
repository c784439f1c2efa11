package publish_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// lunch is an event that is to be sent at 12:00, changed by more fields.
func lunch(more string) string {
	return `{"id": "1", "source": "/shop", "type": "info", "title": "Lunch", "recipients": ["bob"], "sendAt": "2026-11-21T12:00:00Z"` + more + `}`
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestAnEventWithSendAtIsKeptAndNotPublished(t *testing.T) {
	t.Parallel()
	kept := func(change func(*event.Scheduled)) []event.Scheduled {
		s := event.Scheduled{
			Event:    event.Event{ID: "1", Source: "/shop", Type: "info", Title: "Lunch", Time: noon, SendAt: noon, Recipients: []string{"bob"}},
			Accepted: event.Acceptance{At: noon, OwnID: true}, Priority: event.Low,
		}
		change(&s)
		return []event.Scheduled{s}
	}
	const ce = `{"specversion": "1.0", "id": "1", "source": "/shop", "type": "info", "data": {"title": "Lunch", "recipients": ["bob"], "sendAt": "2026-11-21T12:00:00Z"}}`
	tests := []struct {
		name, contentType, body string
		want                    []event.Scheduled
	}{
		{"its time is sendAt", "application/json", lunch(""), kept(func(*event.Scheduled) {})},
		{"a time of its own", "application/json", lunch(`, "time": "2026-11-20T08:00:00Z"`), kept(func(s *event.Scheduled) {
			s.Event.Time, s.Accepted.OwnTime = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), true
		})},
		{"a time that is ahead, but not of sendAt", "application/json", lunch(`, "time": "2026-11-21T12:05:00Z"`), kept(func(s *event.Scheduled) {
			s.Event.Time, s.Accepted.OwnTime = noon.Add(5*time.Minute), true
		})},
		{"a CloudEvent", "application/cloudevents+json", ce, kept(func(*event.Scheduled) {})},
		{"another priority", "application/json", lunch(`, "priority": "urgent"`), kept(func(s *event.Scheduled) { s.Event.Priority, s.Priority = event.Urgent, event.Urgent })},
		{"expires later", "application/json", lunch(`, "expiresAt": "2026-11-21T12:00:01Z"`), kept(func(s *event.Scheduled) { s.Event.ExpiresAt = noon.Add(time.Second) })},
		{"the same twice in a list", "application/json", "[" + lunch("") + "," + lunch("") + "]", kept(func(*event.Scheduled) {})},
		{"in 30 days", "application/json", strings.Replace(lunch(""), "2026-11-21T12:00:00Z", "2026-12-21t09:30:00z", 1), kept(func(s *event.Scheduled) {
			at := now.AddDate(0, 0, 30)
			s.Event.Time, s.Event.SendAt, s.Accepted.At = at, at, at
		})},
		{"for the actor alone", "application/json", lunch(`, "actor": {"id": "bob"}`), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			accepted(t, s.send(request(test.contentType, test.body)))
			got := s.scheduled.Kept()
			for i := range got {
				if got[i].Content == "" {
					t.Error("what was said is not known: another event under the same id would be taken for this one")
				}
				got[i].Content = ""
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if n := len(s.pubsub.Messages()); n != 0 {
				t.Errorf("published %d messages", n)
			}
			accepted(t, s.send(request(test.contentType, test.body))) // the same again is the same
			if n := len(s.scheduled.Kept()); n != len(test.want) {
				t.Errorf("after the same again, %d events wait", n)
			}
		})
	}
}

func TestASendAtThatCannotBeIsRefusedByName(t *testing.T) {
	t.Parallel()
	at := func(when string) string { return strings.Replace(lunch(""), "2026-11-21T12:00:00Z", when, 1) }
	tests := []struct {
		name, body, field, detail string
	}{
		{"past", at("2026-11-21T09:24:59Z"), "sendAt", "leave it out to send the event now, or name a later time"},
		{"in more than 30 days", at("2026-12-21T09:30:00.001Z"), "sendAt", "more than 30 days ahead"},
		{"no time", at("tomorrow"), "sendAt", "RFC 3339"},
		{"no zone", at("2026-11-21T12:00:00"), "sendAt", "RFC 3339"},
		{"a number", strings.Replace(lunch(""), `"2026-11-21T12:00:00Z"`, "1732190400", 1), "sendAt", "RFC 3339"},
		{"after it expires", lunch(`, "expiresAt": "2026-11-21T11:00:00Z"`), "expiresAt", "not after sendAt"},
		{"when it expires", lunch(`, "expiresAt": "2026-11-21T12:00:00Z"`), "expiresAt", "not after sendAt"},
		{"long before its time", lunch(`, "time": "2026-11-21T12:05:01Z"`), "time", "until sendAt"},
		{"in a list", "[" + strings.Replace(like(""), `"id": "1"`, `"id": "2"`, 1) + "," + at("2026-01-01T00:00:00Z") + "]", "1 sendAt", "is past"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			p := s.refused(t, s.send(request("application/json", test.body)), http.StatusBadRequest)
			if got := names(p.Errors); len(got) != 1 || got[0] != test.field || !strings.Contains(p.Errors[0].Detail, test.detail) {
				t.Errorf("got %+v, want %s: … %s …", p.Errors, test.field, test.detail)
			}
		})
	}
}

// Clocks differ: what was to be sent a moment ago is sent at once, as an event of that moment, however often it is posted.
func TestASendAtThatHasJustPassedIsSentAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	body := strings.Replace(lunch(""), "2026-11-21T12:00:00Z", "2026-11-21T09:25:00Z", 1)
	at := now.Add(-5 * time.Minute)
	for range 2 {
		accepted(t, s.send(request("application/json", body)))
	}
	want := event.Event{ID: "1", Source: "/shop", Type: "info", Title: "Lunch", Time: at, SendAt: at, Recipients: []string{"bob"}}
	if diff := cmp.Diff(map[topics.Topic][]event.Event{topics.Events: {want, want}}, topicstest.Published(t, s.pubsub)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if kept := s.scheduled.Kept(); len(kept) != 0 {
		t.Errorf("%v wait", kept)
	}
}

// A request is taken whole: what is sent now and what waits, in the order of the list.
func TestAListMayHaveBoth(t *testing.T) {
	t.Parallel()
	s := start(t)
	second := strings.Replace(lunch(""), `"id": "1"`, `"id": "2"`, 1)
	accepted(t, s.send(request("application/json", "["+lunch("")+","+strings.Replace(like(""), `"id": "1"`, `"id": "now"`, 1)+","+second+"]")))
	kept := s.scheduled.Kept()
	if len(kept) != 2 || !kept[0].Accepted.At.Before(kept[1].Accepted.At) {
		t.Errorf("kept %+v, want both, the second one later", kept)
	}
	if n := len(s.pubsub.Messages()); n != 1 {
		t.Errorf("published %d messages, want 1", n)
	}
	other := strings.Replace(lunch(""), "Lunch", "Dinner", 1)
	w := s.send(request("application/json", "["+strings.Replace(like(""), `"id": "1"`, `"id": "now 2"`, 1)+","+other+"]"))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "cancel that one") || !strings.Contains(w.Body.String(), `"index":1`) {
		t.Errorf("other content under the same id: got %d %s", w.Code, w.Body)
	}
	if n := len(s.pubsub.Messages()); n != 1 {
		t.Errorf("published %d messages, want no more", n)
	}
}

func (s *service) cancel(t *testing.T, path string, bearer string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodDelete, path, nil)
	r.Header.Set("Authorization", bearer)
	return s.send(r)
}

func TestCancel(t *testing.T) {
	t.Parallel()
	post := func(id, source, sendAt string) string {
		return fmt.Sprintf(`{"id": %q, "source": %q, "type": "info", "title": "T", "recipients": ["bob"], "sendAt": %q}`, id, source, sendAt)
	}
	const waits = `{"cancelled":"scheduled","sendAt":"2026-11-21T12:00:00Z"}`
	tests := []struct {
		name, body, path string
		want             string
	}{
		{"before it is sent", post("1", "shop", "2026-11-21T12:00:00Z"), "/v1/events/shop/1", waits},
		{"a source with slashes", post("a b/c", "https://shop.example/orders", "2026-11-21T12:00:00Z"), "/v1/events/https:%2F%2Fshop.example%2Forders/a%20b%2Fc", waits},
		{"percent signs and other letters", post("100%", "Ünter", "2026-11-21T12:00:00Z"), "/v1/events/%C3%9Cnter/100%25", waits},
		{"just before it is sent", post("1", "shop", "2026-11-21T09:30:04Z"), "/v1/events/shop/1", `{"cancelled":"underway","sendAt":"2026-11-21T09:30:04Z"}`},
		{"of the producer, who named no source", strings.Replace(post("1", "", "2026-11-21T12:00:00Z"), `"source": "", `, "", 1), "/v1/events/producer/1", waits},
		{"what nobody posted, or what was sent", "", "/v1/events/shop/1", `{"cancelled":"underway"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			if test.body != "" {
				accepted(t, s.send(request("application/json", test.body)))
			}
			for range 2 { // cancelling again is the same
				w := s.cancel(t, test.path, "Bearer "+token(nil))
				if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusOK || got != test.want {
					t.Errorf("got %d %s, want %s", w.Code, got, test.want)
				}
			}
			if kept := s.scheduled.Kept(); len(kept) != 0 {
				t.Errorf("%v still wait", kept)
			}
			if test.body == "" {
				return
			}
			if w := s.send(request("application/json", test.body)); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "was cancelled; send the event under another id") {
				t.Errorf("posted again: got %d %s, want a 409 that says what to do", w.Code, w.Body)
			}
		})
	}
}

// Whoever may post in a source's name may cancel in it.
func TestWhoMayCancel(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/json", lunch(""))))
	for _, test := range []struct {
		name, bearer string
		status       int
	}{
		{"nobody", "", http.StatusUnauthorized},
		{"no producer", "Bearer " + token(map[string]any{"producer": false}), http.StatusForbidden},
		{"another producer", "Bearer " + googleToken(nil), http.StatusOK},
	} {
		if w := s.cancel(t, "/v1/events/%2Fshop/1", test.bearer); w.Code != test.status {
			t.Errorf("%s: got %d %s, want %d", test.name, w.Code, w.Body, test.status)
		}
		if kept := len(s.scheduled.Kept()) == 1; kept != (test.status != http.StatusOK) {
			t.Errorf("%s: kept is %v", test.name, kept)
		}
	}
}

func TestWhatCannotBeCancelled(t *testing.T) {
	t.Parallel()
	s := start(t)
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/v1/events/shop/" + strings.Repeat("x", 257): {400, `"field":"id"`},
		"/v1/events/%FF/1":                            {400, `"field":"source"`},
		"/v1/events/shop/a%00b":                       {400, `"field":"id"`},
		"/v1/events/shop":                             {404, ""},
		"/v1/events/shop/":                            {404, ""},
		"/v1/events//1":                               {404, ""},
		"/v1/events/a/b/c":                            {404, ""},
	} {
		if w := s.cancel(t, path, "Bearer "+token(nil)); w.Code != want.status || !strings.Contains(w.Body.String(), want.says) {
			t.Errorf("%.40s: got %d %s, want %d", path, w.Code, w.Body, want.status)
		}
	}
}
