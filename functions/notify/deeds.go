package notify

import (
	"fmt"
	"time"

	"tidings.dev/functions/notify/groupcommit"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// What people did with their items is known from two things that the function reads anyway: the marks on an item that it folds into or looks at,
// exactly; and the latest deeds that their pages have written into the profile with their leases, for items that nobody reads again. Both make the
// same facts, so it does not matter who says it, nor how often. This instance remembers what it has told lately, for the bill's sake alone.

const (
	oldestDeed = 30 * 24 * time.Hour // the table of facts keeps none that is older
	aheadDeed  = 5 * time.Minute     // as far as the rules let the clock of a mark be ahead
)

// deeds are the facts about what a job shows of what its person did, but for those that this instance has told.
func (fn *Function) deeds(m *message, j groupcommit.Job, r groupcommit.Result) (facts []fact.Fact) {
	now := fn.Now()
	add := func(d profile.Deed, of string) {
		if d.At.Before(now.Add(-oldestDeed)) || d.At.After(now.Add(aheadDeed)) || fn.deedsTold.adds(fmt.Sprint(j.UID, "/", d.Item, "/", d.Revision, "/", d.Stage)) {
			return
		}
		facts = append(facts, fact.Fact{
			Type: of, Item: d.Item, Revision: d.Revision, Stage: fact.Stage(d.Stage), Channel: fact.InApp,
			HappenedAt: fact.At(d.At.Truncate(time.Millisecond)), Attempt: m.attempt(), // a page knows milliseconds
		})
	}
	if r.Err == nil && r.Holder != nil {
		for _, d := range marksOf(r.Holder) {
			add(d, r.Holder.Type)
		}
	}
	for _, text := range r.Deeds {
		if d, ok := profile.ParseDeed(text); ok {
			add(d, "")
		}
	}
	return facts
}

// marksOf are the deeds that an item's marks tell of, in its state. What functions archive, since it is muted, nobody has dismissed.
func marksOf(n *inbox.Item) (deeds []profile.Deed) {
	dismissed := n.ArchivedAt
	if !n.ReadAt.IsZero() || n.Muted != "" || !n.Visible() {
		dismissed = time.Time{}
	}
	seen, acted := n.SeenAt, n.DoneAt
	if acted.IsZero() && n.DoneAction != "" {
		acted = n.ReadAt // a client that does not say when: answering reads
	}
	for _, implied := range []time.Time{n.ReadAt, dismissed} {
		if seen.IsZero() {
			seen = implied
		}
	}
	for _, mark := range []struct {
		stage fact.Stage
		at    time.Time
	}{{fact.Seen, seen}, {fact.Opened, n.FollowedAt}, {fact.Acted, acted}, {fact.Dismissed, dismissed}} {
		if !mark.at.IsZero() {
			deeds = append(deeds, profile.Deed{Stage: string(mark.stage), At: mark.at, Revision: n.Revision, Item: n.ID})
		}
	}
	return deeds
}
