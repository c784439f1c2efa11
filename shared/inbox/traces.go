package inbox

import "slices"

// Which documents have something of a person?
//
// Each item, and each part of one, lists hashes for it, so that a query finds those documents and reads no other: whoever erases a
// person needs all that name them, in anybody's inbox; a retraction needs the windows of its group in which its actor is; and a late event
// those in which its actor took something back. A person has three hashes, for these three questions.

// PersonOf is how documents list a person whom they name: a hash of the uid, equal to the one by which members know their actor.
func PersonOf(uid string) int64 { return int64(hash64("actor", uid)) }

// traceOfNameless is how a document lists a member whose name it does not have.
func traceOfNameless(owner uint64) int64 { return int64(owner + 1) }

// traceOfTakingBack is how a document lists somebody who took something back.
func traceOfTakingBack(owner uint64) int64 { return int64(owner + 2) }

// tracesOf are all that somebody can leave.
func tracesOf(owner uint64) []int64 {
	return []int64{int64(owner), traceOfNameless(owner), traceOfTakingBack(owner)}
}

// Named lists the traces that people left among the members, each once, in order.
func (m Members) Named() []int64 { return ordered(m.traces(nil)) }

// traces adds those of the members to those of people whom the document names anyway. States have none without a name: their group is one item. Nor
// has what nobody did.
func (m Members) traces(all []int64) []int64 {
	others := len(all)
	for _, x := range m.entries {
		switch who := x.who(); {
		case x.takesBack:
			all = append(all, traceOfTakingBack(x.owner))
		case who == nobody:
		case x.name != "":
			all = append(all, int64(who))
		case x.actor == 0 && !slices.Contains(all[:others], int64(who)):
			all = append(all, traceOfNameless(who))
		}
	}
	return all
}

// Named lists the people whose id, name or picture is in the item's own document, and the traces of its other members, each once, in
// order: at most [InlineMax] members, and seven more.
func (n *Notification) Named() []int64 {
	var all []int64
	for _, a := range n.Actors {
		if a.ID != "" {
			all = append(all, PersonOf(a.ID))
		}
	}
	for i := range n.Memory.Voices {
		if id := n.Memory.Voices[i].Actor.ID; id != "" {
			all = append(all, PersonOf(id))
		}
	}
	return ordered(n.Members.traces(all))
}

func ordered(all []int64) []int64 {
	slices.Sort(all)
	return slices.Compact(all)
}

// who is the actor of an entry.
func (x entry) who() uint64 {
	if x.actor != 0 {
		return x.actor
	}
	return x.owner
}
