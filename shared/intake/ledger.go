package intake

import (
	"context"
	"fmt"

	"tidings.dev/shared/event"
)

// key is what identifies an event.
type key struct{ source, id string }

// settle sees that the same source and id is the same event: within the request, where a repetition is left out, and over time, where an
// event without a time of its own gets that of its first acceptance. An event with sendAt needs no receipt: its time is sendAt.
func (in *Intake) settle(ctx context.Context, entries []entry) ([]*entry, error) {
	var wrong event.FieldErrors
	var single []*entry
	var receipts []event.Receipt
	var places []int // of the receipts' events, in single
	seen := map[key]string{}
	for i := range entries {
		e := &entries[i]
		if !e.Accepted.OwnID || len(entries) == 1 && e.Accepted.OwnTime && e.Event.SendAt.IsZero() { // nothing is compared with it
			single = append(single, e)
			continue
		}
		k := key{e.Event.Source, e.Event.ID}
		content, err := event.ContentOf(e.said)
		if err != nil {
			return nil, err
		}
		if before, ok := seen[k]; ok {
			if before != content {
				wrong = append(wrong, e.otherContent(len(entries), "is there twice in this request, for events that differ")...)
			}
			continue
		}
		seen[k], e.content = content, content
		if !e.Accepted.OwnTime && e.Event.SendAt.IsZero() {
			places = append(places, len(single))
			receipts = append(receipts, event.Receipt{Source: k.source, ID: k.id, Content: content, At: e.Accepted.At})
		}
		single = append(single, e)
	}
	if len(wrong) > 0 {
		return nil, Conflict{wrong}
	}
	if len(receipts) == 0 {
		return single, nil
	}
	hold, err := in.Ledger(ctx, receipts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	for i, place := range places {
		e := single[place]
		if hold[i].Content != receipts[i].Content {
			wrong = append(wrong, e.otherContent(len(entries), fmt.Sprintf("was accepted at %s for an event that differs from this one", hold[i].At.Format("2006-01-02T15:04:05Z")))...)
		}
		e.Accepted.At = hold[i].At
	}
	if len(wrong) > 0 {
		return nil, Conflict{wrong}
	}
	return single, nil
}

func (e *entry) otherContent(of int, how string) event.FieldErrors {
	return e.wrongID(of, how+"; send a new event under another id, or this one as it was")
}

// wrongID says what is wrong with the id of an entry of a request that has so many events.
func (e *entry) wrongID(of int, detail string) event.FieldErrors {
	f := event.FieldErrors{{Field: "id", Detail: detail}}
	if of > 1 {
		f = f.At(e.index)
	}
	return f
}
