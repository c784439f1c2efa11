package inbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"tidings.dev/shared/event"
)

// Members is who is in a group, as a set that converges: applying an event twice, late or in any order ends in the same
// set, and exactness needs no ledger of event ids.
//
// It knows the newest presence of each element, by each clock, and until when each owner has taken back what they did to a
// target. A presence that was taken back decides nothing any more and is dropped.
//
// The zero value is empty. Entries are sorted by owner, so what concerns one actor lies together.
type Members struct {
	entries []entry
	cuts    []cut
}

// Element names what an event contributes to its group, by hashes, so that a stored element has a fixed small size. With 64
// bits, two of 50,000 members collide with a probability below one in ten thousand million.
type Element struct {
	owner uint64 // who did it; of a state: the instance
	scope uint64 // what one retraction takes back: the type and the target
	key   uint64 // which of the owner's: an event, or the scope again where an owner has one element for each
}

// elementOf is what the event contributes. Where a type counts actors, an actor has one element for each target; where it counts
// events, each event is one; where it counts states, each instance is one, whoever speaks of it.
func elementOf(e *event.Event, t *event.Type) Element {
	target := []string{e.Target.Type, e.Target.ID, e.Target.Source}
	owner := actorHash(e)
	if t.Group != nil && t.Group.Counts == event.CountStates {
		scope := hash64(append([]string{"state", t.Group.Key}, target...)...)
		return Element{owner: hash64("instance", e.Instance), scope: scope, key: scope}
	}
	scope := hash64(append([]string{"did", t.Name}, target...)...)
	if t.Group != nil && t.Group.Counts == event.CountActors {
		return Element{owner: owner, scope: scope, key: scope}
	}
	return Element{owner: owner, scope: scope, key: hash64("event", e.Source, e.ID)}
}

func actorHash(e *event.Event) uint64 { return hash64("actor", e.Actor.ID) }

// isEvent reports whether the element is an event, which is the same whatever time a repetition of it claims.
func (e Element) isEvent() bool { return e.key != e.scope }

// entry is one thing known about an owner: that they are there with an element, or until when they took a scope back.
type entry struct {
	Element          // of taking back, the key is 0
	when      Moment // of the newest such event, by its clock
	latest    int64  // when the last such event arrived, where that is another one; else 0
	takesBack bool
	kind      int32  // presence: the index of what it is among the item's kinds
	expires   int64  // presence: microseconds since 1970 after which it counts no more; 0 is never
	actor     uint64 // presence of a state: who said it; else 0, since the owner is the actor
	name      string // presence: the actor's, at most maxName bytes
}

// arrival is when the last such event arrived: other clocks are compared with that.
func (x entry) arrival() int64 { return max(x.latest, x.when.Accepted) }

// outweighs reports whether taking back, as the entry x does, includes something that was said then.
func (x entry) outweighs(when Moment) bool {
	if x.when.Clock == when.Clock {
		return !x.when.before(when)
	}
	return when.Accepted <= x.arrival()
}

// takes reports whether taking back, as the entry x does, includes the presence o.
func (x entry) takes(o entry) bool {
	if o.takesBack || o.owner != x.owner || o.scope != x.scope {
		return false
	}
	if o.when.Clock == x.when.Clock {
		return !x.when.before(o.when)
	}
	return o.arrival() <= x.arrival()
}

// with is the entry after another such event.
func (x entry) with(o entry) entry {
	arrival := max(x.arrival(), o.arrival())
	if x.when.before(o.when) {
		x = o
	}
	if x.latest = arrival; arrival == x.when.Accepted {
		x.latest = 0
	}
	return x
}

// maxName is how much of an actor's name is remembered of everybody, in bytes: the latest ones are in the item in full.
const maxName = 64

// cut takes back states: of one instance, or of all but some. It decides over what was accepted before it and arrives later.
type cut struct {
	scope    uint64
	accepted int64
	only     uint64   // the instance; 0 is all
	except   []uint64 // the instances that stay, in order
}

func (c cut) covers(scope, owner uint64) bool {
	return c.scope == scope && (c.only == 0 && !slices.Contains(c.except, owner) || c.only == owner)
}

// takes reports whether the cut takes the entry back.
func (c cut) takes(x *entry) bool { return c.covers(x.scope, x.owner) && x.when.Accepted <= c.accepted }

// outdoes reports whether c makes o superfluous: it is as new and covers as much.
func (c cut) outdoes(o cut) bool {
	if c.scope != o.scope || c.accepted < o.accepted {
		return false
	}
	if c.only != 0 {
		return c.only == o.only
	}
	if o.only != 0 {
		return !slices.Contains(c.except, o.only)
	}
	return !slices.ContainsFunc(c.except, func(kept uint64) bool { return !slices.Contains(o.except, kept) })
}

// delta is what a change did to the set.
type delta struct {
	events, actors int     // how many more (or fewer) elements and owners are present
	gone           []entry // presences that are no longer there
	stored         bool    // the set differs from before, visibly or not: it must be written
}

// add applies that the entry's element was there.
func (m *Members) add(x entry) delta {
	if m.settled(x.Element, x.when) {
		return delta{}
	}
	return m.counting(x.owner, func() []entry {
		i, ok := m.find(x)
		if ok {
			was := m.entries[i]
			m.entries[i] = was.with(x)
			return []entry{was}
		}
		m.entries = slices.Insert(m.entries, i, x)
		return nil
	})
}

// takingBack is that, at that moment, the element's owner took back what they had done in its scope by then.
func takingBack(e Element, when Moment) entry {
	return entry{Element: Element{owner: e.owner, scope: e.scope}, when: when, takesBack: true}
}

// retract applies a taking back.
func (m *Members) retract(back entry) delta {
	i, ok := m.find(back)
	if ok && !m.entries[i].when.before(back.when) && m.entries[i].arrival() >= back.arrival() {
		return delta{}
	}
	return m.counting(back.owner, func() (gone []entry) {
		if ok {
			m.entries[i] = m.entries[i].with(back)
		} else {
			m.entries = slices.Insert(m.entries, i, back)
		}
		m.entries = slices.DeleteFunc(m.entries, func(x entry) bool {
			out := back.takes(x)
			if out {
				gone = append(gone, x)
			}
			return out
		})
		return gone
	})
}

// cutOff applies a cut to the entries that are here. It is kept by [Members.keepCut] in the item itself.
func (m *Members) cutOff(c cut) (d delta) {
	m.entries = slices.DeleteFunc(m.entries, func(x entry) bool {
		out := c.takes(&x)
		if out {
			d.gone = append(d.gone, x)
		}
		return out
	})
	d.events, d.actors, d.stored = -len(d.gone), 0, len(d.gone) > 0
	return d
}

// keepCut remembers the cut, unless another one outdoes it, and forgets those that it outdoes or that are older than horizon:
// nothing that was accepted before that can still arrive.
func (m *Members) keepCut(c cut, horizon int64) (stored bool) {
	if slices.ContainsFunc(m.cuts, func(o cut) bool { return o.outdoes(c) }) {
		return false
	}
	m.cuts = slices.DeleteFunc(m.cuts, func(o cut) bool { return c.outdoes(o) || o.accepted < horizon })
	m.cuts = append(m.cuts, c)
	slices.SortFunc(m.cuts, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.accepted, b.accepted), cmp.Compare(a.only, b.only))
	})
	return true
}

// isCut reports whether a state that was accepted then has been taken back since.
func (m *Members) isCut(e Element, accepted int64) bool {
	return slices.ContainsFunc(m.cuts, func(c cut) bool { return c.covers(e.scope, e.owner) && accepted <= c.accepted })
}

// settled reports whether adding the element would change nothing: it is known as it is or newer, or has been taken back
// since.
func (m *Members) settled(e Element, when Moment) bool {
	lo, hi := m.span(e.owner)
	for _, x := range m.entries[lo:hi] {
		switch {
		case x.takesBack || x.scope != e.scope || x.key != e.key:
		case e.isEvent(), x.when.Clock == when.Clock && !x.when.before(when) && x.arrival() >= when.Accepted:
			return true
		}
	}
	return m.takenBack(e, when)
}

// takenBack reports whether the element's owner has taken back, since then, what they had done in its scope.
func (m *Members) takenBack(e Element, when Moment) bool {
	lo, hi := m.span(e.owner)
	return slices.ContainsFunc(m.entries[lo:hi], func(x entry) bool {
		return x.takesBack && x.scope == e.scope && x.outweighs(when)
	})
}

// includes reports whether something is there that the taking back includes.
func (m *Members) includes(back entry) bool {
	lo, hi := m.span(back.owner)
	return slices.ContainsFunc(m.entries[lo:hi], back.takes)
}

// takingsBack are those of the element's owner and scope.
func (m *Members) takingsBack(e Element) (all []entry) {
	lo, hi := m.span(e.owner)
	for _, x := range m.entries[lo:hi] {
		if x.takesBack && x.scope == e.scope {
			all = append(all, x)
		}
	}
	return all
}

// forget drops what decides nothing any more: takings back that are older than horizon, since nothing that was accepted before
// it can still arrive.
func (m *Members) forget(horizon int64) {
	m.entries = slices.DeleteFunc(m.entries, func(x entry) bool { return x.takesBack && x.when.Accepted < horizon })
}

// Len is the number of stored entries, of presence and of taking back.
func (m *Members) Len() int { return len(m.entries) }

// split takes out the entries of the owners chosen.
func (m *Members) split(chosen func(owner uint64) bool) (out Members) {
	m.entries = slices.DeleteFunc(m.entries, func(x entry) bool {
		if chosen(x.owner) {
			out.entries = append(out.entries, x)
			return true
		}
		return false
	})
	return out
}

// each yields the entries, until it is told to stop.
func (m *Members) each(yield func(*entry) bool) bool {
	for i := range m.entries {
		if !yield(&m.entries[i]) {
			return false
		}
	}
	return true
}

// counting runs change on one owner's entries and tells what it did to the counts.
func (m *Members) counting(owner uint64, change func() []entry) delta {
	before := m.present(owner)
	gone := change()
	after := m.present(owner)
	return delta{events: after - before, actors: min(after, 1) - min(before, 1), gone: gone, stored: true}
}

// present is how many elements the owner is there with. What is known by several clocks counts once.
func (m *Members) present(owner uint64) (n int) {
	lo, hi := m.span(owner)
	for i, x := range m.entries[lo:hi] {
		if !x.takesBack && (i == 0 || m.entries[lo+i-1].Element != x.Element || m.entries[lo+i-1].takesBack) {
			n++
		}
	}
	return n
}

// span is where the owner's entries lie.
func (m *Members) span(owner uint64) (lo, hi int) {
	by := func(x entry, owner uint64) int { return cmp.Compare(x.owner, owner) }
	lo, _ = slices.BinarySearchFunc(m.entries, owner, by)
	for hi = lo; hi < len(m.entries) && m.entries[hi].owner == owner; hi++ {
	}
	return lo, hi
}

// find is where the entry is or belongs.
func (m *Members) find(x entry) (int, bool) {
	return slices.BinarySearchFunc(m.entries, x, compareEntries)
}

func compareEntries(a, b entry) int {
	if c := cmp.Or(cmp.Compare(a.owner, b.owner), cmp.Compare(a.scope, b.scope)); c != 0 {
		return c
	}
	if a.takesBack != b.takesBack {
		if a.takesBack {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.when.Clock, b.when.Clock))
}

func hash64(parts ...string) uint64 {
	sum := digest(parts...)
	return binary.BigEndian.Uint64(sum[:8])
}

// digest hashes parts so that no two different lists of parts give the same input.
func digest(parts ...string) [sha256.Size]byte {
	b := make([]byte, 0, 256) // mostly enough, and on the stack
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}
