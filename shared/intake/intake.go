// Package intake is the one door through which events come in, whoever brings them: the API's own callers, or a webhook
// that some other system posts. It checks, completes and publishes; who may come in is for the caller to say.
package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// MaxBatch is how many events one request may bring.
const MaxBatch = 100

// ErrUnavailable says that Pub/Sub did not take the events; the same request may be sent again.
var ErrUnavailable = errors.New("intake: the events could not be stored")

// Intake takes events in. All fields are required.
type Intake struct {
	Catalog   *catalog.Catalog
	Publisher *topics.Publisher
	Now       func() time.Time
}

// Accept takes events from the source (the identity of who brings them, for events that name none) and returns their ids
// once Pub/Sub has stored them all. With an error that is an [event.FieldErrors] nothing was published: a batch is taken
// whole or not at all. With [ErrUnavailable] some may have been, and sending the same again does no harm.
func (in *Intake) Accept(ctx context.Context, source string, events []event.Event) ([]string, error) {
	if n := len(events); n == 0 || n > MaxBatch {
		return nil, event.FieldErrors{{Field: "(request body)", Detail: fmt.Sprintf("has %d events; 1 to %d were expected", n, MaxBatch)}}
	}
	now := in.Now()
	var wrong event.FieldErrors
	for i := range events {
		e := &events[i]
		if e.ID == "" {
			e.ID = uuid.Must(uuid.NewV7()).String()
		}
		if e.Source == "" {
			e.Source = source
		}
		f := append(e.Validate(now), in.Catalog.Check(e)...)
		if len(events) > 1 {
			f = f.At(i)
		}
		wrong = append(wrong, f...)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	ids := make([]string, len(events))
	lanes := map[topics.Topic][]topics.Message{}
	for i, e := range events {
		ids[i] = e.ID
		e.Normalize(now)
		if len(e.Recipients) > 0 || e.Audience != "" { // nobody is left where the actor was the only recipient
			t, _ := in.Catalog.Type(e.Type)
			lane := topics.Lane(t.PriorityOf(&e))
			lanes[lane] = append(lanes[lane], topics.Split(e)...)
		}
	}
	for lane, messages := range lanes {
		if err := in.Publisher.Publish(ctx, lane, messages...); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	return ids, nil
}
