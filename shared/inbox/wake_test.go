package inbox

import (
	"testing"
	"time"
)

// waiting is an item that was pushed at t0 in the message m1, has had news since, and is due at t0 + 1 minute.
func waiting() *Item {
	return &Item{Notification: Notification{
		EventCount: 2, Revision: 2, UpdatedAt: t0.Add(time.Second), Held: HeldInterval, DueAt: t0.Add(time.Minute), Push: Push{At: t0, Revision: 1, Message: "m1"},
	}}
}

func TestWake(t *testing.T) {
	t.Parallel()
	send := Verdict{Send: true}
	tests := []struct {
		name   string
		change func(*Item)
		again  Again
		at     time.Duration
		due    bool // a new push
		repeat bool
		undo   bool
		dirty  bool
		dueAt  time.Duration // since t0; 0 is none
	}{
		{name: "too early", again: Again{Push: send}, at: 59 * time.Second, dueAt: time.Minute},
		{name: "its time has come", again: Again{Push: send}, at: time.Minute, due: true, dirty: true},
		{name: "quiet hours have come", again: Again{Push: Verdict{Reason: "quiet_hours", Until: t0.Add(time.Hour)}}, at: time.Minute, dirty: true, dueAt: time.Hour},
		{name: "the person does not want it any more", again: Again{Push: Verdict{Reason: "preference"}}, at: time.Minute, dirty: true},
		{name: "seen", change: func(n *Item) { n.SeenAt = t0 }, again: Again{Push: send}, at: time.Minute, dirty: true},
		{name: "read", change: func(n *Item) { n.ReadAt = t0 }, again: Again{Push: send}, at: time.Minute, undo: true, dirty: true},
		{name: "read, too early", change: func(n *Item) { n.ReadAt = t0 }, again: Again{Push: send}, at: time.Second, undo: true, dirty: true, dueAt: time.Minute},
		{name: "expired", change: func(n *Item) { n.ExpireAt = t0.Add(time.Minute) }, again: Again{Push: send}, at: time.Minute, dirty: true},
		{name: "snoozed in the meantime", change: func(n *Item) { n.SnoozedUntil = t0.Add(time.Hour) }, again: Again{Push: send}, at: time.Minute, dirty: true},
		{name: "a snooze is over", change: func(n *Item) { n.SnoozedUntil, n.SeenAt, n.DueAt = t0.Add(time.Hour), t0, time.Time{} }, again: Again{Push: send}, at: time.Hour, due: true, dirty: true},
		{name: "a snooze is over, but it is archived", change: func(n *Item) { n.SnoozedUntil, n.ArchivedAt, n.Push = t0.Add(time.Hour), t0, Push{} }, again: Again{Push: send}, at: time.Hour, dirty: true},
		{name: "on the screen", again: Again{Push: Verdict{Reason: "presence", Until: t0.Add(2 * time.Minute)}, Seen: true}, at: time.Minute, dirty: true},
		{name: "the message that pushed it, unanswered", again: Again{Message: "m1", Push: send}, at: time.Second, repeat: true, dueAt: time.Minute},
		// For the sake of some devices, nothing is decided that concerns all.
		{name: "some devices are missing", again: Again{Message: "m1", Repeat: true, Push: send}, at: time.Hour, repeat: true, dueAt: time.Minute},
		{name: "some devices are missing, another push has gone out", again: Again{Message: "m0", Repeat: true, Push: send}, at: time.Hour, dueAt: time.Minute},
		{name: "some devices are missing, it was read", change: func(n *Item) { n.ReadAt = t0 }, again: Again{Message: "m1", Repeat: true, Push: send}, at: time.Hour, dueAt: time.Minute},
		{name: "some devices still show it", change: func(n *Item) { n.ReadAt, n.Withdrawn = t0, Withdrawal{1, "w1"} }, again: Again{Message: "w1", Repeat: true}, at: time.Hour, undo: true, dueAt: time.Minute},
		{name: "some devices still show it, and may again", change: func(n *Item) { n.Withdrawn = Withdrawal{1, "w1"} }, again: Again{Message: "w1", Repeat: true}, at: time.Hour, dueAt: time.Minute},
	}
	for _, test := range tests {
		n := waiting()
		if test.change != nil {
			test.change(n)
		}
		test.again.Type = liked
		n.Wake(test.again, t0.Add(test.at))
		var dueAt time.Duration
		if !n.DueAt.IsZero() {
			dueAt = n.DueAt.Sub(t0)
		}
		if n.Due != test.due || n.Repeat != test.repeat || n.Undo != test.undo || n.Dirty != test.dirty || dueAt != test.dueAt {
			t.Errorf("%s: got due %t, repeat %t, undo %t, dirty %t, due at %s; want %t, %t, %t, %t, %s", test.name,
				n.Due, n.Repeat, n.Undo, n.Dirty, dueAt, test.due, test.repeat, test.undo, test.dirty, test.dueAt)
		}
		if n.Due && (n.Push.Revision != n.Revision || n.Held != "") {
			t.Errorf("%s: got %+v, held %q; want a push of revision %d", test.name, n.Push, n.Held, n.Revision)
		}
	}
}
