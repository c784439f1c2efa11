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

// model counts what month makes while it makes it, in another way than the roll-up does: from the steps in their order, and not from facts.
type model struct {
	rows map[[3]string]*fact.Row
	took map[[3]string]*[3][]int64 // until told, seen, acted
	told []*toldOne
	held []*heldOne
}

// toldOne is what a channel told, with when its person first did something about it.
type toldOne struct {
	fact.Fact
	done map[fact.Stage]fact.Micros
}

type heldOne struct {
	fact.Fact
	released, seen bool
}

func (m *model) row(f fact.Fact) *fact.Row {
	k := [3]string{f.Type, string(f.Channel), f.Day}
	if m.rows[k] == nil {
		m.rows[k], m.took[k] = &fact.Row{Type: f.Type, Channel: f.Channel, Day: f.Day}, &[3][]int64{}
	}
	return m.rows[k]
}

// add is a step that a function takes.
func (m *model) add(f fact.Fact) {
	row := m.row(f)
	*map[fact.Stage]*int64{
		fact.Accepted: &row.Accepted, fact.Shown: &row.Shown, fact.Pushed: &row.Pushed, fact.Held: &row.Held, fact.Retried: &row.Retried,
		fact.Mailed: &row.Mailed, fact.Bounced: &row.Bounced, fact.Unsubscribed: &row.Unsubscribed, fact.Withdrawn: &row.Withdrawn, fact.DeadLettered: &row.DeadLettered,
	}[f.Stage]++
	switch f.Stage {
	case fact.Held:
		m.held = append(m.held, &heldOne{Fact: f})
	case fact.Shown, fact.Pushed, fact.Mailed:
		m.told = append(m.told, &toldOne{f, map[fact.Stage]fact.Micros{}})
		for _, h := range m.held {
			h.released = h.released || h.Person == f.Person && h.Item == f.Item && h.Channel == f.Channel && f.HappenedAt > h.HappenedAt
		}
	}
}

// do is what a person does with all that an item has told until now.
func (m *model) do(f fact.Fact) {
	for _, t := range m.told {
		own := f.Stage == fact.Displayed || f.Stage == fact.Dismissed
		if t.Person != f.Person || t.Item != f.Item || own && t.Channel != f.Channel {
			continue
		}
		if at, did := t.done[f.Stage]; !did || f.HappenedAt < at {
			t.done[f.Stage] = f.HappenedAt
		}
	}
	for _, h := range m.held {
		h.seen = h.seen || f.Stage == fact.Seen && h.Person == f.Person && h.Item == f.Item
	}
}

// count counts what came of what was told, when all is known.
func (m *model) count() {
	for _, t := range m.told {
		row := m.row(t.Fact)
		took := m.took[[3]string{t.Type, string(t.Channel), t.Day}]
		if t.Event != "" {
			took[0] = append(took[0], int64(t.HappenedAt)-int64(t.AcceptedAt))
		}
		for stage, at := range t.done {
			*map[fact.Stage]*int64{
				fact.Displayed: &row.Displayed, fact.Seen: &row.Seen, fact.Opened: &row.Opened, fact.Acted: &row.Acted, fact.Dismissed: &row.Dismissed,
			}[stage]++
			if i := slices.Index([]fact.Stage{fact.Seen, fact.Acted}, stage); i >= 0 {
				took[i+1] = append(took[i+1], max(0, int64(at)-int64(t.HappenedAt)))
			}
		}
		for _, h := range m.held {
			off := h.Reason == "preference" || h.Reason == "mute" && h.Item == t.Item
			after := h.HappenedAt.Time().Sub(t.HappenedAt.Time())
			if off && h.Person == t.Person && h.Type == t.Type && h.Channel == t.Channel && after > 0 && after <= 7*24*time.Hour {
				row.MutedAfter++
				break
			}
		}
	}
}

// sorted are the model's rows, as the roll-up has them.
func (m *model) sorted() (rows []fact.Row, held []fact.HeldRow) {
	m.count()
	for k, row := range m.rows {
		for i, to := range [][2]*int64{{&row.MedianMicros, &row.P95Micros}, {&row.SeenMedianMicros, &row.SeenP95Micros}, {&row.ActedMedianMicros, &row.ActedP95Micros}} {
			times := m.took[k][i]
			slices.Sort(times)
			if len(times) > 0 {
				*to[0], *to[1] = times[(len(times)+1)/2-1], times[(len(times)*95+99)/100-1]
			}
		}
		row.Timed = int64(len(m.took[k][0]))
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b fact.Row) int {
		return slices.Compare([]string{a.Type, string(a.Channel), a.Day}, []string{b.Type, string(b.Channel), b.Day})
	})
	for _, h := range m.held {
		i := slices.IndexFunc(held, func(r fact.HeldRow) bool {
			return r.Type == h.Type && r.Channel == h.Channel && r.Day == h.Day && r.Reason == h.Reason
		})
		if i < 0 {
			i, held = len(held), append(held, fact.HeldRow{Type: h.Type, Channel: h.Channel, Day: h.Day, Reason: h.Reason})
		}
		held[i].Count++
		if h.released {
			held[i].Released++
		}
		if h.seen {
			held[i].Seen++
		}
	}
	slices.SortFunc(held, func(a, b fact.HeldRow) int {
		return slices.Compare([]string{a.Type, string(a.Channel), a.Day, a.Reason}, []string{b.Type, string(b.Channel), b.Day, b.Reason})
	})
	return rows, held
}

// teller makes the month: what it tells is delivered 1 to 5 times, and some of it is told anew later by another instance.
type teller struct {
	*rand.Rand
	delivered []fact.Fact
	m         *model
}

func (t *teller) tell(f fact.Fact) {
	f = f.Sealed()
	isDeed := slices.Contains([]fact.Stage{fact.Displayed, fact.Seen, fact.Opened, fact.Acted, fact.Dismissed}, f.Stage)
	if isDeed {
		t.m.do(f)
	} else {
		t.m.add(f)
	}
	for range t.IntN(5) {
		again := f
		if t.IntN(4) == 0 && f.Stage != fact.Retried { // the message came another time: the step is told as it is then
			again.HappenedAt += fact.Micros(1 + t.Int64N(36*3600*1e6)) // maybe on another day
			again.Attempt, again.Instance = again.Attempt+1, "notify/2"
			if f.Event != "" || isDeed { // or the item has changed silently since, and a deed is told of that state, too
				again.Revision, again.Type = again.Revision+1, "renamed.since"
			}
			again = again.Sealed()
		}
		t.delivered = append(t.delivered, again)
	}
	t.delivered = append(t.delivered, f)
}

// month is the facts of a November: each delivered 1 to 5 times, in any order; and the model of them.
func month(r *rand.Rand, events int) (delivered []fact.Fact, m *model) {
	t := &teller{r, nil, &model{rows: map[[3]string]*fact.Row{}, took: map[[3]string]*[3][]int64{}}}
	types := []string{"post.liked", "order.shipped", "security.alert"}
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for n := 0; n < events; {
		item := n
		accepted := start.Add(time.Duration(r.Int64N(int64(30 * 24 * time.Hour))))
		if r.IntN(2) == 0 { // a busy day, on which percentiles are far apart
			accepted = start.Add(9*24*time.Hour + time.Duration(r.Int64N(int64(12*time.Hour))))
		}
		f := fact.Fact{
			Person: key.Person(fmt.Sprint("person ", r.IntN(40))), Source: "//shop", Type: types[r.IntN(len(types))], Item: fmt.Sprint("i", item), Attempt: 1, Instance: "notify/1",
		}
		for range 1 + r.IntN(3) { // the events of a group, each of which makes another state, two apart: there are silent ones
			f.Event, f.AcceptedAt = fmt.Sprint("e", n), fact.At(accepted)
			f.Revision += 2
			t.event(f, accepted)
			t.deeds(f, accepted)
			accepted = accepted.Add(time.Duration(r.Int64N(int64(5 * 24 * time.Hour))))
			n++
		}
	}
	r.Shuffle(len(t.delivered), func(i, j int) { t.delivered[i], t.delivered[j] = t.delivered[j], t.delivered[i] })
	return t.delivered, t.m
}

// event tells what becomes of an event.
func (t *teller) event(f fact.Fact, accepted time.Time) {
	later := func(most time.Duration) fact.Micros {
		return fact.At(accepted.Add(time.Duration(t.Int64N(int64(most)))))
	}
	step := func(stage fact.Stage, channel fact.Channel, at fact.Micros, reason string) {
		s := f
		s.Stage, s.Channel, s.HappenedAt, s.Reason = stage, channel, at, reason
		t.tell(s)
	}
	reasons := []string{"quiet_hours", "presence", "preference", "mute", "budget"}
	step(fact.Accepted, fact.InApp, f.AcceptedAt, "")
	switch t.IntN(10) {
	case 0:
		step(fact.DeadLettered, fact.InApp, later(time.Hour), "unreadable")
		return
	case 1:
		step(fact.Retried, fact.InApp, later(time.Minute), "firestore")
	case 2:
		step(fact.Held, fact.InApp, later(time.Second), reasons[2+t.IntN(2)])
		return
	}
	step(fact.Shown, fact.InApp, later(2*time.Second), "")
	switch t.IntN(4) {
	case 0, 1:
		step(fact.Pushed, fact.Push, later(3*time.Second), "")
		if t.IntN(4) == 0 { // another event came together with it, and is held by the interval: the push was before
			f.Event += " too"
			step(fact.Held, fact.Push, fact.At(accepted.Add(4*time.Second)), "interval")
		}
	case 2:
		step(fact.Held, fact.Push, later(2*time.Second), reasons[t.IntN(len(reasons))])
		if t.IntN(2) == 0 {
			f.Source, f.Event, f.AcceptedAt = "", "", 0 // the end of the quiet looks at the item
			step(fact.Pushed, fact.Push, later(9*time.Hour), "")
		}
	case 3:
		step(fact.Held, fact.Push, later(2*time.Second), "default")
		f.Source, f.Event, f.AcceptedAt = "", "", 0 // a mail is about the item
		if t.IntN(4) == 0 {
			step(fact.Bounced, fact.Email, later(time.Hour), "")
		} else {
			step(fact.Mailed, fact.Email, later(time.Hour), "")
		}
		if t.IntN(4) == 0 { // by a digest, which may go anew, or tell of the same state on the next day
			step(fact.Mailed, fact.Email, later(24*time.Hour), "digest")
		}
		if t.IntN(3) == 0 {
			step(fact.Unsubscribed, fact.Email, later(48*time.Hour), "social")
		}
		if t.IntN(10) == 0 {
			f.Type, f.Item, f.Revision = "", fmt.Sprint("digest-", f.Item, "-", f.Revision), 0 // a period of its own
			step(fact.Unsubscribed, fact.Email, later(48*time.Hour), "digest")
		}
	}
}

// deeds tells what the person does with the item as it is now.
func (t *teller) deeds(f fact.Fact, accepted time.Time) {
	f.Source, f.Event, f.AcceptedAt, f.Type = "", "", 0, ""
	for _, stage := range []fact.Stage{fact.Displayed, fact.Seen, fact.Opened, fact.Acted, fact.Dismissed} {
		if t.IntN(2) == 0 {
			continue
		}
		f.Stage, f.Channel, f.HappenedAt = stage, fact.InApp, fact.At(accepted.Add(time.Duration(t.Int64N(int64(20*time.Hour)))))
		if stage == fact.Displayed || stage == fact.Dismissed && t.IntN(2) == 0 {
			f.Channel = fact.Push
		}
		t.tell(f)
	}
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
