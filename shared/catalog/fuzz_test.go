package catalog

import (
	"testing"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// FuzzParse: a catalogue is refused, or all that it has can be delivered and spoken in each of its languages.
func FuzzParse(f *testing.F) {
	f.Add(tiny) // types.yaml itself would take a hundred times as long, at each execution
	f.Add("locales: [en]\ntypes:\n  a: {priority: low, icon: x, category: c, text: {en: {title: {one: x, other: '{n} {data.y}'}}}}")
	f.Add("a: &a [*a]\nlocales: *a")
	f.Add("{")
	f.Add("")
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := Parse([]byte(raw))
		if err != nil {
			return
		}
		n := &inbox.Notification{
			Actors: []inbox.Actor{{Actor: event.Actor{ID: "a", Name: "A"}}, {Actor: event.Actor{ID: "b"}}}, ActorCount: 5, EventCount: 7,
			Target: event.Target{Type: "post", ID: "42"}, Data: map[string]any{"y": []any{nil}},
		}
		for _, name := range c.Names() {
			kind, ok := c.Type(name)
			if !ok || kind.Priority.Rank() < 0 || kind.Icon == "" {
				t.Errorf("%q cannot be delivered: %+v", name, kind)
			}
			if wrong := c.Check(&event.Event{Type: name, Actor: n.Actors[0].Actor, Target: n.Target, Title: "t", Recipients: []string{"bob"}}); len(wrong) > 0 {
				t.Errorf("%q takes no event: %v", name, wrong)
			}
			for _, v := range c.voices {
				n.Type = name
				if words := v.say(n); words.Title == "" && !c.types[name].needsTitle {
					t.Errorf("%q says nothing in %s", name, v.locale)
				}
				_ = c.CatchUp(v.locale, []*inbox.Item{{ID: "i", Notification: *n}})
				_, _ = c.Mail(v.locale).Ask(kind.Category), c.Categories(v.locale)
			}
		}
	})
}
