package store

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/event"
)

// Due is an item that somebody must look at.
type Due struct {
	Ref
	Priority event.Priority
}

// The fields by which an item waits for a time.
const (
	DueAt        = "dueAt"        // functions: a push was held back until then
	SnoozedUntil = "snoozedUntil" // owner: he does not want to see it before
)

// Due hands over all items of all people whose time in that field has come, page by page. Each is billed as one read, and
// nothing of them is read but what is handed over. An item stays due until it is written.
func (s *Store) Due(ctx context.Context, field string, now time.Time, take func([]Due) error) error {
	query := s.client.CollectionGroup("notifications").Where(field, "<=", now).OrderBy(field, firestore.Asc).Select("priority", field).Limit(MaxBatch)
	for page := query; ; {
		docs, err := page.Documents(ctx).GetAll()
		if err != nil {
			return fmt.Errorf("store: due by %s: %w", field, sentinel(err))
		}
		found := make([]Due, 0, len(docs))
		for _, doc := range docs {
			priority, _ := doc.Data()["priority"].(string)
			found = append(found, Due{Ref{UID: doc.Ref.Parent.Parent.ID, ID: doc.Ref.ID}, event.Priority(priority)})
		}
		if len(found) > 0 {
			if err := take(found); err != nil {
				return err
			}
		}
		if len(docs) < MaxBatch {
			return nil
		}
		page = query.StartAfter(docs[len(docs)-1])
	}
}
