package inbox

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

var (
	incident = &event.Group{Key: "incident", By: event.ByTarget, Counts: event.CountStates}
	fires    = event.Type{Name: "incident.opened", Priority: event.Urgent, Channels: pushed, Group: incident, State: event.Open}
	resolved = event.Type{Name: "incident.resolved", Priority: event.Medium, Channels: pushed, Group: incident, State: event.Over}
	shipped  = event.Type{Name: "order.shipped", Priority: event.Medium, Channels: pushed, Group: &event.Group{Key: "order", By: event.ByTarget, Counts: event.CountStates}}
)

// alert is a state of an instance, said without an id and a time of its own, as Alertmanager does.
func alert(kind event.Type, instance string) event.Event {
	return event.Event{Source: "am", Type: kind.Name, Instance: instance, Target: event.Target{Type: "alert", ID: "DiskFull"}, Body: instance, Priority: kind.Priority}
}

// say has the door take the event in, a second after the one before.
func (b *box) say(t *testing.T, kind event.Type, e event.Event) Effect {
	t.Helper()
	b.now = b.now.Add(time.Second)
	e.Time = b.now
	accepted := event.Acceptance{At: b.now, OwnID: e.ID != ""}
	if e.ID == "" {
		e.ID = fmt.Sprint("made ", b.now.UnixNano())
	}
	effect, err := b.accept(t, kind, e, accepted)
	if err != nil {
		t.Fatal(err)
	}
	return effect
}

func TestTheStateIsWhatWasSaidLast(t *testing.T) {
	t.Parallel()
	b := newBox()
	steps := []struct {
		kind     event.Type
		instance string
		effect   EffectKind
		burning  int
		speaks   string
		priority event.Priority
	}{
		{fires, "db-a", Show, 1, "db-a", event.Urgent},
		{fires, "db-a", Nothing, 1, "db-a", event.Urgent}, // repeated: no news
		{fires, "db-b", Nothing, 2, "db-b", event.Urgent}, // within the push interval
		{resolved, "db-b", Nothing, 1, "db-a", event.Urgent},
		{resolved, "db-a", Nothing, 2, "db-a", event.Medium},
		{fires, "db-a", Nothing, 1, "db-a", event.Urgent}, // it flaps
	}
	fires, resolved := fires, resolved
	fires.PushInterval, resolved.PushInterval = time.Hour, time.Hour
	for i, step := range steps {
		kind := fires
		if step.kind.State == event.Over {
			kind = resolved
		}
		effect := b.say(t, kind, alert(kind, step.instance))
		item := b.one(t)
		if effect.Kind != step.effect || item.Type != kind.Name && step.speaks == step.instance || item.EventCount != step.burning || item.Body != step.speaks || item.Priority != step.priority {
			t.Errorf("step %d: got %q, %s of %d, %q, %s; want %q, %d, %q, %s", i, effect.Kind, item.Type, item.EventCount, item.Body, item.Priority,
				step.effect, step.burning, step.speaks, step.priority)
		}
	}
}

// TestAStatesOwnTimeDecidesNothing: what was accepted last is the state, also where the sender's times say something else, and in whatever order
// the events come to us.
func TestAStatesOwnTimeDecidesNothing(t *testing.T) {
	t.Parallel()
	said := []struct {
		kind event.Type
		own  time.Duration // before the first acceptance, as it says itself
	}{{fires, 10 * time.Minute}, {resolved, 5 * time.Minute}, {fires, 10 * time.Minute}} // it flaps, with one startsAt
	for _, order := range permutations(len(said)) {
		b := newBox()
		for _, i := range append(order, order...) {
			e := alert(said[i].kind, "db-a")
			e.ID, e.Time = fmt.Sprint(i), t0.Add(-said[i].own)
			if _, err := b.accept(t, said[i].kind, e, event.Acceptance{At: t0.Add(time.Duration(i) * time.Second), OwnTime: true, OwnID: true}); err != nil {
				t.Fatal(err)
			}
		}
		if item := b.one(t); item.Type != fires.Name || !item.Visible() {
			t.Errorf("in the order %v: got %s, want that it burns", order, item.Type)
		}
	}
}

func TestWhatIsOverAndWasNeverToldMakesNoItem(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.say(t, resolved, alert(resolved, "db-a"))
	if got := b.visible(); len(got) != 0 {
		t.Fatalf("got %q, want nothing", got[0].Title)
	}
	if _, err := b.accept(t, fires, alert(fires, "db-a"), event.Acceptance{At: t0}); err != nil || len(b.visible()) != 0 {
		t.Errorf("its beginning, delivered after its end: got %v and %d items", err, len(b.visible()))
	}
	if b.say(t, fires, alert(fires, "db-a")); len(b.visible()) != 1 {
		t.Error("it burns, and nobody sees it")
	}
}

func TestARepetitionOfAnIDIsTheSameMessage(t *testing.T) {
	t.Parallel()
	b := newBox()
	step := func(id, body string, retract bool) event.Event {
		return event.Event{ID: id, Source: "shop", Type: "order.shipped", Body: body, Target: event.Target{Type: "order", ID: "7"}, Retract: retract}
	}
	b.say(t, shipped, step("1", "first parcel", false))
	if e := b.say(t, shipped, step("2", "second parcel", false)); e.Kind != Show || b.one(t).Body != "second parcel" {
		t.Errorf("another id: got %+v, %q; want news", e, b.one(t).Body)
	}
	if e := b.say(t, shipped, step("1", "first parcel", false)); e.Kind != Nothing || b.one(t).Body != "second parcel" {
		t.Errorf("an id of before, posted again: got %+v, %q; want nothing", e, b.one(t).Body)
	}
	b.say(t, shipped, step("3", "", true))
	b.say(t, shipped, step("2", "second parcel", false))
	if got := len(b.visible()); got != 0 {
		t.Errorf("taken back, then posted again: got %d items, want none", got)
	}
	b.say(t, shipped, step("4", "third parcel", false))
	b.say(t, shipped, step("3", "", true))
	if got := len(b.visible()); got != 1 {
		t.Errorf("a retraction posted again: got %d items, want one", got)
	}
}

func TestTakingBackInstances(t *testing.T) {
	t.Parallel()
	asked := event.Type{Name: "review.requested", Priority: event.High, Channels: pushed, Group: &event.Group{Key: "review.requested", By: event.ByTarget, Counts: event.CountStates}}
	request := func(instance string) event.Event {
		return event.Event{Source: "github", Type: asked.Name, Instance: instance, Target: event.Target{Type: "pr", ID: "5"}, Actor: event.Actor{ID: "ann", Name: "Ann"}}
	}
	back := func(instance string, except ...string) event.Event {
		e := request(instance)
		e.Retract, e.Except, e.Actor = true, except, event.Actor{}
		return e
	}
	tests := map[string]struct {
		back event.Event
		want int
	}{
		"all":                        {back(""), 0},
		"one":                        {back("team/1"), 2},
		"one that is not there":      {back("team/9"), 3},
		"all but one":                {back("", "team/1"), 1},
		"all but one that is absent": {back("", "team/9"), 0},
	}
	for name, test := range tests {
		b := newBox()
		for _, instance := range []string{"team/1", "team/2", "user/3"} {
			b.say(t, asked, request(instance))
		}
		b.say(t, asked, test.back)
		got := 0
		if items := b.visible(); len(items) == 1 {
			got = items[0].EventCount
			if items[0].ActorCount != 1 {
				t.Errorf("%s: Ann asked as %d people", name, items[0].ActorCount)
			}
		}
		if got != test.want {
			t.Errorf("%s: %d requests are left, want %d", name, got, test.want)
		}
	}
}

// TestStatesConverge: states of several instances, retractions of one, of all and of all but some, in any order and with
// repetitions, against a plain reading.
func TestStatesConverge(t *testing.T) {
	t.Parallel()
	instances := []string{"a", "b", "c"}
	for seed := range uint64(3000) {
		rng := rand.New(rand.NewPCG(seed, 31))
		type op struct {
			event.Event
			kind event.Type
			at   event.Acceptance
		}
		var ops []op
		for i := range 2 + rng.IntN(10) {
			o := op{kind: []event.Type{fires, resolved}[rng.IntN(2)], at: event.Acceptance{At: t0.Add(time.Duration(i) * time.Microsecond), OwnID: rng.IntN(2) == 0}}
			o.Event = alert(o.kind, instances[rng.IntN(3)])
			o.Event.ID, o.Event.Time = fmt.Sprint(i), t0.Add(time.Duration(rng.IntN(5))*time.Second)
			if o.Retract = rng.IntN(4) == 0; o.Retract && rng.IntN(2) == 0 {
				o.Instance, o.Except = "", slices.Clone(instances[:rng.IntN(3)])
			}
			ops = append(ops, o)
		}
		want := map[string]event.State{}
		for _, o := range ops { // in the order of acceptance
			for _, instance := range instances {
				switch {
				case o.Retract && (o.Instance == instance || o.Instance == "" && !slices.Contains(o.Except, instance)):
					delete(want, instance)
				case !o.Retract && o.Instance == instance:
					want[instance] = o.kind.State
				}
			}
		}
		b := newBox()
		for range 2 {
			rng.Shuffle(len(ops), func(i, j int) { ops[i], ops[j] = ops[j], ops[i] })
			for _, o := range ops {
				if _, err := b.accept(t, o.kind, o.Event, o.at); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := map[string]event.State{}
		for _, item := range b.items {
			for _, x := range item.Members.entries {
				for _, instance := range instances {
					if x.owner == hash64("instance", instance) {
						got[instance] = item.Memory.Kinds[x.kind].State
					}
				}
			}
			burns := slices.Contains(slices.Collect(maps.Values(got)), event.Open)
			if burns && (!item.Visible() || item.Type != fires.Name || !strings.HasPrefix(item.Title, fires.Name)) {
				t.Fatalf("seed %d: it burns, and the item says %q (visible %t)", seed, item.Title, item.Visible())
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("seed %d: got %v, want %v", seed, got, want)
		}
	}
}

// TestWhatChangesNothingIsNotWritten: an older state comes after a newer one, and is not even remembered by an id of its own.
func TestWhatChangesNothingIsNotWritten(t *testing.T) {
	t.Parallel()
	b := newBox()
	b.say(t, fires, alert(fires, "db-a"))
	e := alert(fires, "db-a")
	e.ID, e.Time = "older", b.now.Add(-time.Minute)
	view := new(Box)
	view.Put(b.one(t))
	op := Op{Event: &e, Accepted: event.Acceptance{At: e.Time}, Type: &fires, Message: "m-older", Why: "recipient"}
	if _, err := view.Fold(Locate(fires, e, b.now), op, b.now, say); err != nil || len(view.Changed()) > 0 {
		t.Errorf("%v; %d items are to be written", err, len(view.Changed()))
	}
}

// TestAStateTakesNoRoomForItsPast: an alert that flaps for a year has one entry.
func TestAStateTakesNoRoomForItsPast(t *testing.T) {
	t.Parallel()
	b := newBox()
	for i := range 2_000 {
		kind := []event.Type{fires, resolved}[i%2]
		b.say(t, kind, alert(kind, "db-a"))
	}
	item := b.one(t)
	raw, _ := item.Members.MarshalBinary()
	memory, _ := item.PackMemory()
	if item.EntryCount != 1 || len(raw) > 100 || len(memory) > 1_000 {
		t.Errorf("got %d entries in %d bytes, and %d bytes of memory", item.EntryCount, len(raw), len(memory))
	}
}

func TestUrgentRingsThroughASnooze(t *testing.T) {
	t.Parallel()
	b, n := new(Box), waiting()
	n.Priority, n.SnoozedUntil = event.Urgent, t0.Add(time.Hour)
	b.Put(n)
	if e := b.Wake("i", Look{Type: liked}, t0.Add(time.Minute), say); e.Kind != Show {
		t.Errorf("got %+v, want a push", e)
	}
}

// TestNewsWhileItIsWithdrawn: in one commit, the item is over for one job and new for the next.
func TestNewsWhileItIsWithdrawn(t *testing.T) {
	t.Parallel()
	f := &ender{t: t, box: new(Box), who: carrying}
	f.fold(liked, like("alice", 0), "1")
	f.turn()
	b, item := f.box, f.only()
	item.ReadAt = t0
	over := b.Wake(item.ID, Look{Type: liked, Message: "w"}, t0, say)
	if over.Kind != Withdraw {
		t.Fatalf("got %+v, want it withdrawn", over)
	}
	e := like("dave", time.Second)
	if _, err := b.Fold(Locate(liked, e, t0), Op{Event: &e, Type: &liked, Message: "2"}, t0, say); err != nil {
		t.Fatal(err)
	}
	if got := b.Settle(over); got.Kind != Nothing || !item.Pushed() || item.Held != attention.ByInterval {
		t.Errorf("got %+v, %+v; want the push of before to stay until the next", got, item.Push)
	}
}
