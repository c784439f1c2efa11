package due

import (
	"context"
	"errors"
	"time"
)

// An erasure that the people function has begun and not ended waits for its second round, or was left alone by a process that died. Once a minute each such is
// gone on with, for some seconds. Where there is none, that costs one read.

const (
	manyErasures = 10              // at a time, one after the other
	erasingTime  = 8 * time.Second // in a call
)

// erasures goes on with the erasures that are due. What there is no time for is still due in a minute.
func (fn *function) erasures(ctx context.Context) error {
	if fn.Erase == nil {
		return nil
	}
	until := time.Now().Add(erasingTime)
	uids, err := fn.Store.Erasures(ctx, fn.Now(), manyErasures)
	errs := []error{err}
	for _, uid := range uids {
		if time.Now().Before(until) {
			errs = append(errs, fn.Erase(ctx, uid, until))
		}
	}
	return errors.Join(errs...)
}
