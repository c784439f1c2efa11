package quiet

import (
	"fmt"
	"testing"
	"time"
)

// years are places whose clocks change, each with a year in which they do.
var years = []struct {
	zone string
	year int
}{
	{"America/New_York", 2024}, {"Europe/Berlin", 2024}, {"Europe/London", 2027}, {"Pacific/Auckland", 2024},
	{"Australia/Lord_Howe", 2024},                  // by half an hour
	{"Africa/Cairo", 2024},                         // at midnight
	{"Africa/Casablanca", 2024},                    // around Ramadan
	{"Asia/Almaty", 2024},                          // for good, on 1 March at midnight
	{"America/Nuuk", 2023}, {"America/Nuuk", 2024}, // to summer time for good, and then with the EU, on the evening of a Saturday
	{"America/Santiago", 2024}, {"Asia/Kathmandu", 2026}, // at midnight; never, and 45 minutes off
}

// windows touch the hours in which clocks change.
var windows = []Schedule{
	week("22:00-00:00"), week("22:00-01:30"), week("22:00-02:30"), week("22:00-03:00"), week("23:30-00:30"),
	week("00:00-03:30"), week("01:30-02:15"), week("02:15-02:45"), week("00:30-02:00"), week("03:00-03:30"), week("23:00-24:00"),
	week("sat 22:00-02:30", "sun 00:00-01:45", "sun 02:00-03:15", "mon,thu,fri 23:15-00:15"),
}

// minute is one of the year, with what the clock on the wall shows then, as seconds since 1970-01-01 of that clock.
type minute struct {
	at   int64
	wall int64
}

func minutesOf(zone *time.Location, year int) (all []minute) {
	from, until := time.Date(year-1, 12, 29, 0, 0, 0, 0, time.UTC), time.Date(year+1, 1, 4, 0, 0, 0, 0, time.UTC)
	for at := from; at.Before(until); at = at.Add(time.Minute) {
		_, offset := at.In(zone).Zone()
		all = append(all, minute{at.Unix(), at.Unix() + int64(offset)})
	}
	return all
}

// quietMinutes is the definition, applied naively: it looks at every minute of three days for each period.
func quietMinutes(all []minute, s Schedule) []bool {
	quiet := make([]bool, len(all))
	for day := all[0].wall / daySeconds; day <= all[len(all)-1].wall/daySeconds; day++ {
		for _, r := range s[Days[(day+3)%7]] {
			mark(all, quiet, day, r)
		}
	}
	return quiet
}

// mark makes the minutes quiet from the first at or after the beginning to the last one before the end is shown for the last time.
func mark(all []minute, quiet []bool, day int64, r Range) {
	from, to, _ := r.ends()
	if to < from {
		to += dayMinutes
	}
	begins, ends := day*daySeconds+int64(from)*60, day*daySeconds+int64(to)*60
	near := max(0, int(begins-all[0].wall)/60-dayMinutes)
	first, last := -1, -1
	for i := near; i < min(len(all), near+4*dayMinutes); i++ {
		if first < 0 && all[i].wall >= begins {
			first = i
		}
		if all[i].wall < ends {
			last = i
		}
	}
	for i := first; first >= 0 && i <= last; i++ {
		quiet[i] = true
	}
}

// TestEveryMinuteOfAYear: whatever is held at some minute is released once, by the first look of a minute at or after the end that it was given;
// never inside a quiet period, and never later than a minute after its end.
func TestEveryMinuteOfAYear(t *testing.T) {
	t.Parallel()
	for _, y := range years {
		t.Run(fmt.Sprint(y.zone, " ", y.year), func(t *testing.T) {
			t.Parallel()
			zone := zoneOf(t, y.zone)
			all := minutesOf(zone, y.year)
			for _, s := range windows {
				want := quietMinutes(all, s)
				checkYear(t, s, zone, all, want)
			}
		})
	}
}

// margin is how many minutes at the ends of the sample belong to other years: periods are cut off there.
const margin = 3 * dayMinutes

func checkYear(t *testing.T, s Schedule, zone *time.Location, all []minute, want []bool) {
	t.Helper()
	var until time.Time // of the period that the last answer was about
	for i := margin; i < len(all)-margin; i++ {
		at := time.Unix(all[i].at, 0)
		// Within a period each minute must have the same end, so most of them are only compared with it.
		if at.Before(until) && i%53 != 0 && want[i] && want[i-1] {
			continue
		}
		if !want[i] && !want[i-1] && !want[i+1] && i%53 != 0 { // likewise between two
			continue
		}
		end, quiet := s.Until(at, zone)
		if quiet != want[i] {
			t.Fatalf("%+v at %s: got quiet %t", s, at.In(zone), quiet)
		}
		if !quiet {
			continue
		}
		if at.Before(until) && !end.Equal(until) {
			t.Fatalf("%+v at %s: until %s, and a minute before until %s", s, at.In(zone), end.In(zone), until.In(zone))
		}
		until = end
		release := i + int(end.Unix()-at.Unix()+59)/60 // the first look at or after it
		for k := i; k < release; k++ {
			if !want[k] {
				t.Fatalf("%+v at %s: held until %s, but %s is not quiet", s, at.In(zone), end.In(zone), time.Unix(all[k].at, 0).In(zone))
			}
		}
		if _, again := s.Until(time.Unix(all[release].at, 0), zone); want[release] || again {
			t.Fatalf("%+v at %s: released at %s, inside a quiet period", s, at.In(zone), end.In(zone))
		}
	}
}
