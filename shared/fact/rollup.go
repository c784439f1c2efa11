package fact

import (
	"cmp"
	"slices"
	"strings"
)

// Row is what became of a type's events on a channel on a day (UTC): the roll-up. A number is how many persons took the step, once for each
// event or state of an item.
type Row struct {
	Type         string  `json:"type"`
	Channel      Channel `json:"channel"`
	Day          string  `json:"day"`
	Accepted     int64   `json:"accepted"` // is told for in_app: it is the same for all channels
	Shown        int64   `json:"shown"`
	Pushed       int64   `json:"pushed"`
	Held         int64   `json:"held"`
	Retried      int64   `json:"retried"`
	Mailed       int64   `json:"mailed"`
	Bounced      int64   `json:"bounced"`
	Unsubscribed int64   `json:"unsubscribed"` // on this day, by the link in a mail of whichever day; of digests the type is ""
	Withdrawn    int64   `json:"withdrawn"`
	DeadLettered int64   `json:"deadLettered"`
	Timed        int64   `json:"timed"`        // how many of Shown, Pushed and Mailed are known to follow from an event
	MedianMicros int64   `json:"medianMicros"` // from its acceptance until then: of half of them it is this or less; 0 without any
	P95Micros    int64   `json:"p95Micros"`    // likewise of 95 in 100

	// Of Shown, Pushed and Mailed, which are of this day, how many came to this on whichever day ([deeds]). Each is at most their sum.
	Displayed         int64 `json:"displayed"`
	Seen              int64 `json:"seen"`
	Opened            int64 `json:"opened"`
	Acted             int64 `json:"acted"`
	Dismissed         int64 `json:"dismissed"`
	MutedAfter        int64 `json:"mutedAfter"`
	SeenMedianMicros  int64 `json:"seenMedianMicros"` // from being told until seen, of those in Seen; 0 without any
	SeenP95Micros     int64 `json:"seenP95Micros"`
	ActedMedianMicros int64 `json:"actedMedianMicros"` // likewise of those in Acted
	ActedP95Micros    int64 `json:"actedP95Micros"`
}

// HeldRow is how often a type was held for a reason.
type HeldRow struct {
	Type     string  `json:"type"`
	Channel  Channel `json:"channel"`
	Day      string  `json:"day"`
	Reason   string  `json:"reason"`
	Count    int64   `json:"count"`
	Released int64   `json:"released"` // of these: how many the channel told later, as a catch-up does
	Seen     int64   `json:"seen"`     // of these: how many their person has seen, told by the channel or not
}

// Once are the facts without repeats, in no particular order. Of those with one id the earliest holds; of several of the same moment the
// first in the order of what they say, so that it does not matter who came first.
func Once(facts []Fact) []Fact {
	return onceBy(func(f Fact) string { return f.ID }, facts)
}

// onceBy are the first facts of each key, in that order.
func onceBy[K comparable](key func(Fact) K, facts []Fact) []Fact {
	first := make(map[K]Fact, len(facts))
	for _, f := range facts {
		if before, met := first[key(f)]; !met || compare(f, before) < 0 {
			first[key(f)] = f
		}
	}
	once := make([]Fact, 0, len(first))
	for _, f := range first {
		once = append(once, f)
	}
	return once
}

// compare is the order of once.sql. What the id follows from is equal, or is compared too: revision and reason of an event's step are not
// a part of its id.
func compare(a, b Fact) int {
	return cmp.Or(
		cmp.Compare(a.HappenedAt, b.HappenedAt), cmp.Compare(a.HeldUntil, b.HeldUntil), cmp.Compare(a.Attempt, b.Attempt),
		cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.AcceptedAt, b.AcceptedAt), strings.Compare(a.Reason, b.Reason),
		strings.Compare(a.Item, b.Item), strings.Compare(a.Type, b.Type), strings.Compare(a.Instance, b.Instance),
	)
}

type group struct {
	kind    string
	channel Channel
	day     string
}

func groupOf(f Fact) group { return group{f.Type, f.Channel, f.Day} }

// RollUp counts the facts: it is the same for the same set of them, however often and in whatever order they come. Rows are in the order
// of type, channel and day. rollup.sql gives the same numbers.
func RollUp(facts []Fact) []Row {
	once := Once(facts)
	deeds := deedsOf(once)
	rows, took := map[group]*Row{}, map[group]*times{}
	for _, f := range once {
		if f.Stage.isDeed() {
			continue
		}
		g := groupOf(f)
		if rows[g] == nil {
			rows[g], took[g] = &Row{Type: g.kind, Channel: g.channel, Day: g.day}, &times{}
		}
		if n := rows[g].count(f.Stage); n != nil {
			*n++
		}
		if f.Stage.tells() {
			if f.AcceptedAt > 0 {
				took[g].told = append(took[g].told, int64(f.HappenedAt-f.AcceptedAt))
			}
			rows[g].countDeeds(f, deeds, took[g])
		}
	}
	all := make([]Row, 0, len(rows))
	for g, row := range rows {
		t := took[g]
		row.Timed = int64(len(t.told))
		row.MedianMicros, row.P95Micros = ranks(t.told)
		row.SeenMedianMicros, row.SeenP95Micros = ranks(t.seen)
		row.ActedMedianMicros, row.ActedP95Micros = ranks(t.acted)
		all = append(all, *row)
	}
	slices.SortFunc(all, func(a, b Row) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), cmp.Compare(a.Channel, b.Channel), strings.Compare(a.Day, b.Day))
	})
	return all
}

// times are what a row's percentiles are of, in microseconds.
type times struct{ told, seen, acted []int64 }

// tells reports whether the stage is one in which a channel tells the person.
func (s Stage) tells() bool { return s == Shown || s == Pushed || s == Mailed }

// count is where a stage is counted; nil for deeds.
func (r *Row) count(s Stage) *int64 {
	switch s {
	case Accepted:
		return &r.Accepted
	case Shown:
		return &r.Shown
	case Pushed:
		return &r.Pushed
	case Held:
		return &r.Held
	case Retried:
		return &r.Retried
	case Mailed:
		return &r.Mailed
	case Bounced:
		return &r.Bounced
	case Unsubscribed:
		return &r.Unsubscribed
	case Withdrawn:
		return &r.Withdrawn
	case DeadLettered:
		return &r.DeadLettered
	}
	return nil
}

// ranks are the median and the 95th percentile.
func ranks(values []int64) (median, p95 int64) {
	slices.Sort(values)
	return rank(values, 50), rank(values, 95)
}

// rank is the nearest rank: the least of the sorted values to which so many in a hundred of them come, itself among them; 0 of none. It
// needs no division, in which the dialects of SQL differ.
func rank(sorted []int64, percent int) int64 {
	for i, v := range sorted {
		if (i+1)*100 >= len(sorted)*percent {
			return v
		}
	}
	return 0
}

// RollUpHeld counts what was held, by reason, in the order of type, channel, day and reason. held.sql gives the same numbers.
func RollUpHeld(facts []Fact) []HeldRow {
	once := Once(facts)
	deeds := deedsOf(once)
	rows := map[HeldRow]*HeldRow{}
	for _, f := range once {
		if f.Stage != Held {
			continue
		}
		key := HeldRow{Type: f.Type, Channel: f.Channel, Day: f.Day, Reason: f.Reason}
		if rows[key] == nil {
			row := key
			rows[key] = &row
		}
		rows[key].Count++
		if deeds.toldLater(f) {
			rows[key].Released++
		}
		if _, seen := deeds.first(f, Seen); seen {
			rows[key].Seen++
		}
	}
	all := make([]HeldRow, 0, len(rows))
	for _, row := range rows {
		all = append(all, *row)
	}
	slices.SortFunc(all, func(a, b HeldRow) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), cmp.Compare(a.Channel, b.Channel), strings.Compare(a.Day, b.Day), strings.Compare(a.Reason, b.Reason))
	})
	return all
}
