package insight_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
)

// answer is what GET /v1/insight/types answers.
type answer struct {
	From, To string
	Rows     []fact.Row
	Held     []fact.HeldRow
	Errors   event.FieldErrors
}

// types asks as an account.
func (r *rig) types(t *testing.T, account, query string) (status int, a answer) {
	t.Helper()
	w := call(r, account, "/v1/insight/types?"+query)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, a
}

// month makes facts of 20 days before now, of which some are told several times, up to a week later. Of an item are those of two days.
func month() (all []fact.Fact) {
	random := rand.New(rand.NewPCG(1, 2))
	stages := []fact.Stage{fact.Accepted, fact.Shown, fact.Pushed, fact.Held, fact.Seen, fact.Opened, fact.Acted, fact.Displayed}
	types := []string{"info", "comment.created", "order.shipped"}
	for n := range 400 {
		ago := random.IntN(20 * 24 * 60) // minutes
		happened := now.Add(-time.Duration(ago) * time.Minute)
		f := fact.Fact{
			Person: fmt.Sprint("p", random.IntN(4)), Source: "/shop", Event: fmt.Sprint(n), Type: types[random.IntN(3)], Item: fmt.Sprint("i", ago/3000),
			Revision: 1, Stage: stages[random.IntN(len(stages))], Channel: []fact.Channel{fact.InApp, fact.Push}[random.IntN(2)],
			HappenedAt: fact.At(happened), AcceptedAt: fact.At(happened.Add(-time.Minute)), Attempt: 1,
		}
		if f.Stage == fact.Held {
			f.Reason = []string{"quiet_hours", "presence"}[random.IntN(2)]
		}
		for range 1 + random.IntN(3) {
			f.HappenedAt = fact.At(happened) + fact.Micros(random.IntN(2)*random.IntN(7*24*60*60*1e6))
			all = append(all, f.Sealed())
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func TestTypesAreTheRollUpOfTheDays(t *testing.T) {
	t.Parallel()
	all := month()
	r := start(t)
	r.tell(t, all...)
	for _, days := range [][2]string{{"2026-11-21", "2026-11-27"}, {"2026-11-27", "2026-11-27"}, {"2026-11-01", "2026-12-01"}, {"2026-11-10", "2026-11-12"}} {
		status, got := r.types(t, desk, "from="+days[0]+"&to="+days[1])
		outside := func(day string) bool { return day < days[0] || day > days[1] }
		want := answer{From: days[0], To: days[1], Rows: fact.RollUp(all), Held: fact.RollUpHeld(all)}
		want.Rows = slices.DeleteFunc(want.Rows, func(r fact.Row) bool { return outside(r.Day) })
		want.Held = slices.DeleteFunc(want.Held, func(r fact.HeldRow) bool { return outside(r.Day) })
		if diff := cmp.Diff(want, got); status != 200 || diff != "" {
			t.Errorf("%v: got %d, %s", days, status, diff)
		}
		if len(got.Rows) == 0 || len(got.Held) == 0 {
			t.Errorf("%v: got no rows, so that nothing was compared", days)
		}
	}
}

func TestAProducerSeesItsTypes(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.tell(t, month()...)
	_, all := r.types(t, desk, "")
	status, infos := r.types(t, shop, "")
	if all.From != "2026-11-21" || all.To != "2026-11-27" {
		t.Errorf("got %s to %s, want the last seven days", all.From, all.To)
	}
	want := slices.DeleteFunc(slices.Clone(all.Rows), func(r fact.Row) bool { return r.Type != "info" })
	if diff := cmp.Diff(want, infos.Rows); status != 200 || len(want) == 0 || len(want) == len(all.Rows) || diff != "" {
		t.Errorf("got %d, %s", status, diff)
	}
	if slices.ContainsFunc(infos.Held, func(r fact.HeldRow) bool { return r.Type != "info" }) || len(infos.Held) == 0 {
		t.Errorf("got %v of what was held, want those of info", infos.Held)
	}
	if status, got := r.types(t, page, ""); status != 403 || len(got.Errors) != 1 || got.Errors[0].Field != "insight" {
		t.Errorf("got %d, %v of a producer without types", status, got.Errors)
	}
}

func TestNothingIsNoFigures(t *testing.T) {
	t.Parallel()
	if status, got := start(t).types(t, desk, ""); status != 200 || got.Rows == nil || got.Held == nil || len(got.Rows)+len(got.Held) > 0 {
		t.Errorf("got %d, %v, want empty lists", status, got)
	}
}

func TestWrongDays(t *testing.T) {
	t.Parallel()
	r := start(t)
	tests := []struct{ name, query, field, says string }{
		{"no date", "from=yesterday", "from", `"yesterday"`},
		{"no day of the calendar", "to=2026-02-30", "to", `"2026-02-30"`},
		{"a time", "from=2026-11-01T00:00:00Z", "from", "a day in UTC"},
		{"empty", "to=", "to", `""`},
		{"before time", "from=0001-01-01&to=0001-01-02", "from to", "a day in UTC"},
		{"twice", "from=2026-11-26&from=2026-11-27", "from", "give it once"},
		{"the wrong way round", "from=2026-11-27&to=2026-11-26", "from", "is after to"},
		{"too many", "from=2026-10-27&to=2026-11-27", "from", "32 days; ask for 31"},
		{"too many until today", "from=2026-01-01", "from", "ask for 31"},
		{"unknown", "since=2026-11-01", "since", "there are from and to"},
		{"two at once", "from=x&to=y", "from to", "a day in UTC"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, got := r.types(t, desk, test.query)
			var fields []string
			for _, e := range got.Errors {
				fields = append(fields, e.Field)
			}
			if status != 400 || strings.Join(fields, " ") != test.field || !strings.Contains(got.Errors.Error(), test.says) {
				t.Errorf("got %d, %v, want a 400 of %s that says %s", status, got.Errors, test.field, test.says)
			}
		})
	}
	if status, _ := r.types(t, desk, "from=2026-10-28&to=2026-11-27"); status != 200 {
		t.Errorf("got %d of 31 days", status)
	}
}
