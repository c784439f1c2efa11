package intake

import (
	"context"
	"errors"
	"fmt"

	"tidings.dev/shared/event"
)

// schedule keeps the events that are to be sent later, all or none. of is how many events the request has.
func (in *Intake) schedule(ctx context.Context, entries []*entry, of int) error {
	if len(entries) == 0 {
		return nil
	}
	events := make([]event.Scheduled, len(entries))
	for i, e := range entries {
		events[i] = event.Scheduled{Event: e.Event, Accepted: e.Accepted, Priority: in.priority(&e.Event), Content: e.content}
	}
	refused, err := in.Schedule(ctx, events)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	var wrong event.FieldErrors
	for i, reason := range refused {
		switch {
		case errors.Is(reason, event.ErrCancelled):
			wrong = append(wrong, entries[i].wrongID(of, "was cancelled; send the event under another id")...)
		case reason != nil:
			wrong = append(wrong, entries[i].wrongID(of, "is scheduled for an event that differs from this one; cancel that one and send this one under another id")...)
		}
	}
	if len(wrong) > 0 {
		return Conflict{wrong}
	}
	in.count(ctx, entries)
	return nil
}
