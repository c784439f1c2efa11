package inbox

import (
	"reflect"
	"testing"
	"time"

	"tidings.dev/shared/event"
)

// spoke is an entry of that owner, at a minute.
func spoke(owner, actor uint64, name string, minute int) entry {
	when := t0.Add(time.Duration(minute) * time.Minute).UnixMicro()
	return entry{Element: Element{owner: owner, scope: 1, key: 1}, when: Moment{At: when, Accepted: when}, actor: actor, name: name}
}

func names(n *Item) (all []string) {
	n.name()
	for _, a := range n.Actors {
		all = append(all, a.Name)
	}
	return all
}

// TestOfThoseAtOneMomentTheSameAreNamed: the parts of a large item come in any order.
func TestOfThoseAtOneMomentTheSameAreNamed(t *testing.T) {
	t.Parallel()
	large := func() *Item {
		n := &Item{Notification: Notification{PartCount: 4, EntryCount: 8, Memory: Memory{Kinds: []Kind{{Present: 8}}}}}
		for part := range uint64(4) {
			p := Part{}
			for k := range uint64(2) {
				owner := part + 4*k
				p.Members.entries = append(p.Members.entries, spoke(owner, 0, string(rune('a'+owner)), 0))
			}
			n.Attach(int(part), p)
		}
		return n
	}
	for range 50 {
		if got, want := names(large()), []string{"a", "b", "c"}; !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

// TestAnActorIsNamedOnce, with what they said last, wherever among the members that is.
func TestAnActorIsNamedOnce(t *testing.T) {
	t.Parallel()
	item := func(parts int, entries ...entry) *Item {
		n := &Item{Notification: Notification{PartCount: parts, EntryCount: len(entries), Memory: Memory{Kinds: []Kind{{Present: len(entries)}}}}}
		n.Members.entries = entries
		return n
	}
	another := spoke(2, 0, "bob", 3)
	another.scope, another.key = 2, 2
	heard := item(2)
	heard.Memory.Voices = []Voice{
		{Owner: 1, Moment: spoke(1, 0, "", 1).when, Actor: event.Actor{ID: "ann", Name: "ann"}}, {Owner: 2, Moment: spoke(2, 0, "", 2).when, Actor: event.Actor{ID: "bob", Name: "bob"}}, {Owner: 1, Moment: spoke(1, 0, "", 3).when, Actor: event.Actor{ID: "ann", Name: "ann"}},
	}
	for name, test := range map[string]struct {
		item *Item
		want []string
	}{
		"instances of one actor, and another between them": {item(0, spoke(1, 100, "ann", 5), spoke(2, 50, "bob", 4), spoke(3, 100, "ann", 3)), []string{"ann", "bob"}},
		"two deeds of one actor":                           {item(0, spoke(1, 0, "ann", 2), spoke(2, 0, "bob", 1), another), []string{"bob", "ann"}},
		"most members are elsewhere":                       {heard, []string{"ann", "bob"}},
	} {
		if got := names(test.item); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
