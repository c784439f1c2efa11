package topics_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

var at = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func TestSplitHoldsEveryRecipientOnceInOrder(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, topics.Chunk, topics.Chunk + 1, 1000} {
		e := event.Event{ID: "1", Title: "T"}
		for i := range count {
			e.Recipients = append(e.Recipients, fmt.Sprint(i))
		}
		envelopes := topics.Split(nil, topics.Envelope{Event: e, Lane: topics.Urgent})
		if want := max(1, (count+topics.Chunk-1)/topics.Chunk); len(envelopes) != want {
			t.Errorf("%d recipients: got %d messages, want %d", count, len(envelopes), want)
		}
		var got []string
		for _, m := range envelopes {
			if len(m.Event.Recipients) > topics.Chunk {
				t.Errorf("%d recipients: one message has %d", count, len(m.Event.Recipients))
			}
			got = append(got, m.Event.Recipients...)
			m.Event.Recipients = e.Recipients
			if diff := cmp.Diff(e, m.Event); diff != "" || m.Lane != topics.Urgent {
				t.Errorf("something else changed: %s", diff)
			}
		}
		if !slices.Equal(got, e.Recipients) {
			t.Errorf("%d recipients: got %v", count, got)
		}
	}
}

func TestUrgentEventsHaveALaneOfTheirOwn(t *testing.T) {
	t.Parallel()
	for p, want := range map[event.Priority]topics.Topic{event.Urgent: topics.Urgent, event.High: topics.Events, event.Medium: topics.Events, event.Low: topics.Events} {
		if got := topics.Lane(p); got != want {
			t.Errorf("%s: got %s, want %s", p, got, want)
		}
	}
}

func TestPublishStoresEachEnvelopeWhereItBelongs(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	of := func(id string) event.Event {
		return event.Event{ID: id, Source: "shop", Type: "info", Time: at, Recipients: []string{"bob"}}
	}
	urgent := topics.Envelope{Event: of("2"), Lane: topics.Urgent}
	err := publisher.Publish(t.Context(), topics.Envelope{Event: of("1")}, urgent, topics.LookAt("bob", "i", event.Urgent), urgent.Later(at, "busy"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]string{} // attributes by topic
	for _, m := range server.Messages() {
		topic := strings.TrimPrefix(m.Topic, "projects/p/topics/") + " " + m.Attributes["item"]
		got[topic] = m.Attributes
	}
	want := map[string]map[string]string{
		"events ":         {"ce-id": "1", "ce-source": "shop", "ce-type": "info"},
		"events-urgent ":  {"ce-id": "2", "ce-source": "shop", "ce-type": "info", "lane": "events-urgent"},
		"events-urgent i": {"item": "i", "uid": "bob", "lane": "events-urgent"},
		"events-retry ":   {"ce-id": "2", "ce-source": "shop", "ce-type": "info", "lane": "events-urgent", "notBefore": "2026-11-21T09:00:00Z", "reason": "busy"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPublishTellsWhatWasNotStored(t *testing.T) {
	t.Parallel()
	_, publisher := topicstest.Start(t, topics.Urgent)
	m := topics.Envelope{Event: event.Event{ID: "1", Source: "s", Type: "info"}}
	urgent := m
	urgent.Lane = topics.Urgent
	if err := publisher.Publish(t.Context(), urgent); err == nil || !strings.Contains(err.Error(), "events-urgent") {
		t.Errorf("a topic that is not there: got %v", err)
	}
	if err := publisher.Publish(t.Context(), m, topics.Envelope{Event: event.Event{Data: map[string]any{"x": func() {}}}}); err == nil {
		t.Error("an event that has no JSON: got no error")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := publisher.Publish(gone, m); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has left: got %v", err)
	}
}

// envelope is the body of a push request as Pub/Sub documents it.
func envelope(data []byte, subscription string) string {
	return fmt.Sprintf(`{"message": {"data": %q, "attributes": {"ce-id": "1"}, "messageId": "99", "message_id": "99",
		"publishTime": "2026-11-21T09:00:00.123Z", "publish_time": "2026-11-21T09:00:00.123Z", "orderingKey": "k"},
		"subscription": %q, "deliveryAttempt": 3}`, base64.StdEncoding.EncodeToString(data), subscription)
}

func TestReadPushReadsTheEnvelope(t *testing.T) {
	t.Parallel()
	got, err := topics.ReadPush(strings.NewReader(envelope([]byte(`{"id":"1"}`), "projects/p/subscriptions/events-notify")))
	want := topics.Pushed{
		Message:      topics.PushedMessage{Data: []byte(`{"id":"1"}`), Attributes: map[string]string{"ce-id": "1"}, MessageID: "99", PublishTime: time.Date(2026, 11, 21, 9, 0, 0, 123e6, time.UTC)},
		Subscription: "projects/p/subscriptions/events-notify", DeliveryAttempt: 3,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestReadPushTakesTheLargestMessage(t *testing.T) {
	t.Parallel()
	data := make([]byte, 10_000_000)
	got, err := topics.ReadPush(strings.NewReader(envelope(data, "s")))
	if err != nil || len(got.Message.Data) != len(data) {
		t.Errorf("got %d bytes, %v", len(got.Message.Data), err)
	}
}

func TestReadPushRefusesWhatPubSubDidNotSend(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"nothing": "", "text": "hello", "an event": `{"id": "1", "type": "info"}`, "an empty object": "{}", "null": "null", "a list": "[]",
		"no message id":          `{"message": {"data": "aGk="}, "subscription": "s"}`,
		"data that is not coded": `{"message": {"data": "hello!", "messageId": "1"}}`,
		"half an envelope":       envelope([]byte("x"), "s")[:40],
	}
	for name, body := range tests {
		if got, err := topics.ReadPush(strings.NewReader(body)); !errors.Is(err, topics.ErrNotPushed) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// An operator reads the error as the reason of a dead letter.
func TestWhatIsWrongWithAnEventIsToldInItsOwnFields(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		"": "is not JSON", "not an event": "is not JSON", "[]": "is a JSON array", `{"type": 7}`: "type: is a JSON number", `{"time": "soon"}`: "another form", `{"target": {"id": []}}`: "target.id: is a JSON array", "{}": "type: is missing",
	} {
		_, err := topics.Decode(topics.PushedMessage{Data: []byte(data)})
		if !errors.Is(err, topics.ErrUnreadable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", data, err, want)
		}
		for _, leak := range []string{"Go ", "struct", "json:", "reflect", "nmarshal", "time.Time"} {
			if err != nil && strings.Contains(err.Error(), leak) {
				t.Errorf("%s: got %v, which has %q", data, err, leak)
			}
		}
	}
}
