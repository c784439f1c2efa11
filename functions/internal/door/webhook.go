package door

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/intake"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/source"
)

// Webhook is the function of one source. All fields are required, but Limits and Rate, Identities where the source names no logins, and
// Members where no event has a Fallback: without it, nobody is told in the place of others.
type Webhook struct {
	Source     source.Source
	Intake     *intake.Intake
	Identities source.Identities
	Members    Members
	Limits     *limit.Limiter // nil: nobody is limited
	Rate       limit.Rate     // of the source; where the senders are producers, their grants have it
	Log        *slog.Logger
}

// Granted is a source whose senders are producers with tokens: each event is held to the grant of whoever sent it. The senders of every other
// source have its secret, and say what its code lets them say, in the source's name.
type Granted interface {
	source.Source

	// Sender is who sent the request, which Verify has let in.
	Sender(r *http.Request) (*producers.Producer, error)
}

// NewWebhook serves POST /NAME for the source of that name.
func NewWebhook(h Webhook) http.Handler {
	return problem.Serve(h.Log, problem.Routes{
		"POST /" + h.Source.Name(): h.receive, // source: its webhook
	})
}

// answer is the body of a 202.
type answer struct {
	IDs     []string `json:"ids"`               // of the events that were published
	Unknown []string `json:"unknown,omitempty"` // logins of people to be told whom nobody has linked
	Why     string   `json:"why,omitempty"`     // why nothing was published, or what was left out or told to others
}

func (h *Webhook) receive(w http.ResponseWriter, r *http.Request) error {
	body, err := Read(w, r, source.MaxBody)
	if err != nil {
		return err
	}
	if err := h.Source.Verify(r, body.Raw); err != nil {
		return Refuse(w, err)
	}
	mapped, err := h.Source.Map(r.Header, body.Text)
	if err != nil {
		return err
	}
	request, name, rate := intake.Request{Source: h.Source.Name()}, "webhook:"+h.Source.Name(), h.Rate
	if by, ok := h.Source.(Granted); ok {
		sender, err := by.Sender(r)
		if err != nil {
			return Refuse(w, err)
		}
		request.May, name, rate = sender.May, sender.ID, sender.Grant.Rate
	}
	bare := make([]event.Event, len(mapped.Events))
	for i := range bare {
		bare[i] = mapped.Events[i].Event
	}
	done, err := Admit(w, r, h.Limits, name, rate, Units(bare))
	defer done()
	if err != nil {
		return err
	}
	out, err := h.publish(r.Context(), request, mapped)
	if err != nil {
		return NotAccepted(w, err)
	}
	h.Log.InfoContext(r.Context(), "webhook", "source", h.Source.Name(), "events", len(out.IDs), "unknown_logins", len(out.Unknown), "why", out.Why)
	return problem.JSON(w, http.StatusAccepted, out)
}

// publish finds the people behind the logins and publishes what somebody is told of, as that request.
func (h *Webhook) publish(ctx context.Context, request intake.Request, mapped source.Mapped) (answer, error) {
	out := answer{IDs: []string{}, Why: mapped.Why}
	if len(mapped.Events) == 0 {
		return out, nil
	}
	var logins []string
	for _, e := range mapped.Events {
		logins = append(append(logins, e.Tell...), e.By)
	}
	logins = slices.AppendSeq(logins, maps.Values(mapped.Accounts))
	logins = slices.DeleteFunc(logins, func(login string) bool { return login == "" })
	uids := map[string]string{}
	if len(logins) > 0 {
		slices.Sort(logins)
		var err error
		if uids, err = h.Identities(ctx, h.Source.Name(), slices.Compact(logins)); err != nil {
			return out, fmt.Errorf("%w: %w", intake.ErrUnavailable, err)
		}
	}
	audiences, notes, err := h.address(ctx, mapped.Events)
	if err != nil {
		return out, fmt.Errorf("%w: %w", intake.ErrUnavailable, err)
	}
	uids = byAccount(uids, mapped.Accounts)
	now := h.Intake.Now()
	for i := range mapped.Events {
		from := &mapped.Events[i]
		e, unknown := h.complete(from, uids, now)
		e.Audience = audiences[i]
		out.Unknown = append(out.Unknown, unknown...)
		if len(e.Recipients) > 0 || e.Audience != "" || from.ToWhoeverWasTold() {
			request.Events = append(request.Events, e)
			request.Said = append(request.Said, from)
		}
	}
	slices.Sort(out.Unknown)
	out.Unknown = slices.Compact(out.Unknown)
	if len(request.Events) == 0 {
		out.Why = "nobody but whoever did it is concerned"
		if len(out.Unknown) > 0 {
			out.Why = "nobody who is concerned is linked to a person here"
		}
		return out, nil
	}
	ids, err := h.Intake.Accept(ctx, request)
	if err != nil {
		return out, err
	}
	out.IDs = ids
	if out.Why != "" {
		notes = append([]string{out.Why}, notes...)
	}
	out.Why = strings.Join(notes, "; ")
	return out, nil
}

// complete makes an event of ours: with uids for logins, within the limits, and at a time that can be.
func (h *Webhook) complete(from *source.Event, uids map[string]string, now time.Time) (e event.Event, unknown []string) {
	e = from.Event
	if from.By != "" {
		e.Actor.ID = cmp.Or(uids[strings.ToLower(from.By)], e.Actor.ID, h.Source.Name()+":"+strings.ToLower(from.By))
	}
	for _, login := range from.Tell {
		if uid := uids[strings.ToLower(login)]; uid == "" {
			unknown = append(unknown, login)
		} else if uid != e.Actor.ID {
			e.Recipients = append(e.Recipients, uid)
		}
	}
	if now.Sub(e.Time) > source.MaxAge || e.Time.Sub(now) > event.MaxAhead {
		e.Time = time.Time{} // it is accepted as happening now
	}
	source.Trim(&e)
	return e, unknown
}
