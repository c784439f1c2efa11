package webhooks

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// What people do with their items they write into the items, which Firestore tells us by Eventarc: at least once, in any order. The event has the item as it was before and as it
// is then, so nothing is read. An item is seen, or answered, once in each of its states: the first time holds.

// maxEvent bounds an event: Eventarc's 512 KB, and some more.
const maxEvent = 1 << 20

// marked tells who wants to know that a person has seen an item, or has chosen one of its actions. Anything but success makes Eventarc deliver the event again. What is no
// change of an item, which a wrong filter of the trigger would bring, is logged and acknowledged: it will never be right.
func (fn *function) marked(w http.ResponseWriter, r *http.Request) error {
	path := store.Path(r.Header.Get("Ce-Document"))
	if len(path) != 4 || path[0] != "users" || path[2] != "notifications" {
		fn.Log.ErrorContext(r.Context(), "not an item; the trigger's filter must be document=users/{uid}/notifications/{notification}", "document", r.Header.Get("Ce-Document"))
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxEvent))
	if err != nil {
		return problem.New(http.StatusBadRequest, "the body ended early: %v", err)
	}
	change, err := store.ReadChange(body)
	if err != nil {
		fn.Log.ErrorContext(r.Context(), "not a change of an item; the trigger's content type must be application/protobuf", "error", err.Error())
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err := fn.Reporter.Report(r.Context(), reports(path[1], path[3], change)...); err != nil {
		return problem.New(http.StatusServiceUnavailable, "deliver another time").Because(fmt.Errorf("report: %w", err))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reports are what the owner has done between the two states. What functions did, an item that is read anew without having been seen, say, is none of it.
func reports(uid, item string, c store.Change) (all []webhook.Report) {
	report := func(o webhook.Outcome, at time.Time, n *inbox.Notification) webhook.Report {
		return webhook.Report{Outcome: o, At: at, Type: n.Type, Target: n.Target, Recipient: uid, Item: item, Revision: n.Revision}
	}
	n := &c.After
	if seen := seenAt(n); seenAt(&c.Before).IsZero() && !seen.IsZero() {
		all = append(all, report(webhook.Seen, seen, n))
	}
	if c.Before.DoneAction == "" && n.DoneAction != "" {
		r := report(webhook.Acted, c.At, n)
		r.Action = n.DoneAction
		for _, a := range n.Actions {
			if a.ID == n.DoneAction {
				r.Webhook = a.Webhook
			}
		}
		all = append(all, r)
	}
	return all
}

// seenAt is when the item was seen, which reading it implies; zero is not yet.
func seenAt(n *inbox.Notification) time.Time {
	if n.SeenAt.IsZero() {
		return n.ReadAt
	}
	return n.SeenAt
}
