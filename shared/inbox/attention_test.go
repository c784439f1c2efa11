package inbox

import (
	"fmt"
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
)

// TestQuietEndsEarly: what a person's quiet holds back is looked at when they change it, before its time.
func TestQuietEndsEarly(t *testing.T) {
	t.Parallel()
	night := func(to string) profile.Settings {
		return profile.Settings{QuietHours: profile.QuietHours{Enabled: true, Week: quiet.Schedule{"sat": {quiet.Range("08:00-" + to)}}}}
	}
	until := func(d time.Duration) profile.Settings {
		return profile.Settings{DoNotDisturb: profile.DoNotDisturb{Enabled: true, Until: t0.Add(d)}}
	}
	on := profile.Settings{DoNotDisturb: profile.DoNotDisturb{Enabled: true}}
	tests := []struct {
		name          string
		before, after profile.Settings
		effect        EffectKind
		held          attention.Reason
		dueAt         time.Duration // since t0; 0 is none
		dirty         bool
	}{
		{"nothing changes", night("11:00"), night("11:00"), Nothing, attention.ByQuietHours, 2 * time.Hour, false},
		{"quiet hours are turned off", night("11:00"), profile.Settings{}, Show, "", 0, true},
		{"quiet hours end earlier", night("11:00"), night("09:30"), Nothing, attention.ByQuietHours, 30 * time.Minute, true},
		{"quiet hours ended while nobody looked", night("11:00"), night("09:00"), Show, "", 0, true},
		{"quiet hours end later: the look at the old end says so", night("11:00"), night("12:00"), Nothing, attention.ByQuietHours, 2 * time.Hour, false},
		{"do not disturb is turned off", until(time.Hour), profile.Settings{}, Show, "", 0, true},
		{"do not disturb without an end is turned off", on, profile.Settings{}, Show, "", 0, true},
		{"do not disturb without an end gets one", on, until(time.Hour), Nothing, attention.ByDoNotDisturb, time.Hour, true},
		{"do not disturb without an end goes on", on, on, Nothing, attention.ByDoNotDisturb, 24 * time.Hour, false},
		{"do not disturb is turned off in quiet hours", until(time.Hour), night("11:00"), Nothing, attention.ByQuietHours, 2 * time.Hour, true},
	}
	for _, test := range tests {
		b, e := new(Box), like("alice", 0)
		if _, err := b.Fold(Locate(liked, e, t0), Op{Event: &e, Type: &liked, Message: "1", Person: &profile.Profile{Settings: test.before}}, t0, say); err != nil {
			t.Fatal(err)
		}
		n := b.Changed()[0]
		b = new(Box)
		b.Put(n)
		got := b.Wake(n.ID, Look{Type: liked, Message: "2", Person: &profile.Profile{Settings: test.after}}, t0.Add(time.Second), say)
		var dueAt time.Duration
		if !n.DueAt.IsZero() {
			dueAt = n.DueAt.Sub(t0)
		}
		if dirty := len(b.Changed()) > 0; got.Kind != test.effect || n.Held != test.held || dueAt != test.dueAt || dirty != test.dirty {
			t.Errorf("%s: got %q, held %q, due at %s, dirty %t; want %q, %q, %s, %t", test.name, got.Kind, n.Held, dueAt, dirty, test.effect, test.held, test.dueAt, test.dirty)
		}
	}
}

// TestQuietHoursEndOnTime: patience is for those who are in the app, not for a night's end.
func TestQuietHoursEndOnTime(t *testing.T) {
	t.Parallel()
	b, n := new(Box), waiting()
	n.UpdatedAt = t0.Add(-72 * time.Hour)
	b.Put(n)
	p := &profile.Profile{Settings: profile.Settings{DoNotDisturb: profile.DoNotDisturb{Enabled: true, Until: t0.Add(2 * time.Minute)}}}
	b.Wake("i", Look{Type: liked, Person: p}, t0.Add(time.Minute), say)
	if want := t0.Add(2 * time.Minute); !n.DueAt.Equal(want) {
		t.Errorf("due at %s, want %s", n.DueAt, want)
	}
}

// TestTheMutedGoToTheArchive: with the reason, until there is news that is not muted.
func TestTheMutedGoToTheArchive(t *testing.T) {
	t.Parallel()
	kind := liked
	kind.Mutable = true
	b := newBox()
	muted := &profile.Profile{Settings: profile.Settings{Mutes: map[string]profile.Mute{"post/1": {Until: t0.Add(time.Minute)}}}}
	off := &profile.Profile{Settings: profile.Settings{Preferences: profile.Preferences{event.InApp: {"social": false}}}}
	for i, step := range []struct {
		person      *profile.Profile
		muted, held attention.Reason
		effect      EffectKind
	}{
		{muted, attention.ByMute, attention.ByMute, Nothing},
		{off, attention.ByPreference, attention.ByPreference, Nothing},
		{nil, "", "", Show},
	} {
		b.now = t0.Add(time.Duration(i) * time.Second)
		e := like(fmt.Sprint("actor", i), time.Duration(i)*time.Second)
		view := new(Box)
		for _, item := range b.items {
			view.Put(item)
		}
		got, err := view.Fold(Locate(kind, e, b.now), Op{Event: &e, Type: &kind, Message: fmt.Sprint(i), Person: step.person}, b.now, say)
		if err != nil {
			t.Fatal(err)
		}
		n := view.Changed()[0]
		b.items[n.ID] = n
		if n.Muted != step.muted || n.Held != step.held || got.Kind != step.effect || n.ArchivedAt.IsZero() == (step.muted != "") {
			t.Errorf("%d: got muted %q, held %q, %q, archived at %s; want %q, %q, %q", i, n.Muted, n.Held, got.Kind, n.ArchivedAt, step.muted, step.held, step.effect)
		}
	}
}
