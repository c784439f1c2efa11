package inbox

import (
	"math/bits"
	"time"
)

// Where an item's members are.
//
// While they are few they stand in the item's own document. Clients download that at every change, so beyond InlineMax entries
// they move into documents of their own, the parts, which only the functions read. An owner's entries are all in one part,
// found by his hash; parts grow in number one at a time as the set grows (linear hashing: part p of the next round splits
// off part p - 2^k), so that neither a lone like nor a growth step of a group of millions touches more than two of them.
// The item's document is written together with its parts or not at all, each only if it is as it was read.
const (
	InlineMax  = 64    // entries: about 1 KB of actors, 1.5 KB of events
	PartTarget = 2_000 // entries of a part on average: about 32 to 48 KB
)

// Part is one of the documents that hold the members of a large item.
type Part struct {
	Members Members
	Dirty   bool      // it differs from its document and must be written
	Known   bool      // it was looked for in the database; one that was split off just now was not
	Read    time.Time // its document's update time when it was read, zero if there was none: the precondition of writing it
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

// Needs lists the parts that must be read before an event or retraction of this element is folded into the item.
func (n *Item) Needs(op Op) []int {
	if n.PartCount == 0 {
		return nil
	}
	needs := []int{partOf(element(op).owner, n.PartCount)}
	if n.crowded() {
		needs = append(needs, splitFrom(n.PartCount))
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

// members is the set in which the element would be. Its part must have been attached.
func (n *Item) members(e Element) *Members {
	if n.PartCount == 0 {
		return &n.Members
	}
	return &n.Parts[partOf(e.owner, n.PartCount)].Members
}

// store notes that the set of that element has changed, and makes room where it has become too large.
func (n *Item) store(e Element, before int) {
	n.Dirty = true
	if n.PartCount == 0 {
		if n.EntryCount = n.Members.Len(); n.EntryCount > InlineMax {
			n.PartCount = 1
			n.Attach(0, Part{Members: n.Members, Dirty: true})
			n.Members = Members{}
		}
		return
	}
	part := n.Parts[partOf(e.owner, n.PartCount)]
	part.Dirty = true
	n.EntryCount += part.Members.Len() - before
	if from := n.Parts[splitFrom(n.PartCount)]; n.crowded() && from != nil {
		added := n.PartCount
		n.PartCount++
		moved := from.Members.split(func(owner uint64) bool { return partOf(owner, n.PartCount) == added })
		from.Dirty = true
		n.Attach(added, Part{Members: moved, Dirty: true})
	}
}
