package topics_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
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

func TestSplitHoldsEveryRecipientOnceInOrder(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, topics.Chunk, topics.Chunk + 1, 1000} {
		e := event.Event{ID: "1", Title: "T"}
		for i := range count {
			e.Recipients = append(e.Recipients, fmt.Sprint(i))
		}
		messages := topics.Split(e)
		if want := max(1, (count+topics.Chunk-1)/topics.Chunk); len(messages) != want {
			t.Errorf("%d recipients: got %d messages, want %d", count, len(messages), want)
		}
		var got []string
		for _, m := range messages {
			if len(m.Event.Recipients) > topics.Chunk {
				t.Errorf("%d recipients: one message has %d", count, len(m.Event.Recipients))
			}
			got = append(got, m.Event.Recipients...)
			m.Event.Recipients = e.Recipients
			if diff := cmp.Diff(e, m.Event); diff != "" {
				t.Errorf("something else changed: %s", diff)
			}
		}
		if !slices.Equal(got, e.Recipients) {
			t.Errorf("%d recipients: got %v", count, got)
		}
	}
}

func TestSplitKeepsAnAudienceWhole(t *testing.T) {
	t.Parallel()
	e := event.Event{ID: "1", Audience: "topic-news"}
	if diff := cmp.Diff([]topics.Message{{Event: e}}, topics.Split(e)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
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

func TestPublishStoresEachMessageWithItsAttributes(t *testing.T) {
	t.Parallel()
	for _, topic := range []topics.Topic{topics.Events, topics.Urgent, topics.Retry} {
		server, publisher := topicstest.Start(t)
		e := event.Event{ID: "1", Source: "shop", Type: "info", Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Recipients: []string{"bob"}}
		two := e
		two.ID = "2"
		if err := publisher.Publish(t.Context(), topic, topics.Message{Event: e}, topics.Message{Event: two, Attributes: map[string]string{topics.AttrCursor: "bob"}}); err != nil {
			t.Fatal(err)
		}
		got := map[string]map[string]string{} // attributes by event
		for _, m := range server.Messages() {
			received, err := (&topics.PushedMessage{Data: m.Data}).Event()
			if err != nil {
				t.Fatal(err)
			}
			if m.Topic != "projects/p/topics/"+string(topic) {
				t.Errorf("published to %s, want %s", m.Topic, topic)
			}
			got[received.ID] = m.Attributes
		}
		want := map[string]map[string]string{
			"1": {"ce-id": "1", "ce-source": "shop", "ce-type": "info"},
			"2": {"ce-id": "2", "ce-source": "shop", "ce-type": "info", "cursor": "bob"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestPublishTellsWhatWasNotStored(t *testing.T) {
	t.Parallel()
	_, publisher := topicstest.Start(t, topics.Urgent)
	m := topics.Message{Event: event.Event{ID: "1", Source: "s", Type: "info"}}
	if err := publisher.Publish(t.Context(), topics.Urgent, m); err == nil || !strings.Contains(err.Error(), "events-urgent") {
		t.Errorf("a topic that is not there: got %v", err)
	}
	if err := publisher.Publish(t.Context(), topics.Events, m, topics.Message{Event: event.Event{Data: map[string]any{"x": func() {}}}}); err == nil {
		t.Error("an event that has no JSON: got no error")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := publisher.Publish(gone, topics.Events, m); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who has left: got %v", err)
	}
}

func TestRepublishKeepsTheMessageAsItCame(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	came := topics.PushedMessage{Data: []byte("no event\xff"), Attributes: map[string]string{"ce-id": "1", topics.AttrReason: "old"}, MessageID: "7"}
	if err := publisher.Republish(t.Context(), topics.Retry, came, map[string]string{topics.AttrReason: "new", topics.AttrOrigin: "7"}); err != nil {
		t.Fatal(err)
	}
	m := server.Messages()[0]
	if diff := cmp.Diff(map[string]string{"ce-id": "1", topics.AttrReason: "new", topics.AttrOrigin: "7"}, m.Attributes); diff != "" || !bytes.Equal(m.Data, came.Data) {
		t.Errorf("data %q, attributes: %s", m.Data, diff)
	}
	if came.Attributes[topics.AttrReason] != "old" {
		t.Error("the message that came was changed")
	}
	_, publisher = topicstest.Start(t, topics.Retry)
	if err := publisher.Republish(t.Context(), topics.Retry, came, nil); err == nil {
		t.Error("a topic that is not there: got no error")
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

func TestFromKnowsEachSubscription(t *testing.T) {
	t.Parallel()
	all := []topics.Topic{topics.Events, topics.Urgent, topics.Retry, topics.DeadLetters}
	tests := map[string]topics.Topic{ // "" is none of ours
		"projects/p/subscriptions/events-notify":                   topics.Events,
		"projects/p/subscriptions/events-urgent-notify":            topics.Urgent,
		"projects/p/subscriptions/events-retry-notify":             topics.Retry,
		"projects/p/subscriptions/dead-letters-deadletters":        topics.DeadLetters,
		"projects/events-retry-notify/subscriptions/events-notify": topics.Events,
		"projects/p/subscriptions/other-events-notify":             "",
		"projects/p/subscriptions/eventsnotify":                    "",
		"projects/p/subscriptions/events":                          "",
		"events-notify":                                            "",
		"":                                                         "",
	}
	for subscription, want := range tests {
		for _, topic := range all {
			if got := (&topics.Pushed{Subscription: subscription}).From(topic); got != (topic == want) {
				t.Errorf("%q from %s: got %t", subscription, topic, got)
			}
		}
	}
}

func TestEventSurvivesTheWayThroughPubSub(t *testing.T) {
	t.Parallel()
	server, publisher := topicstest.Start(t)
	want := event.Event{
		ID: "1", Source: "shop", Type: "post.liked", Time: time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC),
		Actor: event.Actor{ID: "alice", Name: "Zoë <&> 李"}, Target: event.Target{Type: "post", ID: "42", URL: "/a?b&c"},
		Recipients: []string{"bob"}, Data: map[string]any{"n": 1.5, "deep": map[string]any{"list": []any{"x", nil}}},
	}
	if err := publisher.Publish(t.Context(), topics.Events, topics.Message{Event: want}); err != nil {
		t.Fatal(err)
	}
	pushed, err := topics.ReadPush(strings.NewReader(envelope(server.Messages()[0].Data, "s")))
	if err != nil {
		t.Fatal(err)
	}
	got, err := pushed.Message.Event()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestEventNamesTheMessageThatCannotBeRead(t *testing.T) {
	t.Parallel()
	valid := event.Event{ID: "1", Source: "s", Type: "info", Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Recipients: []string{"bob"}}
	noSource := valid
	noSource.Source = ""
	tests := map[string]string{
		"no JSON": "hello", "no event": `{"hello": 1}`, "a list": "[]", "nothing": "",
		"an event that lacks something": string(encode(t, noSource)),
	}
	for name, data := range tests {
		m := topics.PushedMessage{Data: []byte(data), MessageID: "99"}
		_, err := m.Event()
		if err == nil || !strings.Contains(err.Error(), "99") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// However long it has waited, its time is not judged again.
	if _, err := (&topics.PushedMessage{Data: encode(t, valid)}).Event(); err != nil {
		t.Errorf("an old event: %v", err)
	}
	// During a roll-out a newer version may publish what this one does not know.
	newer := `{"later": true, ` + string(encode(t, valid))[1:]
	if _, err := (&topics.PushedMessage{Data: []byte(newer)}).Event(); err != nil {
		t.Errorf("an event with a field of a newer version: %v", err)
	}
}

func encode(t *testing.T, e event.Event) []byte {
	t.Helper()
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOriginIsTheFirstMessage(t *testing.T) {
	t.Parallel()
	first := topics.Pushed{Subscription: "projects/p/subscriptions/events-notify", Message: topics.PushedMessage{MessageID: "1"}}
	if got, want := first.Origin(), "events-notify-1"; got != want {
		t.Errorf("a first message: got %q, want %q", got, want)
	}
	retried := topics.Pushed{Subscription: "s", Message: topics.PushedMessage{MessageID: "2", Attributes: map[string]string{topics.AttrOrigin: "events-notify-1"}}}
	if got, want := retried.Origin(), "events-notify-1"; got != want {
		t.Errorf("a retried message: got %q, want %q", got, want)
	}
	urgent := first
	urgent.Subscription = "projects/p/subscriptions/events-urgent-notify"
	if urgent.Key() == first.Key() {
		t.Error("messages of two topics with the same id have the same key: ids are unique within a topic only")
	}
}
