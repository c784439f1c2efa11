package inbox

import (
	"slices"
	"time"
)

// retract takes back what the actor has done to the target until then, in every item of the group. In a type that groups it also
// leaves a tombstone where an event of theirs that is still on its way will look, so it needs neither the event nor a second
// try: in the item of the retraction's own index and in the one before, as far as they are there, and in both if there
// was nothing to take back. So if an event and its retraction are handled at the same time by two subscribers, one of
// them loses the race for the item that the event joins, and sees the other when it tries again.
func (b *Box) retract(at Address, c *contribution) error {
	back := takingBack(c.element, c.when)
	b.takeAllBack(at, c, back)
	var places []string
	if c.Type.Group != nil {
		places = at.IDs
	}
	known := false
	for _, item := range b.Touched(at) {
		known = known || item.members(c.element.owner).takenBack(c.element, c.when) && (places == nil || slices.Contains(places, item.ID))
	}
	if places == nil && !known {
		return ErrEarly
	}
	for _, id := range places {
		if b.item(id) != nil || !known {
			b.takeBack(b.obtain(at, id), c, back)
		}
	}
	return nil
}

// takeAllBack takes back what the event's actor did, in every item of the group.
func (b *Box) takeAllBack(at Address, c *contribution, back entry) {
	for _, item := range b.Touched(at) {
		if item.members(back.owner).includes(back) {
			b.takeBack(item, c, back)
		}
	}
}

// takeBack takes back what the actor did, in one item.
func (b *Box) takeBack(item *Item, c *contribution, back entry) {
	item.touch()
	d := item.change(c.element.owner, func(m *Members) delta {
		d := m.retract(back)
		if d.stored {
			m.forget(c.horizon())
		}
		return d
	})
	if d.stored {
		b.took(item, c, d.events)
	}
}

// retractStates takes back what was said of the target's instances until then: of the one that is named, or of all but some. The
// cut stays in the item for whatever is still on its way.
func (b *Box) retractStates(at Address, c *contribution) {
	item := b.obtain(at, at.IDs[0])
	if c.Accepted.OwnID && item.Memory.says(hash64("event", c.Event.Source, c.Event.ID)) {
		return
	}
	cut := cut{scope: c.element.scope, accepted: c.when.Accepted}
	if c.Event.Instance != "" {
		cut.only = c.element.owner
	}
	for _, instance := range c.Event.Except {
		cut.except = append(cut.except, hash64("instance", instance))
	}
	slices.Sort(cut.except)
	item.since.changed = item.since.changed || c.Accepted.OwnID
	if !item.Members.keepCut(cut, c.horizon()) {
		return
	}
	item.touch()
	b.took(item, c, -item.cutOff(cut))
}

// cutOff applies the cut to all members that were read, and tells how many are gone.
func (n *Item) cutOff(c cut) (gone int) {
	for {
		var owner uint64
		found := false
		for x := range n.known() {
			if found = c.takes(x); found {
				owner = x.owner
				break
			}
		}
		if !found {
			return gone
		}
		d := n.change(owner, func(m *Members) delta { return m.cutOff(c) }) // with whoever else is in the same set
		gone += len(d.gone)
	}
}

// took brings an item in line with what was taken back from it.
func (b *Box) took(item *Item, c *contribution, events int) {
	item.since.changed = true
	if item.CreatedAt.IsZero() {
		item.CreatedAt, item.UpdatedAt = c.now, c.now
	}
	switch {
	case item.total() == 0 && item.RetractedAt.IsZero():
		item.vanish(c.now)
	case item.RetractedAt.IsZero() && events < 0:
		item.restate(c.say)
	}
}

// total is how many entries of presence there are.
func (n *Item) total() (present int) {
	for _, k := range n.Memory.Kinds {
		present += k.Present
	}
	return present
}

// horizon is when what still arrives was accepted at the earliest, in microseconds.
func (c *contribution) horizon() int64 { return c.now.Add(-KeepTombstone).UnixMicro() }

// vanish takes the item from every screen and forgets what it said. What its members took back stays, so that a late redelivery
// cannot bring it back.
func (n *Item) vanish(now time.Time) {
	n.hide(now)
	n.Memory.Voices, n.Memory.Kinds, n.Memory.UnreadFrom = nil, nil, 0
	n.EventCount, n.ActorCount = 0, 0
	n.Revision++
}

// hide takes the item from every screen.
func (n *Item) hide(now time.Time) {
	if n.CreatedAt.IsZero() {
		n.CreatedAt, n.UpdatedAt = now, now
	}
	n.RetractedAt, n.ArchivedAt, n.ExpireAt = now, now, now.Add(KeepTombstone)
	n.Title, n.Body, n.Held, n.URL = "", "", "", ""
	n.Actors, n.Actions, n.Data, n.Own = nil, nil, nil, Own{}
	n.LatestAt, n.DueAt = time.Time{}, time.Time{}
}
