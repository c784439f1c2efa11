package inbox

import (
	"fmt"
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/profile"
)

// carrier is somebody with a device.
func carrier() *profile.Profile {
	return &profile.Profile{Devices: []profile.Device{{ID: "phone", LastSeenAt: t0}}}
}

// TestABoxKnowsWhatItsPushesHaveTaken: what one event takes, the next one of the same commit does not find.
func TestABoxKnowsWhatItsPushesHaveTaken(t *testing.T) {
	t.Parallel()
	b := new(Box)
	b.Budget.FullAt = t0.Add(40 * time.Minute)
	for i, want := range []struct {
		effect EffectKind
		held   attention.Reason
		fullIn time.Duration
	}{{Show, "", 44 * time.Minute}, {Show, "", 48 * time.Minute}, {Nothing, attention.ByBudget, 48 * time.Minute}} {
		e := like("alice", 0)
		e.Target.ID = fmt.Sprint(i)
		got, err := b.Fold(Locate(liked, e, t0), Op{Event: &e, Type: &liked, Message: fmt.Sprint("m", i), Person: carrier()}, t0, say)
		if err != nil {
			t.Fatal(err)
		}
		item := b.Item(Locate(liked, e, t0).IDs[1])
		if got.Kind != want.effect || item.Held != want.held || b.Budget.FullAt.Sub(t0) != want.fullIn {
			t.Errorf("%d: got %q, held %q, full in %s; want %+v", i, got.Kind, item.Held, b.Budget.FullAt.Sub(t0), want)
		}
	}
}

// TestTheBudgetsTurn: what it holds is looked at when its time has come, goes then even if others have taken meanwhile, and before that only if the person
// wants more.
func TestTheBudgetsTurn(t *testing.T) {
	t.Parallel()
	few := carrier()
	few.PushesPerHour = new(6)
	tests := []struct {
		name   string
		person *profile.Profile
		left   time.Duration // from t0 until the bucket is full
		at     time.Duration
		effect EffectKind
		dueAt  time.Duration // since t0; 0 is none
		dirty  bool
	}{
		{"too early", carrier(), 45 * time.Minute, 59 * time.Second, Nothing, time.Minute, false},
		{"its time has come", carrier(), 45 * time.Minute, time.Minute, Show, 0, true},
		{"its time has come, and others have taken", carrier(), 61 * time.Minute, time.Minute, Show, 0, true},
		{"another has taken in advance", carrier(), 65 * time.Minute, time.Minute, Nothing, 5 * time.Minute, true},
		{"the person wants more than before", carrier(), 40 * time.Minute, time.Second, Show, 0, true},
		{"the person wants fewer than before", few, 50 * time.Minute, time.Second, Nothing, time.Minute, false},
	}
	for _, test := range tests {
		n := waiting()
		n.Held, n.Push = attention.ByBudget, Push{}
		b := new(Box)
		b.Put(n)
		b.Budget.FullAt = t0.Add(test.left)
		kind := liked
		kind.Priority, n.Priority = "medium", "medium"
		got := b.Settle(b.Wake("i", Look{Type: kind, Message: "m2", Person: test.person}, t0.Add(test.at), say))
		var dueAt time.Duration
		if !n.DueAt.IsZero() {
			dueAt = n.DueAt.Sub(t0)
		}
		if dirty := len(b.Changed()) > 0; got.Kind != test.effect || dueAt != test.dueAt || dirty != test.dirty {
			t.Errorf("%s: got %q, due at %s, dirty %t; want %q, %s, %t", test.name, got.Kind, dueAt, dirty, test.effect, test.dueAt, test.dirty)
		}
	}
}
