package inbox

import (
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// waiting is an item that was pushed at t0 in the message m1, has had news since, and is due at t0 + 1 minute.
func waiting() *Item {
	return &Item{ID: "i", Notification: Notification{
		EventCount: 2, Revision: 2, Target: event.Target{Type: "post", ID: "42"}, UpdatedAt: t0.Add(time.Second), Held: attention.ByInterval, DueAt: t0.Add(time.Minute), Push: Push{At: t0, Revision: 1, Message: "m1"},
	}}
}

func TestWake(t *testing.T) {
	t.Parallel()
	busy := &profile.Profile{Settings: profile.Settings{DoNotDisturb: profile.DoNotDisturb{Enabled: true, Until: t0.Add(time.Hour)}}}
	silent := &profile.Profile{Settings: profile.Settings{Mutes: map[string]profile.Mute{"post/42": {}}}}
	reading := &profile.Profile{Sessions: []profile.Session{{ID: "tab", ExpiresAt: t0.Add(2 * time.Minute), Target: "post/42", Visible: true}}}
	tests := []struct {
		name   string
		change func(*Item)
		look   Look
		at     time.Duration
		effect EffectKind
		dirty  bool
		dueAt  time.Duration // since t0; 0 is none
	}{
		{name: "too early", at: 59 * time.Second, dueAt: time.Minute},
		{name: "its time has come", at: time.Minute, effect: Show, dirty: true},
		{name: "do not disturb has come", look: Look{Person: busy}, at: time.Minute, dirty: true, dueAt: time.Hour},
		{name: "the person does not want it any more", look: Look{Person: silent}, at: time.Minute, dirty: true},
		{name: "seen", change: func(n *Item) { n.SeenAt = t0 }, at: time.Minute, dirty: true},
		{name: "read", change: func(n *Item) { n.ReadAt = t0 }, at: time.Minute, effect: Withdraw, dirty: true},
		{name: "read, too early", change: func(n *Item) { n.ReadAt = t0 }, at: time.Second, effect: Withdraw, dirty: true, dueAt: time.Minute},
		{name: "expired", change: func(n *Item) { n.ExpireAt = t0.Add(time.Minute) }, at: time.Minute, dirty: true},
		{name: "snoozed in the meantime", change: func(n *Item) { n.SnoozedUntil = t0.Add(time.Hour) }, at: time.Minute, dirty: true},
		{name: "a snooze is over", change: func(n *Item) {
			n.SnoozedUntil, n.SeenAt, n.FollowedAt, n.DueAt = t0.Add(time.Hour), t0, t0, time.Time{}
		}, at: time.Hour, effect: Show, dirty: true},
		{name: "a snooze is over, but it is archived", change: func(n *Item) { n.SnoozedUntil, n.ArchivedAt, n.Push = t0.Add(time.Hour), t0, Push{} }, at: time.Hour, dirty: true},
		{name: "on the screen", look: Look{Person: reading}, at: time.Minute, dirty: true},
		{name: "the message that pushed it, unanswered", look: Look{Message: "m1"}, at: time.Second, effect: Repeat, dueAt: time.Minute},
		// For the sake of some devices, nothing is decided that concerns all.
		{name: "some devices are missing", look: Look{Message: "m1", Repeat: true}, at: time.Hour, effect: Repeat, dueAt: time.Minute},
		{name: "some devices are missing, another push has gone out", look: Look{Message: "m0", Repeat: true}, at: time.Hour, dueAt: time.Minute},
		{name: "some devices are missing, it was read", change: func(n *Item) { n.ReadAt = t0 }, look: Look{Message: "m1", Repeat: true}, at: time.Hour, dueAt: time.Minute},
		{name: "some devices still show it", change: func(n *Item) { n.ReadAt, n.Withdrawn = t0, Withdrawal{1, "w1"} }, look: Look{Message: "w1", Repeat: true}, at: time.Hour, effect: Withdraw, dueAt: time.Minute},
		{name: "some devices still show it, and may again", change: func(n *Item) { n.Withdrawn = Withdrawal{1, "w1"} }, look: Look{Message: "w1", Repeat: true}, at: time.Hour, dueAt: time.Minute},
	}
	mutable := liked
	mutable.Mutable = true
	for _, test := range tests {
		n := waiting()
		if test.change != nil {
			test.change(n)
		}
		test.look.Type = mutable
		b := new(Box)
		b.Put(n)
		e := b.Settle(b.Wake("i", test.look, t0.Add(test.at), say))
		var dueAt time.Duration
		if !n.DueAt.IsZero() {
			dueAt = n.DueAt.Sub(t0)
		}
		if dirty := len(b.Changed()) > 0; e.Kind != test.effect || dirty != test.dirty || dueAt != test.dueAt {
			t.Errorf("%s: got %q, dirty %t, due at %s; want %q, %t, %s", test.name, e.Kind, dirty, dueAt, test.effect, test.dirty, test.dueAt)
		}
		if test.name == "a snooze is over" && (!n.SeenAt.IsZero() || !n.FollowedAt.IsZero()) {
			t.Errorf("%s: it is still seen at %v, followed at %v", test.name, n.SeenAt, n.FollowedAt)
		}
		if e.Kind == Show && (n.Push.Revision != n.Revision || n.Held != "") {
			t.Errorf("%s: got %+v, held %q; want a push of revision %d", test.name, n.Push, n.Held, n.Revision)
		}
	}
}
