package inbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// t0 is the beginning of a five-minute index, so that tests can say on which side of a boundary they are.
var t0 = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

var (
	liked     = event.Type{Name: "post.liked", Category: "social", Priority: event.Medium, Group: &event.Group{Key: "post.liked", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountActors}, PushInterval: time.Minute}
	commented = event.Type{Name: "comment.created", Category: "social", Priority: event.Medium, Group: &event.Group{Key: "comment.created", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountEvents}, PushInterval: time.Minute}
	shipped   = event.Type{Name: "order.shipped", Category: "orders", Priority: event.Medium, Group: &event.Group{Key: "order", By: event.ByTarget, Counts: event.CountStates}, PushInterval: time.Minute}
	mentioned = event.Type{Name: "user.mentioned", Category: "social", Priority: event.High, PushInterval: time.Minute}
)

// box is one recipient's inbox as a test keeps it: it shows Fold only what a subscriber would have read.
type box struct {
	items map[string]*Item
	now   time.Time
}

func newBox() *box { return &box{items: map[string]*Item{}, now: t0} }

// apply folds one event in, at the later of now and the event's own time, and returns the items that are due for a push.
func (b *box) apply(t *testing.T, kind event.Type, e event.Event) ([]*Item, error) {
	t.Helper()
	b.now = latestOf(b.now, e.Time)
	at := Locate(kind, e, b.now)
	view := map[string]*Item{}
	for id, item := range b.items {
		if slices.Contains(at.IDs, id) || slices.Contains(at.Since, id) || at.Whole && item.GroupID == at.GroupID {
			view[id] = item
		}
	}
	op := Op{Event: e, Type: kind, Message: "m-" + e.ID, Why: "recipient", Push: Verdict{Send: true}}
	err := Fold(view, at, op, b.now, say)
	var due []*Item
	for id, item := range view {
		if item.Due || item.Repeat {
			due = append(due, item)
			item.Due, item.Repeat = false, false
		}
		b.items[id] = b.stored(t, item)
	}
	return due, err
}

// stored passes the members through their stored form, as a document would.
func (b *box) stored(t *testing.T, item *Item) *Item {
	t.Helper()
	copied := *item
	copied.Exists, copied.Dirty = copied.Exists || item.Dirty, false
	copied.Members = again(t, item.Members)
	copied.Parts = nil
	for i, part := range item.Parts {
		copied.Attach(i, Part{Members: again(t, part.Members)})
	}
	return &copied
}

func again(t *testing.T, m Members) (copied Members) {
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
		names = append(names, a.ID)
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
	item.SnoozedUntil = t0.Add(time.Hour)

	b.apply(t, liked, like("alice", time.Second))
	if after := b.items[item.ID]; after.ReadAt.IsZero() || after.ArchivedAt.IsZero() {
		t.Error("a like that changed nothing made the item unread")
	}
	b.apply(t, liked, like("bob", 2*time.Second))
	after := b.items[item.ID]
	if !after.SeenAt.IsZero() || !after.ReadAt.IsZero() || !after.ArchivedAt.IsZero() {
		t.Error("a new actor left the item read or archived")
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
	if items := b.visible(); len(items) != 1 || items[0].Body != "" || items[0].Data != nil {
		t.Errorf("got %+v; want one item without the words of carol", items)
	}
}

func TestFoldSteps(t *testing.T) {
	t.Parallel()
	step := func(id string, at time.Duration) event.Event {
		return event.Event{ID: id, Source: "shop", Time: t0.Add(at), Title: id, Target: event.Target{Type: "order", ID: "7"}}
	}
	b := newBox()
	b.apply(t, shipped, step("placed", 0))
	b.apply(t, shipped, step("delivered", 2*time.Hour))
	b.items[b.visible()[0].ID].ReadAt = t0
	b.apply(t, shipped, step("shipped", time.Hour)) // overtaken
	items := b.visible()
	if len(items) != 1 || items[0].Title != "delivered" || items[0].EventCount != 3 || items[0].ReadAt.IsZero() {
		t.Errorf("got %+v; want one item that says delivered, of 3 events, still read", items)
	}
}

// One colleague assigns an issue, another one takes it back: a step is nobody's own.
func TestStepsBelongToTheirTarget(t *testing.T) {
	t.Parallel()
	step := func(actor string, at time.Duration) event.Event {
		return event.Event{ID: actor, Source: "s", Time: t0.Add(at), Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "order", ID: "7"}}
	}
	b := newBox()
	b.apply(t, shipped, step("alice", 0))
	b.apply(t, shipped, step("bob", time.Hour))
	b.apply(t, shipped, step("carol", time.Minute)) // overtaken
	items := b.visible()
	if len(items) != 1 || len(items[0].Actors) != 1 || items[0].Actors[0].ID != "bob" {
		t.Fatalf("got %+v; want one item in which the newest step's actor stands alone", items)
	}
	taken := step("dave", 2*time.Hour)
	taken.Retract, taken.Actor = true, event.Actor{}
	b.apply(t, shipped, taken)
	if items := b.visible(); len(items) != 0 {
		t.Errorf("got %+v; want nothing after somebody else's retraction", items)
	}
	b.apply(t, shipped, step("erin", 3*time.Hour))
	if items := b.visible(); len(items) != 1 || items[0].Actors[0].ID != "erin" {
		t.Errorf("got %+v; want the item back with what came after", items)
	}
}

func TestFoldPushes(t *testing.T) {
	t.Parallel()
	b := newBox()
	due, _ := b.apply(t, liked, like("alice", 0))
	if len(due) != 1 || due[0].Push.Revision != 1 {
		t.Fatalf("first like: got %d pushes, want 1 of revision 1", len(due))
	}
	if due, _ = b.apply(t, liked, like("alice", 0)); len(due) != 1 {
		t.Error("the same message again, unanswered: want the same push again")
	}
	other := like("alice", 0)
	other.ID = "posted-twice"
	if due, _ = b.apply(t, liked, other); len(due) != 0 {
		t.Error("another message without news: want no push")
	}
	if due, _ = b.apply(t, liked, like("bob", time.Second)); len(due) != 0 || b.visible()[0].Held != HeldInterval {
		t.Errorf("within the interval: got %d pushes, held %q; want 0, %q", len(due), b.visible()[0].Held, HeldInterval)
	}
	if due, _ = b.apply(t, liked, like("carol", 2*time.Minute)); len(due) != 1 || b.visible()[0].Held != "" {
		t.Error("after the interval: want a push, and nothing held")
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

// burst is how far apart bursts lie: windows never take in two of them.
const burst = 10 * time.Minute

// TestFoldConverges applies random likes, comments and retractions in bursts that lie windows apart, in any order and with
// repetitions, and compares every item with what a plain reading of the events says.
func TestFoldConverges(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Type{liked, commented} {
		for seed := range uint64(1500) {
			rng := rand.New(rand.NewPCG(seed, 7))
			ops := randomOps(rng, 2+rng.IntN(24), func() time.Duration {
				return time.Duration(rng.IntN(4))*burst + time.Duration(rng.IntN(280))*time.Second
			})
			b := newBox()
			for _, e := range shuffled(rng, ops) {
				if _, err := b.apply(t, kind, e); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			if diff := cmp.Diff(expected(kind, ops), b.bursts()); diff != "" {
				t.Fatalf("%s, seed %d: inbox differs from the events (-want +got):\n%s\nops %v", kind.Name, seed, diff, describe(ops))
			}
		}
	}
}

// TestFoldConvergesAcrossWindows is the same without bursts: windows touch, and which of two items an event joins depends on
// the order. Whatever it joins, who has taken everything back is nowhere, who has not is somewhere, the counts are those
// of the members, and repeating everything changes nothing.
func TestFoldConvergesAcrossWindows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 11))
		ops := randomOps(rng, 2+rng.IntN(16), func() time.Duration { return time.Duration(rng.IntN(1500)) * time.Second })
		b := newBox()
		for _, e := range shuffled(rng, ops) {
			b.apply(t, liked, e)
		}
		last := map[string]event.Event{}
		for _, e := range ops {
			if old, ok := last[e.Actor.ID]; !ok || e.Time.After(old.Time) || e.Time.Equal(old.Time) && e.Retract {
				last[e.Actor.ID] = e
			}
		}
		for actor, e := range last {
			places := 0
			for _, item := range b.items {
				if item.Members.Holds(ActorElement(actor), t0.Add(time.Hour)) {
					places++
				}
			}
			if e.Retract == (places > 0) {
				t.Fatalf("seed %d: %s is in %d items, and the last thing was %s; ops %v", seed, actor, places, e.ID, describe(ops))
			}
		}
		before := map[string]int64{}
		for id, item := range b.items {
			before[id] = item.Revision
			if n := countPresent(item); n != item.ActorCount || n != item.EventCount {
				t.Fatalf("seed %d: counts are %d and %d, members %d", seed, item.ActorCount, item.EventCount, n)
			}
		}
		for _, e := range shuffled(rng, ops) {
			b.apply(t, liked, e)
		}
		for id, item := range b.items {
			if item.Revision != before[id] {
				t.Fatalf("seed %d: repeating everything moved %s from revision %d to %d; ops %v", seed, id, before[id], item.Revision, describe(ops))
			}
		}
	}
}

func countPresent(item *Item) (n int) {
	for _, x := range item.Members.entries {
		if !x.takesBack() {
			n++
		}
	}
	return n
}

func randomOps(rng *rand.Rand, n int, at func() time.Duration) []event.Event {
	ops := make([]event.Event, n)
	for i := range ops {
		actor := string(rune('a' + rng.IntN(4)))
		if rng.IntN(3) == 0 {
			ops[i] = unlike(actor, at())
		} else {
			ops[i] = like(actor, at())
		}
	}
	return ops
}

// shuffled is the ops in any order, each once to three times.
func shuffled(rng *rand.Rand, ops []event.Event) []event.Event {
	var all []event.Event
	for _, e := range ops {
		for range 1 + rng.IntN(3) {
			all = append(all, e)
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// bursts is what the items say, by the burst of their window.
func (b *box) bursts() map[string]string {
	got := map[string]string{}
	for _, item := range b.visible() {
		got[item.OpenedAt.Truncate(burst).Format("15:04")] = fmt.Sprintf("%d actors, %d events", item.ActorCount, item.EventCount)
	}
	return got
}

// expected reads the events plainly: what is in each burst and was not taken back later.
func expected(kind event.Type, ops []event.Event) map[string]string {
	actors, events := map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, e := range ops {
		stands := !e.Retract && !slices.ContainsFunc(ops, func(r event.Event) bool {
			return r.Retract && r.Actor.ID == e.Actor.ID && !r.Time.Before(e.Time)
		})
		if !stands {
			continue
		}
		in := e.Time.Truncate(burst).Format("15:04")
		if actors[in] == nil {
			actors[in], events[in] = map[string]bool{}, map[string]bool{}
		}
		actors[in][e.Actor.ID] = true
		if kind.Group.Counts == event.CountActors {
			events[in][e.Actor.ID] = true
		} else {
			events[in][e.ID] = true
		}
	}
	want := map[string]string{}
	for in := range actors {
		want[in] = fmt.Sprintf("%d actors, %d events", len(actors[in]), len(events[in]))
	}
	return want
}

func describe(ops []event.Event) (ids []string) {
	for _, e := range ops {
		ids = append(ids, e.ID)
	}
	return ids
}
