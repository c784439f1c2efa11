package topics

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topology"
)

// The archive keeps each event once: what the doors publish passes its filter, and what is published a second time does not.
func TestArchiveKeepsAnEventOnce(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 250 {
		many = append(many, fmt.Sprint(i))
	}
	e := event.Event{ID: "1", Source: "s", Type: "post.liked", Time: time.Unix(1_700_000_000, 0)}
	named, audience, told := Envelope{Event: e}, Envelope{Event: e}, Envelope{Event: e}
	named.Event.Recipients, audience.Event.Audience, told.Event.Retract = many, "topic-go", true
	step, second, letter := audience, told, named
	step.Walk, second.Walk, letter.Origin = Walk{ID: "w", Page: 1, Cursor: "u"}, Walk{Second: true}, "events-notify-1"
	tests := []struct {
		name      string
		envelopes []Envelope
		kept      bool
	}{
		{"whom it names, in parts", Split(nil, named), true},
		{"an audience", []Envelope{audience}, true},
		{"whoever was told", []Envelope{told}, true},
		{"shares of an audience", []Envelope{audience.For(many).Anew()}, false},
		{"shares of those who were told", []Envelope{told.For(many).Anew()}, false},
		{"the next step of a walk", []Envelope{step.Anew()}, false},
		{"a second look", []Envelope{second}, false},
		{"a dead letter that is replayed", []Envelope{letter.For(many[:1]).Untried()}, false},
		{"an order to look", []Envelope{LookAt("bob", "item", event.High)}, false},
	}
	for _, archive := range topology.Deployed().Archives {
		for _, tt := range tests {
			for _, envelope := range tt.envelopes {
				m, err := envelope.Encode()
				if err != nil {
					t.Fatal(err)
				}
				kept := !slices.ContainsFunc(archive.Without, func(a string) bool { return m.Attributes[a] != "" })
				if kept != tt.kept {
					t.Errorf("%s: %s keeps it: %t, want %t (%v)", tt.name, archive.Name, kept, tt.kept, m.Attributes)
				}
			}
		}
	}
}
