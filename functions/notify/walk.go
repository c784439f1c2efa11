package notify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tidings.dev/shared/topics"
)

// A walk tells many people, by many messages, so that no message or instance ever holds all of them, and others get their turn in
// between. Each step is a message that lists the next of them, hands them out in messages of their own, and starts the step
// after it. It writes nothing for a person, and waits at most two times maxWait for those who are
// under way, so it is over long before it could be delivered again.
const (
	stride = 1_000 // people that a step lists

	// share is how many people one message tells at most. While FCM is slow, a share takes as long as one push: all are sent at once.
	share = 250
)

// How far a walk may run ahead of what Firestore and FCM take.
const (
	maxCommitting = stride           // persons being committed; with fewer, the next step's list comes later than it is wanted
	maxTelling    = stride           // persons being told; a push under way takes some 30 KB
	maxWait       = 10 * time.Second // for each, after which the walk goes on all the same: inboxes do not wait for phones
)

// step is what a message of a walk leaves to others.
type step struct {
	shares [][]string // the people of messages of their own
	cursor string     // where the next step begins; "" is where there is none
	second bool       // a second look follows the walk's first step
}

// divide gives the people to the message itself if they are few and nobody follows, and else to messages of their own.
func (s *step) divide(uids []string, why string) people {
	if len(uids) <= share && s.cursor == "" {
		return people{uids, why, s}
	}
	s.shares = slices.Collect(slices.Chunk(uids, share))
	return people{why: why, step: s}
}

// taken reports whether the step of a message that may come a second time was taken the first time. It is billed as one read, and
// nothing for the first delivery of a walk's beginning.
func (fn *Function) taken(ctx context.Context, m *message) (bool, error) {
	if m.Walk.Page == 0 && m.pushed.DeliveryAttempt <= 1 {
		return false, nil
	}
	return fn.Store.Walked(ctx, m.walk(), m.Walk.Page+1)
}

// walk is the id of the message's walk.
func (m *message) walk() string { return cmp.Or(m.Walk.ID, m.origin) }

// take publishes what a step leaves to others, in one call, and notes that it was taken: a message that is delivered a second time
// hands out nothing. A crash between the two hands it out twice, and then the second messages find nothing to do.
func (fn *Function) take(ctx context.Context, m *message, s *step) error {
	var on []topics.Envelope
	for _, uids := range s.shares {
		on = append(on, m.For(uids).Anew())
	}
	if s.cursor != "" {
		next := m.Envelope
		next.Walk.ID, next.Walk.Page, next.Walk.Cursor = m.walk(), m.Walk.Page+1, s.cursor
		on = append(on, next.Anew())
	}
	if s.second {
		on = append(on, fn.secondLook(m.Envelope, "it looks a second time for whoever was told"))
	}
	if len(on) == 0 {
		return nil
	}
	if len(s.shares) > 0 {
		fn.committing.Wait(ctx, maxWait)
		fn.telling.Wait(ctx, maxWait)
	}
	if err := fn.Publisher.Publish(ctx, on...); err != nil || len(s.shares) == 0 {
		return err
	}
	return fn.Store.Walk(ctx, m.walk(), m.Walk.Page+1, fn.Now())
}

// lookAgain is how long after the first one a retraction looks a second time: by then, whoever was being told during the first has it,
// and whoever is told later than that sees the retraction first.
const lookAgain = late + 30*time.Second

// secondLook is the envelope as a retraction's second look.
func (fn *Function) secondLook(e topics.Envelope, why string) topics.Envelope {
	e.Walk = topics.Walk{Second: true}
	return e.Anew().Later(fn.Now().Add(lookAgain), why)
}
