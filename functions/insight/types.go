package insight

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/infra/facts"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/warehouse"
)

const (
	usualDays = 7  // how many days are answered for where nobody says which
	mostDays  = 31 // and how many at most: more than facts are kept for
)

// figures are what became of events, by type, channel and day.
type figures struct {
	From string         `json:"from"` // the first day
	To   string         `json:"to"`   // the last day
	Rows []fact.Row     `json:"rows"`
	Held []fact.HeldRow `json:"held"`
}

// types answers what became of the events of some days: of the types that the producer may post, or of all.
func (fn *function) types(w http.ResponseWriter, r *http.Request, p *producers.Producer) error {
	days, err := daysOf(r.URL.RawQuery, fn.Now())
	if err != nil {
		return err
	}
	if len(p.Grant.Types) == 0 {
		if err := p.MayInsight(); err != nil {
			return door.Refuse(w, err)
		}
	}
	answer := figures{From: days.from.Format(time.DateOnly), To: days.to.Format(time.DateOnly)}
	parameters := map[string]any{
		"from": answer.From, "to": answer.To, "since": days.from.AddDate(0, 0, -facts.Earlier).Format(time.DateOnly),
	}
	if answer.Rows, err = warehouse.Query[fact.Row](r.Context(), fn.Warehouse, facts.Rollup(), parameters); err != nil {
		return unread(w, err)
	}
	if answer.Held, err = warehouse.Query[fact.HeldRow](r.Context(), fn.Warehouse, facts.Held(), parameters); err != nil {
		return unread(w, err)
	}
	answer.Rows = seen(answer.Rows, func(row fact.Row) bool { return p.Sees(row.Type) })
	answer.Held = seen(answer.Held, func(row fact.HeldRow) bool { return p.Sees(row.Type) })
	return problem.JSON(w, http.StatusOK, answer)
}

// seen are the rows that the producer may see; never nil, so that none is [].
func seen[T any](rows []T, may func(T) bool) []T {
	return append([]T{}, slices.DeleteFunc(rows, func(row T) bool { return !may(row) })...)
}

// days are from the beginning of the first to the beginning of the last, in UTC.
type days struct{ from, to time.Time }

// daysOf reads from and to. Each is a day in UTC; without them it is the last seven days.
func daysOf(query string, now time.Time) (days, error) {
	said, err := url.ParseQuery(query)
	if err != nil {
		return days{}, problem.New(http.StatusBadRequest, "the query cannot be read: %v", err)
	}
	var wrong event.FieldErrors
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if name != "from" && name != "to" {
			wrong.Add(name, "does not exist; there are from and to")
		}
	}
	read := func(name string) time.Time {
		texts, ok := said[name]
		if !ok {
			return time.Time{}
		}
		day, err := time.Parse(time.DateOnly, texts[0])
		switch {
		case len(texts) > 1:
			wrong.Add(name, "is there %d times; give it once", len(texts))
		case err != nil || day.Year() < 1970:
			wrong.Add(name, "is %.40q; a day in UTC was expected, such as %s", texts[0], now.UTC().Format(time.DateOnly))
		}
		return day
	}
	d := days{read("from"), read("to")}
	if d.to.IsZero() {
		d.to = now.UTC().Truncate(24 * time.Hour)
	}
	if d.from.IsZero() {
		d.from = d.to.AddDate(0, 0, 1-usualDays)
	}
	if len(wrong) == 0 {
		d.check(&wrong)
	}
	if len(wrong) > 0 {
		return days{}, problem.Fields(http.StatusBadRequest, "Invalid days", wrong)
	}
	return d, nil
}

func (d days) check(wrong *event.FieldErrors) {
	switch n := int(d.to.Sub(d.from).Hours()/24) + 1; {
	case n < 1:
		wrong.Add("from", "%s is after to, %s", d.from.Format(time.DateOnly), d.to.Format(time.DateOnly))
	case n > mostDays:
		wrong.Add("from", "%s to %s are %d days; ask for %d at most", d.from.Format(time.DateOnly), d.to.Format(time.DateOnly), n, mostDays)
	}
}
