package profile

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

var (
	inApp  = []event.Channel{event.InApp}
	pushed = []event.Channel{event.InApp, event.Push}

	liked   = event.Type{Category: "social", Priority: event.Medium, Channels: pushed, Mutable: true}
	placed  = event.Type{Category: "orders", Priority: event.Medium, Channels: inApp, Mutable: true}
	info    = event.Type{Category: "system", Priority: event.Low, Channels: inApp, Mutable: true}
	message = event.Type{Category: "messages", Priority: event.High, Channels: pushed, Mutable: true}
	alert   = event.Type{Category: "security", Priority: event.Urgent, Channels: pushed, Mutable: false}
	opened  = event.Type{Category: "incidents", Priority: event.Urgent, Channels: pushed, Mutable: true}
)

func TestDecide(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	send, silent := inbox.Verdict{Send: true}, inbox.Verdict{}
	preference, quiet := inbox.Verdict{Reason: HeldPreference}, inbox.Verdict{Reason: HeldQuietHours, Until: time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)}
	night := QuietHours{Enabled: true, From: "22:00", To: "07:00"}
	tests := []struct {
		name     string
		typ      event.Type
		priority event.Priority // "" is the type's
		choice   Preference     // for the type's category
		quiet    QuietHours     // it is 23:00
		want     Decision
	}{
		{"a type that is pushed", liked, "", Preference{}, QuietHours{}, Decision{Push: send}},
		{"a type that is not", placed, "", Preference{}, QuietHours{}, Decision{Push: silent}},
		{"pushes not wanted", liked, "", Preference{Push: &no}, QuietHours{}, Decision{Push: preference}},
		{"pushes not wanted where there are none", placed, "", Preference{Push: &no}, QuietHours{}, Decision{Push: silent}},
		{"pushes wanted where there are none", placed, "", Preference{Push: &yes}, QuietHours{}, Decision{Push: send}},
		{"pushes wanted anyway", liked, "", Preference{Push: &yes}, QuietHours{}, Decision{Push: send}},
		{"muted", liked, "", Preference{InApp: &no}, QuietHours{}, Decision{Muted: true, Push: preference}},
		{"muted, with pushes wanted", liked, "", Preference{InApp: &no, Push: &yes}, QuietHours{}, Decision{Muted: true, Push: preference}},
		{"muted, of a type that is not pushed", placed, "", Preference{InApp: &no}, QuietHours{}, Decision{Muted: true, Push: silent}},
		{"not muted", liked, "", Preference{InApp: &yes}, QuietHours{}, Decision{Push: send}},
		{"e-mail is another matter", liked, "", Preference{Email: &no}, QuietHours{}, Decision{Push: send}},

		{"at night", liked, "", Preference{}, night, Decision{Push: quiet}},
		{"high at night", message, "", Preference{}, night, Decision{Push: quiet}},
		{"urgent at night", opened, "", Preference{}, night, Decision{Push: send}},
		{"made urgent, at night", liked, event.Urgent, Preference{}, night, Decision{Push: send}},
		{"no longer urgent, at night", opened, event.High, Preference{}, night, Decision{Push: quiet}},
		{"wanted, at night", placed, "", Preference{Push: &yes}, night, Decision{Push: quiet}},
		{"not pushed anyway, at night", placed, "", Preference{}, night, Decision{Push: silent}},
		{"not wanted, at night", liked, "", Preference{Push: &no}, night, Decision{Push: preference}},
		{"night switched off", liked, "", Preference{}, QuietHours{From: "22:00", To: "07:00"}, Decision{Push: send}},

		{"urgent, muted", opened, "", Preference{InApp: &no, Push: &no}, QuietHours{}, Decision{Muted: true, Push: preference}},
		{"what may not be muted", alert, "", Preference{InApp: &no, Push: &no}, night, Decision{Push: send}},
		{"what may not be muted, made high, at night", alert, event.High, Preference{}, night, Decision{Push: quiet}},

		{"made urgent: a push, whatever the type", info, event.Urgent, Preference{}, QuietHours{}, Decision{Push: send}},
		{"made high: a push, whatever the type", placed, event.High, Preference{}, QuietHours{}, Decision{Push: send}},
		{"made high, not wanted", placed, event.High, Preference{Push: &no}, QuietHours{}, Decision{Push: preference}},
		{"made low: the centre only", liked, event.Low, Preference{}, QuietHours{}, Decision{Push: silent}},
		{"made low, pushes wanted", liked, event.Low, Preference{Push: &yes}, QuietHours{}, Decision{Push: send}},
		{"made medium: as the type says", message, event.Medium, Preference{}, QuietHours{}, Decision{Push: send}},
		{"made medium: as that type says", info, event.Medium, Preference{}, QuietHours{}, Decision{Push: silent}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := Profile{QuietHours: test.quiet, Preferences: map[string]Preference{test.typ.Category: test.choice, "another": {InApp: &no, Push: &no}}}
			if test.priority == "" {
				test.priority = test.typ.Priority
			}
			got := p.Decide(test.typ, test.priority, event.Target{}, time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAProfileThatIsNotThereHasTheDefaults(t *testing.T) {
	t.Parallel()
	var p Profile
	if got, want := p.Decide(liked, liked.Priority, event.Target{}, time.Time{}), (Decision{Push: inbox.Verdict{Send: true}}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestQuietHoursFollowTheClockOnTheWall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, from, to string
		now                  string // RFC 3339
		want                 bool
	}{
		{"before noon to after noon: before", "", "12:00", "13:30", "2026-11-21T11:59:59Z", false},
		{"before noon to after noon: at the beginning", "", "12:00", "13:30", "2026-11-21T12:00:00Z", true},
		{"before noon to after noon: the last minute", "", "12:00", "13:30", "2026-11-21T13:29:59Z", true},
		{"before noon to after noon: at the end", "", "12:00", "13:30", "2026-11-21T13:30:00Z", false},
		{"over midnight: before", "", "22:00", "07:00", "2026-11-21T21:59:59Z", false},
		{"over midnight: at the beginning", "", "22:00", "07:00", "2026-11-21T22:00:00Z", true},
		{"over midnight: midnight", "", "22:00", "07:00", "2026-11-22T00:00:00Z", true},
		{"over midnight: the last minute", "", "22:00", "07:00", "2026-11-22T06:59:59Z", true},
		{"over midnight: at the end", "", "22:00", "07:00", "2026-11-22T07:00:00Z", false},
		{"until midnight", "", "22:00", "00:00", "2026-11-21T23:59:59Z", true},
		{"until midnight: midnight", "", "22:00", "00:00", "2026-11-22T00:00:00Z", false},
		{"equal is never", "", "08:00", "08:00", "2026-11-21T08:00:00Z", false},

		{"east", "Asia/Kolkata", "22:00", "07:00", "2026-11-21T16:30:00Z", true},
		{"east, a minute early", "Asia/Kolkata", "22:00", "07:00", "2026-11-21T16:29:00Z", false},
		{"west, on the day before", "America/Los_Angeles", "22:00", "07:00", "2026-11-21T06:00:00Z", true},
		{"another zone in now", "Europe/Berlin", "22:00", "07:00", "2026-11-21T16:30:00-05:00", true},

		// Berlin: on 2027-03-28 the clock goes from 02:00 (+1) to 03:00 (+2), on 2027-10-31 from 03:00 (+2) to 02:00 (+1).
		{"evening before summer time", "Europe/Berlin", "22:00", "07:00", "2027-03-27T20:59:00Z", false},
		{"last evening of winter time", "Europe/Berlin", "22:00", "07:00", "2027-03-27T21:00:00Z", true},
		{"first morning of summer time", "Europe/Berlin", "22:00", "07:00", "2027-03-28T04:59:00Z", true},
		{"first morning of summer time, at seven", "Europe/Berlin", "22:00", "07:00", "2027-03-28T05:00:00Z", false},
		{"first evening of summer time", "Europe/Berlin", "22:00", "07:00", "2027-03-28T20:00:00Z", true},
		{"the hour that does not exist: before", "Europe/Berlin", "02:15", "02:45", "2027-03-28T00:59:59Z", false},
		{"the hour that does not exist: after", "Europe/Berlin", "02:15", "02:45", "2027-03-28T01:00:00Z", false},
		{"from the hour that does not exist", "Europe/Berlin", "02:30", "07:00", "2027-03-28T01:00:00Z", true},
		{"the hour that comes twice: first", "Europe/Berlin", "02:15", "02:45", "2027-10-31T00:30:00Z", true},
		{"the hour that comes twice: between", "Europe/Berlin", "02:15", "02:45", "2027-10-31T01:00:00Z", false},
		{"the hour that comes twice: again", "Europe/Berlin", "02:15", "02:45", "2027-10-31T01:30:00Z", true},
		{"first morning of winter time, at seven", "Europe/Berlin", "22:00", "07:00", "2027-10-31T05:59:00Z", true},

		{"unknown zone is UTC", "Mars/Olympus", "22:00", "07:00", "2026-11-21T22:00:00Z", true},
		{"hostile zone is UTC", "../../etc/passwd", "22:00", "07:00", "2026-11-21T21:00:00Z", false},
		{"nonsense from", "", "late", "07:00", "2026-11-21T23:00:00Z", false},
		{"nonsense to", "", "22:00", "", "2026-11-21T23:00:00Z", false},
		{"25 o'clock", "", "22:00", "25:00", "2026-11-21T23:00:00Z", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			p := Profile{TimeZone: test.zone, QuietHours: QuietHours{Enabled: true, From: test.from, To: test.to}}
			if got := p.Quiet(now); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestTheMachinesOwnZoneIsNobodys(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Local", "Mars/Olympus", "UTC"} {
		if got := (&Profile{TimeZone: zone}).Location(); got != time.UTC {
			t.Errorf("%q: got %v, want UTC", zone, got)
		}
	}
}

func TestPresence(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	post := event.Target{Type: "post", ID: "42"}
	lease := func(left time.Duration, target string, visible bool) Session {
		return Session{ID: "tab", ExpiresAt: now.Add(left), Target: target, Visible: visible}
	}
	held := func(left time.Duration) inbox.Verdict {
		return inbox.Verdict{Reason: HeldPresence, Until: now.Add(left)}
	}
	send := inbox.Verdict{Send: true}
	no := false
	tests := []struct {
		name     string
		sessions []Session
		typ      event.Type
		choice   Preference
		want     Decision
	}{
		{"nobody there", nil, liked, Preference{}, Decision{Push: send}},
		{"in view", []Session{lease(time.Second, "", true)}, liked, Preference{}, Decision{Push: held(time.Second)}},
		{"open behind another window", []Session{lease(time.Minute, "post/42", false)}, liked, Preference{}, Decision{Push: send}},
		{"over this moment", []Session{lease(0, "post/42", true)}, liked, Preference{}, Decision{Push: send}},
		{"two pages: the longer lease", []Session{lease(time.Minute, "", true), lease(time.Second, "", true), lease(time.Hour, "", false)}, liked, Preference{}, Decision{Push: held(time.Minute)}},
		{"it is on the screen", []Session{lease(time.Minute, "", true), lease(time.Second, "post/42", true)}, liked, Preference{}, Decision{Seen: true, Push: held(time.Minute)}},
		{"something else is", []Session{lease(time.Minute, "post/421", true)}, liked, Preference{}, Decision{Push: held(time.Minute)}},
		{"urgent", []Session{lease(time.Minute, "post/42", true)}, opened, Preference{}, Decision{Seen: true, Push: send}},
		{"not wanted anyway", []Session{lease(time.Minute, "", true)}, liked, Preference{Push: &no}, Decision{Push: inbox.Verdict{Reason: HeldPreference}}},
		{"not pushed anyway", []Session{lease(time.Minute, "", true)}, placed, Preference{}, Decision{}},
	}
	for _, test := range tests {
		p := Profile{Sessions: test.sessions, Preferences: map[string]Preference{test.typ.Category: test.choice}}
		if diff := cmp.Diff(test.want, p.Decide(test.typ, test.typ.Priority, post, now)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, diff)
		}
	}
	p := Profile{Sessions: []Session{lease(time.Minute, "/", true)}}
	if p.Decide(liked, liked.Priority, event.Target{}, now).Seen {
		t.Error("what is about nothing was on the screen")
	}
}

// Where quiet hours hold a push back, they say until when; then they hold nothing back.
func TestQuietHoursEnd(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata"} {
		for _, hours := range []QuietHours{{true, "22:00", "07:00"}, {true, "02:15", "02:45"}, {true, "12:00", "13:30"}, {true, "00:00", "23:59"}} {
			p := Profile{TimeZone: zone, QuietHours: hours}
			for at := time.Date(2027, 3, 27, 0, 0, 30, 0, time.UTC); at.Before(time.Date(2027, 3, 29, 0, 0, 0, 0, time.UTC)); at = at.Add(13 * time.Minute) {
				d := p.Decide(liked, liked.Priority, event.Target{}, at)
				if d.Push.Send {
					continue
				}
				end := d.Push.Until
				if !end.After(at) || end.Sub(at) > 25*time.Hour || !p.Quiet(end.Add(-time.Minute)) || p.Quiet(end) {
					t.Errorf("%s %+v at %s: until %s", zone, hours, at, end)
				}
			}
		}
	}
}
