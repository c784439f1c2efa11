package inbox

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// all that is stored of an item, as text.
func everythingOf(t *testing.T, n *Item) string {
	t.Helper()
	members, _ := n.Members.MarshalBinary()
	memory, err := n.PackMemory()
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{string(members), string(memory)}
	for _, part := range n.Parts {
		raw, _ := part.Members.MarshalBinary()
		texts = append(texts, string(raw))
	}
	shown, _ := json.Marshal([]any{n.shows(), n.URL, n.Own, n.Data})
	return strings.Join(append(texts, string(shown)), "\n")
}

// byGone is an event of the erased person, whose id, name and picture are unlike anybody's.
func byGone(e event.Event) event.Event {
	e.Actor = event.Actor{ID: "uid-gone", Name: "Gone Person, whose name is longer than the bytes that are kept of everybody's", ImageURL: "/gone.png"}
	return e
}

// Whatever happened before, nothing of a person is left in what is stored, and all else is as it was. What happened is known as before: repeated, it changes nothing; taken
// back, it goes.
func TestForgettingAPersonLeavesTheRest(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	commented := event.Type{Name: "comment.created", Category: "social", Priority: event.Medium, Group: &event.Group{Key: "comment", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountEvents}}
	single := event.Type{Name: "user.mentioned", Category: "social", Priority: event.High}
	for run := range 200 {
		b := newBox()
		kind := []event.Type{liked, commented, shipped, single}[run%4]
		var done []event.Event
		for i := range 1 + rng.IntN([]int{6, 30, 150}[run%3]) {
			e := like(fmt.Sprint("fan", rng.IntN(100)), time.Duration(i)*time.Millisecond)
			e.ID, e.Type, e.Instance = fmt.Sprint("e", i), kind.Name, ""
			if kind.Group != nil && kind.Group.Counts == event.CountStates {
				e.Instance = fmt.Sprint(rng.IntN(9))
			}
			if rng.IntN(3) == 0 {
				e = byGone(e)
				e.Title = "Gone Person, whose name is longer than the bytes that are kept of everybody's was here"
			}
			b.applyWithParts(t, kind, e)
			done = append(done, e)
		}
		theirs := slices.IndexFunc(done, func(e event.Event) bool { return e.Actor.ID == "uid-gone" })
		for id, item := range b.items {
			before := *item
			item.Forget("uid-gone", say)
			if text := everythingOf(t, item); strings.Contains(text, "uid-gone") || strings.Contains(text, "Gone Person") || strings.Contains(text, "/gone.png") {
				t.Fatalf("run %d: %s still has %q", run, id, text)
			}
			if slices.Contains(item.Named(), PersonOf("uid-gone")) {
				t.Fatalf("run %d: it lists the person", run)
			}
			if item.EventCount != before.EventCount || item.ActorCount != before.ActorCount || item.EntryCount != before.EntryCount || item.Push != before.Push ||
				!item.UpdatedAt.Equal(before.UpdatedAt) || item.Priority != before.Priority || item.ExpireAt.Before(before.ExpireAt) || item.Type != before.Type {
				t.Fatalf("run %d: got %d events, %d actors, %d entries, %s, until %s; want %d, %d, %d, %s, until %s", run, item.EventCount, item.ActorCount, item.EntryCount, item.Priority, item.ExpireAt,
					before.EventCount, before.ActorCount, before.EntryCount, before.Priority, before.ExpireAt)
			}
			b.items[id] = stored(t, item)
		}
		counts := func() (all []string) {
			for id, item := range b.items {
				all = append(all, fmt.Sprint(id, item.EventCount, item.ActorCount, item.EntryCount, item.Visible()))
			}
			slices.Sort(all)
			return all
		}
		before := counts()
		for _, e := range done {
			b.applyWithParts(t, kind, e)
		}
		if after := counts(); kind.Group == nil || kind.Group.Counts != event.CountStates {
			if diff := cmp.Diff(before, after); diff != "" {
				t.Fatalf("run %d: the same again (-before +after):\n%s", run, diff)
			}
		}
		if theirs >= 0 && kind.Name == liked.Name {
			back := done[theirs]
			back.Retract, back.ID, back.Time = true, "back", t0.Add(time.Minute)
			b.applyWithParts(t, kind, back)
			if after := counts(); slices.Equal(before, after) {
				t.Errorf("run %d: taken back, and nothing has changed", run)
			}
		}
	}
}

func TestWhatForgettingMakesOfWords(t *testing.T) {
	t.Parallel()
	alice := event.Actor{ID: "u1", Name: "Alice", ImageURL: "/alice.png"}
	tests := []struct {
		name   string
		change func(*event.Event)
		check  func(n *Item) any
		want   any
	}{
		{"a title of its own", func(e *event.Event) { e.Title = "Alice, Alice's dog and Alicent" }, func(n *Item) any { return n.Title }, "…, …'s dog and Alicent"},
		{"without one", func(e *event.Event) {}, func(n *Item) any { return n.Title }, "user.mentioned: 1 actors, 1 events, "},
		{"a body", func(e *event.Event) { e.Body = "Yours, u1 (Alice)" }, func(n *Item) any { return n.Body }, "Yours, … (…)"},
		{"data", func(e *event.Event) {
			e.Data = map[string]any{"text": "I am Alice", "all": []any{map[string]any{"u1": 1, "x": "/alice.png"}}, "n": 7}
		}, func(n *Item) any { return n.Data }, map[string]any{"text": "I am …", "all": []any{map[string]any{"x": "…"}}, "n": 7}},
		{"an action", func(e *event.Event) {
			e.Actions = []event.Action{{ID: "a", Label: "Hi Alice", URL: "/users/u1"}, {ID: "b", Label: "Bye", URL: "/bye"}}
		}, func(n *Item) any { return n.Actions }, []event.Action{{ID: "a", Label: "Hi …"}, {ID: "b", Label: "Bye", URL: "/bye"}}},
		{"a target", func(e *event.Event) {
			e.Target = event.Target{Type: "post", ID: "1", Title: "Alice's walk", URL: "/u1/walk"}
		}, func(n *Item) any { return n.Target }, event.Target{Type: "post", ID: "1", Title: "…'s walk"}},
		{"themselves", func(e *event.Event) {
			e.Target = event.Target{Type: "user", ID: "u1", Title: "Alice", URL: "/u1"}
		}, func(n *Item) any { return fmt.Sprint(n.Target, n.URL) }, fmt.Sprint(event.Target{}, "")},
	}
	for _, test := range tests {
		b := newBox()
		e := like("u1", 0)
		e.Type, e.Actor = "user.mentioned", alice
		test.change(&e)
		if _, err := b.apply(t, event.Type{Name: "user.mentioned", Priority: event.High}, e); err != nil {
			t.Fatal(err)
		}
		item := b.one(t)
		revision := item.Revision
		item.Forget("u1", say)
		item = stored(t, item)
		if diff := cmp.Diff(test.want, test.check(item)); diff != "" || item.Revision != revision+1 {
			t.Errorf("%s: revision %d after %d (-want +got):\n%s", test.name, item.Revision, revision, diff)
		}
	}
}

// An item whose type the catalogue no longer has keeps its words, without the name.
func TestForgettingWhereTheCatalogueIsSilent(t *testing.T) {
	t.Parallel()
	b := newBox()
	if _, err := b.apply(t, liked, like("alice", 0)); err != nil {
		t.Fatal(err)
	}
	item := b.one(t)
	item.Title = "alice liked it"
	item.Forget("alice", func(*Notification) Words { return Words{} })
	if item.Title != "… liked it" {
		t.Errorf("got %q", item.Title)
	}
}
