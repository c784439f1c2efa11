package archive

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// Difference is an item that is not the same in the shadow and in the live database.
type Difference struct {
	UID    string `json:"uid"`
	Item   string `json:"item"`
	What   string `json:"what"`
	Reason string `json:"reason"` // "" is where nothing explains it
}

// Comparison holds a shadow against the live database: who is in each item, how many, and the times that follow from that. What a person has done with an item (seen, read,
// archived, snoozed, an action) is theirs alone and is counted, not compared; nor are words, which are in the person's language, and pushes.
type Comparison struct {
	Live, Shadow *store.Store
	From, To     time.Time         // what was replayed
	Groups       map[string]string // of which something was left out, and why
	Now          time.Time
}

// Compared is how much was held against each other.
type Compared struct {
	Items  int `json:"items"`  // that are in both and are the same
	Marked int `json:"marked"` // of these, how many have marks of their owner
}

// Run reads all items of both, once, in the order of their names, and yields what differs. It costs a read for each item and each part of one.
func (c *Comparison) Run(ctx context.Context, differs func(Difference)) (Compared, error) {
	var all Compared
	live, stopLive := iter.Pull2(items(ctx, c.Live))
	defer stopLive()
	shadow, stopShadow := iter.Pull2(items(ctx, c.Shadow))
	defer stopShadow()
	l, errL, moreL := live()
	s, errS, moreS := shadow()
	for moreL || moreS {
		if err := errors.Join(errL, errS); err != nil {
			return all, err
		}
		order := cmp.Or(cmp.Compare(l.UID, s.UID), cmp.Compare(l.ID, s.ID))
		switch {
		case !moreS || moreL && order < 0:
			if l.Item.Visible() {
				differs(Difference{l.UID, l.ID, "is not in the shadow", c.reason(l.Item)})
			}
			l, errL, moreL = live()
		case !moreL || order > 0:
			if s.Item.Visible() {
				d, err := c.onlyShadow(ctx, s)
				if err != nil {
					return all, err
				}
				differs(d)
			}
			s, errS, moreS = shadow()
		default:
			if what := c.unequal(l.Item, s.Item); what != "" {
				differs(Difference{l.UID, l.ID, what, c.reason(l.Item)})
			} else {
				all.Items++
				if marked(l.Item) {
					all.Marked++
				}
			}
			l, errL, moreL = live()
			s, errS, moreS = shadow()
		}
	}
	return all, nil
}

// items are all items of a database.
func items(ctx context.Context, s *store.Store) iter.Seq2[store.Placed, error] {
	const page = 300
	return func(yield func(store.Placed, error) bool) {
		after := store.Ref{}
		for {
			found, err := s.AllItems(ctx, after, page)
			if err != nil {
				yield(store.Placed{}, err)
				return
			}
			for _, p := range found {
				if !yield(p, nil) {
					return
				}
			}
			if len(found) < page {
				return
			}
			after = found[page-1].Ref
		}
	}
}

// onlyShadow says why something may be missing in the live database.
func (c *Comparison) onlyShadow(ctx context.Context, s store.Placed) (Difference, error) {
	d := Difference{s.UID, s.ID, "is not in the live database", c.Groups[s.Item.GroupID]}
	known := people{live: c.Live, known: map[string]time.Time{}}
	gone, err := known.wasErased(ctx, s.UID, s.Item.CreatedAt)
	switch {
	case err != nil || d.Reason != "":
		return d, err
	case gone:
		d.Reason = "its person was erased"
	case !s.Item.ExpireAt.After(c.Now):
		d.Reason = "it has expired, and Firestore has removed it"
	}
	return d, nil
}

// reason is why an item of the live database may have what the shadow has not; "" where nothing is known.
func (c *Comparison) reason(n *inbox.Item) string {
	last := int64(0)
	for _, k := range n.Memory.Kinds {
		last = max(last, k.Latest)
	}
	switch {
	case c.Groups[n.GroupID] != "":
		return c.Groups[n.GroupID]
	case !n.OpenedAt.IsZero() && n.OpenedAt.Before(c.From):
		return "it began before what was replayed"
	case time.UnixMicro(last).After(c.To) || n.UpdatedAt.After(c.To):
		return "it went on after what was replayed"
	}
	return ""
}

// unequal says in what two items differ; "" where they do not. An item that shows nothing is like any other one that does.
//
// Members that have expired leave an item when it is looked at, which a shadow's are not, and the times that follow from members may wait for the next news. So both are brought
// up to date: for the times always, for the rest only if the members differ, since counts that do not follow from the members are a fault.
func (c *Comparison) unequal(live, shadow *inbox.Item) string {
	var what []string
	differ := func(name string, live, shadow any) {
		if live != shadow {
			what = append(what, fmt.Sprintf("%s: live %v, shadow %v", name, live, shadow))
		}
	}
	if differ("visible", live.Visible(), shadow.Visible()); !live.Visible() || !shadow.Visible() {
		return strings.Join(what, "; ")
	}
	renew := func() { live.Renew(c.Now); shadow.Renew(c.Now) }
	if !sameMembers(live, shadow) {
		if renew(); !sameMembers(live, shadow) {
			what = append(what, "members")
		}
	}
	differ("actorCount", live.ActorCount, shadow.ActorCount)
	differ("eventCount", live.EventCount, shadow.EventCount)
	renew()
	differ("type", live.Type, shadow.Type)
	differ("openedAt", live.OpenedAt, shadow.OpenedAt)
	differ("latestAt", live.LatestAt, shadow.LatestAt)
	differ("expireAt", live.ExpireAt, shadow.ExpireAt)
	return strings.Join(what, "; ")
}

func sameMembers(a, b *inbox.Item) bool {
	same := func(x, y inbox.Members) bool {
		p, errP := x.MarshalBinary()
		q, errQ := y.MarshalBinary()
		return errP == nil && errQ == nil && bytes.Equal(p, q)
	}
	if a.PartCount != b.PartCount || !same(a.Members, b.Members) {
		return false
	}
	for i := range a.PartCount {
		if a.Parts[i] == nil || b.Parts[i] == nil || !same(a.Parts[i].Members, b.Parts[i].Members) {
			return false
		}
	}
	return true
}

// marked reports whether the item has marks of its owner.
func marked(n *inbox.Item) bool {
	return !n.SeenAt.IsZero() || !n.ReadAt.IsZero() || !n.ArchivedAt.IsZero() && n.Visible() && n.Muted == "" || !n.SnoozedUntil.IsZero() || n.DoneAction != ""
}
