package insight

import (
	"net/http"

	"tidings.dev/functions/internal/door"
	"tidings.dev/infra/facts"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/warehouse"
)

// maxFacts is how many facts an answer is made from.
const maxFacts = 5_000

// log answers what became of one event.
func (fn *function) log(w http.ResponseWriter, r *http.Request, p *producers.Producer) error {
	source, id := r.PathValue("source"), r.PathValue("id")
	if wrong := event.ValidateIdentity(source, id); len(wrong) > 0 {
		return wrong
	}
	if err := p.MayFollow(source); err != nil {
		return door.Refuse(w, err)
	}
	known, err := warehouse.Query[fact.Fact](r.Context(), fn.Warehouse, facts.Log(), map[string]any{
		"source": source, "event": id, "persons": "", "after": "", "most": maxFacts,
	})
	if err != nil {
		return unread(w, err)
	}
	if len(known) == 0 {
		return problem.New(http.StatusNotFound, "nothing is known of this event yet, or any more: facts come within seconds, and are kept for 30 days")
	}
	return problem.JSON(w, http.StatusOK, map[string]any{"source": source, "event": id, "facts": fact.Once(known)})
}
