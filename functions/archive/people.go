package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Why a message is left out.
const (
	unreadable = "unreadable: it is a dead letter"
	unknown    = "its type is not in the catalogue any more"
	erased     = "erased: it is by, about or only for somebody who was erased"
	cancelled  = "cancelled: whoever had not got it did not get it"
	tooOld     = "too old: what has taken it back may be forgotten"
)

// horizon is how old an event may be that is replayed into a live inbox. Whatever has taken it back since (an item that is hidden, a retraction, a cancellation) is remembered for
// [inbox.KeepTombstone] from then on, so for as long from the event on in any case.
const horizon = inbox.KeepTombstone - time.Hour

// message gives an archived message to the subscriber, or leaves it out.
func (u *run) message(ctx context.Context, m archive.Message) error {
	e, err := topics.Decode(topics.PushedMessage{MessageID: m.ID, PublishTime: m.Published, Attributes: m.Attributes, Data: m.Data})
	if u.Type != "" && e.Event.Type != u.Type {
		return nil
	}
	if err != nil {
		u.state.leave(unreadable, "")
		return nil
	}
	kind, ok := u.Catalog.Type(e.Event.Type)
	if !ok {
		u.state.leave(unknown, "")
		return nil
	}
	why, err := u.leaveOut(ctx, &e, m.Published)
	if err != nil {
		return err
	}
	if why != "" {
		u.state.leave(why, inbox.Locate(kind, e.Event, m.Published).GroupID)
		return nil
	}
	given := false
	for to, err := range u.shares(ctx, e, kind) {
		if err == nil {
			err = u.give(ctx, to.Envelope, m.Topic+"-"+m.ID+to.share)
		}
		if err != nil {
			return err
		}
		given = true
	}
	if given {
		u.state.given()
	}
	return nil
}

// leaveOut says why an event is not replayed for anybody; "" is where it is. In a shadow that costs a read for each event: of its cancellation.
func (u *run) leaveOut(ctx context.Context, e *topics.Envelope, published time.Time) (string, error) {
	if !u.isShadow() && u.Now().Sub(e.Accepted.At) > horizon {
		return tooOld, nil
	}
	for _, uid := range []string{e.Event.Actor.ID, e.Event.Target.ID} {
		if is, err := u.people.wasErased(ctx, uid, e.Accepted.At); err != nil || is {
			return erased, err
		}
	}
	if !u.isShadow() {
		return "", nil // the subscriber looks itself
	}
	at, err := u.Live.Cancelled(ctx, e.Event.Source, e.Event.ID)
	if err != nil || at.IsZero() || e.Event.SendAt.IsZero() && e.Accepted.At.After(at.Add(event.CancelTakes)) {
		return "", err
	}
	return cancelled, nil
}

// share is an envelope for some of an event's people.
type share struct {
	topics.Envelope
	share string // its name among the event's shares
}

// shares are the event for those whom it is replayed for: whom it names, whoever was told, or the members of its audience today.
func (u *run) shares(ctx context.Context, e topics.Envelope, kind event.Type) func(yield func(share, error) bool) {
	toTold := kind.ToWhoeverWasTold(&e.Event)
	return func(yield func(share, error) bool) {
		switch {
		case u.Person != "":
			is, err := u.concerns(ctx, &e.Event, toTold)
			if err != nil || is {
				yield(share{Envelope: e.For([]string{u.Person})}, err)
			}
		case len(e.Event.Recipients) > 0:
			uids, err := u.people.notErased(ctx, e.Event.Recipients, e.Accepted.At)
			switch {
			case err != nil || len(uids) == len(e.Event.Recipients):
				yield(share{Envelope: e}, err)
			case len(uids) > 0:
				yield(share{Envelope: e.For(uids)}, nil)
			default:
				u.state.leave(erased, "")
			}
		case toTold || e.Event.ToEverybody():
			yield(share{Envelope: e}, nil)
		default:
			u.members(ctx, e, yield)
		}
	}
}

// concerns reports whether the event is for the person whose inbox is repaired.
func (u *run) concerns(ctx context.Context, e *event.Event, toTold bool) (bool, error) {
	switch {
	case toTold || slices.Contains(e.Recipients, u.Person):
		return true, nil
	case e.ToEverybody() || e.Audience == "" || e.Actor.ID == u.Person:
		return false, nil
	}
	return u.Live.IsMember(ctx, e.Audience, u.Person)
}

// page is how many members of an audience are read and told at a time.
const page = 250

// members are shares of an audience. Who was a member when the event was published is not kept anywhere.
func (u *run) members(ctx context.Context, e topics.Envelope, yield func(share, error) bool) {
	for cursor, n := "", 0; ; n++ {
		uids, next, err := u.Live.Members(ctx, e.Event.Audience, cursor, page)
		if err != nil {
			yield(share{}, err)
			return
		}
		cursor = next
		uids = slices.DeleteFunc(uids, func(uid string) bool { return uid == e.Event.Actor.ID })
		if len(uids) > 0 && !yield(share{e.For(uids), fmt.Sprintf("-%d", n)}, nil) || next == "" {
			return
		}
	}
}

// people knows who was erased. It is safe for concurrent use.
type people struct {
	live  *store.Store
	mu    sync.Mutex
	known map[string]time.Time // when the erasure of a person ended; far in the future while it is under way, zero where there is none
}

// maxKnown is how many people are remembered. Then it starts anew.
const maxKnown = 100_000

// wasErased reports whether a person was erased after that time. It costs one read for each person.
func (p *people) wasErased(ctx context.Context, uid string, since time.Time) (bool, error) {
	if uid == "" {
		return false, nil
	}
	p.mu.Lock()
	ended, is := p.known[uid]
	p.mu.Unlock()
	if !is {
		receipt, err := p.live.Erasure(ctx, uid)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return false, err
		case receipt.FinishedAt.IsZero():
			ended = time.Now().AddDate(1, 0, 0)
		default:
			ended = receipt.FinishedAt
		}
		p.mu.Lock()
		if len(p.known) >= maxKnown {
			clear(p.known)
		}
		p.known[uid] = ended
		p.mu.Unlock()
	}
	return ended.After(since), nil
}

// notErased are those of the people who were not.
func (p *people) notErased(ctx context.Context, uids []string, since time.Time) (left []string, err error) {
	for _, uid := range uids {
		gone, err := p.wasErased(ctx, uid, since)
		if err != nil {
			return nil, err
		}
		if !gone {
			left = append(left, uid)
		}
	}
	return left, nil
}
