package inbox

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// What a member's actions name comes back when that member speaks again; where none of them names an endpoint, nothing is stored for it.
func TestTheMemoryKeepsWhomActionsTell(t *testing.T) {
	t.Parallel()
	item := func(actions ...event.Action) *Notification {
		n := &Notification{Type: "info", Category: "updates", Target: event.Target{Type: "post", ID: "42"}, EventCount: 2}
		n.Memory.Kinds = []Kind{{Type: "info", Priority: event.Low, Present: 2}}
		target := n.Target
		for owner := range uint64(2) {
			n.Memory.Voices = append(n.Memory.Voices, Voice{Owner: owner + 1, Category: "updates", Target: &target, Actions: actions, Data: Data{fields: map[string]any{"a": "b"}}})
		}
		return n
	}
	packed := func(n *Notification) []byte {
		raw, err := n.PackMemory()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	n := item(event.Action{ID: "yes", Label: "Yes", Webhook: "friends"}, event.Action{ID: "no", Label: "No"})
	again := *n
	if err := again.UnpackMemory(packed(n)); err != nil {
		t.Fatal(err)
	}
	for i, voice := range again.Memory.Voices {
		if diff := cmp.Diff(n.Memory.Voices[i].Actions, voice.Actions); diff != "" || voice.Data.Fields()["a"] != "b" {
			t.Errorf("voice %d with data %v: -want +got:\n%s", i, voice.Data, diff)
		}
	}
	with := len(packed(item(event.Action{ID: "yes", Label: "Yes", Webhook: "x"})))
	if without := len(packed(item(event.Action{ID: "yes", Label: "Yes"}))); with-without != 2*len("\x01x") {
		t.Errorf("%d bytes with an endpoint's name in both voices, %d without", with, without)
	}
}
