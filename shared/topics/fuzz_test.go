package topics_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"tidings.dev/shared/topics"
)

// FuzzPush: whatever is posted where a push subscription posts is read or refused, and an envelope that was read is the same after any
// number of topics: the first message that we make of it is the last one's.
func FuzzPush(f *testing.F) {
	for _, e := range []topics.Envelope{full(), full().Untried(), topics.LookAt("bob", "i", "urgent"), {Look: topics.Ref{UID: "bob", ID: "i"}, More: []string{"a", "b"}}} {
		m, err := e.Encode()
		if err != nil {
			f.Fatal(err)
		}
		raw, err := json.Marshal(topics.Pushed{
			Message: topics.PushedMessage{Data: m.Data, Attributes: m.Attributes, MessageID: "9", PublishTime: at}, Subscription: "projects/p/subscriptions/s", DeliveryAttempt: 2,
		})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, odd := range []string{
		`{"message":{"messageId":"1"}}`, `{"message":{"messageId":"1","data":"e30="},"deliveryAttempt":-1}`, `{"message":{"data":"?"}}`, `[]`, `{"message":null}`, ``,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := topics.ReadPush(bytes.NewReader(body))
		if err != nil {
			return
		}
		_, _ = p.Key(), p.Delivery()
		e, err := topics.Decode(p.Message)
		if err != nil {
			return
		}
		once, err := e.Encode()
		if err != nil {
			t.Fatalf("read, but cannot be sent on: %v", err)
		}
		again, err := topics.Decode(topics.PushedMessage{Data: once.Data, Attributes: once.Attributes, PublishTime: p.Message.PublishTime})
		if err != nil {
			t.Fatalf("sent on, but cannot be read: %v", err)
		}
		twice, err := again.Encode()
		if err != nil || !proto.Equal(once, twice) {
			t.Errorf("%v; -once +twice:\n%s", err, cmp.Diff(once.String(), twice.String()))
		}
	})
}
