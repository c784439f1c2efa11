package inbox

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

// t0 is the beginning of a five-minute index, so that tests can say on which side of a boundary they are.
var t0 = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// pushed is where the types of these tests go.
var pushed = []event.Channel{event.InApp, event.Push}

var (
	liked     = event.Type{Name: "post.liked", Category: "social", Priority: event.Medium, Channels: pushed, Group: &event.Group{Key: "post.liked", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountActors}, PushInterval: time.Minute}
	commented = event.Type{Name: "comment.created", Category: "social", Priority: event.Medium, Channels: pushed, Group: &event.Group{Key: "comment.created", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountEvents}, PushInterval: time.Minute}
	mentioned = event.Type{Name: "user.mentioned", Category: "social", Priority: event.High, Channels: pushed, PushInterval: time.Minute}
)

// box is one recipient's inbox as a test keeps it: it shows Fold only what a subscriber would have read.
type box struct {
	items map[string]*Item
	now   time.Time
}

func newBox() *box { return &box{items: map[string]*Item{}, now: t0} }

// apply folds one event in, at the later of now and the event's own time, and returns what is to be told of it.
func (b *box) apply(t *testing.T, kind event.Type, e event.Event) (Effect, error) {
	t.Helper()
	return b.accept(t, kind, e, event.Acceptance{})
}

// accept does so for an event that the door has taken in; zero is one that was published past it.
func (b *box) accept(t *testing.T, kind event.Type, e event.Event, accepted event.Acceptance) (Effect, error) {
	t.Helper()
	b.now = latestOf(b.now, latestOf(e.Time, accepted.At))
	at := Locate(kind, e, b.now)
	view := new(Box)
	for id, item := range b.items {
		if slices.Contains(at.IDs, id) || slices.Contains(at.Since, id) || found(at, item) {
			view.Put(item)
		}
	}
	op := Op{Event: &e, Accepted: accepted, Type: &kind, Message: "m-" + e.ID, Why: "recipient"}
	effect, err := view.Fold(at, op, b.now, say)
	for _, item := range view.Changed() {
		b.items[item.ID] = stored(t, item)
	}
	return view.Settle(effect), err
}

// stored passes an item through its stored form, as a document would.
func stored(t *testing.T, item *Item) *Item {
	t.Helper()
	copied := *item
	copied.Version = t0
	copied.Members = reread(t, item.Members)
	memory, err := item.PackMemory()
	if err != nil {
		t.Fatal(err)
	}
	if err := copied.UnpackMemory(memory); err != nil {
		t.Fatal(err)
	}
	copied.Parts = nil
	for i, part := range item.Parts {
		copied.Attach(i, Part{Members: reread(t, part.Members)})
	}
	return &copied
}

func reread(t *testing.T, m Members) (copied Members) {
	t.Helper()
	raw, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := copied.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	return copied
}

// found reports whether a search for the rest of the address's group finds the item, by what its documents list.
func found(at Address, item *Item) bool {
	lists := item.Named()
	for _, part := range item.Parts {
		lists = append(lists, part.Members.Named()...)
	}
	traced := slices.ContainsFunc(at.Traces, func(trace int64) bool { return slices.Contains(lists, trace) })
	return item.GroupID == at.GroupID && (at.Whole || traced)
}

// visible lists what screens show.
func (b *box) visible() []*Item {
	var items []*Item
	for _, item := range b.items {
		if item.Visible() && item.ArchivedAt.IsZero() {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b *Item) int { return a.OpenedAt.Compare(b.OpenedAt) })
	return items
}

func latestOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func say(n *Notification) Words {
	var names []string
	for _, a := range n.Actors {
		names = append(names, cmp.Or(a.ID, a.Name))
	}
	return Words{Title: fmt.Sprintf("%s: %d actors, %d events, %s", n.Type, n.ActorCount, n.EventCount, strings.Join(names, " "))}
}

func like(actor string, at time.Duration) event.Event {
	return event.Event{
		ID: fmt.Sprintf("%s-%s", actor, at), Source: "test", Type: "post.liked", Time: t0.Add(at),
		Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: "1"},
	}
}

func unlike(actor string, at time.Duration) event.Event {
	e := like(actor, at)
	e.ID, e.Retract = "un"+e.ID, true
	return e
}

func TestFoldOneLivingItem(t *testing.T) {
	t.Parallel()
	b := newBox()
	for i, actor := range []string{"alice", "dave", "carol", "alice"} {
		if _, err := b.apply(t, liked, like(actor, time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	items := b.visible()
	if len(items) != 1 {
		t.Fatalf("got %d items, want 1", len(items))
	}
	if got, want := items[0].Title, "post.liked: 3 actors, 3 events, carol dave alice"; got != want {
		t.Errorf("title: got %q, want %q", got, want)
	}
	if got, want := items[0].Revision, int64(3); got != want {
		t.Errorf("revision: got %d, want %d: a second like by the same actor is nothing new", got, want)
	}
	if _, err := b.apply(t, liked, like("alice", 6*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := len(b.visible()); got != 2 {
		t.Errorf("a like after the window: got %d items, want 2", got)
	}
}

func TestFoldMakesNewsUnread(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.apply(t, liked, like("alice", 0))
	item := b.visible()[0]
	item.SeenAt, item.ReadAt, item.ArchivedAt = t0, t0, t0
	item.FollowedAt, item.DoneAction, item.DoneAt = t0, "thank", t0
	item.SnoozedUntil = t0.Add(time.Hour)

	b.apply(t, liked, like("alice", time.Second))
	if after := b.items[item.ID]; after.ReadAt.IsZero() || after.ArchivedAt.IsZero() {
		t.Error("a like that changed nothing made the item unread")
	} else if after.FollowedAt.IsZero() || after.DoneAt.IsZero() {
		t.Error("a like that changed nothing took away what was done")
	}
	b.apply(t, liked, like("bob", 2*time.Second))
	after := b.items[item.ID]
	if !after.SeenAt.IsZero() || !after.ReadAt.IsZero() || !after.ArchivedAt.IsZero() {
		t.Error("a new actor left the item read or archived")
	}
	if !after.FollowedAt.IsZero() || after.DoneAction != "" || !after.DoneAt.IsZero() {
		t.Error("a new actor left the item followed or answered")
	}
	if after.SnoozedUntil.IsZero() {
		t.Error("a new actor ended the snooze")
	}
	after.ReadAt = t0
	revision := after.Revision
	b.apply(t, liked, unlike("bob", 3*time.Second))
	if last := b.items[item.ID]; last.ReadAt.IsZero() || last.Revision <= revision {
		t.Errorf("taking back: read %v, revision %d; want still read, revision above %d", last.ReadAt, last.Revision, revision)
	}
}

func TestFoldAtZeroTheItemGoes(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.apply(t, liked, like("alice", 0))
	b.apply(t, liked, unlike("alice", time.Second))
	if n := len(b.visible()); n != 0 {
		t.Fatalf("got %d visible items, want 0", n)
	}
	b.apply(t, liked, like("alice", 0)) // delivered again
	if n := len(b.visible()); n != 0 {
		t.Error("a redelivery brought the item back")
	}
	b.apply(t, liked, like("alice", 2*time.Second))
	if n := len(b.visible()); n != 1 {
		t.Error("a new like did not bring the item back")
	}
}

func TestFoldForgetsTheWordsThatWereTakenBack(t *testing.T) {
	t.Parallel()
	comment := func(actor string, at time.Duration) event.Event {
		e := like(actor, at)
		e.Body, e.Data = "words of "+actor, map[string]any{"text": "words of " + actor}
		return e
	}
	b := newBox()
	b.apply(t, commented, comment("alice", 0))
	b.apply(t, commented, comment("bob", time.Second))
	b.apply(t, commented, unlike("alice", 2*time.Second))
	if item := b.visible()[0]; item.Body != "words of bob" || item.Data["text"] != "words of bob" {
		t.Errorf("another one's retraction: got %q, %v; want still the words of bob", item.Body, item.Data)
	}
	b.apply(t, commented, comment("carol", 3*time.Second))
	b.apply(t, commented, unlike("carol", 4*time.Second))
	if items := b.visible(); len(items) != 1 || items[0].Body != "words of bob" || items[0].Data["text"] != "words of bob" {
		t.Errorf("got %+v; want one item with the words of bob again", items)
	}
}

// What five said, of whom only the last four are remembered, and these take it back: then an older event comes late. Its words are not those of the one who speaks.
func TestWhoComesLateDoesNotSpeakForAnother(t *testing.T) {
	t.Parallel()
	comment := func(actor string, at time.Duration) event.Event {
		e := like(actor, at)
		e.Data = map[string]any{"text": "words of " + actor}
		return e
	}
	b := newBox()
	b.apply(t, commented, comment("hal", 2*time.Second))
	latest := []string{"ida", "jon", "kim", "leo"}
	for i, actor := range latest {
		b.apply(t, commented, comment(actor, time.Duration(3+i)*time.Second))
	}
	for _, actor := range latest {
		b.apply(t, commented, unlike(actor, 10*time.Second))
	}
	b.apply(t, commented, comment("gus", time.Second))
	if item := b.visible()[0]; item.Data["text"] != nil || item.EventCount != 2 || item.Actors[0].Name != "hal" {
		t.Errorf("got %d events, of %v, and %v; want two, of hal first, without words", item.EventCount, item.Actors, item.Data)
	}
	b.apply(t, commented, comment("max", 20*time.Second))
	if item := b.visible()[0]; item.Data["text"] != "words of max" {
		t.Errorf("got %v, want the words of max, who came last", item.Data)
	}
}

func TestFoldPushes(t *testing.T) {
	t.Parallel()
	b := newBox()
	if e, _ := b.apply(t, liked, like("alice", 0)); e.Kind != Show || e.Revision != 1 {
		t.Fatalf("first like: got %+v, want a push of revision 1", e)
	}
	if e, _ := b.apply(t, liked, like("alice", 0)); e.Kind != Repeat || e.Revision != 1 {
		t.Errorf("the same message again, unanswered: got %+v, want the same push again", e)
	}
	other := like("alice", 0)
	other.ID = "posted-twice"
	if e, _ := b.apply(t, liked, other); e.Kind != Nothing {
		t.Errorf("another message without news: got %+v, want no push", e)
	}
	if e, _ := b.apply(t, liked, like("bob", time.Second)); e.Kind != Nothing || b.visible()[0].Held != attention.ByInterval {
		t.Errorf("within the interval: got %+v, held %q; want nothing, %q", e, b.visible()[0].Held, attention.ByInterval)
	}
	if e, _ := b.apply(t, liked, like("carol", 2*time.Minute)); e.Kind != Show || b.visible()[0].Held != "" {
		t.Errorf("after the interval: got %+v; want a push, and nothing held", e)
	}
}

func TestFoldRetractionOfWhatDoesNotGroup(t *testing.T) {
	t.Parallel()
	e := like("alice", 0)
	back := unlike("alice", time.Second)
	b := newBox()
	if _, err := b.apply(t, mentioned, back); !errors.Is(err, ErrEarly) {
		t.Fatalf("a retraction before its event: got %v, want ErrEarly", err)
	}
	b.apply(t, mentioned, e)
	if _, err := b.apply(t, mentioned, back); err != nil || len(b.visible()) != 0 {
		t.Errorf("tried again: got %v and %d items, want none of either", err, len(b.visible()))
	}
	b.apply(t, mentioned, e)
	if _, err := b.apply(t, mentioned, back); err != nil || len(b.visible()) != 0 {
		t.Errorf("both again: got %v and %d items, want none of either", err, len(b.visible()))
	}
}
