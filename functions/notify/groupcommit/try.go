package groupcommit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
)

// boxes are the inboxes that a try works on, by recipient.
type boxes map[string]*inbox.Box

// try makes one attempt for all works and returns those that lost a race, or must look whether they did. Every work has its
// result afterwards; it stands if the work is not tried another time. An error means that a call was refused as a whole: nobody
// has a result.
func (c *Committer) try(ctx context.Context, works []*work) (lost []*work, err error) {
	now := c.now()
	profiles, in, err := c.read(ctx, works, now)
	if err != nil {
		return nil, err
	}
	counted, err := c.bound(ctx, works, profiles, in, now)
	if err != nil {
		return nil, err
	}
	failed, err := c.readParts(ctx, works, in)
	if err != nil {
		return nil, err
	}
	for _, w := range works {
		p, box := profiles[w.UID], in[w.UID]
		w.Result = Result{Devices: p.Devices}
		switch {
		case len(failed) > 0 && slices.ContainsFunc(box.Touched(w.at), func(item *inbox.Item) bool { return failed[item] != nil }):
			// its error follows below
		case w.Item != "":
			w.Effect = c.wake(w, box, &p, now)
		default:
			w.Effect, w.Err = c.fold(w, box, &p, now)
		}
	}
	c.write(ctx, profiles, in, counted, now, failed)
	for _, w := range works {
		w.Effect = in[w.UID].Settle(w.Effect)
		if w.Item == "" {
			w.Ended = in[w.UID].Ended(w.at, w.Message)
		}
		if w.Tells {
			w.Holder, w.Deeds = w.holder(in[w.UID]), profiles[w.UID].Deeds
		}
		for _, item := range in[w.UID].Touched(w.at) {
			if err := failed[item]; err != nil && w.Err == nil {
				w.Result = Result{Err: err}
			}
		}
		switch {
		case errors.Is(w.Err, store.ErrConflict):
			w.lost = true
			lost = append(lost, w)
		case w.Err == nil && w.mustLookOnce(in[w.UID], c.now()):
			lost = append(lost, w)
		}
		if w.Err == nil && w.Item == "" && in[w.UID].ChangedAt(w.at) {
			c.applied(ctx, w)
		}
	}
	return lost, nil
}

// holder is the item that has the work's event, or was looked at.
func (w *work) holder(box *inbox.Box) *inbox.Item {
	if w.Item != "" {
		return box.Item(w.Item)
	}
	return box.Holder(w.at, w.op())
}

// op is the work as the fold wants it, before the recipient is known.
func (w *work) op() inbox.Op {
	return inbox.Op{Event: w.event, Accepted: w.Accepted, Type: w.kind, Message: w.Message, Repeat: w.Repeat, Replay: w.Replay, Why: w.Why}
}

func (c *Committer) fold(w *work, box *inbox.Box, p *profile.Profile, now time.Time) (inbox.Effect, error) {
	op := w.op()
	op.Person = p
	return box.Fold(w.at, op, now, c.catalog.Say(p.Locale))
}

// wake looks at an item, if it is still there. One whose type is no longer in the catalogue is not pushed: nobody knows any more
// who wants that. What was pushed of it can be withdrawn.
func (c *Committer) wake(w *work, box *inbox.Box, p *profile.Profile, now time.Time) inbox.Effect {
	item := box.Item(w.Item)
	if item == nil {
		return inbox.Effect{}
	}
	look := inbox.Look{Message: w.Message, Repeat: w.Repeat, Person: p}
	look.Type, _ = c.catalog.Type(item.Type)
	effect := box.Wake(w.Item, look, now, c.catalog.Say(p.Locale))
	if look.Type.Name == "" && effect.Kind == inbox.Repeat {
		return inbox.Effect{}
	}
	return effect
}

// mustLookOnce reports whether the work has written something whose rival another subscriber may have written at the same
// time, into an item of another window: a retraction and an event that is late by now. No precondition guards
// two documents, so both look once more, and whoever is later finds the other ([inbox.Box.Fold]).
func (w *work) mustLookOnce(box *inbox.Box, now time.Time) bool {
	return w.Item == "" && w.kind.Group != nil && inbox.Late(*w.kind, *w.event, now) && box.ChangedAt(w.at)
}

// group is a group of one recipient.
type group struct{ uid, id string }

// search is which of its items are to be found, whatever their window.
type search struct {
	whole  bool    // all
	traces []int64 // those that list one of these
}

// read loads the profiles and the items at the works' addresses and, where an address asks for it, others of the group.
func (c *Committer) read(ctx context.Context, works []*work, now time.Time) (map[string]profile.Profile, boxes, error) {
	in := boxes{}
	var uids []string
	var refs []store.Ref
	asked, searches := map[store.Ref]bool{}, map[group]search{}
	for _, w := range works {
		if in[w.UID] == nil {
			in[w.UID] = new(inbox.Box)
			uids = append(uids, w.UID)
		}
		w.event, w.kind = w.Event, w.Type
		w.at = inbox.Address{IDs: []string{w.Item}}
		if w.Item == "" {
			w.at = inbox.Locate(*w.Type, *w.Event, now)
		}
		if w.at.Whole || w.at.Traces != nil {
			of := group{w.UID, w.at.GroupID}
			s := searches[of]
			searches[of] = search{s.whole || w.at.Whole, append(s.traces, w.at.Traces...)}
		}
		if w.Item == "" && w.Type.Group == nil && !w.at.Whole && !w.lost {
			continue // its document is created blindly: only a redelivery finds it there, and then reads it
		}
		for _, id := range slices.Concat(w.at.IDs, w.at.Since) {
			if ref := (store.Ref{UID: w.UID, ID: id}); !asked[ref] {
				asked[ref] = true
				refs = append(refs, ref)
			}
		}
	}
	snap, err := c.store.Load(ctx, uids, refs)
	if err != nil {
		return nil, nil, err
	}
	for ref, item := range snap.Items {
		in[ref.UID].Put(item)
	}
	for _, w := range works {
		if item := in[w.UID].Item(w.Item); w.Item != "" && item != nil {
			w.at.GroupID = item.GroupID
		}
	}
	for uid, p := range snap.Profiles {
		p.Budget = c.budgets.latest(uid, p.Budget, now)
		snap.Profiles[uid], in[uid].Budget = p, p.Budget
	}
	return snap.Profiles, in, c.find(ctx, searches, in)
}

// find puts what the searches find into the boxes.
func (c *Committer) find(ctx context.Context, searches map[group]search, in boxes) error {
	var mu sync.Mutex
	var queries tasks.Group
	queries.Limit(maxQueries)
	found := func(g group, items []*inbox.Item, err error) error {
		mu.Lock()
		defer mu.Unlock()
		for _, item := range items {
			in[g.uid].Put(item)
		}
		return err
	}
	for g, s := range searches {
		if s.whole {
			queries.Go(func() error {
				items, err := c.store.Group(ctx, g.uid, g.id)
				return found(g, items, err)
			})
			continue
		}
		slices.Sort(s.traces)
		for some := range slices.Chunk(slices.Compact(s.traces), store.MaxTraces) {
			queries.Go(func() error {
				items, err := c.store.Traced(ctx, g.uid, g.id, some)
				return found(g, items, err)
			})
		}
	}
	return queries.Wait()
}

// readParts reads what the works need of the members of large items. It returns the error of each item that cannot be worked on.
func (c *Committer) readParts(ctx context.Context, works []*work, in boxes) (failed map[*inbox.Item]error, err error) {
	parts := map[store.PartRef]*inbox.Item{}
	for _, w := range works {
		if w.Item != "" {
			continue
		}
		for _, item := range in[w.UID].Touched(w.at) {
			for _, n := range item.Needs(w.op()) {
				parts[store.PartRef{Ref: store.Ref{UID: w.UID, ID: item.ID}, Part: n}] = item
			}
		}
	}
	return c.store.LoadParts(ctx, parts)
}

// write saves what changed, with the budgets from which more than a little was taken since they were written. The error of each item that was not saved comes to failed.
func (c *Committer) write(ctx context.Context, profiles map[string]profile.Profile, in boxes, counted map[string]*store.Counted, now time.Time, failed map[*inbox.Item]error) {
	var writes []store.Write
	for uid, box := range in {
		var budget *profile.Budget
		if was := profiles[uid].Budget; box.Budget != was {
			budget = c.budgets.spend(uid, was, box.Budget, now)
		}
		for i, item := range box.Changed() {
			w := store.Write{UID: uid, Item: item}
			if i == 0 {
				w.Budget, w.Counted = budget, counted[uid]
			}
			writes = append(writes, w)
		}
	}
	for i, err := range c.store.Save(ctx, writes) {
		if err != nil {
			failed[writes[i].Item] = err
			continue
		}
		c.saved(ctx, writes[i].Item, now)
	}
}
