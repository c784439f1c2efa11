package digest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
)

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func asks(zone string, d profile.Digest) *profile.Settings {
	return &profile.Settings{TimeZone: zone, Digest: d}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	berlin := asks("Europe/Berlin", profile.Digest{Every: profile.Daily, At: "07:00"})
	weekly := asks("Europe/Berlin", profile.Digest{Every: profile.Weekly, At: "07:00", On: "thu"})
	gap := asks("Europe/Berlin", profile.Digest{Every: profile.Daily, At: "02:30"})
	tests := []struct {
		name string
		s    *profile.Settings
		last Period
		now  string
		want Period
	}{
		{"before its hour", berlin, "2026-11-25", "2026-11-26T06:59:59+01:00", ""},
		{"at its hour", berlin, "2026-11-25", "2026-11-26T07:00:00+01:00", "2026-11-26"},
		{"in the evening, after an outage", berlin, "2026-11-20", "2026-11-26T23:00:00+01:00", "2026-11-26"},
		{"done with", berlin, "2026-11-26", "2026-11-26T23:00:00+01:00", ""},
		{"a later one is done with: they were further east", berlin, "2026-11-27", "2026-11-26T23:00:00+01:00", ""},
		{"a week", weekly, "2026-W47-4", "2026-11-26T07:00:00+01:00", "2026-W48-4"},
		{"not on another day", weekly, "2026-W47-4", "2026-11-25T12:00:00+01:00", ""},
		{"a week that had its digest on another day", weekly, "2026-W48-1", "2026-11-26T12:00:00+01:00", ""},
		{"a week, where the last one was a day's", weekly, "2026-11-25", "2026-11-26T12:00:00+01:00", "2026-W48-4"},
		{"a day, where the last one was a week's", berlin, "2026-W48-3", "2026-11-26T12:00:00+01:00", "2026-11-26"},
		{"week 53", asks("UTC", profile.Digest{Every: profile.Weekly, On: "fri"}), "2026-W52-5", "2027-01-01T08:00:00Z", "2026-W53-5"},
		{"an hour that the clock skips: when it has jumped", gap, "2026-03-28", "2026-03-29T03:00:00+02:00", "2026-03-29"},
		{"and not before", gap, "2026-03-28", "2026-03-29T01:59:59+01:00", ""},
		{"an hour that comes twice: the first time", gap, "2026-10-24", "2026-10-25T02:30:00+02:00", "2026-10-25"},
		{"and not the second time", gap, "2026-10-25", "2026-10-25T02:30:00+01:00", ""},
		{"nobody asked", asks("Europe/Berlin", profile.Digest{}), "", "2026-11-26T07:00:00+01:00", ""},
	}
	for _, test := range tests {
		if got := (Plan{Last: test.last}).Due(test.s, instant(test.now)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWhoAsksWaitsForTheNextHour(t *testing.T) {
	t.Parallel()
	s := asks("Europe/Berlin", profile.Digest{Every: profile.Daily, At: "07:00"})
	evening := instant("2026-11-26T20:00:00+01:00")
	p := Plan{}.Arranged(s, "bob", evening)
	if p.Due(s, evening) != "" || !p.At.Equal(instant("2026-11-27T07:00:00+01:00").Add(spread("bob"))) {
		t.Errorf("got %+v, want tomorrow", p)
	}
	off := p.Arranged(asks("Europe/Berlin", profile.Digest{}), "bob", evening)
	if !off.At.IsZero() || off.Last != "2026-11-26" {
		t.Errorf("turned off: got %+v", off)
	}
	again := (Plan{Last: "2026-11-26"}).Arranged(asks("Europe/Berlin", profile.Digest{Every: profile.Daily, At: "21:00"}), "bob", evening)
	if again.At.Before(instant("2026-11-27T21:00:00+01:00")) {
		t.Errorf("turned off and on, at a later hour of a day that had its digest: got %+v", again)
	}
	w := asks("Europe/Berlin", profile.Digest{Every: profile.Weekly, On: "sun"})
	if got := (Plan{}).Arranged(w, "bob", evening).At; got.Before(instant("2026-11-29T07:00:00+01:00")) || got.After(instant("2026-11-29T07:10:00+01:00")) {
		t.Errorf("weekly: got %s, want Sunday", got)
	}
}

// Whoever is sending a period's digest keeps the others away, also those who change the settings meanwhile.
func TestALeaseStands(t *testing.T) {
	t.Parallel()
	s := asks("UTC", profile.Digest{Every: profile.Daily})
	now := instant("2026-11-26T07:03:00Z")
	begun := Plan{At: now, Last: "2026-11-25"}.Begun("2026-11-26", now)
	if got := begun.Arranged(s, "bob", now.Add(time.Minute)); got != begun {
		t.Errorf("a change of settings: got %+v, want %+v", got, begun)
	}
	if got := begun.Done("2026-11-26", s, "bob", now.Add(time.Minute)); got.Sending != "" || got.Last != "2026-11-26" || got.At.Before(now.Add(23*time.Hour)) {
		t.Errorf("done: got %+v", got)
	}
	if got := begun.Failed(); got.Sending != "" || got.At != begun.At || got.Last != "2026-11-25" {
		t.Errorf("failed: got %+v", got)
	}
}

var zones = []string{
	"America/New_York", "America/Los_Angeles", "Europe/Berlin", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca",
	"Asia/Almaty", "America/Nuuk", "Pacific/Auckland", "Asia/Kolkata", "UTC",
}

// Through the whole year, with hours around the changes of clocks: each date on the person's calendar has one digest, at the first instant of its hour.
func TestEachDateOfAYearOnce(t *testing.T) {
	t.Parallel()
	for _, zone := range zones {
		for _, at := range []string{"00:00", "02:15", "02:30", "07:00", "23:59"} {
			for _, year := range []int{2024, 2026} {
				t.Run(fmt.Sprintf("%s %s %d", zone, at, year), func(t *testing.T) {
					t.Parallel()
					s := asks(zone, profile.Digest{Every: profile.Daily, At: at})
					walk(t, year, func(time.Time) *profile.Settings { return s }, true)
				})
			}
		}
	}
}

// Somebody who travels, and changes their hour in between, has no date twice and none left out. (No two of these zones are a day apart.)
func TestTravellers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 16))
			s := asks(zones[r.IntN(len(zones))], profile.Digest{Every: profile.Daily, At: "07:00"})
			walk(t, 2024+int(seed%3), func(time.Time) *profile.Settings {
				if r.IntN(60) == 0 {
					s = asks(zones[r.IntN(len(zones))], s.Digest)
				}
				return s
			}, false)
		})
	}
}

// walk looks every 37 minutes of a year whether a digest is due, as the functions do.
func walk(t *testing.T, year int, settings func(time.Time) *profile.Settings, still bool) {
	t.Helper()
	now := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	s := settings(now)
	p := Plan{}.Arranged(s, "bob", now)
	first := p.Last
	last := first.date()
	count := 0
	for end := now.AddDate(1, 0, 0); now.Before(end); now = now.Add(37 * time.Minute) {
		if changed := settings(now); changed != s {
			s = changed
			p = p.Arranged(s, "bob", now)
		}
		period := p.Due(s, now)
		if period != "" && now.Before(p.At) && p.At.Sub(now) > Spread {
			t.Fatalf("%s is due at %s, and they are looked at only at %s", period, now, p.At)
		}
		if period == "" {
			continue
		}
		if want := last.AddDate(0, 0, 1); !period.date().Equal(want) {
			t.Fatalf("at %s in %s: %s follows %s", now, s.TimeZone, period, last.Format(time.DateOnly))
		}
		if minute, _ := quiet.Clock(s.Digest.At); still && now.Sub(quiet.First(period.date(), minute, s.Location())) >= 37*time.Minute {
			t.Fatalf("%s came only at %s", period, now)
		}
		last, count = period.date(), count+1
		p = p.Done(period, s, "bob", now)
	}
	if count < 364 {
		t.Errorf("got %d digests in a year", count)
	}
}

// A week has one digest, whichever day it is asked for and however often that changes.
func TestEachWeekOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		now := time.Date(2025, time.December, 1, 0, 0, 0, 0, time.UTC)
		s := asks("UTC", profile.Digest{Every: profile.Weekly, On: "sun"})
		p, had := Plan{}.Arranged(s, "bob", now), map[string]bool{}
		for end := now.AddDate(0, 3, 0); now.Before(end); now = now.Add(53 * time.Minute) {
			if r.IntN(200) == 0 {
				s = asks(zones[r.IntN(len(zones))], profile.Digest{Every: profile.Weekly, On: quiet.Days[r.IntN(7)]})
				p = p.Arranged(s, "bob", now)
			}
			if period := p.Due(s, now); period != "" {
				if had[period.Name()] {
					t.Fatalf("seed %d: %s for the second time, at %s", seed, period, now)
				}
				had[period.Name()] = true
				p = p.Done(period, s, "bob", now)
			}
		}
		if len(had) < 8 {
			t.Errorf("seed %d: %d weeks of 13 had one", seed, len(had))
		}
	}
}
