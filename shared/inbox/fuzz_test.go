package inbox

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// FuzzMembers: whatever stands in an item's document is read or refused, and what was read is written and read back as the same set.
func FuzzMembers(f *testing.F) {
	for _, item := range seedItems(f) {
		raw, err := item.Members.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{form})
	f.Add([]byte{form, 1, 0, 0, 0, 0, 0, 0, 0, 7, 1, 0, 0, 0, 1, 2, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var m, again Members
		if m.UnmarshalBinary(raw) != nil {
			return
		}
		once, err := m.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := again.UnmarshalBinary(once); err != nil {
			t.Fatalf("written, but cannot be read: %v\n%x", err, once)
		}
		if twice, err := again.MarshalBinary(); err != nil || !bytes.Equal(once, twice) || !reflect.DeepEqual(m, again) {
			t.Errorf("%v: got %+v, want %+v", err, again, m)
		}
		_ = m.Len()
	})
}

// FuzzMemory: the same for what an item remembers of its members, beside any members.
func FuzzMemory(f *testing.F) {
	for _, item := range seedItems(f) {
		raw, err := item.PackMemory()
		members, errMembers := item.Members.MarshalBinary()
		if err != nil || errMembers != nil {
			f.Fatal(err, errMembers)
		}
		f.Add(raw, members)
	}
	second, err := Members{entries: []entry{{}, {Element: Element{owner: 1}, kind: 1}}}.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(nil), second) // of a kind that follows from nothing
	f.Add([]byte(`{"k":[{"t":"t","p":"low"}],"v":[{"o":1,"s":2,"m":{},"n":-1}]}`), []byte(nil))
	f.Add([]byte(`{"k":null,"v":[{"data":{"n":12345678901234567890}}]}`), []byte(nil))
	f.Fuzz(func(t *testing.T, raw, members []byte) {
		n := Notification{Type: "post.liked", Category: "social", Icon: "heart", Why: "recipient", Target: event.Target{Type: "post", ID: "42"}, EventCount: 2}
		if n.Members.UnmarshalBinary(members) != nil || n.UnpackMemory(raw) != nil {
			return
		}
		once, err := n.PackMemory()
		if err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		again := n
		if err := again.UnpackMemory(once); err != nil {
			t.Fatalf("written, but cannot be read: %v\n%s", err, once)
		}
		if twice, err := again.PackMemory(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%v; -once +twice:\n%s", err, cmp.Diff(string(once), string(twice)))
		}
	})
}

// seedItems are items as the fold makes them: a lone event, a group of several, one that was taken back, and one of states.
func seedItems(t testing.TB) (all []*Item) {
	t.Helper()
	state := event.Type{Name: "incident.opened", Category: "incidents", Priority: event.High, State: event.Open, Group: &event.Group{Key: "incident", By: event.ByTarget, Counts: event.CountStates}}
	told := event.Event{Source: "shop", Target: event.Target{Type: "post", ID: "42", Title: "A walk"}, Recipients: []string{"bob"}}
	for _, kind := range []event.Type{mentioned, liked, commented, state} {
		box, now := new(Box), t0
		for i, actor := range []string{"alice", "carol", "dave"} {
			e := told
			e.ID, e.Type, e.Actor, e.Instance, e.Time = actor, kind.Name, event.Actor{ID: actor, Name: "Zoë 李"}, "i"+actor, now.Add(time.Duration(i)*time.Second)
			e.Retract = i == 2
			for range 2 { // the second time it is a repetition
				_, _ = box.Fold(Locate(kind, e, now), Op{Event: &e, Accepted: event.Acceptance{At: e.Time, OwnID: true}, Type: &kind, Message: "m", Why: "recipient"}, now, say)
			}
		}
		all = append(all, box.Changed()...)
	}
	if len(all) < 4 {
		t.Fatalf("only %d items", len(all))
	}
	return all
}
