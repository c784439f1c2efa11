package publish

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"tidings.dev/functions/internal/door"
	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/store"
)

// cancelled is the answer to a cancellation.
type cancelled struct {
	Cancelled string    `json:"cancelled"`       // one of the two below
	SendAt    time.Time `json:"sendAt,omitzero"` // of an event that was scheduled
}

const (
	scheduled = "scheduled" // it was to be sent later, and nobody gets it
	underway  = "underway"  // it was sent, or nobody has posted it: nobody gets it who does not have it by now
)

// cancel takes an event back before it is sent, and stops one that is being sent. As for posting, a producer names a source of
// their own.
//
// The answer to an event that may be under way waits until nobody writes it any more who did not know ([event.CancelTakes]). A caller who goes
// away before that has cancelled it all the same.
func (fn *function) cancel(w http.ResponseWriter, r *http.Request) error {
	producer, err := fn.Producers.Authenticate(r)
	if err != nil {
		return door.Refuse(w, err)
	}
	source, id := r.PathValue("source"), r.PathValue("id")
	if wrong := event.ValidateIdentity(source, id); len(wrong) > 0 {
		return wrong
	}
	if denied := producer.MaySpeakAs(source); len(denied) > 0 {
		return door.Refuse(w, producers.Denied(denied))
	}
	done, err := door.Admit(w, r, fn.Limits, producer.ID, producer.Grant.Rate, 1)
	defer done()
	if err != nil {
		return err
	}
	found, err := fn.Cancel(r.Context(), source, id, fn.Now())
	if errors.Is(err, store.ErrTransient) {
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusServiceUnavailable, "the cancellation could not be stored; send the same request again").Because(err)
	}
	if err != nil {
		return err
	}
	answer := cancelled{scheduled, found.SendAt}
	if !found.InTime {
		answer.Cancelled = underway
		select {
		case <-time.After(cmp.Or(fn.Takes, event.CancelTakes)):
		case <-r.Context().Done():
			return problem.New(http.StatusServiceUnavailable, "the event is cancelled, and may still reach some people; send the same request again to know when it does not").Because(r.Context().Err()).Expected()
		}
	}
	return problem.JSON(w, http.StatusOK, answer)
}
