package publish_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// like is a good event with a field put in its place, or added: `"id": "1"`.
func like(field string) string {
	fields := map[string]string{
		"id": `"1"`, "type": `"post.liked"`, "actor": `{"id": "alice", "name": "Alice"}`, "target": `{"type": "post", "id": "42"}`, "recipients": `["bob"]`,
	}
	order := []string{"id", "type", "actor", "target", "recipients"}
	if name, value, ok := strings.Cut(field, ":"); ok {
		name = strings.Trim(name, `" `)
		if _, known := fields[name]; !known {
			order = append(order, name)
		}
		fields[name] = value
	}
	var parts []string
	for _, name := range order {
		if v := strings.TrimSpace(fields[name]); v != "" { // `"target":` leaves it out
			parts = append(parts, `"`+name+`": `+v)
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func many(n int) string { return `"recipients": [` + strings.Repeat(`"bob", `, n-1) + `"bob"]` }

func TestBadInputIsRefusedByNameAndNothingIsPublished(t *testing.T) {
	t.Parallel()
	s := start(t)
	tests := []struct {
		name, body string
		status     int
		field      string
		detail     string
	}{
		{"broken JSON", `{"id": "1",`, 400, "(request body)", "is not JSON"},
		{"no body", ``, 400, "(request body)", "is not JSON"},
		{"unknown type", like(`"type": "post.likd"`), 400, "type", `did you mean "post.liked"?`},
		{"no type", like(`"type":`), 400, "type", "missing"},
		{"missing target of a grouping type", like(`"target":`), 400, "target", "groups by"},
		{"missing actor of a type that counts actors", like(`"actor":`), 400, "actor", "who did it"},
		{"no recipients", like(`"recipients":`), 400, "recipients", "nobody is named"},
		{"an empty list of recipients", like(`"recipients": []`), 400, "recipients", "nobody is named"},
		{"1,001 recipients", like(many(1001)), 400, "recipients", "1001 entries; at most 1000"},
		{"an id of 2 KB", like(`"id": "` + strings.Repeat("x", 2048) + `"`), 400, "id", "2048 bytes; at most 256"},
		{"a body of 300 KiB", like(`"data": {"x": "` + strings.Repeat("x", 300<<10) + `"}`), 413, "(request body)", "larger than 262144 bytes"},
		{"a time a day ahead", like(`"time": "` + now.AddDate(0, 0, 1).Format(time.RFC3339) + `"`), 400, "time", "24h0m0s in the future"},
		{"a time in the year 0", like(`"time": "0000-01-01T00:00:00+23:00"`), 400, "time", "before 1970"},
		{"a time in words", like(`"time": "yesterday"`), 400, "time", "RFC 3339"},
		{"an unknown field", like(`"recipient": "bob"`), 400, "recipient", `did you mean "recipients"?`},
		{"an unknown field of the target", like(`"target": {"type": "post", "id": "42", "link": "/"}`), 400, "target.link", "is not a field"},
		{"control characters in a name", like(`"actor": {"id": "alice", "name": "Al\u0007ice"}`), 400, "actor.name", "control character"},
		{"a URL that runs", like(`"target": {"type": "post", "id": "42", "url": "javascript:alert(1)"}`), 400, "target.url", "http(s)"},
		{"a URL without a scheme", like(`"target": {"type": "post", "id": "42", "url": "//evil.example"}`), 400, "target.url", "http(s)"},
		{"a URL that is neither", like(`"actor": {"id": "alice", "imageUrl": "ftp://example.com/a.png"}`), 400, "actor.imageUrl", "http(s)"},
		{"a uid with a slash", like(`"recipients": ["bob/notifications/x"]`), 400, "recipients[0]", "cannot be an id"},
		{"an unknown priority", like(`"priority": "critical"`), 400, "priority", "urgent, high, medium, low"},
		{"already expired", like(`"expiresAt": "2026-11-21T09:29:59Z"`), 400, "expiresAt", "past"},
		{"a number for a list", like(`"recipients": 7`), 400, "recipients", "an array was expected"},
		{"data that Firestore refuses", like(`"data": {"__x__": 1}`), 400, "data.__x__", "reserves"},
		{"data that Firestore would change", like(`"data": {"points": [[1, 2]]}`), 400, "data.points[0]", "list in a list"},
		{"a number that would lose digits", like(`"data": {"n": 12345678901234567890}`), 400, "data.n", "digits"},
		{"half a surrogate pair", like(`"data": {"x": "\ud800"}`), 400, "data.x", "surrogate"},
		{"a title of blanks for a type that says nothing itself", `{"type": "info", "recipients": ["bob"], "title": "\u200b "}`, 400, "title", "missing"},
		{"a label of blanks", like(`"actions": [{"id": "a", "label": " "}]`), 400, "actions[0].label", "missing"},
		{"no events", `[]`, 400, "(request body)", "has 0 events"},
		{"101 events", "[" + strings.Repeat(like("")+",", 100) + like("") + "]", 400, "(request body)", "has 101 events"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := s.refused(t, s.send(request("application/json", test.body)), test.status)
			if len(p.Errors) != 1 || p.Errors[0].Field != test.field || !strings.Contains(p.Errors[0].Detail, test.detail) {
				t.Errorf("got %+v, want %s: … %s …", p, test.field, test.detail)
			}
		})
	}
}

func TestABatchWithABadEventIsRefusedWholeByIndex(t *testing.T) {
	t.Parallel()
	ce := func(data, subject string) string {
		return `{"specversion": "1.0", "id": "1", "source": "/shop", "type": "post.liked", "subject": "` + subject + `", "data": ` + data + `}`
	}
	good := `{"actor": {"id": "alice"}, "recipients": ["bob"]}`
	tests := []struct {
		name, contentType, body string
		want                    []string
	}{
		{"JSON, undecodable", "application/json", "[" + like("") + `, {"nope": 1}, ` + like(`"id": 5`) + "]", []string{"1 nope", "2 id"}},
		{"JSON, invalid", "application/json", "[" + like("") + "," + like(`"target":`) + "," + like(`"type": "x"`) + "]", []string{"1 target", "2 type"}},
		{"CloudEvents, undecodable", "application/cloudevents-batch+json", "[" + ce(good, "post/1") + "," + ce(`{"nope": 1}`, "post/1") + "]", []string{"1 data.nope"}},
		{"CloudEvents, invalid", "application/cloudevents-batch+json", "[" + ce(good, "post/1") + "," + ce(good, "post") + "]", []string{"1 target"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			p := s.refused(t, s.send(request(test.contentType, test.body)), http.StatusBadRequest)
			if got := names(p.Errors); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", p.Errors, test.want)
			}
		})
	}
}

func TestABadIdempotencyKeyIsTheCallersMistake(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, key := range []string{strings.Repeat("x", 300), "a\xff", "a\tb"} {
		r := request("application/json", like(`"id":`))
		r.Header.Set("Idempotency-Key", key)
		p := s.refused(t, s.send(r), http.StatusBadRequest)
		if got := names(p.Errors); !slices.Equal(got, []string{"id"}) {
			t.Errorf("%.10q: got %v", key, p.Errors)
		}
	}
}

func TestAnythingButAPostOfEventsIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/xml", "json", "application/cloudevents+xml", "application/cloudevents", "application/json; charset=utf-16"} {
		p := s.refused(t, s.send(request(media, like(""))), http.StatusUnsupportedMediaType)
		if !strings.Contains(p.Detail, "Content-Type") {
			t.Errorf("%q: got %s", media, p.Detail)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		r := request("application/json", like(""))
		r.Method = method
		w := s.send(r)
		s.refused(t, w, http.StatusMethodNotAllowed)
		if got := w.Header().Get("Allow"); got != "POST" {
			t.Errorf("%s: Allow is %q", method, got)
		}
	}
	for _, path := range []string{"/", "/v1/events/", "//v1/events", "/v1/event", "/v2/events"} {
		r := request("application/json", like(""))
		r.URL.Path = path
		s.refused(t, s.send(r), http.StatusNotFound)
	}
}
