package inbox

import (
	"cmp"
	"reflect"
	"slices"

	"tidings.dev/shared/event"
)

// derive brings what the item says in line with the members that are there: their number, the words of the one that speaks,
// the highest priority of what is unread, and the longest life.
func (n *Item) derive() {
	lead := n.leadingKind()
	if lead < 0 {
		return
	}
	n.count(n.Memory.Kinds[lead])
	if i := n.Memory.lead(n.Memory.all()); i >= 0 && n.Memory.Kinds[n.Memory.Voices[i].Kind].State == n.Memory.Kinds[lead].State && n.isLatest(&n.Memory.Voices[i]) {
		n.quote(&n.Memory.Voices[i])
	} else { // what they said is not known any more, only that they are there
		n.Type = n.Memory.Kinds[lead].Type
		n.Title, n.Body, n.Actions, n.Data, n.Own = "", "", nil, nil, Own{}
	}
	n.Priority = n.priority(lead)
	n.live()
	n.name()
}

// isLatest reports whether nobody who is there has said anything after the voice, in its state. Those whose words are forgotten count, too: or an old event that comes
// late would speak for somebody who came after it. Where most members are elsewhere it is taken for true.
func (n *Item) isLatest(v *Voice) bool {
	if !n.complete() {
		return true
	}
	state := n.Memory.Kinds[v.Kind].State
	there := make([]*entry, 0, n.EntryCount)
	for x := range n.known() {
		if !x.takesBack && n.Memory.Kinds[x.kind].State == state {
			there = append(there, x)
		}
	}
	i := newest(len(there), func(i int) Moment { return there[i].when })
	return i < 0 || there[i].Element == v.element() || there[i].when == v.Moment
}

// leadingKind is the kind that speaks first and, of several, the one that was there last; -1 where nobody is there.
func (n *Item) leadingKind() int {
	best := -1
	for i, k := range n.Memory.Kinds {
		if k.Present == 0 {
			continue
		}
		if best < 0 || precedence(k.State) > precedence(n.Memory.Kinds[best].State) ||
			k.State == n.Memory.Kinds[best].State && k.Latest > n.Memory.Kinds[best].Latest {
			best = i
		}
	}
	return best
}

// isStates reports whether the item counts states, as each of its members says: then its owners are instances.
func (n *Item) isStates() bool {
	for x := range n.known() {
		if !x.takesBack {
			return x.actor != 0
		}
	}
	return false
}

// count: of states, those count of which the sentence speaks.
func (n *Item) count(lead Kind) {
	if !n.isStates() {
		return
	}
	n.EventCount = 0
	for _, k := range n.Memory.Kinds {
		if k.State == lead.State {
			n.EventCount += k.Present
		}
	}
}

// quote takes over what a member says.
func (n *Item) quote(v *Voice) {
	n.Type, n.Category, n.Icon, n.Why = n.Memory.Kinds[v.Kind].Type, v.Category, v.Icon, v.Why
	n.Target = event.Target{}
	if v.Target != nil {
		n.Target = *v.Target
	}
	n.URL, n.Data = n.Target.URL, v.Data.Fields()
	n.Title, n.Body, n.Actions = v.Title, v.Body, v.Actions
	n.Own = Own{Title: v.Title != "", Body: v.Body != "", Actions: len(v.Actions) > 0}
	n.LatestAt = v.Moment.Time()
}

// priority is the highest of what is there and unread, or else of what is there. What is over counts only where nothing else is.
func (n *Item) priority(lead int) event.Priority {
	highest := func(counts func(Kind) bool) (best event.Priority) {
		for _, k := range n.Memory.Kinds {
			if k.Present > 0 && counts(k) && k.Priority.Rank() > best.Rank() {
				best = k.Priority
			}
		}
		return best
	}
	if n.Memory.Kinds[lead].State == event.Over {
		return n.Memory.Kinds[lead].Priority
	}
	standing := func(k Kind) bool { return k.State != event.Over }
	if unread := highest(func(k Kind) bool { return standing(k) && k.Latest >= n.Memory.UnreadFrom }); unread != "" {
		return unread
	}
	return highest(standing)
}

// live sets the longest life of all members. Where not all of them are known, it is at least as long as before.
func (n *Item) live() {
	longest := int64(0)
	if !n.complete() {
		longest = n.ExpireAt.UnixMicro()
	}
	for x := range n.known() {
		if !x.takesBack {
			longest = max(longest, x.life())
		}
	}
	n.ExpireAt = microTime(longest)
}

// life is when a member counts no more, in microseconds.
func (x entry) life() int64 {
	if x.expires != 0 {
		return x.expires
	}
	return x.when.Accepted + Keep.Microseconds()
}

// name lists the latest actors of whom the sentence speaks. Those of whom the item knows no more than the name, because many came
// after them, are named by that.
func (n *Item) name() {
	states, named := n.isStates(), n.Actors
	speakers := n.speakers(states)
	if states && n.complete() {
		n.ActorCount = len(speakers)
	} else if states {
		n.ActorCount = n.EventCount
	}
	if !n.complete() { // most members are elsewhere: those named so far are among the latest
		for _, a := range n.Actors {
			owner := hash64("actor", a.ID)
			if !slices.ContainsFunc(speakers, func(s speaker) bool { return s.actor == owner }) && n.stillThere(owner) {
				speakers = append(speakers, speaker{actor: owner, name: a.Name, when: Moment{At: a.At.UnixMicro(), Accepted: a.At.UnixMicro()}})
			}
		}
	}
	n.Actors = nil
	for len(speakers) > 0 && len(n.Actors) < MaxActors {
		i := lastOf(speakers)
		s, last := speakers[i], len(speakers)-1
		speakers[i], speakers = speakers[last], speakers[:last]
		actor, ok := n.actor(s.actor, states, named)
		if !ok {
			actor.Name = s.name
		}
		if ok || s.name != "" {
			n.Actors = append(n.Actors, Actor{Actor: actor, At: s.when.Time()})
		}
	}
}

// actor is all that the item knows of somebody: what the last of their voices has, or else what was shown of them.
func (n *Item) actor(hash uint64, states bool, named []Actor) (event.Actor, bool) {
	for v := range n.voices() {
		owner := v.Owner
		if states && v.Actor.ID != "" { // whose owner is the instance
			owner = hash64("actor", v.Actor.ID)
		}
		if v.Actor.ID != "" && owner == hash {
			return v.Actor, true
		}
	}
	for _, a := range slices.Backward(named) {
		if a.ID != "" && hash64("actor", a.ID) == hash {
			return a.Actor, true
		}
	}
	return event.Actor{}, false
}

// stillThere reports whether the owner is present, as far as that is known.
func (n *Item) stillThere(owner uint64) bool {
	part := n.Parts[partOf(owner, max(n.PartCount, 1))]
	return part == nil || part.Members.present(owner) > 0
}

// speaker is one of those of whom the sentence speaks.
type speaker struct {
	actor uint64
	name  string
	when  Moment
}

// lastOf is the index of the one that spoke last and, of several at the same moment, that of the lowest hash: the same in whatever order they are listed.
func lastOf(speakers []speaker) int {
	i := newest(len(speakers), func(i int) Moment { return speakers[i].when })
	for k := range speakers {
		if speakers[k].when == speakers[i].when && speakers[k].actor < speakers[i].actor {
			i = k
		}
	}
	return i
}

// nobody is the hash of no actor.
var nobody = hash64("actor", "")

// speakers are the actors that are present, each once with their newest moment, in no order; of states, those whose instances are what the
// sentence speaks of. Where most members are elsewhere, they are those who have said something lately.
func (n *Item) speakers(states bool) []speaker {
	var all []speaker
	together := true // what one actor did lies together, as an owner's entries do
	if !n.complete() && !states {
		together = false
		for v := range n.voices() {
			if v.Owner != nobody && n.stillThere(v.Owner) {
				all = append(all, speaker{actor: v.Owner, name: v.Actor.Name, when: v.Moment})
			}
		}
	} else {
		all = make([]speaker, 0, n.EntryCount)
		for x := range n.known() {
			s := speaker{actor: x.who(), name: x.name, when: x.when}
			if !x.takesBack && s.actor != nobody && (!states || n.Memory.Kinds[x.kind].Type == n.Type) {
				all = append(all, s)
				together = together && s.actor == x.owner
			}
		}
	}
	if !together {
		slices.SortStableFunc(all, func(a, b speaker) int { return cmp.Compare(a.actor, b.actor) })
	}
	each := all[:0]
	for _, s := range all {
		last := len(each) - 1
		switch {
		case last < 0 || each[last].actor != s.actor:
			each = append(each, s)
		case each[last].when.before(s.when):
			each[last].when, each[last].name = s.when, cmp.Or(s.name, each[last].name)
		}
	}
	return each
}

// speaks reports whether the element's member is the one that speaks for the item.
func (n *Item) speaks(e Element) bool {
	i := n.Memory.lead(n.Memory.all())
	return i >= 0 && n.Memory.Voices[i].element() == e
}

// shown is what a person sees of an item.
type shown struct {
	Words
	Type, URL  string
	Priority   event.Priority
	Target     event.Target
	Actors     []Actor
	ActorCount int
	EventCount int
	Data       map[string]any
}

func (n *Item) shows() shown {
	return shown{Words{n.Title, n.Body, n.Actions}, n.Type, n.URL, n.Priority, n.Target, n.Actors, n.ActorCount, n.EventCount, n.Data}
}

// rewrite renews the sentences. If there is something else to see than before, it is another revision.
func (n *Item) rewrite(before shown, say Say) {
	n.Speak(say)
	if !reflect.DeepEqual(before, n.shows()) {
		n.Revision++
	}
}
