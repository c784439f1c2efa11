package quiet

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

// week is a schedule of ranges with the days on which they begin: "fri 22:00-07:00". A range without a day is for all.
func week(ranges ...string) Schedule {
	s := Schedule{}
	for _, text := range ranges {
		days := slices.Clone(Days)
		if names, rest, some := strings.Cut(text, " "); some {
			days, text = nil, rest
			for _, name := range strings.Split(names, ",") {
				days = append(days, Day(name))
			}
		}
		for _, d := range days {
			s[d] = append(s[d], Range(text))
		}
	}
	return s
}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instantOf(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestUntil(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone string
		schedule   Schedule
		now, want  string // RFC 3339; want "" is not quiet
	}{
		{"no ranges", "UTC", nil, "2026-11-21T12:00:00Z", ""},
		{"within a day: before", "UTC", week("12:00-13:30"), "2026-11-21T11:59:59Z", ""},
		{"within a day: at the beginning", "UTC", week("12:00-13:30"), "2026-11-21T12:00:00Z", "2026-11-21T13:30:00Z"},
		{"within a day: the last moment", "UTC", week("12:00-13:30"), "2026-11-21T13:29:59.999Z", "2026-11-21T13:30:00Z"},
		{"within a day: at the end", "UTC", week("12:00-13:30"), "2026-11-21T13:30:00Z", ""},
		{"past midnight: before", "UTC", week("22:00-07:00"), "2026-11-21T21:59:59Z", ""},
		{"past midnight: in the evening", "UTC", week("22:00-07:00"), "2026-11-21T22:00:00Z", "2026-11-22T07:00:00Z"},
		{"past midnight: midnight", "UTC", week("22:00-07:00"), "2026-11-22T00:00:00Z", "2026-11-22T07:00:00Z"},
		{"past midnight: at the end", "UTC", week("22:00-07:00"), "2026-11-22T07:00:00Z", ""},
		{"until midnight", "UTC", week("22:00-00:00"), "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"},
		{"until 24:00, the same", "UTC", week("22:00-24:00"), "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"},
		{"until midnight: midnight", "UTC", week("22:00-24:00"), "2026-11-22T00:00:00Z", ""},
		{"long before 1970", "UTC", week("22:00-07:00"), "0001-01-01T00:00:00Z", "0001-01-01T07:00:00Z"},

		{"a day of the week", "UTC", week("sat 10:00-12:00"), "2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z"},
		{"another day of the week", "UTC", week("sat 10:00-12:00"), "2026-11-22T11:00:00Z", ""},
		{"the morning after the day", "UTC", week("fri 22:00-07:00"), "2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z"},
		{"the evening after the day", "UTC", week("fri 22:00-07:00"), "2026-11-21T22:00:00Z", ""},
		{"several ranges a day: the first", "UTC", week("12:00-13:00", "22:00-07:00"), "2026-11-21T12:30:00Z", "2026-11-21T13:00:00Z"},
		{"several ranges a day: between", "UTC", week("12:00-13:00", "22:00-07:00"), "2026-11-21T13:30:00Z", ""},
		{"ranges that overlap", "UTC", week("22:00-23:30", "23:00-05:00"), "2026-11-21T22:30:00Z", "2026-11-22T05:00:00Z"},
		{"one within the other", "UTC", week("22:00-07:00", "23:00-23:30"), "2026-11-21T23:15:00Z", "2026-11-22T07:00:00Z"},
		{"ranges that touch", "UTC", week("22:00-24:00", "00:00-05:00"), "2026-11-21T22:30:00Z", "2026-11-22T05:00:00Z"},
		{"a whole weekend", "UTC", week("fri 18:00-24:00", "sat,sun 00:00-24:00"), "2026-11-20T18:00:00Z", "2026-11-23T00:00:00Z"},
		{"five days in a row", "UTC", week("mon,tue,wed,thu,fri 00:00-24:00"), "2026-11-16T00:00:00Z", "2026-11-21T00:00:00Z"},
		{"never anything else: for more than a week", "UTC", week("00:00-24:00"), "2026-11-16T12:00:00Z", "2026-11-25T00:00:00Z"},

		{"equal is never", "UTC", week("08:00-08:00"), "2026-11-21T08:00:00Z", ""},
		{"no beginning", "UTC", week("late-07:00"), "2026-11-21T23:00:00Z", ""},
		{"no end", "UTC", week("22:00-"), "2026-11-21T23:00:00Z", ""},
		{"25 o'clock", "UTC", week("22:00-25:00"), "2026-11-21T23:00:00Z", ""},
		{"from 24:00", "UTC", week("24:00-07:00"), "2026-11-22T01:00:00Z", ""},
		{"minute 60", "UTC", week("22:00-22:60"), "2026-11-21T22:30:00Z", ""},
		{"another day's name", "UTC", week("saturday 10:00-12:00"), "2026-11-21T11:00:00Z", ""},

		{"east", "Asia/Kolkata", week("22:00-07:00"), "2026-11-21T16:30:00Z", "2026-11-22T01:30:00Z"},
		{"east, a minute early", "Asia/Kolkata", week("22:00-07:00"), "2026-11-21T16:29:00Z", ""},
		{"west, on the day before", "America/Los_Angeles", week("22:00-07:00"), "2026-11-21T06:00:00Z", "2026-11-21T15:00:00Z"},
		{"another zone in now", "Europe/Berlin", week("22:00-07:00"), "2026-11-21T16:30:00-05:00", "2026-11-22T06:00:00Z"},
		{"the date that Samoa skipped: before", "Pacific/Apia", week("22:00-07:00"), "2011-12-30T09:00:00Z", "2011-12-30T17:00:00Z"},
		{"the date that Samoa skipped: within it", "Pacific/Apia", week("fri 10:00-12:00"), "2011-12-30T10:00:00Z", ""},

		// Named in issue 16. New York: 2024-11-03 02:00 EDT is 01:00 EST, and 2024-03-10 02:00 EST is 03:00 EDT.
		{"New York, the second 01:10", "America/New_York", week("22:00-01:30"), "2024-11-03T01:10:00-05:00", "2024-11-03T01:30:00-05:00"},
		{"New York, the first 01:10", "America/New_York", week("22:00-01:30"), "2024-11-03T01:10:00-04:00", "2024-11-03T01:30:00-05:00"},
		{"New York, between the two 01:30", "America/New_York", week("22:00-01:30"), "2024-11-03T01:45:00-04:00", "2024-11-03T01:30:00-05:00"},
		{"New York, after the second 01:30", "America/New_York", week("22:00-01:30"), "2024-11-03T01:30:00-05:00", ""},
		{"New York, no 02:30 that night", "America/New_York", week("22:00-02:30"), "2024-03-10T01:45:00-05:00", "2024-03-10T03:00:00-04:00"},
		{"New York, after the gap", "America/New_York", week("22:00-02:30"), "2024-03-10T03:00:00-04:00", ""},
		{"Berlin, the first 02:30", "Europe/Berlin", week("22:00-02:30"), "2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"},
		{"Auckland, the first 02:30", "Pacific/Auckland", week("22:00-02:30"), "2024-04-07T02:30:00+13:00", "2024-04-07T02:30:00+12:00"},
		{"Casablanca, the first 02:30", "Africa/Casablanca", week("22:00-02:30"), "2024-03-10T02:30:00+01:00", "2024-03-10T02:30:00+00:00"},

		{"wholly in the gap", "Europe/Berlin", week("02:15-02:45"), "2027-03-28T01:00:00Z", ""},
		{"from within the gap", "Europe/Berlin", week("02:30-07:00"), "2027-03-28T01:00:00Z", "2027-03-28T05:00:00Z"},
		{"an hour that comes twice: once", "Europe/Berlin", week("02:15-02:45"), "2027-10-31T00:30:00Z", "2027-10-31T01:45:00Z"},
		{"an hour that comes twice: between", "Europe/Berlin", week("02:15-02:45"), "2027-10-31T01:00:00Z", "2027-10-31T01:45:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, quiet := test.schedule.Until(instantOf(t, test.now), zoneOf(t, test.zone))
			if want := test.want != ""; quiet != want {
				t.Fatalf("got quiet %t until %s, want %t", quiet, got, want)
			}
			if quiet && !got.Equal(instantOf(t, test.want)) {
				t.Errorf("got until %s, want %s", got, test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, r := range []Range{"22:00-07:00", "00:00-24:00", "23:59-00:00", "12:00-12:01"} {
		if got := r.Check(); got != "" {
			t.Errorf("%s: %s", r, got)
		}
	}
	for _, r := range []Range{
		"", "22:00", "22:00-", "-07:00", "22:00-7:00", "22:00:00-07:00", "+2:00-07:00", "24:00-07:00", "22:00-24:01", "22:60-23:00", "22:00-22:00", "22:00 07:00", "22:00–07:00", "late-early", "22:00-07:00 ",
	} {
		if r.Check() == "" {
			t.Errorf("%q is taken", r)
		}
	}
}

func BenchmarkUntil(b *testing.B) {
	zone, now := zoneOf(b, "America/New_York"), time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for name, s := range map[string]Schedule{
		"a night":          week("17:00-07:00"),
		"three a day":      week("00:00-06:00", "12:00-13:00", "17:00-24:00"),
		"all of the week":  week("00:00-24:00"),
		"not quiet by now": week("01:00-02:00"),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Until(now, zone)
			}
		})
	}
}
