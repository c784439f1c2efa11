package publish_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

func TestAllFormsOfAnEventArePublishedAlike(t *testing.T) {
	t.Parallel()
	const data = `{"actor": {"id": "alice", "name": "Alice"}, "recipients": ["bob"]}`
	const ce = `{"specversion": "1.0", "id": "1", "source": "/shop", "type": "post.liked", "subject": "post/42", "time": "2026-11-21T09:00:00Z", "datacontenttype": "application/json", "extension": "stays out", "data": ` + data + `}`
	const own = `{"id": "1", "source": "/shop", "type": "post.liked", "time": "2026-11-21T10:00:00+01:00", "actor": {"id": "alice", "name": "Alice"}, "target": {"type": "post", "id": "42"}, "recipients": ["bob"]}`
	const encoded = `{"data_base64": "eyJhY3RvciI6IHsiaWQiOiAiYWxpY2UiLCAibmFtZSI6ICJBbGljZSJ9LCAicmVjaXBpZW50cyI6IFsiYm9iIl19", "datacontenttype": "application/vnd.shop+json", "specversion": "1.0", "id": "1", "source": "/shop", "type": "post.liked", "subject": "post/42", "time": "2026-11-21t09:00:00z"}`
	want := event.Event{
		ID: "1", Source: "/shop", Type: "post.liked", Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC),
		Actor: event.Actor{ID: "alice", Name: "Alice"}, Target: event.Target{Type: "post", ID: "42"}, Recipients: []string{"bob"},
	}
	binary := map[string]string{
		"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Source": "/shop", "Ce-Type": "post.liked", "Ce-Subject": "post/42", "Ce-Time": "2026-11-21T09:00:00Z", "Ce-Extension": "stays out",
	}
	tests := []struct {
		name, contentType, body string
		headers                 map[string]string
		events                  int
		scoped                  bool // the target comes from a CloudEvent's subject
	}{
		{"JSON", "application/json", own, nil, 1, false},
		{"JSON with a charset", "application/json; charset=utf-8", own, nil, 1, false},
		{"JSON list", "application/json", "[" + own + "," + own + "]", nil, 2, false},
		{"CloudEvent, structured", "application/cloudevents+json", ce, nil, 1, true},
		{"CloudEvent, structured, with a charset", "application/cloudevents+json; charset=UTF-8", ce, nil, 1, true},
		{"CloudEvents, batch", "application/cloudevents-batch+json", "[" + ce + "," + ce + "]", nil, 2, true},
		{"JSON with a byte order mark and small letters", "Application/JSON", "\ufeff" + strings.Replace(own, "2026-11-21T10:00:00+01:00", "2026-11-21t09:00:00z", 1), nil, 1, false},
		{"CloudEvent, in base64", "application/cloudevents+json", encoded, nil, 1, true},
		{"CloudEvent, binary", "application/json", data, binary, 1, true},
		{"CloudEvent, binary, another kind of JSON", "application/vnd.shop+json", data, binary, 1, true},
		{"CloudEvent, binary, without a content type", "", data, binary, 1, true},
		{"CloudEvent, binary, encoded", "application/json", data, map[string]string{
			"Ce-Specversion": `"1.0"`, "Ce-Id": "%31", "Ce-Source": "%2Fshop", "Ce-Type": "post%2eliked", "Ce-Subject": `"post\/42"`, "Ce-Time": "2026-11-21t09:00:00z",
		}, 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			r := request(test.contentType, test.body)
			for name, value := range test.headers {
				r.Header.Set(name, value)
			}
			if got, want := accepted(t, s.send(r)), slices.Repeat([]string{"1"}, test.events); !slices.Equal(got, want) {
				t.Errorf("ids: got %v, want %v", got, want)
			}
			want := want
			if test.scoped {
				want.Target.Source = "/shop"
			}
			if diff := cmp.Diff(map[topics.Topic][]event.Event{topics.Events: {want}}, topicstest.Published(t, s.pubsub)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBadCloudEventsAreRefusedByName(t *testing.T) {
	t.Parallel()
	s := start(t)
	ce := func(change string) string {
		all := `{"specversion": "1.0", "id": "1", "source": "/shop", "type": "post.liked", "subject": "post/42", "data": {"actor": {"id": "alice"}, "recipients": ["bob"]}}`
		old, with, _ := strings.Cut(change, " => ")
		return strings.Replace(all, old, with, 1)
	}
	const structured, batch = "application/cloudevents+json", "application/cloudevents-batch+json"
	tests := []struct {
		name, contentType, body string
		status                  int
		field, detail           string
	}{
		{"broken JSON", structured, "{", 400, "(request body)", "is not JSON"},
		{"not a batch", batch, "{}", 400, "(request body)", "an array was expected"},
		{"no id", structured, ce(`"id": "1", => `), 400, "id", "missing"},
		{"unknown version", structured, ce(`"1.0" => "9.0"`), 400, "specversion", "1.0 was expected"},
		{"unknown type", structured, ce(`post.liked => post.like`), 400, "type", "did you mean"},
		{"no data", structured, ce(`, "data": {"actor": {"id": "alice"}, "recipients": ["bob"]} => `), 400, "data", "missing"},
		{"data of another kind", structured, ce(`"data": {"actor": {"id": "alice"}, "recipients": ["bob"]} => "datacontenttype": "text/plain", "data": "bob"`), 400, "datacontenttype", "application/json"},
		{"data that is no object", structured, ce(`{"actor": {"id": "alice"}, "recipients": ["bob"]} => [1]`), 400, "data", "object"},
		{"unknown field in data", structured, ce(`"recipients" => "recipient"`), 400, "data.recipient", "did you mean"},
		{"no recipients", structured, ce(`, "recipients": ["bob"] => `), 400, "recipients", "nobody"},
		{"no subject", structured, ce(`"subject": "post/42", => `), 400, "target", "groups by"},
		{"a time a day ahead", structured, ce(`"subject" => "time": "2026-11-22T09:30:00Z", "subject"`), 400, "time", "in the future"},
		{"300 KiB", structured, ce(`alice => ` + strings.Repeat("x", 300<<10)), 413, "(request body)", "larger than"},
		{"a batch of 300 KiB", batch, "[" + ce(`alice => `+strings.Repeat("x", 300<<10)) + "]", 413, "(request body)", "larger than"},
		{"101 events", batch, "[" + strings.Repeat(ce("")+",", 100) + ce("") + "]", 400, "(request body)", "101 events"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := s.refused(t, s.send(request(test.contentType, test.body)), test.status)
			if len(p.Errors) != 1 || p.Errors[0].Field != test.field || !strings.Contains(p.Errors[0].Detail, test.detail) {
				t.Errorf("got %+v, want %s: … %s …", p, test.field, test.detail)
			}
		})
	}
	for name, value := range map[string]string{"Ce-Specversion": "9.0", "Ce-Id": "\xff", "Ce-Time": "soon", "Ce-Source": "", "Ce-Subject": "%C0%A0", "Ce-Type": "100%"} {
		r := request("application/json", `{"actor": {"id": "alice"}, "recipients": ["bob"]}`)
		for k, v := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": "1", "Ce-Source": "/shop", "Ce-Type": "post.liked", "Ce-Subject": "post/42", name: value} {
			r.Header.Set(k, v)
		}
		if p := s.refused(t, s.send(r), http.StatusBadRequest); len(p.Errors) != 1 {
			t.Errorf("%s %q: got %+v", name, value, p)
		}
	}
}

func TestIdsComeFromTheEventTheKeyOrAreMade(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, key, body string
		want            []string // "*" is a UUIDv7
	}{
		{"an id of its own", "", like(""), []string{"1"}},
		{"an id goes before the key", "key", like(""), []string{"1"}},
		{"the key", "key", like(`"id":`), []string{"key"}},
		{"the key, numbered in a list", "key", "[" + like(`"id":`) + "," + like("") + "," + like(`"id":`) + "]", []string{"key-0", "1", "key-2"}},
		{"the key in a list of one", "key", "[" + like(`"id":`) + "]", []string{"key-0"}},
		{"none", "", like(`"id":`), []string{"*"}},
		{"none, twice", "", "[" + like(`"id":`) + "," + like(`"id":`) + "]", []string{"*", "*"}},
	}
	v7 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			r := request("application/json", test.body)
			if test.key != "" {
				r.Header.Set("Idempotency-Key", test.key)
			}
			got := accepted(t, s.send(r))
			var published []string
			for _, e := range topicstest.Published(t, s.pubsub)[topics.Events] {
				published = append(published, e.ID)
			}
			if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(published))) {
				t.Errorf("answered %v, published %v", got, published)
			}
			if len(got) > 1 && got[0] == got[1] {
				t.Errorf("the same id twice: %v", got)
			}
			for i := range got {
				if v7.MatchString(got[i]) {
					got[i] = "*"
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestWhatTheProducerLeavesOutIsFilledIn(t *testing.T) {
	t.Parallel()
	for producer, token := range map[string]string{"producer": token(nil), account: googleToken(nil)} {
		s := start(t)
		r := request("application/json", like(""))
		r.Header.Set("Authorization", "Bearer "+token)
		accepted(t, s.send(r))
		if got := topicstest.Published(t, s.pubsub)[topics.Events][0]; got.Source != producer || !got.Time.Equal(now) {
			t.Errorf("got source %q and time %s, want %q and %s", got.Source, got.Time, producer, now)
		}
	}
}

func TestRecipientsAreToldOnceAndNeverOfTheirOwnDoing(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/json", like(`"recipients": ["bob", "alice", "carol", "bob"]`))))
	if got, want := topicstest.Published(t, s.pubsub)[topics.Events][0].Recipients, []string{"bob", "carol"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	alone := start(t)
	if got := accepted(t, alone.send(request("application/json", like(`"recipients": ["alice"]`)))); !slices.Equal(got, []string{"1"}) {
		t.Errorf("nobody is left: got %v, want the id", got)
	}
	if n := len(alone.pubsub.Messages()); n != 0 {
		t.Errorf("nobody is left, but %d messages were published", n)
	}
}

func TestUrgentEventsTakeTheirOwnLane(t *testing.T) {
	t.Parallel()
	s := start(t)
	alert := `"type": "security.alert", "recipients": ["bob"]`
	body := "[" + strings.Join([]string{
		like(`"id": "like"`), like(`"priority": "urgent"`),
		`{"id": "alert", ` + alert + `}`, `{"id": "mild alert", ` + alert + `, "priority": "high"}`,
	}, ",") + "]"
	if got, want := accepted(t, s.send(request("application/json", body))), []string{"like", "1", "alert", "mild alert"}; !slices.Equal(got, want) {
		t.Errorf("ids: got %v, want %v", got, want)
	}
	got := map[topics.Topic][]string{}
	for topic, events := range topicstest.Published(t, s.pubsub) {
		for _, e := range events {
			got[topic] = append(got[topic], e.ID)
		}
		slices.Sort(got[topic])
	}
	want := map[topics.Topic][]string{topics.Events: {"like", "mild alert"}, topics.Urgent: {"1", "alert"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryRecipientIsInExactlyOneMessage(t *testing.T) {
	t.Parallel()
	s := start(t)
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprintf("user-%03d", i))
	}
	accepted(t, s.send(request("application/json", like(`"recipients": ["`+strings.Join(want, `", "`)+`"]`))))
	var got []string
	for _, e := range topicstest.Published(t, s.pubsub)[topics.Events] {
		if len(e.Recipients) > topics.Chunk || e.ID != "1" {
			t.Errorf("a message of event %s with %d recipients", e.ID, len(e.Recipients))
		}
		got = append(got, e.Recipients...)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %d recipients, want %d", len(got), len(want))
	}
}

func TestAnAudienceIsPublishedAsItIs(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/json", `{"id": "1", "type": "system.announcement", "title": "New!", "audience": "topic-news"}`)))
	got := topicstest.Published(t, s.pubsub)[topics.Events]
	if len(got) != 1 || got[0].Audience != "topic-news" || len(got[0].Recipients) != 0 {
		t.Errorf("got %+v", got)
	}
}

// However many there are, everybody is one message.
func TestAnAnnouncementToEverybodyIsOneMessage(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/json", `{"id": "1", "type": "system.announcement", "title": "New!", "audience": "everybody", "priority": "urgent"}`)))
	published := topicstest.Published(t, s.pubsub)
	if got := published[topics.Urgent]; len(published) != 1 || len(got) != 1 || !got[0].ToEverybody() {
		t.Errorf("got %+v", published)
	}
}

func TestWhatPubSubDoesNotStoreIsNotAccepted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		missing []topics.Topic
		ctx     func(context.Context) (context.Context, context.CancelFunc)
	}{
		{"it refuses", []topics.Topic{topics.Events}, context.WithCancel},
		{"it takes longer than the caller waits", nil, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithDeadline(ctx, time.Now())
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, test.missing...)
			ctx, cancel := test.ctx(t.Context())
			defer cancel()
			r := request("application/json", like("")).WithContext(ctx)
			r.Header.Set("Authorization", "Bearer "+googleToken(nil)) // the stubbed check needs no time
			w := s.send(r)
			p := s.refused(t, w, http.StatusServiceUnavailable)
			if got := w.Header().Get("Retry-After"); got == "" || !strings.Contains(p.Detail, "again") {
				t.Errorf("Retry-After %q, detail %q", got, p.Detail)
			}
			if strings.Contains(w.Body.String(), "topics") {
				t.Errorf("the inside is told: %s", w.Body)
			}
		})
	}
}

func TestNamesCannotTurnASentenceAround(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{`Eve\u202e`: "Eve", "   ": "", `\u200b`: "", `\u2067عمر\u2069`: "\u2067عمر\u2069", "👩‍👩‍👧": "👩‍👩‍👧"} {
		s := start(t)
		accepted(t, s.send(request("application/json", like(`"actor": {"id": "alice", "name": "`+given+`"}`))))
		if got := topicstest.Published(t, s.pubsub)[topics.Events][0].Actor.Name; got != want {
			t.Errorf("%s: got %q, want %q", given, got, want)
		}
	}
}

func TestDataArrivesAsItWasSent(t *testing.T) {
	t.Parallel()
	s := start(t)
	const data = `{"deep":{"list":[{"x":null},true,""]},"half":0.5,"id":9007199254740993,"text":"Eve\u202e <&>"}`
	accepted(t, s.send(request("application/json", like(`"data": `+data))))
	got, err := json.Marshal(topicstest.Published(t, s.pubsub)[topics.Events][0].Data)
	if want, _ := json.Marshal(json.RawMessage(data)); err != nil || strings.ReplaceAll(string(got), "\u202e", `\u202e`) != string(want) {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestTheSameIDForAnotherEventIsAConflict(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/json", like(""))))
	accepted(t, s.send(request("application/json", " "+like("")+"\n")))
	s.pubsub.ClearMessages()
	other := `"actor": {"id": "ben", "name": "Ben"}`
	p := s.refused(t, s.send(request("application/json", like(other))), http.StatusConflict)
	if len(p.Errors) != 1 || p.Errors[0].Field != "id" || !strings.Contains(p.Errors[0].Detail, "another id") {
		t.Errorf("got %+v", p)
	}
	p = s.refused(t, s.send(request("application/json", "["+like(`"id": "2"`)+","+like(other)+"]")), http.StatusConflict)
	if got := names(p.Errors); !slices.Equal(got, []string{"1 id"}) {
		t.Errorf("got %+v", p)
	}
	keyed := func(body string) *http.Request {
		r := request("application/json", body)
		r.Header.Set("Idempotency-Key", "key")
		return r
	}
	accepted(t, s.send(keyed(like(`"id":`))))
	s.pubsub.ClearMessages()
	s.refused(t, s.send(keyed(strings.Replace(like(`"id":`), `"Alice"`, `"Alina"`, 1))), http.StatusConflict)
}

func TestAnEmptyBatchOfCloudEventsIsAccepted(t *testing.T) {
	t.Parallel()
	s := start(t)
	if got := accepted(t, s.send(request("application/cloudevents-batch+json", "[]"))); got == nil || len(got) != 0 || len(s.pubsub.Messages()) != 0 {
		t.Errorf("got %v, and %d messages", got, len(s.pubsub.Messages()))
	}
}

func TestATargetOfItsOwnIsNotScopedByTheCloudEvent(t *testing.T) {
	t.Parallel()
	s := start(t)
	accepted(t, s.send(request("application/cloudevents+json", `{"specversion": "1.0", "id": "1", "source": "/shop", "type": "post.liked", "subject": "x/y",
		"data": {"actor": {"id": "alice"}, "target": {"type": "post", "id": "42"}, "recipients": ["bob"]}}`)))
	if got, want := topicstest.Published(t, s.pubsub)[topics.Events][0].Target, (event.Target{Type: "post", ID: "42"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
