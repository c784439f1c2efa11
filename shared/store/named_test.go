package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// TestTracedFindsThoseWindowsOnly: of a group's windows, those in which somebody is, or took something back, whether they have a name or
// stand in a part; of no other group, and of nobody else's inbox.
func TestTracedFindsThoseWindowsOnly(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), t.Context()
	kind := event.Type{Name: "post.liked", Category: "social", Priority: event.Low, Group: &event.Group{Key: "likes", By: event.ByTarget, Window: time.Hour, Counts: event.CountActors}}
	say := func(*inbox.Notification) inbox.Words { return inbox.Words{Title: "liked"} }
	like := func(actor, name, post string, window int) event.Event {
		return event.Event{
			ID: fmt.Sprint(actor, post, window), Source: "test", Type: kind.Name, Time: now.Add(time.Duration(window) * 2 * time.Hour),
			Actor: event.Actor{ID: actor, Name: name}, Target: event.Target{Type: "post", ID: post},
		}
	}
	groups := map[string]string{}
	write := func(uid string, events ...event.Event) {
		t.Helper()
		box := new(inbox.Box)
		for _, e := range events {
			at := inbox.Locate(kind, e, e.Time)
			groups[e.Target.ID] = at.GroupID
			if _, err := box.Fold(at, inbox.Op{Event: &e, Type: &kind, Message: e.ID}, e.Time, say); err != nil {
				t.Fatal(err)
			}
		}
		var writes []store.Write
		for _, item := range box.Changed() {
			writes = append(writes, store.Write{UID: uid, Item: item})
		}
		for _, err := range s.Save(ctx, writes) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	// Every other hour is a window. What is taken back is noted in its own and in the one before, where nothing was.
	takingBack := like("alice", "", "1", 4)
	takingBack.Retract = true
	write("bob", like("alice", "Alice", "1", 0))
	write("bob", like("carol", "Carol", "1", 1))
	write("bob", like("alice", "", "1", 2))
	crowd := []event.Event{like("alice", "", "1", 3)}
	for i := range 100 {
		crowd = append(crowd, like(fmt.Sprint("fan", i), "Fan", "1", 3))
	}
	write("bob", crowd...)
	write("bob", takingBack)
	write("bob", like("alice", "Alice", "2", 0))
	write("carol", like("alice", "Alice", "1", 0))

	late := like("alice", "Alice", "1", 0)
	for name, test := range map[string]struct {
		traces  []int64
		windows []int
	}{
		"who took back":   {inbox.Locate(kind, takingBack, takingBack.Time).Traces, []int{0, 4, 6, 7, 8}},
		"who comes late":  {inbox.Locate(kind, late, takingBack.Time).Traces, []int{7, 8}},
		"somebody else":   {inbox.Locate(kind, retractionOf(like("carol", "", "1", 9)), takingBack.Time).Traces, []int{2}},
		"somebody absent": {inbox.Locate(kind, retractionOf(like("dave", "", "1", 9)), takingBack.Time).Traces, nil},
	} {
		items, err := s.Traced(ctx, "bob", groups["1"], test.traces)
		if err != nil {
			t.Fatal(err)
		}
		var windows []int
		for _, item := range items {
			if !strings.HasPrefix(item.ID, groups["1"]+"-") {
				t.Errorf("%s: found %s, of another group", name, item.ID)
			}
			var number int64
			fmt.Sscan(strings.TrimPrefix(item.ID, groups["1"]+"-"), &number)
			windows = append(windows, int(number-now.UnixMicro()/time.Hour.Microseconds()))
		}
		if slices.Sort(windows); !slices.Equal(windows, test.windows) {
			t.Errorf("%s: found windows %d, want %d", name, windows, test.windows)
		}
	}
}

func retractionOf(e event.Event) event.Event {
	e.Retract = true
	return e
}
