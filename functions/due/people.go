package due

import (
	"context"
	"errors"
	"sync/atomic"

	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
)

// Who changes their quiet hours, their do not disturb or their digest says so in their profile (dueAt), and the rules see to it. Then all that is held back
// for them is looked at, before its time: what is held no longer is pushed, and the rest waits for its new time. And when their digest is due is
// computed anew. In a night without such a change this costs one read a minute, and nothing for what is held.

const (
	manyPeople = 500 // at a time; of more, those who have waited longest
	manyItems  = 500 // of one person; of more, those whose time comes first. The others come at their own time
	asking     = 20  // people at the same time
)

// people asks for the items of all people who are due, and returns for how many. Somebody whose profile changes meanwhile is due again in a minute.
func (fn *function) people(ctx context.Context) (int, error) {
	due, err := fn.Store.DuePeople(ctx, fn.Now(), manyPeople)
	if err != nil {
		return 0, err
	}
	var asked atomic.Int64
	var calls tasks.Group
	calls.Limit(asking)
	for _, person := range due {
		calls.Go(func() error {
			held, err := fn.Store.Held(ctx, person.UID, manyItems)
			if err == nil {
				err = fn.lookAt(ctx, held)
			}
			if err == nil {
				asked.Add(int64(len(held)))
				person.Digests = person.Digests.Arranged(&person.Settings, person.UID, fn.Now())
				err = fn.Store.LookedAt(ctx, person)
			}
			if errors.Is(err, store.ErrConflict) {
				return nil
			}
			return err
		})
	}
	err = calls.Wait()
	return int(asked.Load()), err
}
