package event

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: whatever comes is decoded or refused, and what is accepted passes through Pub/Sub unchanged.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","source":"shop","type":"post.liked","time":"2026-11-21T09:30:00.123456789+01:00","actor":{"id":"a","name":"A"},"target":{"type":"post","id":"4"},"recipients":["b","a"]}`,
		`{"id":"1","source":"s","type":"t","time":"0000-01-01T00:00:00+23:59","recipients":["b"],"data":{"x":1e21,"y":[null,{"z":-0}]}}`,
		`{"id":"1","source":"s","type":"t","recipients":["b"],"expiresAt":"9999-12-31T23:59:59-23:59","actions":[null],"data":{}}`,
		`{"id":"\ud800","source":"<&>","type":"\u2028","audience":"a","retract":true,"actor":{},"data":{"":""}}`,
		`{"actor":{"id":1,"id":2},"actions":[{"id":[]}]}`, `{"id":"1","source":"s","type":"t","recipients":["b"],"time":"2026-11-21T09:34:00Z","expiresAt":"2026-11-21T09:32:00Z"}`,
		`[{}]`, `null`, `{"time":null}`, "{\"a\xff\":1}", ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _, _ = DecodeList(raw)
		e, err := Decode(raw)
		if err != nil || len(e.Validate(now)) > 0 {
			return
		}
		e.Normalize(now)
		sent, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("accepted, but cannot be sent: %v", err)
		}
		received, err := Decode(sent)
		if err != nil {
			t.Fatalf("sent, but cannot be received: %v\n%s", err, sent)
		}
		if diff := cmp.Diff(e, received); diff != "" {
			t.Errorf("-sent +received:\n%s", diff)
		}
		// The subscriber checks again, whenever that is, by the event's own time.
		if wrong := received.Validate(received.Time); len(wrong) > 0 && len(received.Recipients) > 0 {
			t.Errorf("valid when sent, not when received: %v", wrong)
		}
	})
}
