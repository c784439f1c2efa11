package notify

import (
	"context"
	"time"

	"tidings.dev/shared/event"
)

// An event may be cancelled while it is on its way. To look for that costs one read, so a message looks only where it may have been on its way
// for a while, or tells many: of these at most one read for 50 people, in a walk one for 250 and
// one for each step.
const (
	manyPeople = 50
	longOnWay  = 10 * time.Second // since the acceptance
)

// looksForCancel reports whether a message that tells so many people looks for a cancellation. One that only tells devices does not: its people
// have the item.
func (fn *Function) looksForCancel(m *message, p people) bool {
	switch {
	case m.Devices != nil || len(p.uids) == 0 && p.step == nil:
		return false
	case !m.Event.SendAt.IsZero(): // it may have been cancelled before it came to Pub/Sub, by which it is sent all the same
		return true
	case m.Walk.ID != "" || m.Why != "" || p.step != nil && len(p.step.shares) > 0: // a walk, and the shares of one
		return true
	}
	return len(p.uids) > manyPeople || m.Attempts > 0 || fn.Now().Sub(m.Accepted.At) >= longOnWay
}

// cancelled reports whether the event was cancelled. If it was not, until is when what was found no longer holds: nothing may be
// written for the message after that. Zero is where it need not look.
//
// A cancellation is for what was accepted before whoever cancelled had their answer; an id that is posted again later is sent. An
// event with sendAt has no such later: the door refuses it.
func (fn *Function) cancelled(ctx context.Context, m *message, p people) (is bool, until time.Time, err error) {
	if !fn.looksForCancel(m, p) {
		return false, time.Time{}, nil
	}
	until = time.Now().Add(event.LookHolds) // before it looks, and by the clock that deadlines go by
	is, err = fn.isCancelled(ctx, m)
	return is, until, err
}

// isCancelled looks for a cancellation. It is billed as one read.
func (fn *Function) isCancelled(ctx context.Context, m *message) (bool, error) {
	at, err := fn.Store.Cancelled(ctx, m.Event.Source, m.Event.ID)
	if err != nil || at.IsZero() {
		return false, err
	}
	return !m.Event.SendAt.IsZero() || !m.Accepted.At.After(at.Add(event.CancelTakes)), nil
}
