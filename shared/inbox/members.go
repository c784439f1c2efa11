package inbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// Members is who is in a group, as a set that converges. For every element it knows the time of its newest presence, and
// for every actor the time until which he has taken everything back; an element is present if it is newer than that.
// Both only grow, so applying an event twice, late or in any order ends in the same set, and exactness needs no ledger
// of event ids. At equal times taking back wins.
//
// Where a type counts actors, an actor has one element. Where it counts events, each of his events is one.
//
// The zero value is empty. Entries are sorted by owner, then key, so what concerns one actor lies together.
type Members struct {
	entries []entry
}

// entry is the time, in microseconds, of one thing known about an owner. The key tells which: the owner's own hash stands for
// taking back, its complement for the actor's element, anything else for an event's.
type entry struct {
	owner, key uint64
	micro      int64
}

func (x entry) takesBack() bool { return x.key == x.owner }

// Element names what an event contributes to a group: hashes, so that a stored element has a fixed small size. With 64
// bits, two of 50,000 members collide with a probability below one in ten thousand million.
type Element struct {
	owner, key uint64
}

// ActorElement is the element of a type that counts actors.
func ActorElement(actorID string) Element {
	h := hash64("actor", actorID)
	return Element{owner: h, key: ^h}
}

func (e Element) isActor() bool { return e.key == ^e.owner }

// EventElement is the element of a type that counts events.
func EventElement(actorID, source, id string) Element {
	return Element{owner: hash64("actor", actorID), key: hash64("event", source, id)}
}

// Delta is what applying something changed.
type Delta struct {
	Events, Actors int  // how many more (or fewer) are present
	Stored         bool // the set differs from before, visibly or not: it must be written
}

// Add applies that the element was there at time t.
func (m *Members) Add(e Element, t time.Time) Delta {
	return m.apply(e.owner, func() bool {
		return !m.Settled(e, t) && m.advance(e.owner, e.key, t.UnixMicro())
	})
}

// Retract applies that, at time t, the element's actor took back all he had done by then.
func (m *Members) Retract(e Element, t time.Time) Delta {
	return m.apply(e.owner, func() bool {
		if !m.advance(e.owner, e.owner, t.UnixMicro()) {
			return false
		}
		m.entries = slices.DeleteFunc(m.entries, func(x entry) bool { // outweighed for ever: needs no room
			return x.owner == e.owner && !x.takesBack() && x.micro <= t.UnixMicro()
		})
		return true
	})
}

// Settled reports whether adding the element at time t would change nothing: it is known at that time or later, or has been
// taken back since. An event is the same event whatever time a repetition of it claims.
func (m *Members) Settled(e Element, t time.Time) bool {
	known, ok := m.get(e.owner, e.key)
	return ok && (known >= t.UnixMicro() || !e.isActor()) || m.TakenBack(e, t)
}

// TakenBack reports whether the element's actor has taken back, at time t or later, whatever he had done by then.
func (m *Members) TakenBack(e Element, t time.Time) bool {
	until, ok := m.get(e.owner, e.owner)
	return ok && until >= t.UnixMicro()
}

// Holds reports whether the element's actor is present with something from time t or before, which a retraction at t takes
// back.
func (m *Members) Holds(e Element, t time.Time) bool {
	lo, hi := m.span(e.owner)
	return slices.ContainsFunc(m.entries[lo:hi], func(x entry) bool {
		return !x.takesBack() && x.micro <= t.UnixMicro()
	})
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

// apply runs change on one owner's elements and tells what it did to the counts.
func (m *Members) apply(owner uint64, change func() bool) Delta {
	before := m.present(owner)
	if !change() {
		return Delta{}
	}
	after := m.present(owner)
	return Delta{Events: after - before, Actors: min(after, 1) - min(before, 1), Stored: true}
}

func (m *Members) present(owner uint64) (n int) {
	lo, hi := m.span(owner)
	for _, x := range m.entries[lo:hi] {
		if !x.takesBack() {
			n++
		}
	}
	return n
}

// span is where the owner's elements lie.
func (m *Members) span(owner uint64) (lo, hi int) {
	lo, _ = slices.BinarySearchFunc(m.entries, owner, func(x entry, o uint64) int { return cmp.Compare(x.owner, o) })
	for hi = lo; hi < len(m.entries) && m.entries[hi].owner == owner; hi++ {
	}
	return lo, hi
}

func (m *Members) get(owner, key uint64) (micro int64, ok bool) {
	i, ok := m.find(owner, key)
	if !ok {
		return 0, false
	}
	return m.entries[i].micro, true
}

// advance stores the time if it is later than the one that is there, and reports whether it was.
func (m *Members) advance(owner, key uint64, micro int64) bool {
	i, ok := m.find(owner, key)
	switch {
	case !ok:
		m.entries = slices.Insert(m.entries, i, entry{owner, key, micro})
	case micro > m.entries[i].micro:
		m.entries[i].micro = micro
	default:
		return false
	}
	return true
}

func (m *Members) find(owner, key uint64) (int, bool) {
	return slices.BinarySearchFunc(m.entries, entry{owner: owner, key: key}, func(x, want entry) int {
		return cmp.Or(cmp.Compare(x.owner, want.owner), cmp.Compare(x.key, want.key))
	})
}

func hash64(parts ...string) uint64 {
	sum := digest(parts...)
	return binary.BigEndian.Uint64(sum[:8])
}

// digest hashes parts so that no two different lists of parts give the same input.
func digest(parts ...string) [sha256.Size]byte {
	var b []byte
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// The stored form: one byte that names it, then 24 bytes an entry, or 16 where there are no events' elements: then the
// time's lowest bit tells presence from taking back, and the key follows from it.
const (
	formActors = 1
	formEvents = 2
)

// MarshalBinary gives the compact stored form. It never fails; an empty set is empty.
func (m Members) MarshalBinary() ([]byte, error) {
	if len(m.entries) == 0 {
		return nil, nil
	}
	form := byte(formActors)
	if slices.ContainsFunc(m.entries, func(x entry) bool { return !x.takesBack() && x.key != ^x.owner }) {
		form = formEvents
	}
	b := make([]byte, 0, 1+24*len(m.entries))
	b = append(b, form)
	for _, x := range m.entries {
		b = binary.BigEndian.AppendUint64(b, x.owner)
		if form == formEvents {
			b = binary.BigEndian.AppendUint64(b, x.key)
			b = binary.BigEndian.AppendUint64(b, uint64(x.micro))
			continue
		}
		packed := uint64(x.micro) << 1
		if !x.takesBack() {
			packed |= 1
		}
		b = binary.BigEndian.AppendUint64(b, packed)
	}
	return b, nil
}

// ErrMembers says that a stored set cannot be read: it was written by something else.
var ErrMembers = errors.New("inbox: members are not readable")

// UnmarshalBinary reads the stored form, or returns [ErrMembers].
func (m *Members) UnmarshalBinary(b []byte) error {
	m.entries = nil
	if len(b) == 0 {
		return nil
	}
	form, b := b[0], b[1:]
	size := map[byte]int{formActors: 16, formEvents: 24}[form]
	if size == 0 || len(b)%size != 0 {
		return ErrMembers
	}
	m.entries = make([]entry, 0, len(b)/size)
	for ; len(b) > 0; b = b[size:] {
		x := entry{owner: binary.BigEndian.Uint64(b)}
		second := binary.BigEndian.Uint64(b[8:])
		switch {
		case form == formEvents:
			x.key, x.micro = second, int64(binary.BigEndian.Uint64(b[16:]))
		case second&1 == 1:
			x.key, x.micro = ^x.owner, int64(second>>1)
		default:
			x.key, x.micro = x.owner, int64(second>>1)
		}
		m.entries = append(m.entries, x)
	}
	return nil
}
