package inbox

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The stored form of members: a byte that names the form; the scopes and the clocks that occur, of which there are one or two;
// the earliest time; then the entries and the cuts. Numbers are varints, so that an actor takes some 20 bytes and their name.
const form = 3

// What an entry has besides its owner, its scope and its time.
const (
	hasTakesBack = 1 << iota
	hasKey
	hasClock
	hasArrival // it arrived at another time than it says
	hasKind
	hasExpiry
	hasActor
	hasName
	hasLatest
)

// MarshalBinary gives the compact stored form. It never fails; an empty set is empty.
func (m Members) MarshalBinary() ([]byte, error) {
	if len(m.entries) == 0 && len(m.cuts) == 0 {
		return nil, nil
	}
	var scopes []uint64
	var clocks []uint32
	base := int64(math.MaxInt64)
	for _, x := range m.entries {
		scopes, clocks, base = include(scopes, x.scope), include(clocks, x.when.Clock), min(base, x.when.At)
	}
	for _, c := range m.cuts {
		scopes, base = include(scopes, c.scope), min(base, c.accepted)
	}
	b := make([]byte, 0, 32+40*len(m.entries))
	b = append(b, form)
	b = binary.AppendUvarint(b, uint64(len(scopes)))
	for _, s := range scopes {
		b = binary.BigEndian.AppendUint64(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(clocks)))
	for _, c := range clocks {
		b = binary.BigEndian.AppendUint32(b, c)
	}
	b = binary.AppendVarint(b, base)
	b = binary.AppendUvarint(b, uint64(len(m.entries)))
	for _, x := range m.entries {
		b = x.append(b, scopes, clocks, base)
	}
	b = binary.AppendUvarint(b, uint64(len(m.cuts)))
	for _, c := range m.cuts {
		b = binary.AppendUvarint(b, uint64(slices.Index(scopes, c.scope)))
		b = binary.AppendVarint(b, c.accepted-base)
		b = binary.BigEndian.AppendUint64(b, c.only)
		b = binary.AppendUvarint(b, uint64(len(c.except)))
		for _, kept := range c.except {
			b = binary.BigEndian.AppendUint64(b, kept)
		}
	}
	return b, nil
}

func include[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

func (x entry) append(b []byte, scopes []uint64, clocks []uint32, base int64) []byte {
	var has uint64
	mark := func(bit uint64, is bool) {
		if is {
			has |= bit
		}
	}
	mark(hasTakesBack, x.takesBack)
	mark(hasKey, !x.takesBack && x.isEvent())
	mark(hasClock, x.when.Clock != 0)
	mark(hasArrival, x.when.Accepted != x.when.At)
	mark(hasKind, x.kind != 0)
	mark(hasExpiry, x.expires != 0)
	mark(hasActor, x.actor != 0)
	mark(hasName, x.name != "")
	mark(hasLatest, x.latest != 0)
	b = binary.AppendUvarint(b, has)
	b = binary.BigEndian.AppendUint64(b, x.owner)
	b = binary.AppendUvarint(b, uint64(slices.Index(scopes, x.scope)))
	b = binary.AppendUvarint(b, uint64(x.when.At-base))
	if has&hasKey != 0 {
		b = binary.BigEndian.AppendUint64(b, x.key)
	}
	if has&hasClock != 0 {
		b = binary.AppendUvarint(b, uint64(slices.Index(clocks, x.when.Clock)))
	}
	if has&hasArrival != 0 {
		b = binary.AppendVarint(b, x.when.Accepted-x.when.At)
	}
	if has&hasKind != 0 {
		b = binary.AppendUvarint(b, uint64(x.kind))
	}
	if has&hasExpiry != 0 {
		b = binary.AppendVarint(b, x.expires-x.when.At)
	}
	if has&hasActor != 0 {
		b = binary.BigEndian.AppendUint64(b, x.actor)
	}
	if has&hasName != 0 {
		b = binary.AppendUvarint(b, uint64(len(x.name)))
		b = append(b, x.name...)
	}
	if has&hasLatest != 0 {
		b = binary.AppendVarint(b, x.latest-x.when.At)
	}
	return b
}

// ErrMembers says that a stored set cannot be read: something else wrote it, or a newer version of this.
var ErrMembers = errors.New("inbox: members are not readable")

// UnmarshalBinary reads the stored form, or returns [ErrMembers]. It takes no more memory than a few times what it is given.
func (m *Members) UnmarshalBinary(b []byte) error {
	*m = Members{}
	if len(b) == 0 {
		return nil
	}
	r := reader{b: b}
	if r.byte() != form {
		return ErrMembers
	}
	scopes := make([]uint64, r.count(8))
	for i := range scopes {
		scopes[i] = r.uint64()
	}
	clocks := make([]uint32, r.count(4))
	for i := range clocks {
		clocks[i] = r.uint32()
	}
	base := r.varint()
	entries := r.count(10)
	m.entries = make([]entry, entries, entries+1+entries/8) // what comes in: one mostly, and hundreds in a storm
	for i := range m.entries {
		m.entries[i] = r.entry(scopes, clocks, base)
	}
	m.cuts = make([]cut, r.count(11))
	for i := range m.cuts {
		c := cut{scope: pick(&r, scopes), accepted: base + r.varint(), only: r.uint64()}
		for range r.count(8) {
			c.except = append(c.except, r.uint64())
		}
		m.cuts[i] = c
	}
	if r.bad || len(r.b) > 0 || !slices.IsSortedFunc(m.entries, compareEntries) {
		*m = Members{}
		return ErrMembers
	}
	if len(m.cuts) == 0 {
		m.cuts = nil
	}
	if len(m.entries) == 0 {
		m.entries = nil
	}
	return nil
}

// reader reads numbers until something is wrong, and zeros from then on.
type reader struct {
	b     []byte
	bad   bool
	texts string // the bytes from the first text on
}

func (r *reader) entry(scopes []uint64, clocks []uint32, base int64) (x entry) {
	has := r.uvarint()
	x.owner, x.takesBack = r.uint64(), has&hasTakesBack != 0
	x.scope = pick(r, scopes)
	x.when.At = base + int64(r.uvarint())
	if has&hasKey != 0 {
		x.key = r.uint64()
	} else {
		x.key = x.scope
	}
	if x.takesBack {
		x.key = 0 // what takes back has none
	}
	if has&hasClock != 0 {
		x.when.Clock = pick(r, clocks)
	}
	x.when.Accepted = x.when.At
	if has&hasArrival != 0 {
		x.when.Accepted += r.varint()
	}
	if has&hasKind != 0 {
		x.kind = int32(min(r.uvarint(), math.MaxInt32))
	}
	if has&hasExpiry != 0 {
		x.expires = x.when.At + r.varint()
	}
	if has&hasActor != 0 {
		x.actor = r.uint64()
	}
	if has&hasName != 0 {
		x.name = r.text()
	}
	if has&hasLatest != 0 {
		x.latest = x.when.At + r.varint()
	}
	return x
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return make([]byte, min(n, 8))
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if r.bad = r.bad || n <= 0; r.bad {
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if r.bad = r.bad || n <= 0; r.bad {
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count is a number of things that take at least size bytes each: more than are there is an error and not a reason to make room.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.bad = true
		return 0
	}
	return int(n)
}

// pick is the one of all whose index comes next.
func pick[T any](r *reader, all []T) (one T) {
	i := r.uvarint()
	if r.bad = r.bad || i >= uint64(len(all)); r.bad {
		return one
	}
	return all[i]
}

// shortName is a name as it is remembered of everybody.
func shortName(name string) string {
	if len(name) <= maxName {
		return name
	}
	cutAt := maxName - len("…")
	for !utf8.RuneStart(name[cutAt]) {
		cutAt--
	}
	return strings.TrimSpace(name[:cutAt]) + "…"
}
