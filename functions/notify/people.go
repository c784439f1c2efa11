package notify

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// page is how many people one message tells at most. While FCM is slow, a page takes as long as one push: all are sent at once.
const page = 250

// How far a walk may run ahead of what Firestore and FCM take. A page starts the next one while it is being committed itself.
const (
	maxCommitting = 3 * page         // persons being committed; with fewer pages at a time, a walk waits more than it works
	maxTelling    = 1_000            // persons being told; a push under way takes some 30 KB
	maxWait       = 10 * time.Second // for each, after which the walk goes on all the same: inboxes do not wait for phones
)

// people are those whom a message tells. Many are walked page by page, so that no message or instance ever holds more of them than a
// page, and others get their turn in between. rest starts the next page; nil is where nothing follows.
type people struct {
	uids []string
	why  string
	rest func(context.Context) error
}

// people finds them: those who are named, the members of an audience, or whoever was told of what it takes back or ends.
func (fn *Function) people(ctx context.Context, m *message) (people, error) {
	e := &m.Event
	switch {
	case len(e.Recipients) > 0:
		return people{uids: e.Recipients, why: cmp.Or(m.Why, "recipient")}, nil
	case m.kind.ToWhoeverWasTold(e):
		return fn.told(ctx, m)
	}
	uids, err := fn.Store.Members(ctx, e.Audience, m.Walk.Cursor, page)
	if err != nil {
		return people{}, err
	}
	p := people{why: "audience:" + e.Audience}
	if len(uids) == page {
		p.rest = fn.next(m, uids[page-1])
	}
	p.uids = slices.DeleteFunc(uids, func(uid string) bool { return uid == e.Actor.ID })
	return p, nil
}

// secondLook is how long after the first one it looks a second time for those who were told: by then, whoever was being
// told during the first has it, and whoever is told later than that sees the retraction first.
const secondLook = late + 30*time.Second

// told are those who have an item of the event's group, whoever they are now. Before it looks for them, the retraction is kept for
// events that are still on their way.
func (fn *Function) told(ctx context.Context, m *message) (people, error) {
	group := inbox.Locate(m.kind, m.Event, fn.Now()).GroupID
	if m.Walk.ID == "" && !m.Walk.Second {
		if err := fn.Store.KeepRetraction(ctx, group, store.Retraction{Event: m.Event, Accepted: m.Accepted}, fn.Now()); err != nil {
			return people{}, err
		}
	}
	refs, next, err := fn.Store.Told(ctx, group, m.Walk.Cursor, page)
	if err != nil {
		return people{}, err
	}
	p := people{} // why they are told stands on what they have
	for _, ref := range refs {
		if !slices.Contains(p.uids, ref.UID) {
			p.uids = append(p.uids, ref.UID)
		}
	}
	first := m.Walk.Cursor == "" && !m.Walk.Second
	switch {
	case next != "" && first:
		p.rest = func(ctx context.Context) error {
			if err := fn.lookAgain(ctx, m); err != nil {
				return err
			}
			return fn.next(m, next)(ctx)
		}
	case next != "":
		p.rest = fn.next(m, next)
	case first:
		p.rest = func(ctx context.Context) error { return fn.lookAgain(ctx, m) }
	}
	return p, nil
}

// lookAgain has a retraction look for those who were told a second time.
func (fn *Function) lookAgain(ctx context.Context, m *message) error {
	second := m.Envelope
	second.Walk = topics.Walk{Second: true}
	second.Origin = ""
	return fn.Publisher.Publish(ctx, second.Later(fn.Now().Add(secondLook), "it looks a second time for whoever was told"))
}

// next starts the next page of a walk, once: a page that is delivered a second time sees in the store that the next one was started.
// Between starting it and noting that, a crash may start it twice; then each page of the second walk finds nothing to do, and ends at
// the first that was noted.
func (fn *Function) next(m *message, cursor string) func(context.Context) error {
	return func(ctx context.Context) error {
		next := m.Envelope
		next.Walk.ID = cmp.Or(m.Walk.ID, m.pushed.Key())
		next.Walk.Page, next.Walk.Cursor = m.Walk.Page+1, cursor
		next.Origin = "" // a push is remembered by the page that decided it
		next.Attempts = 0
		started, err := fn.Store.Walked(ctx, next.Walk.ID, next.Walk.Page)
		if err != nil || started {
			return err
		}
		fn.committing.Wait(ctx, maxWait)
		fn.telling.Wait(ctx, maxWait)
		if err := fn.Publisher.Publish(ctx, next.Later(time.Time{}, "")); err != nil {
			return err
		}
		return fn.Store.Walk(ctx, next.Walk.ID, next.Walk.Page, fn.Now())
	}
}
