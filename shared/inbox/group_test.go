package inbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/event"
)

// What a group says is derived from the members that are there.

func comment(actor string, at time.Duration, change func(*event.Event)) event.Event {
	e := like(actor, at)
	e.Type, e.Body = "comment.created", "words of "+actor
	if change != nil {
		change(&e)
	}
	return e
}

func (b *box) one(t *testing.T) *Item {
	t.Helper()
	items := b.visible()
	if len(items) != 1 {
		t.Fatalf("got %d items, want one", len(items))
	}
	return items[0]
}

func TestWhoStaysHasAName(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 5, 12, 40, 300} {
		b := newBox()
		for i := range n {
			b.applyWithParts(t, liked, like(fmt.Sprintf("fan%03d", i), time.Duration(i)*time.Millisecond))
		}
		for i := n - 1; i > 0; i-- {
			b.applyWithParts(t, liked, unlike(fmt.Sprintf("fan%03d", i), time.Minute+time.Duration(n-i)*time.Millisecond))
		}
		item := b.one(t)
		if item.ActorCount != 1 || len(item.Actors) != 1 || item.Actors[0].Name != "fan000" {
			t.Errorf("%d like it, all but the first take it back: got %d actors, named %v", n, item.ActorCount, item.Actors)
		}
	}
}

// applyWithParts folds an event in, with all the parts that the item says it needs.
func (b *box) applyWithParts(t *testing.T, kind event.Type, e event.Event) {
	t.Helper()
	b.now = latestOf(b.now, e.Time)
	at := Locate(kind, e, b.now)
	view, op := new(Box), Op{Event: &e, Type: &kind, Message: "m"}
	parts := map[string]map[int]*Part{}
	for id, item := range b.items {
		if item.GroupID != at.GroupID {
			continue
		}
		parts[id] = item.Parts
		item.Parts = nil
		for _, n := range item.Needs(op) {
			item.Attach(n, Part{})
			if parts[id][n] != nil {
				item.Attach(n, *parts[id][n])
			}
		}
		view.Put(item)
	}
	if _, err := view.Fold(at, op, b.now, say); err != nil {
		t.Fatal(err)
	}
	for _, item := range view.Changed() {
		kept := stored(t, item)
		for n, part := range parts[item.ID] {
			if kept.Parts[n] == nil {
				kept.Attach(n, *part)
			}
		}
		b.items[item.ID] = kept
	}
	for id, all := range parts {
		for n, part := range all {
			if b.items[id].Parts[n] == nil {
				b.items[id].Attach(n, *part)
			}
		}
	}
}

func TestTakingBackIsOfThisTarget(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Type{liked, commented} {
		b := newBox()
		on := func(id, photo string, at time.Duration, retract bool) event.Event {
			e := like("alice", at)
			e.ID, e.Target.ID, e.GroupKey, e.Retract = id, photo, "album-7", retract
			return e
		}
		for _, e := range []event.Event{on("1", "photo1", 0, false), on("2", "photo2", time.Second, false), on("3", "photo1", 2*time.Second, true)} {
			b.apply(t, kind, e)
		}
		if item := b.one(t); item.ActorCount != 1 || item.EventCount != 1 || item.Target.ID != "photo2" {
			t.Errorf("%s: got %d actors, %d events, about %s; want the other photo's", kind.Name, item.ActorCount, item.EventCount, item.Target.ID)
		}
	}
}

func TestPriorityIsTheHighestOfWhatIsUnread(t *testing.T) {
	t.Parallel()
	with := func(p event.Priority) func(*event.Event) { return func(e *event.Event) { e.Priority = p } }
	b := newBox()
	b.apply(t, commented, comment("ann", 0, with(event.Urgent)))
	b.apply(t, commented, comment("ben", time.Second, with(event.Low)))
	if item := b.one(t); item.Priority != event.Urgent || item.Body != "words of ben" {
		t.Errorf("an unread urgent one before a low one: got %s, %q", item.Priority, item.Body)
	}
	b.items[b.one(t).ID].ReadAt = b.now
	b.apply(t, commented, comment("cho", 2*time.Second, with(event.Low)))
	if item := b.one(t); item.Priority != event.Low {
		t.Errorf("the urgent one was read: got %s, want low", item.Priority)
	}
	b.apply(t, commented, comment("dan", 3*time.Second, with(event.High)))
	back := comment("dan", 4*time.Second, nil)
	back.Retract = true
	b.apply(t, commented, back)
	if item := b.one(t); item.Priority != event.Low || item.Body != "words of cho" {
		t.Errorf("the high one was taken back: got %s, %q, want low and the words before", item.Priority, item.Body)
	}
}

func TestLifeIsTheLongestOfAll(t *testing.T) {
	t.Parallel()
	short := func(e *event.Event) { e.ExpiresAt = e.Time.Add(20 * time.Second) }
	for name, actor := range map[string]string{"another's": "ben", "the same person's": "ann"} {
		b := newBox()
		b.apply(t, commented, comment("ann", 0, nil))
		next := comment(actor, time.Second, short)
		next.Body = "short"
		b.apply(t, commented, next)
		item := b.one(t)
		if item.ExpireAt.Before(t0.Add(Keep)) || item.EventCount != 2 || item.Body != "short" {
			t.Errorf("%s: got until %s, %d events, %q", name, item.ExpireAt, item.EventCount, item.Body)
		}
		if !item.DueAt.Equal(next.ExpiresAt) {
			t.Errorf("%s: due at %s, want when the short one expires", name, item.DueAt)
		}
		view := new(Box)
		view.Put(item)
		view.Wake(item.ID, Look{Type: commented}, next.ExpiresAt, say)
		if item.EventCount != 1 || item.Body != "words of ann" || item.ExpireAt.Before(t0.Add(Keep)) {
			t.Errorf("%s, when it has expired: got %d events, %q, until %s; want the one that stays", name, item.EventCount, item.Body, item.ExpireAt)
		}
	}
	b := newBox()
	old := comment("ann", 0, nil)
	if _, err := b.accept(t, commented, old, event.Acceptance{At: t0.Add(100 * 24 * time.Hour), OwnTime: true}); err != nil {
		t.Fatal(err)
	}
	if item := b.one(t); !item.ExpireAt.After(b.now) {
		t.Errorf("an event of long ago is born expired: %s", item.ExpireAt)
	}
}

func TestWordsAreOfWhoIsThere(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.apply(t, commented, comment("dave", 0, nil))
	b.apply(t, commented, comment("carol", time.Second, func(e *event.Event) {
		e.Target.URL, e.Priority, e.ExpiresAt = "/posts/1#secret-of-carol", event.Urgent, t0.Add(time.Hour)
	}))
	back := comment("carol", 2*time.Second, nil)
	back.Retract = true
	b.apply(t, commented, back)
	item := b.one(t)
	if item.URL != "" || item.Priority != event.Medium || item.Body != "words of dave" || item.ExpireAt.Before(t0.Add(Keep)) {
		t.Errorf("got %q, %s, %q until %s; want nothing of carol's", item.URL, item.Priority, item.Body, item.ExpireAt)
	}
}

func TestANameThatWasKnownStaysKnown(t *testing.T) {
	t.Parallel()
	b := newBox()
	e := comment("ann", 0, nil)
	e.Actor.Name, e.Actor.ImageURL = "Ann", "/ann.png"
	b.apply(t, commented, e)
	bare := comment("ann", time.Second, nil)
	bare.Actor.Name = ""
	b.apply(t, commented, bare)
	if item := b.one(t); item.Actors[0].Name != "Ann" || item.Actors[0].ImageURL != "/ann.png" {
		t.Errorf("got %+v, want Ann with her picture", item.Actors[0])
	}
}

// TestATombstoneOutlivesEveryRedelivery: Pub/Sub keeps a message for seven days.
func TestATombstoneOutlivesEveryRedelivery(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.apply(t, liked, like("alice", 0))
	b.apply(t, liked, unlike("alice", time.Second))
	for _, item := range b.items {
		if life := item.ExpireAt.Sub(b.now); life <= 7*24*time.Hour {
			t.Errorf("it is removed after %s", life)
		}
	}
}

func TestTheSameIDIsTheSameEvent(t *testing.T) {
	t.Parallel()
	b := newBox()
	for _, actor := range []string{"ann", "ben"} {
		e := comment(actor, time.Second, nil)
		e.ID = "X"
		b.apply(t, commented, e)
	}
	if item := b.one(t); item.EventCount != 1 {
		t.Errorf("one id by two actors: got %d events, want one", item.EventCount)
	}
	b = newBox()
	for _, actor := range []string{"ann", "ben"} {
		e := like(actor, 0)
		e.ID = "X"
		if effect, err := b.apply(t, mentioned, e); err != nil || actor == "ben" && effect.Kind != Nothing {
			t.Errorf("%s: got %+v, %v", actor, effect, err)
		}
	}
	if item := b.one(t); item.Actors[0].ID != "ann" {
		t.Errorf("got %+v, want the first", item.Actors)
	}
}

// TestDerivedAttributesConverge: whatever the order, the item says the same in the end.
func TestDerivedAttributesConverge(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1500) {
		rng := rand.New(rand.NewPCG(seed, 29))
		var ops []event.Event
		for i := range 2 + rng.IntN(10) {
			e := comment(string(rune('a'+rng.IntN(5))), time.Duration(rng.IntN(200))*time.Second, nil)
			e.ID = fmt.Sprint(i)
			e.Time = e.Time.Add(time.Duration(i) * time.Microsecond) // no two at once
			e.Body = fmt.Sprint("words ", i)
			e.Priority = event.Priorities[rng.IntN(4)]
			e.Retract = rng.IntN(4) == 0
			ops = append(ops, e)
		}
		var first string
		for try := range 3 {
			b := newBox()
			for _, e := range shuffled(rng, ops) {
				b.apply(t, commented, e)
			}
			var says []string
			for _, item := range b.visible() {
				says = append(says, fmt.Sprint(item.Title, item.Body, item.Priority, item.ExpireAt))
			}
			if got := strings.Join(says, "; "); try == 0 {
				first = got
			} else if got != first {
				t.Fatalf("seed %d: got\n%s\nand in another order\n%s", seed, got, first)
			}
		}
	}
}
