package inbox

import (
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// carrying is somebody with a device.
var carrying = &profile.Profile{Devices: []profile.Device{{ID: "phone", LastSeenAt: t0}}}

// ender folds events for one person into a box that stays open, or, after turn, into one as the next commit reads it.
type ender struct {
	t    *testing.T
	box  *Box
	who  *profile.Profile
	back bool // some devices were not reached the first time
}

// turn begins the next commit.
func (f *ender) turn() {
	next := new(Box)
	for _, item := range f.box.items {
		next.Put(stored(f.t, item))
	}
	f.box = next
}

// only is the one item.
func (f *ender) only() *Item {
	f.t.Helper()
	if len(f.box.items) != 1 {
		f.t.Fatalf("got %d items, want one", len(f.box.items))
	}
	for _, item := range f.box.items {
		return item
	}
	return nil
}

// fold returns what the event decides, as far as nothing later changes it.
func (f *ender) fold(kind event.Type, e event.Event, message string) []Effect {
	f.t.Helper()
	at := Locate(kind, e, latestOf(t0, e.Time))
	effect, err := f.box.Fold(at, Op{Event: &e, Type: &kind, Message: message, Repeat: f.back, Why: "recipient", Person: f.who}, e.Time, say)
	if err != nil {
		f.t.Fatal(err)
	}
	all := f.box.Ended(at, message)
	if shown := f.box.Settle(effect); shown.Kind != Nothing {
		all = append(all, shown)
	}
	return all
}

func kinds(effects []Effect) (all []EffectKind) {
	for _, e := range effects {
		all = append(all, e.Kind)
	}
	return all
}

// TestWhatAnEventEndsIsWithdrawnWithIt: the commit that ends an item takes its push from the devices, and nobody else has to notice.
func TestWhatAnEventEndsIsWithdrawnWithIt(t *testing.T) {
	t.Parallel()
	mutable := liked
	mutable.Mutable = true
	silent := &profile.Profile{Devices: carrying.Devices, Settings: profile.Settings{Mutes: map[string]profile.Mute{"post/1": {}}}}
	tests := []struct {
		name  string
		who   *profile.Profile // carrying, unless given
		steps func(f *ender)   // what happens first, all in commits of their own
		kind  event.Type       // liked, unless given
		last  event.Event
		want  []EffectKind
	}{
		{"taken back", nil, func(f *ender) { f.fold(liked, like("alice", 0), "1") }, liked, unlike("alice", time.Second), []EffectKind{Withdraw}},
		{"one of two taken back", nil, func(f *ender) {
			f.fold(liked, like("alice", 0), "1")
			f.fold(liked, like("dave", time.Second), "2")
		}, liked, unlike("alice", 2*time.Second), nil},
		{"taken back in two windows", nil, func(f *ender) {
			f.fold(commented, like("alice", 0), "1")
			f.turn()
			f.fold(commented, like("alice", 7*time.Minute), "2")
		}, commented, unlike("alice", 8*time.Minute), []EffectKind{Withdraw, Withdraw}},
		{"taken back, and nobody has a device", &profile.Profile{}, func(f *ender) { f.fold(liked, like("alice", 0), "1") }, liked, unlike("alice", time.Second), nil},
		{"taken back, and never pushed", &profile.Profile{Devices: carrying.Devices, Settings: profile.Settings{DoNotDisturb: profile.DoNotDisturb{Enabled: true}}},
			func(f *ender) { f.fold(liked, like("alice", 0), "1") }, liked, unlike("alice", time.Second), nil},
		{"muted since", nil, func(f *ender) {
			f.fold(liked, like("alice", 0), "1")
			f.who = silent
		}, mutable, like("dave", time.Second), []EffectKind{Withdraw}},
		{"read, and nobody has said so", nil, func(f *ender) {
			f.fold(liked, like("alice", 0), "1")
			f.turn()
			f.only().ReadAt = t0
		}, liked, like("alice", time.Second), []EffectKind{Withdraw}},
		{"read, and there is news", nil, func(f *ender) {
			f.fold(liked, like("alice", 0), "1")
			f.turn()
			f.only().ReadAt = t0
		}, liked, like("dave", 2*time.Minute), []EffectKind{Show}},
	}
	for _, test := range tests {
		f := &ender{t: t, box: new(Box), who: carrying}
		if test.who != nil {
			f.who = test.who
		}
		test.steps(f)
		f.turn()
		got := f.fold(test.kind, test.last, "last")
		if !slices.Equal(kinds(got), test.want) {
			t.Errorf("%s: got %+v, want %s", test.name, got, test.want)
		}
		f.turn()
		if again := f.fold(test.kind, test.last, "last"); slices.Contains(test.want, Withdraw) && !slices.Equal(kinds(again), test.want) {
			t.Errorf("%s, and nobody answered for it: got %+v, want %s", test.name, again, test.want)
		}
		f.turn()
		if other := f.fold(test.kind, test.last, "other"); slices.Contains(kinds(other), Withdraw) {
			t.Errorf("%s: another message withdraws it, too: %+v", test.name, other)
		}
	}
}

// TestWhatIsOverBeforeItWasSent: a push that is decided and ended in one commit was never sent. The one before stands, or goes.
func TestWhatIsOverBeforeItWasSent(t *testing.T) {
	t.Parallel()
	f := &ender{t: t, box: new(Box), who: carrying}
	f.fold(liked, like("alice", 0), "1")
	if got := f.fold(liked, unlike("alice", time.Second), "2"); len(got) > 0 {
		t.Errorf("got %+v for what nobody was shown", got)
	}
	for _, item := range f.box.items {
		if item.Pushed() {
			t.Errorf("got %+v, %+v; want nothing shown", item.Push, item.Withdrawn)
		}
	}
	f.turn()
	if got := kinds(f.fold(liked, like("alice", 2*time.Second), "3")); !slices.Equal(got, []EffectKind{Show}) {
		t.Errorf("done anew: got %s, want it shown", got)
	}
	f.turn()
	f.fold(liked, like("dave", 2*time.Minute), "4")
	f.fold(liked, unlike("alice", 3*time.Minute), "5")
	got := f.fold(liked, unlike("dave", 4*time.Minute), "6")
	if len(got) != 1 || got[0].Kind != Withdraw || got[0].Item.Push.Message != "3" {
		t.Errorf("got %+v, want what was shown before to be withdrawn", got)
	}
}

// TestSomeDevicesOnly: for the sake of some devices nothing is ended that concerns all.
func TestSomeDevicesOnly(t *testing.T) {
	t.Parallel()
	f := &ender{t: t, box: new(Box), who: carrying}
	f.fold(liked, like("alice", 0), "1")
	f.turn()
	f.only().ReadAt = t0
	f.back = true
	if got := f.fold(liked, like("alice", 0), "1"); len(got) > 0 || len(f.box.Changed()) > 0 {
		t.Errorf("got %+v and %d items changed, want nothing", got, len(f.box.Changed()))
	}
}
