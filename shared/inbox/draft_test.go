package inbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

// commit folds events into the items as one commit, after another one each that the door has taken in, and returns how often the items' sentences were asked for.
func (b *box) commit(t *testing.T, kind func(event.Event) event.Type, events ...event.Event) (said int) {
	t.Helper()
	view := new(Box)
	for _, item := range b.items {
		view.Put(item)
	}
	counting := func(n *Notification) Words { said++; return say(n) }
	for _, e := range events {
		k := kind(e)
		op := Op{Event: &e, Accepted: event.Acceptance{At: e.Time, OwnTime: true, OwnID: true}, Type: &k, Message: "m-" + e.ID, Why: "recipient"}
		if _, err := view.Fold(Locate(k, e, b.now), op, b.now, counting); err != nil {
			t.Fatal(err)
		}
	}
	for _, item := range view.Changed() {
		b.items[item.ID] = stored(t, item)
	}
	return said
}

// What an item says follows from all of its members. If each event derived it, a thousand likes in one commit would look at a million members.
func TestAnItemIsDerivedOnceForACommit(t *testing.T) {
	t.Parallel()
	for _, kind := range []event.Type{liked, commented, fires} {
		b := newBox()
		var events []event.Event
		for i := range 500 {
			e := like(fmt.Sprint("fan-", i), time.Duration(i)*time.Millisecond)
			e.Type, e.Instance = kind.Name, e.ID
			events = append(events, e)
		}
		said := b.commit(t, func(event.Event) event.Type { return kind }, events...)
		if got := b.one(t); said != 1 || got.EventCount != 500 || len(got.Actors) != MaxActors || got.Actors[0].ID != "fan-499" {
			t.Errorf("%s: the item was derived %d times and has %d members, %v the latest; want once, 500, and fan-499", kind.Name, said, got.EventCount, got.Actors)
		}
	}
}

// kindOf gives the type of these tests by its name.
func kindOf(e event.Event) event.Type {
	return map[string]event.Type{liked.Name: liked, commented.Name: commented, fires.Name: fires, resolved.Name: resolved}[e.Type]
}

// The memory has room for four voices. Who came with others in one commit is named in full all the same.
func TestWhoCameInOneCommitIsNamedInFull(t *testing.T) {
	t.Parallel()
	b := newBox()
	var events []event.Event
	for i, actor := range []string{"bob", "carol", "alice", "alice", "alice", "alice", "alice"} {
		e := like(actor, time.Duration(i)*time.Second)
		e.Type, e.Actor.ImageURL = commented.Name, actor+".png"
		events = append(events, e)
	}
	b.commit(t, kindOf, events...)
	for i, want := range []string{"alice", "carol", "bob"} {
		if got := b.one(t).Actors[i].Actor; got.ID != want || got.ImageURL != want+".png" {
			t.Errorf("actor %d: got %+v, want all of %s", i, got, want)
		}
	}
}

// What is taken back and what is over, in one commit, leave what burns on the screen.
func TestWhatBurnsStaysThroughACommit(t *testing.T) {
	t.Parallel()
	b := newBox()
	at := time.Duration(0)
	said := func(kind event.Type, instance string, retract bool) event.Event {
		at += time.Second
		e := alert(kind, instance)
		e.ID, e.Time, e.Retract = fmt.Sprint(at), t0.Add(at), retract
		return e
	}
	for _, e := range []event.Event{said(fires, "db-a", false), said(fires, "db-b", false), said(fires, "db-c", false), said(resolved, "db-b", false), said(resolved, "db-c", false)} {
		b.commit(t, kindOf, e)
	}
	b.commit(t, kindOf, said(fires, "db-b", true), said(resolved, "db-c", false))
	if got := b.visible(); len(got) != 1 || got[0].Type != fires.Name || got[0].EventCount != 1 {
		t.Errorf("got %+v, want db-a to burn", got)
	}
}

// Where most members were not read, those are named who have said something lately, and have not taken it back since.
func TestWhoTookItBackInOneCommitIsNotNamed(t *testing.T) {
	t.Parallel()
	var fans []string // whose part is not the last of three, which was not read
	for i := 0; len(fans) < 6; i++ {
		if fan := fmt.Sprint("fan-", i); partOf(hash64("actor", fan), 3) != 2 {
			fans = append(fans, fan)
		}
	}
	at := Locate(liked, like("", 0), t0)
	item := &Item{ID: at.IDs[1], Notification: Notification{GroupID: at.GroupID, PartCount: 3, EntryCount: 5_000, EventCount: 5_000, ActorCount: 5_000, OpenedAt: t0}}
	item.Memory.Kinds = []Kind{{Type: liked.Name, Priority: liked.Priority, Present: 5_000}}
	item.Attach(0, Part{})
	item.Attach(1, Part{})
	b := newBox()
	b.items[item.ID] = item
	var events []event.Event
	for i, fan := range fans {
		events = append(events, like(fan, time.Duration(i)*time.Second))
	}
	b.commit(t, kindOf, append(events, unlike(fans[5], time.Minute), unlike(fans[4], time.Minute), unlike(fans[1], time.Minute))...)
	var got []string
	for _, a := range b.one(t).Actors {
		got = append(got, a.ID)
	}
	if want := []string{fans[3], fans[2], fans[0]}; !slices.Equal(got, want) {
		t.Errorf("named: got %v, want %v", got, want)
	}
}

// TestCommitsTogetherOrApart: how many new events share a commit is chance, and what people see does not depend on it.
func TestCommitsTogetherOrApart(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 17))
		kind, events := someEvents(rng, 2+rng.IntN(20))
		apart, together := newBox(), newBox()
		for _, e := range events {
			apart.commit(t, kind, e)
		}
		for rest := events; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			together.commit(t, kind, rest[:n]...)
			rest = rest[n:]
		}
		if diff := cmp.Diff(apart.seen(), together.seen()); diff != "" {
			t.Fatalf("seed %d: a commit of each event, and commits of several (-apart +together):\n%s\n%v", seed, diff, describe(events))
		}
	}
}

// someEvents are events of one group, in the order of their acceptance: new ones of several actors, and some taken back.
func someEvents(rng *rand.Rand, n int) (kind func(event.Event) event.Type, events []event.Event) {
	of := []event.Type{liked, commented, fires}[rng.IntN(3)]
	kind = func(e event.Event) event.Type {
		if e.Type == resolved.Name {
			return resolved
		}
		return of
	}
	for i := range n {
		actor := fmt.Sprint("actor-", i)
		if of.Group.Counts != event.CountActors {
			actor = fmt.Sprint("actor-", rng.IntN(5))
		}
		e := like(actor, time.Duration(i)*time.Second)
		e.Type, e.Actor.ImageURL = of.Name, "https://example.org/"+actor
		switch r := rng.IntN(6); {
		case of.Group.Counts == event.CountStates:
			e.Instance, e.Body = fmt.Sprint("db-", rng.IntN(4)), fmt.Sprint("body ", i)
			if r < 2 {
				e.Type = resolved.Name
			}
			if r == 0 {
				e.Type, e.Retract = of.Name, true
			}
		case r == 0 && i > 0:
			e.Actor = events[rng.IntN(i)].Actor
			e.Retract = true
		case r == 2:
			e.ExpiresAt = e.Time.Add(time.Hour)
		}
		events = append(events, e)
	}
	return kind, events
}

// seen is what people see of the items, with how long they live. Of actors it has the names: a commit may know the picture of somebody whose words an item has no room for.
func (b *box) seen() map[string]any {
	all := map[string]any{}
	for id, item := range b.items {
		if item.Visible() {
			shows := item.shows()
			shows.Actors = nil
			for _, a := range item.Actors {
				shows.Actors = append(shows.Actors, Actor{Actor: event.Actor{Name: a.Name}, At: a.At})
			}
			all[id] = []any{shows, item.LatestAt, item.ExpireAt, item.OpenedAt, item.UpdatedAt, item.EntryCount}
		}
	}
	return all
}
