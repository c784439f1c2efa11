package notify

import (
	"cmp"
	"context"
	"slices"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// people are those whom a message tells itself, and what it leaves to other messages. Where they are many, it tells nobody itself: it
// is a step of a walk (walk.go).
type people struct {
	uids []string
	why  string
	step *step // nil where the message is none
}

// people finds them: those who are named, the members of an audience, or whoever was told of what it takes back or ends.
func (fn *Function) people(ctx context.Context, m *message) (people, error) {
	e := &m.Event
	switch {
	case m.Why == topics.WhyTold: // why they are told stands on what they have
		return people{uids: e.Recipients}, nil
	case len(e.Recipients) > 0:
		return people{uids: e.Recipients, why: cmp.Or(m.Why, "recipient")}, nil
	}
	if taken, err := fn.taken(ctx, m); err != nil || taken {
		return people{}, err
	}
	if m.kind.ToWhoeverWasTold(e) {
		return fn.told(ctx, m)
	}
	uids, next, err := fn.Store.Members(ctx, e.Audience, m.Walk.Cursor, stride)
	if err != nil {
		return people{}, err
	}
	s := &step{cursor: next}
	uids = slices.DeleteFunc(uids, func(uid string) bool { return uid == e.Actor.ID })
	return s.divide(uids, topics.WhyAudience(e.Audience)), nil
}

// told are those who have an item of the event's group, whoever they are now. Before the first look for them, the retraction is kept
// for events that are still on their way. The first look has a second one follow it.
func (fn *Function) told(ctx context.Context, m *message) (people, error) {
	group := inbox.Locate(m.kind, m.Event, fn.Now()).GroupID
	if m.Walk.ID == "" && !m.Walk.Second {
		if err := fn.Store.KeepRetraction(ctx, group, store.Retraction{Event: m.Event, Accepted: m.Accepted}, fn.Now()); err != nil {
			return people{}, err
		}
	}
	refs, next, err := fn.Store.Told(ctx, group, m.Walk.Cursor, stride)
	if err != nil {
		return people{}, err
	}
	var uids []string
	for _, ref := range refs { // they come in the order of uids
		if len(uids) == 0 || uids[len(uids)-1] != ref.UID {
			uids = append(uids, ref.UID)
		}
	}
	s := &step{cursor: next, second: m.Walk.Cursor == "" && !m.Walk.Second}
	return s.divide(uids, ""), nil
}
