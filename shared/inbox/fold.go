package inbox

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// Op is one event as it comes to one recipient. The recipients of a message share its event and its type, and nothing changes them.
type Op struct {
	Event    *event.Event
	Accepted event.Acceptance
	Type     *event.Type
	Message  string           // the Pub/Sub message it came in
	Repeat   bool             // it came before, and only some devices were not reached: nothing is ended for their sake
	Replay   Replay           // whether it comes from the archive (replay.go)
	Why      string           // "recipient" or "audience:ID"
	Person   *profile.Profile // the recipient; nil is somebody who has said nothing
}

func (op *Op) countsStates() bool { return countsStates(op.Type) }

func countsStates(t *event.Type) bool { return t.Group != nil && t.Group.Counts == event.CountStates }

// ErrEarly says that a retraction came before the event that it takes back. The event is on its way: try again later.
var ErrEarly = errors.New("inbox: nothing to take back yet")

// contribution is an op with what the fold derives from it once.
type contribution struct {
	Op
	element Element
	when    Moment
	now     time.Time
	say     Say
}

// Fold applies op to the items at its address and returns what is to be told of it. The items that the address names, as far
// as they exist, must have been put into the box, with the parts that [Item.Needs] names.
//
// It converges: the same ops, however often repeated and in whatever order, end in the same members. It returns
// [ErrEarly] for a retraction to be tried again; then nothing has changed.
//
// Whatever the event ends is withdrawn from the devices at once ([Box.Ended]): nobody else has to notice.
func (b *Box) Fold(at Address, op Op, now time.Time, say Say) (Effect, error) {
	effect, err := b.fold(at, op, now, say)
	if err == nil && !op.Repeat && op.Replay != Quietly {
		b.end(at, op.Message)
	}
	return effect, err
}

func (b *Box) fold(at Address, op Op, now time.Time, say Say) (Effect, error) {
	c := &contribution{Op: op, element: elementOf(op.Event, op.Type), when: MomentOf(*op.Event, op.Accepted, *op.Type), now: now, say: say}
	switch {
	case op.Event.Retract && op.countsStates():
		b.retractStates(at, c)
		return Effect{}, nil
	case op.Event.Retract:
		return Effect{}, b.retract(at, c)
	case at.taken(b):
		return Effect{}, nil // the same pair is the same event, whatever else it says now
	}
	b.reconcile(at, c)
	item := b.choose(at, c)
	if item == nil {
		return Effect{}, nil // taken back since, in another window
	}
	if op.countsStates() {
		return b.joinState(item, c), nil
	}
	return b.join(item, c), nil
}

// reconcile takes the event out of an item where it should not be. A retraction and its event that are handled at the same time
// by two subscribers, in items of different windows, do not see each other: each looks at the items once more after it has
// written, and the later one finds here what the earlier one did.
func (b *Box) reconcile(at Address, c *contribution) {
	for _, item := range b.Touched(at) {
		for _, back := range item.members(c.element.owner).takingsBack(c.element) {
			b.takeAllBack(at, c, back)
		}
	}
}

// choose is the rule at the head of window.go.
func (b *Box) choose(at Address, c *contribution) *Item {
	if at.Late() {
		for _, item := range b.Touched(at) {
			if item.members(c.element.owner).takenBack(c.element, c.when) {
				return nil
			}
		}
	}
	for _, id := range at.IDs {
		if item := b.item(id); item != nil && item.settled(c) {
			return item
		}
	}
	if len(at.IDs) > 1 {
		if previous := b.item(at.IDs[0]); previous != nil && open(&previous.Notification, c.Type.Group.Window, c.Event.Time) {
			return previous
		}
	}
	return b.obtain(at, at.IDs[len(at.IDs)-1])
}

// settled reports whether the item is as if it had the contribution.
func (n *Item) settled(c *contribution) bool {
	sameID := func(x entry) bool { return !x.takesBack && x.isEvent() && x.key == c.element.key }
	if c.element.isEvent() && slices.ContainsFunc(n.Members.entries, sameID) { // whoever it now says it is by
		return true
	}
	return n.members(c.element.owner).settled(c.element, c.when) || c.countsStates() && n.Members.isCut(c.element, c.when.Accepted)
}

// join adds an event to an item that counts actors or events, or stands for the event alone.
func (b *Box) join(item *Item, c *contribution) Effect {
	item.touch()
	expired := item.expire(c.now)
	if item.settled(c) {
		return item.repeats(c.Message, c.now)
	}
	d := item.add(c)
	if !d.stored {
		return item.repeats(c.Message, c.now)
	}
	item.since.changed = true
	item.hear(c)
	if d.events <= 0 { // they had done it before
		if expired {
			item.restate(c.say)
		}
		return Effect{}
	}
	if item.OpenedAt.IsZero() || c.Event.Time.Before(item.OpenedAt) {
		item.OpenedAt = c.Event.Time
	}
	item.restate(c.say)
	return b.tell(item, c)
}

// joinState sets the state of an instance. There is news if the item then says something that it did not say before: what is
// resolved while something else burns changes the item in silence, and so does a condition that is only said again.
func (b *Box) joinState(item *Item, c *contribution) Effect {
	was, known := item.stateOf(c.element)
	id := hash64("event", c.Event.Source, c.Event.ID)
	if known && was.when == c.when { // this very message
		return item.repeats(c.Message, c.now)
	}
	if c.Accepted.OwnID && item.Memory.says(id) {
		return Effect{}
	}
	item.since.changed = item.since.changed || c.Accepted.OwnID
	if item.settled(c) {
		return Effect{}
	}
	item.touch()
	shown := item.Visible()
	fresh := !known && c.Type.State != event.Over || known && (item.Memory.Kinds[was.kind].Type != c.Type.Name || c.Accepted.OwnID)
	item.forgetStates(c.horizon())
	item.add(c)
	item.hear(c)
	item.since.changed = true
	if !shown && c.Type.State == event.Over {
		item.hide(c.now) // what is over was never told: there is nothing to say
		return Effect{}
	}
	if item.OpenedAt.IsZero() {
		item.OpenedAt = c.Event.Time
	}
	item.RetractedAt = time.Time{}
	item.restate(c.say)
	if fresh && item.speaks(c.element) {
		return b.tell(item, c)
	}
	return Effect{}
}

// forgetStates drops instances that have long been over, while others are not: they decide over nothing any more.
func (n *Item) forgetStates(horizon int64) {
	kinds := n.Memory.Kinds
	standing := func(k Kind) bool { return k.Present > 0 && k.State != event.Over }
	ended := func(k Kind) bool { return k.Present > 0 && k.State == event.Over }
	if !slices.ContainsFunc(kinds, standing) || !slices.ContainsFunc(kinds, ended) {
		return
	}
	var old []entry
	for x := range n.known() {
		if !x.takesBack && kinds[x.kind].State == event.Over && x.when.Accepted < horizon {
			old = append(old, *x)
		}
	}
	for _, x := range old {
		n.change(x.owner, func(m *Members) delta { return m.cutOff(cut{scope: x.scope, only: x.owner, accepted: x.when.Accepted}) })
	}
}

// stateOf is what is known of an instance.
func (n *Item) stateOf(e Element) (entry, bool) {
	m := n.members(e.owner)
	lo, hi := m.span(e.owner)
	for _, x := range m.entries[lo:hi] {
		if x.scope == e.scope && !x.takesBack {
			return x, true
		}
	}
	return entry{}, false
}

// add puts the contribution among the members.
func (n *Item) add(c *contribution) delta {
	x := entry{Element: c.element, when: c.when, kind: int32(n.Memory.kind(c.Type, c.Type.PriorityOf(c.Event))), name: shortName(n.nameOf(c))}
	if !c.Event.ExpiresAt.IsZero() {
		x.expires = c.Event.ExpiresAt.UnixMicro()
	}
	if c.countsStates() {
		x.actor = actorHash(c.Event)
	}
	if c.Type.Group == nil {
		x.name = "" // the item itself has it
	}
	d := n.change(c.element.owner, func(m *Members) delta { return m.add(x) })
	if d.stored {
		k := &n.Memory.Kinds[x.kind]
		k.Present++
		k.Latest = max(k.Latest, x.when.Accepted)
		n.ExpireAt = later(n.ExpireAt, microTime(x.life()))
	}
	return d
}

// nameOf is the actor's name; where the event does not bring it, as it was known.
func (n *Item) nameOf(c *contribution) string {
	if c.Event.Actor.Name != "" || c.Event.Actor.ID == "" {
		return c.Event.Actor.Name
	}
	if a := n.acquaintance(c.Event.Actor.ID); a.Name != "" {
		return a.Name
	}
	for _, x := range n.members(c.element.owner).entries {
		if x.name != "" && (x.owner == actorHash(c.Event) || x.actor == actorHash(c.Event)) {
			return x.name
		}
	}
	return ""
}

// change applies how to the set in which the owner is, and keeps the counts.
func (n *Item) change(owner uint64, how func(*Members) delta) delta {
	set := n.members(owner)
	before := set.Len()
	d := how(set)
	n.left(d.gone)
	n.EventCount += d.events
	n.ActorCount += d.actors
	if d.stored {
		n.restored(owner, before)
	}
	return d
}

// left takes what is gone out of the memory.
func (n *Item) left(gone []entry) {
	for _, x := range gone {
		k := &n.Memory.Kinds[x.kind]
		if k.Present--; x.when.Accepted == k.Latest && n.PartCount == 0 {
			k.Latest = 0
			for _, other := range n.Members.entries {
				if !other.takesBack && other.kind == x.kind {
					k.Latest = max(k.Latest, other.when.Accepted)
				}
			}
		}
	}
	n.Memory.forgets(gone)
}

// hear remembers what the contribution says.
func (n *Item) hear(c *contribution) {
	e := c.Event
	v := Voice{
		Owner: c.element.owner, Scope: c.element.scope, Key: c.element.key, Moment: c.when, Kind: n.Memory.kind(c.Type, c.Type.PriorityOf(e)),
		Category: c.Type.Category, Icon: c.Type.Icon, Why: cmp.Or(c.Why, n.Why), Actor: e.Actor, Target: &e.Target, Title: e.Title, Body: e.Body, Actions: e.Actions, Data: Data{fields: e.Data},
	}
	v.Actor.Name = n.nameOf(c)
	if v.Actor.ImageURL == "" {
		v.Actor.ImageURL = n.acquaintance(v.Actor.ID).ImageURL
	}
	if !v.element().isEvent() {
		v.Key = 0
	}
	n.since.draft.unheard = append(n.since.draft.unheard, n.Memory.hears(v)...)
}

// expire drops the members whose time is over, as long as somebody stays.
func (n *Item) expire(now time.Time) (changed bool) {
	if n.PartCount > 0 || n.EventCount < 2 {
		return false
	}
	micro := now.UnixMicro()
	over := func(x entry) bool { return !x.takesBack && x.expires != 0 && x.expires <= micro }
	if !slices.ContainsFunc(n.Members.entries, over) {
		return false
	}
	for _, x := range slices.Clone(n.Members.entries) {
		if over(x) && n.outlived(micro) {
			n.change(x.owner, func(m *Members) delta {
				return m.counting(x.owner, func() []entry {
					m.entries = slices.DeleteFunc(m.entries, func(o entry) bool { return o.Element == x.Element && o.when == x.when && !o.takesBack })
					return []entry{x}
				})
			})
			changed = true
		}
	}
	return changed
}

// outlived reports whether a member is there that has not expired by then.
func (n *Item) outlived(micro int64) bool {
	return slices.ContainsFunc(n.Members.entries, func(x entry) bool { return !x.takesBack && (x.expires == 0 || x.expires > micro) })
}
