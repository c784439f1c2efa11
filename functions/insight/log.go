package insight

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/infra/facts"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/store"
	"tidings.dev/shared/warehouse"
)

const (
	maxRecipients = 100   // that a request may name
	maxFacts      = 2_000 // of the event, in one answer
	maxLater      = 5_000 // of its items
)

// answer is what became of one event.
type answer struct {
	Source     string      `json:"source"`
	Event      string      `json:"event"`
	Type       string      `json:"type,omitempty"` // "": the event could not be read
	AcceptedAt time.Time   `json:"acceptedAt,omitzero"`
	Recipients []recipient `json:"recipients"`
	Next       string      `json:"next,omitempty"` // there are more people: ask for those after this one
}

// recipient is what became of it for one person. Who it is only those know who named them.
type recipient struct {
	UID string `json:"uid,omitempty"`
	fact.Explanation
}

// question is what is asked of an event.
type question struct {
	source, id string
	uids       []string
	persons    []string // the uids' in facts
	after      string
}

// log answers what was decided about one event, for each recipient and channel.
func (fn *function) log(w http.ResponseWriter, r *http.Request, p *producers.Producer) error {
	q, err := fn.asked(r)
	if err != nil {
		return err
	}
	if err := p.MayFollow(q.source); err != nil {
		return door.Refuse(w, err)
	}
	known, next, err := fn.read(r.Context(), q)
	if err != nil {
		return unread(w, err)
	}
	if len(known) == 0 {
		return fn.unknown(r.Context(), q)
	}
	first := known[0] // of the event
	a := answer{Source: q.source, Event: q.id, Type: first.Type, AcceptedAt: first.AcceptedAt.Time(), Next: next, Recipients: []recipient{}}
	for i, e := range fact.Explain(q.source, q.id, known, q.persons...) {
		if e.Person == "" && q.after != "" {
			continue // it was in the first answer
		}
		one := recipient{Explanation: e}
		if len(q.uids) > 0 {
			one.UID = q.uids[i]
		}
		a.Recipients = append(a.Recipients, one)
	}
	return problem.JSON(w, http.StatusOK, a)
}

// unknown is the answer where there is no fact.
func (fn *function) unknown(ctx context.Context, q question) error {
	sendAt, cancelledAt, err := fn.Scheduled(ctx, q.source, q.id)
	switch {
	case err == nil && !cancelledAt.IsZero():
		return problem.New(http.StatusNotFound, "nobody has been told of this event: it was cancelled at %s", cancelledAt.UTC().Format(time.RFC3339))
	case err == nil:
		return problem.New(http.StatusNotFound, "nobody has been told of this event yet: it is to be sent at %s", sendAt.UTC().Format(time.RFC3339))
	case !errors.Is(err, store.ErrNotFound):
		return problem.New(http.StatusServiceUnavailable, "whether the event is scheduled cannot be read now; send the same request again").Because(err)
	case len(q.uids) > 0:
		return problem.New(http.StatusNotFound, "no fact is known (yet) of this event for those recipients: leave recipient out to see whether there is one of others. Facts come within some seconds, and are kept for 30 days")
	case q.after != "":
		return problem.New(http.StatusNotFound, "no fact is known of this event for people after this one")
	}
	return problem.New(http.StatusNotFound, "no fact is known of this event (yet): facts come within some seconds, and are kept for 30 days")
}

var isPerson = regexp.MustCompile(`^[0-9a-v]{26}$`)

// asked reads the request.
func (fn *function) asked(r *http.Request) (q question, err error) {
	q.source, q.id = r.PathValue("source"), r.PathValue("id")
	if wrong := event.ValidateIdentity(q.source, q.id); len(wrong) > 0 {
		return q, wrong
	}
	var wrong event.FieldErrors
	for name, values := range r.URL.Query() {
		switch {
		case name == "recipient":
			q.uids = values
		case name == "after" && len(values) == 1 && isPerson.MatchString(values[0]):
			q.after = values[0]
		case name == "after":
			wrong.Add(name, "is not where an answer goes on; the \"next\" of an earlier answer was expected")
		default:
			wrong.Add(name, "does not exist; recipient or after was expected")
		}
	}
	if len(q.uids) > maxRecipients {
		wrong.Add("recipient", "is there %d times; at most %d were expected", len(q.uids), maxRecipients)
	}
	slices.Sort(q.uids)
	q.uids = slices.Compact(q.uids)
	for _, uid := range q.uids {
		if uid == "" || len(uid) > event.MaxUID {
			wrong.Add("recipient", "has %d bytes; a uid of 1 to %d was expected", len(uid), event.MaxUID)
		}
		q.persons = append(q.persons, fn.Key.Person(uid))
	}
	if q.after != "" && len(q.uids) > 0 {
		wrong.Add("after", "cannot be with recipient: those who are named are all in one answer")
	}
	if len(wrong) > 0 {
		return q, problem.Fields(http.StatusBadRequest, "Invalid question", wrong)
	}
	return q, nil
}

// read reads the facts of an event and of its items; next is the last person where there are more. First the event's own: the table is clustered by it, so
// that little is read. What came of its items later is read from the days since.
func (fn *function) read(ctx context.Context, q question) (known []fact.Fact, next string, err error) {
	persons := ""
	for _, p := range q.persons {
		persons += "," + p
	}
	asked := map[string]any{"source": q.source, "event": q.id, "persons": persons, "after": q.after, "most": maxFacts + 1}
	if known, err = warehouse.Query[fact.Fact](ctx, fn.Warehouse, facts.Log(), asked); err != nil || len(known) == 0 {
		return nil, "", err
	}
	if len(known) > maxFacts { // the last person may be cut short
		cut := slices.IndexFunc(known, func(f fact.Fact) bool { return f.Person == known[maxFacts].Person })
		if cut > 0 {
			known = known[:cut]
		}
		next = known[len(known)-1].Person
	}
	since := known[0].Day
	for _, f := range known {
		since = min(since, f.Day)
	}
	asked["since"], asked["last"], asked["most"] = since, known[len(known)-1].Person, maxLater
	later, err := warehouse.Query[fact.Fact](ctx, fn.Warehouse, facts.Items(), asked)
	return append(known, later...), next, err
}
