package fact_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/bigquery"
	"tidings.dev/shared/fact"
)

// model counts what month makes while it makes it, in another way than the roll-up does: from the steps, and not from facts.
type model struct {
	rows map[[3]string]*fact.Row
	took map[[3]string][]int64
	held map[fact.HeldRow]int64
}

func (m *model) add(f fact.Fact) {
	k := [3]string{f.Type, string(f.Channel), f.Day}
	if m.rows[k] == nil {
		m.rows[k] = &fact.Row{Type: f.Type, Channel: f.Channel, Day: f.Day}
	}
	row := m.rows[k]
	*map[fact.Stage]*int64{
		fact.Accepted: &row.Accepted, fact.Shown: &row.Shown, fact.Pushed: &row.Pushed, fact.Held: &row.Held, fact.Retried: &row.Retried,
		fact.Mailed: &row.Mailed, fact.Withdrawn: &row.Withdrawn, fact.DeadLettered: &row.DeadLettered,
	}[f.Stage]++
	if f.Stage == fact.Held {
		m.held[fact.HeldRow{Type: f.Type, Channel: f.Channel, Day: f.Day, Reason: f.Reason}]++
	}
	if f.Event != "" && (f.Stage == fact.Shown || f.Stage == fact.Pushed || f.Stage == fact.Mailed) {
		m.took[k] = append(m.took[k], int64(f.HappenedAt)-int64(f.AcceptedAt))
	}
}

// sorted are the model's rows, as the roll-up has them.
func (m *model) sorted() (rows []fact.Row, held []fact.HeldRow) {
	for k, row := range m.rows {
		times := m.took[k]
		slices.Sort(times)
		if row.Timed = int64(len(times)); len(times) > 0 {
			row.MedianMicros = times[(len(times)+1)/2-1]
			row.P95Micros = times[(len(times)*95+99)/100-1]
		}
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b fact.Row) int {
		return slices.Compare([]string{a.Type, string(a.Channel), a.Day}, []string{b.Type, string(b.Channel), b.Day})
	})
	for row, n := range m.held {
		row.Count = n
		held = append(held, row)
	}
	slices.SortFunc(held, func(a, b fact.HeldRow) int {
		return slices.Compare([]string{a.Type, string(a.Channel), a.Day, a.Reason}, []string{b.Type, string(b.Channel), b.Day, b.Reason})
	})
	return rows, held
}

// month is the facts of a November: each delivered 1 to 5 times, some told anew later by another instance, in any order; and the model of them.
func month(r *rand.Rand, events int) (delivered []fact.Fact, m *model) {
	m = &model{rows: map[[3]string]*fact.Row{}, took: map[[3]string][]int64{}, held: map[fact.HeldRow]int64{}}
	tell := func(f fact.Fact) {
		f = f.Sealed()
		m.add(f)
		for range 1 + r.IntN(5) {
			again := f
			if r.IntN(4) == 0 && f.Stage != fact.Retried { // the message came another time: the step is told as it is then
				again.HappenedAt += fact.Micros(1 + r.Int64N(36*3600*1e6)) // maybe on another day
				again.Attempt, again.Instance = again.Attempt+1, "notify/2"
				if f.Event != "" {
					again.Revision, again.Type = again.Revision+1, "renamed.since"
				}
				again = again.Sealed()
			}
			delivered = append(delivered, again)
		}
		delivered = append(delivered, f)
	}
	types := []string{"post.liked", "order.shipped", "security.alert"}
	reasons := []string{"quiet_hours", "presence", "preference", "budget"}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for n := range events {
		accepted := start.Add(time.Duration(r.Int64N(int64(30 * 24 * time.Hour))))
		if r.IntN(2) == 0 { // a busy day, on which percentiles are far apart
			accepted = start.Add(9*24*time.Hour + time.Duration(r.Int64N(int64(12*time.Hour))))
		}
		later := func(most time.Duration) fact.Micros {
			return fact.At(accepted.Add(time.Duration(r.Int64N(int64(most)))))
		}
		f := fact.Fact{
			Person: key.Person(fmt.Sprint("person ", r.IntN(40))), Source: "//shop", Event: fmt.Sprint("e", n), Type: types[r.IntN(len(types))],
			Item: fmt.Sprint("i", n), Revision: 1, AcceptedAt: fact.At(accepted), Attempt: 1, Instance: "notify/1",
		}
		step := func(stage fact.Stage, channel fact.Channel, at fact.Micros, reason string) {
			s := f
			s.Stage, s.Channel, s.HappenedAt, s.Reason = stage, channel, at, reason
			tell(s)
		}
		step(fact.Accepted, fact.InApp, f.AcceptedAt, "")
		switch r.IntN(10) {
		case 0:
			step(fact.DeadLettered, fact.InApp, later(time.Hour), "unreadable")
			continue
		case 1:
			step(fact.Retried, fact.InApp, later(time.Minute), "firestore")
		}
		step(fact.Shown, fact.InApp, later(2*time.Second), "")
		switch r.IntN(4) {
		case 0, 1:
			step(fact.Pushed, fact.Push, later(3*time.Second), "")
		case 2:
			step(fact.Held, fact.Push, later(2*time.Second), reasons[r.IntN(len(reasons))])
			f.Source, f.Event, f.AcceptedAt = "", "", 0 // the end of the quiet looks at the item
			step(fact.Pushed, fact.Push, later(9*time.Hour), "")
		case 3:
			step(fact.Held, fact.Push, later(2*time.Second), "default")
			step(fact.Mailed, fact.Email, later(time.Hour), "")
			step(fact.Withdrawn, fact.InApp, later(24*time.Hour), "")
		}
	}
	r.Shuffle(len(delivered), func(i, j int) { delivered[i], delivered[j] = delivered[j], delivered[i] })
	return delivered, m
}

// The model, the roll-up in Go and the views in SQL say the same of a month, to the last digit, however often each fact comes.
func TestTheRollUpIsTheModelAndTheViews(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for seed := range uint64(5) {
		facts, m := month(rand.New(rand.NewPCG(seed, 18)), 400)
		rows, held := m.sorted()
		if diff := cmp.Diff(rows, fact.RollUp(facts)); diff != "" {
			t.Fatalf("seed %d: the roll-up (-model +Go):\n%s", seed, diff)
		}
		if diff := cmp.Diff(held, fact.RollUpHeld(facts)); diff != "" {
			t.Fatalf("seed %d: what was held (-model +Go):\n%s", seed, diff)
		}
		if seed > 0 { // SQLite is slow with the race detector
			continue
		}
		table, err := bigquery.Open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { table.Close() })
		var messages [][]byte
		for _, f := range facts {
			data, err := f.Encode()
			if err != nil {
				t.Fatal(err)
			}
			messages = append(messages, data)
		}
		if err := table.Insert(ctx, messages...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows, asked[fact.Row](t, table, "SELECT * FROM facts_rollup ORDER BY type, channel, day")); diff != "" {
			t.Fatalf("seed %d: facts_rollup (-model +SQL):\n%s", seed, diff)
		}
		if diff := cmp.Diff(held, asked[fact.HeldRow](t, table, "SELECT * FROM facts_held ORDER BY type, channel, day, reason")); diff != "" {
			t.Fatalf("seed %d: facts_held (-model +SQL):\n%s", seed, diff)
		}
	}
}

// asked is a query's answer, each row as a T by the names of its columns.
func asked[T any](t *testing.T, table *bigquery.Table, query string) []T {
	t.Helper()
	rows, err := bigquery.Query[T](context.Background(), table, query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
