package deadletters

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// What is sent again is the message that failed: its bytes, its attributes and its lane, also where a newer version wrote it.
func TestTheMessageOfALetter(t *testing.T) {
	t.Parallel()
	const (
		newer    = `{"id":"1", "later": {"n": 12345678901234567890, "s": "<&>"}, "recipients":["bob","eve"]}`
		audience = `{"id":"1","audience":"staff","recipients":null,"n":1.50}`
	)
	type attributes = map[string]string
	tests := []struct {
		name       string
		letter     store.DeadLetter
		topic      topics.Topic
		data       string
		attributes attributes
	}{
		{"as it was", store.DeadLetter{Data: newer, Attributes: attributes{"ce-id": "1", "a newer one": "x", "why": "audience:a", "cursor": "bob"}},
			topics.Events, newer, attributes{"a newer one": "x", "why": "audience:a", "cursor": "bob"}},
		{"without what its attempts left", store.DeadLetter{Data: newer, Attributes: attributes{
			"origin": "events-notify-1", "devices": "phone", "notBefore": "2030-01-01T00:00:00Z", "tries": "20", "attempts": "3", "reason": "r", "CloudPubSubDeadLetterSourceDeliveryCount": "5"}},
			topics.Events, newer, attributes{"origin": "events-notify-1"}},
		{"an audience's page", store.DeadLetter{Data: audience, Attributes: attributes{"cursor": "m500"}}, topics.Events, audience, attributes{"cursor": "m500"}},
		{"for some of the recipients", store.DeadLetter{Data: newer, Recipients: []string{"eve"}},
			topics.Events, `{"id":"1","later":{"n":12345678901234567890,"s":"<&>"},"recipients":["eve"]}`, attributes{}},
		{"for some of an audience", store.DeadLetter{Data: audience, Recipients: []string{"a", "b"}, Attributes: attributes{"cursor": "m500"}},
			topics.Events, `{"id":"1","n":1.50,"recipients":["a","b"]}`, attributes{"why": "audience:staff"}},
		{"for some, in other letters", store.DeadLetter{Data: `{"Audience":"staff","RECIPIENTS":["x"]}`, Recipients: []string{"a"}},
			topics.Events, `{"recipients":["a"]}`, attributes{"why": "audience:staff"}},
		{"an item to look at", store.DeadLetter{Attributes: attributes{"item": "i", "uid": "bob", "origin": "events-urgent-notify-2", "devices": "phone", "lane": "events-urgent"}},
			topics.Urgent, "", attributes{"item": "i", "uid": "bob", "origin": "events-urgent-notify-2"}},
		{"urgent", store.DeadLetter{Data: newer, Attributes: attributes{"lane": "events-urgent"}}, topics.Urgent, newer, attributes{}},
		{"only its reason was cut", store.DeadLetter{Data: newer, Cut: []string{"reason"}}, topics.Events, newer, attributes{}},
	}
	for _, test := range tests {
		e, err := envelope(test.letter)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		m, err := e.Encode()
		if err != nil || e.Lane != test.topic || string(m.Data) != test.data {
			t.Errorf("%s: got %s, %s and %v, want %s, %s", test.name, e.Lane, m.Data, err, test.topic, test.data)
		}
		for _, own := range []string{"ce-id", "lane", "acceptedAt", "own"} { // which it always has
			delete(m.Attributes, own)
		}
		if diff := cmp.Diff(test.attributes, m.Attributes); diff != "" {
			t.Errorf("%s: attributes (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestWhatCannotBeSentAgainSaysWhy(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		letter store.DeadLetter
		want   string
	}{
		"cut data":       {store.DeadLetter{Data: "{}", DataBytes: 1_200_000, Cut: []string{"data"}}, "2 of 1200000 bytes"},
		"cut attributes": {store.DeadLetter{Data: "{}", Cut: []string{"attributes"}}, "attributes were cut"},
		"cut recipients": {store.DeadLetter{Data: "{}", Cut: []string{"recipients"}}, "recipients were cut"},
		"half an event":  {store.DeadLetter{Data: "{"}, "not an event"},
		"a list":         {store.DeadLetter{Data: "[]"}, "not an event"},
		"null":           {store.DeadLetter{Data: "null"}, "not an event"},
		"nothing":        {store.DeadLetter{}, "not an event"},
		"no text":        {store.DeadLetter{Data: "\xff\xfe"}, "not an event"},
	}
	for name, test := range tests {
		_, err := envelope(test.letter)
		var p *problem.Problem
		if !errors.As(err, &p) || p.Status != http.StatusConflict || !strings.Contains(p.Detail, test.want) {
			t.Errorf("%s: got %v, want a conflict with %q", name, err, test.want)
		}
	}
}
