package inbox

import (
	"iter"
	"math/bits"
	"slices"
	"time"
)

// Where an item's members are.
//
// While they are few they stand in the item's own document. Clients download that at every change, so beyond InlineMax entries
// they move into documents of their own, the parts, which only the functions read. An owner's entries are all in one part,
// found by their hash; parts grow in number one at a time as the set grows (linear hashing: part p of the next round splits
// off part p - 2^k), so that neither a lone like nor a growth step of a group of millions touches more than two of them.
// The item's document is written together with its parts or not at all, each only if it is as it was read.
const (
	InlineMax  = 64    // entries: about 2 KB
	PartTarget = 2_000 // entries of a part on average: about 60 KB, and 220 KB where all names are long
)

// Part is one of the documents that hold the members of a large item.
type Part struct {
	Members Members
	Changed bool      // it differs from its document and must be written
	Known   bool      // it was looked for in the database; one that was split off just now was not
	Version time.Time // as an item's
}

// partOf is the part, of n, in which an owner's entries are.
func partOf(owner uint64, n int) int {
	round := bits.Len(uint(n)) - 1 // 2^round <= n
	mask := uint64(1)<<(round+1) - 1
	if p := owner & mask; p < uint64(n) {
		return int(p)
	}
	return int(owner & (mask >> 1))
}

// splitFrom is the part that gives up entries when part number n is added.
func splitFrom(n int) int { return n - 1<<(bits.Len(uint(n))-1) }

// Needs lists the parts that must be read before the op is folded into the item. A retraction needs all of them where it may
// leave the item without a name to say, or where it takes back whatever is there.
func (n *Item) Needs(op Op) []int {
	if n.PartCount == 0 {
		return nil
	}
	if op.Event.Retract && (op.countsStates() || len(n.Memory.Voices) <= 2) {
		all := make([]int, n.PartCount)
		for i := range all {
			all[i] = i
		}
		return all
	}
	needs := []int{partOf(elementOf(op.Event, op.Type).owner, n.PartCount)}
	if from := splitFrom(n.PartCount); n.crowded() && !slices.Contains(needs, from) {
		needs = append(needs, from)
	}
	return needs
}

// Attach gives the item one of its parts, as it was read.
func (n *Item) Attach(i int, p Part) {
	if n.Parts == nil {
		n.Parts = map[int]*Part{}
	}
	n.Parts[i] = &p
}

// crowded reports whether it is time for one more part.
func (n *Item) crowded() bool { return n.EntryCount > n.PartCount*PartTarget }

// members is the set in which the owner's entries are. Its part must have been attached.
func (n *Item) members(owner uint64) *Members {
	if n.PartCount == 0 {
		return &n.Members
	}
	return &n.Parts[partOf(owner, n.PartCount)].Members
}

// known are the entries of all members that were read: all of them, or those of some parts. They are not the caller's to change.
func (n *Item) known() iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		if !n.Members.each(yield) {
			return
		}
		for _, part := range n.Parts {
			if !part.Members.each(yield) {
				return
			}
		}
	}
}

// complete reports whether all members are known.
func (n *Item) complete() bool { return n.PartCount == 0 || len(n.Parts) == n.PartCount }

// restored notes that the set of that owner has changed from so many entries, and makes room where it has become too large.
func (n *Item) restored(owner uint64, before int) {
	if n.PartCount == 0 {
		if n.EntryCount = n.Members.Len(); n.EntryCount > InlineMax {
			n.PartCount = 1
			n.Attach(0, Part{Members: Members{entries: n.Members.entries}, Changed: true})
			n.Members.entries = nil
		}
		return
	}
	part := n.Parts[partOf(owner, n.PartCount)]
	part.Changed = true
	n.EntryCount += part.Members.Len() - before
	if from := n.Parts[splitFrom(n.PartCount)]; n.crowded() && from != nil {
		added := n.PartCount
		n.PartCount++
		moved := from.Members.split(func(owner uint64) bool { return partOf(owner, n.PartCount) == added })
		from.Changed = true
		n.Attach(added, Part{Members: moved, Changed: true})
	}
}
