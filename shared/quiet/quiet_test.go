package quiet

import (
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

// daily is a range of every day.
func daily(from, to string) Schedule { return Schedule{{Days: Days, From: from, To: to}} }

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
		{"within a day: before", "UTC", daily("12:00", "13:30"), "2026-11-21T11:59:59Z", ""},
		{"within a day: at the beginning", "UTC", daily("12:00", "13:30"), "2026-11-21T12:00:00Z", "2026-11-21T13:30:00Z"},
		{"within a day: the last moment", "UTC", daily("12:00", "13:30"), "2026-11-21T13:29:59.999Z", "2026-11-21T13:30:00Z"},
		{"within a day: at the end", "UTC", daily("12:00", "13:30"), "2026-11-21T13:30:00Z", ""},
		{"past midnight: before", "UTC", daily("22:00", "07:00"), "2026-11-21T21:59:59Z", ""},
		{"past midnight: in the evening", "UTC", daily("22:00", "07:00"), "2026-11-21T22:00:00Z", "2026-11-22T07:00:00Z"},
		{"past midnight: midnight", "UTC", daily("22:00", "07:00"), "2026-11-22T00:00:00Z", "2026-11-22T07:00:00Z"},
		{"past midnight: at the end", "UTC", daily("22:00", "07:00"), "2026-11-22T07:00:00Z", ""},
		{"until midnight", "UTC", daily("22:00", "00:00"), "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"},
		{"until 24:00, the same", "UTC", daily("22:00", "24:00"), "2026-11-21T23:59:59Z", "2026-11-22T00:00:00Z"},
		{"until midnight: midnight", "UTC", daily("22:00", "24:00"), "2026-11-22T00:00:00Z", ""},
		{"long before 1970", "UTC", daily("22:00", "07:00"), "0001-01-01T00:00:00Z", "0001-01-01T07:00:00Z"},

		{"a day of the week", "UTC", Schedule{{[]Day{"sat"}, "10:00", "12:00"}}, "2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z"},
		{"another day of the week", "UTC", Schedule{{[]Day{"sat"}, "10:00", "12:00"}}, "2026-11-22T11:00:00Z", ""},
		{"the morning after the day", "UTC", Schedule{{[]Day{"fri"}, "22:00", "07:00"}}, "2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z"},
		{"the evening after the day", "UTC", Schedule{{[]Day{"fri"}, "22:00", "07:00"}}, "2026-11-21T22:00:00Z", ""},
		{"several ranges a day: the first", "UTC", Schedule{{Days, "12:00", "13:00"}, {Days, "22:00", "07:00"}}, "2026-11-21T12:30:00Z", "2026-11-21T13:00:00Z"},
		{"several ranges a day: between", "UTC", Schedule{{Days, "12:00", "13:00"}, {Days, "22:00", "07:00"}}, "2026-11-21T13:30:00Z", ""},
		{"ranges that overlap", "UTC", Schedule{{Days, "22:00", "23:30"}, {Days, "23:00", "05:00"}}, "2026-11-21T22:30:00Z", "2026-11-22T05:00:00Z"},
		{"one within the other", "UTC", Schedule{{Days, "22:00", "07:00"}, {Days, "23:00", "23:30"}}, "2026-11-21T23:15:00Z", "2026-11-22T07:00:00Z"},
		{"ranges that touch", "UTC", Schedule{{Days, "22:00", "24:00"}, {Days, "00:00", "05:00"}}, "2026-11-21T22:30:00Z", "2026-11-22T05:00:00Z"},
		{"a whole weekend", "UTC", Schedule{{[]Day{"fri"}, "18:00", "24:00"}, {[]Day{"sat", "sun"}, "00:00", "24:00"}}, "2026-11-20T18:00:00Z", "2026-11-23T00:00:00Z"},
		{"five days in a row", "UTC", Schedule{{[]Day{"mon", "tue", "wed", "thu", "fri"}, "00:00", "24:00"}}, "2026-11-16T00:00:00Z", "2026-11-21T00:00:00Z"},
		{"never anything else: for more than a week", "UTC", daily("00:00", "24:00"), "2026-11-16T12:00:00Z", "2026-11-25T00:00:00Z"},

		{"equal is never", "UTC", daily("08:00", "08:00"), "2026-11-21T08:00:00Z", ""},
		{"no beginning", "UTC", daily("late", "07:00"), "2026-11-21T23:00:00Z", ""},
		{"no end", "UTC", daily("22:00", ""), "2026-11-21T23:00:00Z", ""},
		{"25 o'clock", "UTC", daily("22:00", "25:00"), "2026-11-21T23:00:00Z", ""},
		{"from 24:00", "UTC", daily("24:00", "07:00"), "2026-11-22T01:00:00Z", ""},
		{"minute 60", "UTC", daily("22:00", "22:60"), "2026-11-21T22:30:00Z", ""},
		{"another day's name", "UTC", Schedule{{[]Day{"saturday"}, "10:00", "12:00"}}, "2026-11-21T11:00:00Z", ""},

		{"east", "Asia/Kolkata", daily("22:00", "07:00"), "2026-11-21T16:30:00Z", "2026-11-22T01:30:00Z"},
		{"east, a minute early", "Asia/Kolkata", daily("22:00", "07:00"), "2026-11-21T16:29:00Z", ""},
		{"west, on the day before", "America/Los_Angeles", daily("22:00", "07:00"), "2026-11-21T06:00:00Z", "2026-11-21T15:00:00Z"},
		{"another zone in now", "Europe/Berlin", daily("22:00", "07:00"), "2026-11-21T16:30:00-05:00", "2026-11-22T06:00:00Z"},
		{"the date that Samoa skipped: before", "Pacific/Apia", daily("22:00", "07:00"), "2011-12-30T09:00:00Z", "2011-12-30T17:00:00Z"},
		{"the date that Samoa skipped: within it", "Pacific/Apia", Schedule{{[]Day{"fri"}, "10:00", "12:00"}}, "2011-12-30T10:00:00Z", ""},

		// Named in issue 16. New York: 2024-11-03 02:00 EDT is 01:00 EST, and 2024-03-10 02:00 EST is 03:00 EDT.
		{"New York, the second 01:10", "America/New_York", daily("22:00", "01:30"), "2024-11-03T01:10:00-05:00", "2024-11-03T01:30:00-05:00"},
		{"New York, the first 01:10", "America/New_York", daily("22:00", "01:30"), "2024-11-03T01:10:00-04:00", "2024-11-03T01:30:00-05:00"},
		{"New York, between the two 01:30", "America/New_York", daily("22:00", "01:30"), "2024-11-03T01:45:00-04:00", "2024-11-03T01:30:00-05:00"},
		{"New York, after the second 01:30", "America/New_York", daily("22:00", "01:30"), "2024-11-03T01:30:00-05:00", ""},
		{"New York, no 02:30 that night", "America/New_York", daily("22:00", "02:30"), "2024-03-10T01:45:00-05:00", "2024-03-10T03:00:00-04:00"},
		{"New York, after the gap", "America/New_York", daily("22:00", "02:30"), "2024-03-10T03:00:00-04:00", ""},
		{"Berlin, the first 02:30", "Europe/Berlin", daily("22:00", "02:30"), "2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"},
		{"Auckland, the first 02:30", "Pacific/Auckland", daily("22:00", "02:30"), "2024-04-07T02:30:00+13:00", "2024-04-07T02:30:00+12:00"},
		{"Casablanca, the first 02:30", "Africa/Casablanca", daily("22:00", "02:30"), "2024-03-10T02:30:00+01:00", "2024-03-10T02:30:00+00:00"},

		{"wholly in the gap", "Europe/Berlin", daily("02:15", "02:45"), "2027-03-28T01:00:00Z", ""},
		{"from within the gap", "Europe/Berlin", daily("02:30", "07:00"), "2027-03-28T01:00:00Z", "2027-03-28T05:00:00Z"},
		{"an hour that comes twice: once", "Europe/Berlin", daily("02:15", "02:45"), "2027-10-31T00:30:00Z", "2027-10-31T01:45:00Z"},
		{"an hour that comes twice: between", "Europe/Berlin", daily("02:15", "02:45"), "2027-10-31T01:00:00Z", "2027-10-31T01:45:00Z"},
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
	tests := []struct {
		name string
		r    Range
		want []string // fields
	}{
		{"a night", Range{Days, "22:00", "07:00"}, nil},
		{"a day", Range{[]Day{"mon"}, "00:00", "24:00"}, nil},
		{"no days", Range{nil, "22:00", "07:00"}, []string{"days"}},
		{"a day twice", Range{[]Day{"mon", "mon"}, "22:00", "07:00"}, []string{"days"}},
		{"a day by its full name", Range{[]Day{"monday"}, "22:00", "07:00"}, []string{"days"}},
		{"from 24:00", Range{Days, "24:00", "07:00"}, []string{"from"}},
		{"a time without a zero", Range{Days, "22:00", "7:00"}, []string{"to"}},
		{"no time", Range{Days, "", ""}, []string{"from", "to"}},
		{"seconds", Range{Days, "22:00:00", "07:00"}, []string{"from"}},
		{"a sign", Range{Days, "+2:00", "07:00"}, []string{"from"}},
		{"nothing between", Range{Days, "22:00", "22:00"}, []string{"to"}},
		{"all at once", Range{[]Day{"x"}, "9", "25:00"}, []string{"days", "from", "to"}},
	}
	for _, test := range tests {
		var got []string
		for _, p := range test.r.Check() {
			got = append(got, p.Field)
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
			continue
		}
		for i := range got {
			if got[i] != test.want[i] {
				t.Errorf("%s: got %q, want %q", test.name, got, test.want)
			}
		}
	}
}

func BenchmarkUntil(b *testing.B) {
	zone, now := zoneOf(b, "America/New_York"), time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC)
	for name, s := range map[string]Schedule{
		"a night":          daily("17:00", "07:00"),
		"fourteen ranges":  {{Days[:1], "00:00", "06:00"}, {Days[1:2], "00:00", "06:00"}, {Days[2:3], "00:00", "06:00"}, {Days[3:4], "00:00", "06:00"}, {Days[4:5], "00:00", "06:00"}, {Days[5:6], "00:00", "06:00"}, {Days[6:], "00:00", "06:00"}, {Days[:1], "17:00", "24:00"}, {Days[1:2], "17:00", "24:00"}, {Days[2:3], "17:00", "24:00"}, {Days[3:4], "17:00", "24:00"}, {Days[4:5], "17:00", "24:00"}, {Days[5:6], "17:00", "24:00"}, {Days[6:], "17:00", "24:00"}},
		"all of the week":  daily("00:00", "24:00"),
		"not quiet by now": daily("01:00", "02:00"),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Until(now, zone)
			}
		})
	}
}
