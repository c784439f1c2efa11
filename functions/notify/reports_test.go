package notify

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
	"tidings.dev/shared/webhook"
)

// outgoing are the messages to products that Pub/Sub has, by id, as "type of recipient reason".
func outgoing(t *testing.T, server *pstest.Server) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, m := range server.Messages() {
		if !strings.HasSuffix(m.Topic, "/outgoing") {
			continue
		}
		told, err := topics.ReadOutgoing(topics.PushedMessage{Data: m.Data})
		must(t, err)
		var body struct {
			Data struct {
				Event                           struct{ ID string }
				Recipient, Notification, Reason string
			}
		}
		must(t, json.Unmarshal(told.Body, &body))
		if (body.Data.Notification == "") == (told.Type == "notification.delivered") || body.Data.Event.ID == "" {
			t.Errorf("what was delivered has an item, and the rest has none; all have an event: %s", told.Body)
		}
		found[told.ID] = strings.TrimSpace(told.Type + " " + body.Data.Recipient + " " + body.Data.Reason)
	}
	return found
}

func texts(found map[string]string) (all []string) {
	for _, s := range found {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// reporting has the rig report to a product, by another Pub/Sub if there is one.
func reporting(t *testing.T, missing ...topics.Topic) (*rig, *pstest.Server) {
	t.Helper()
	r := newRig(t)
	server, publisher := topicstest.Start(t, missing...)
	n := r.Needs
	n.Reporter = topics.NewReporter(publisher, webhook.Endpoints{{Name: "shop", Outcomes: []webhook.Outcome{webhook.Delivered, webhook.DeadLettered}, Types: []string{"post.*", "retired.*"}}})
	r.use(n)
	return r, server
}

// Each person is told of once, however often the message comes; of whom the item is kept from is not said that it was delivered.
func TestAProductIsToldWhatBecameOfItsEvent(t *testing.T) {
	t.Parallel()
	r, server := reporting(t)
	r.says(t, "muted", map[string]any{"preferences": map[string]any{"in_app": map[string]any{"social": false}}})
	r.device(t, "never", "tok")
	r.fcm["tok"] = http.StatusForbidden
	e := r.like("alice", 0, "bob", "muted", "never")
	envelope := topics.Envelope{Event: e, Accepted: event.Acceptance{At: r.now, OwnTime: true, OwnID: true}}
	m, err := envelope.Encode()
	must(t, err)
	for range 2 {
		if code := r.deliver(t, "events-notify", "1", m.Data, m.Attributes); code != http.StatusNoContent {
			t.Fatalf("got %d, want 204", code)
		}
		r.forget()
		r.advance(time.Second)
	}
	want := []string{"notification.deadLettered never fcm_setup", "notification.delivered bob", "notification.delivered never"}
	if diff := cmp.Diff(want, texts(outgoing(t, server))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	retired := e
	retired.ID, retired.Type = "e9", "retired.type"
	r.post(t, "2", retired)
	info := r.like("alice", 0, "carol")
	info.ID, info.Type, info.Title = "e10", "info", "Not of its types"
	r.post(t, "3", info)
	want = append(want, "notification.deadLettered bob unknown_type", "notification.deadLettered muted unknown_type", "notification.deadLettered never unknown_type")
	slices.Sort(want)
	if diff := cmp.Diff(want, texts(outgoing(t, server))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What a product is to be told is stored before the event is acknowledged: while Pub/Sub does not take it, the event comes another time, and nobody is told twice of it.
func TestAnEventIsNotDoneUntilTheProductIsTold(t *testing.T) {
	t.Parallel()
	r, _ := reporting(t, topics.Outgoing)
	r.device(t, "bob", "tok")
	envelope := topics.Envelope{Event: r.like("alice", 0, "bob"), Accepted: event.Acceptance{At: r.now, OwnTime: true, OwnID: true}}
	m, err := envelope.Encode()
	must(t, err)
	if code := r.deliver(t, "events-notify", "1", m.Data, m.Attributes); code != http.StatusServiceUnavailable {
		t.Fatalf("got %d while products cannot be told, want 503", code)
	}
	server, publisher := topicstest.Start(t)
	n := r.Needs
	n.Reporter = topics.NewReporter(publisher, webhook.Endpoints{{Name: "shop", Outcomes: []webhook.Outcome{webhook.Delivered}}})
	function := r.Function
	function.Needs = n // the same process, with what it remembers
	if code := r.deliver(t, "events-notify", "1", m.Data, m.Attributes); code != http.StatusNoContent {
		t.Fatalf("got %d, want 204", code)
	}
	if got := texts(outgoing(t, server)); len(got) != 1 || got[0] != "notification.delivered bob" {
		t.Errorf("got %q", got)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls["tok"] != 1 {
		t.Errorf("FCM was called %d times, want once: a phone that has rung does not ring again because a product could not be told", r.calls["tok"])
	}
}
