package inbox

import (
	"time"

	"tidings.dev/shared/attention"
)

// Replay says whether an event comes now, or once more from the archive.
type Replay string

// How an event may come.
const (
	Live    Replay = ""
	Quietly Replay = "quietly" // from the archive: nobody's devices are told anything, and nobody is mailed
	Ringing Replay = "ringing" // from the archive: the devices are told of what was not pushed, nor noticed in the inbox, since its acceptance
)

// silent reports whether the contribution's news changes the item only.
func (c *contribution) silent(n *Item) bool {
	switch c.Replay {
	case Quietly:
		return true
	case Ringing:
		at := c.accepted()
		for _, since := range []time.Time{n.Push.At, n.SeenAt, n.ReadAt, n.ArchivedAt} {
			if !since.IsZero() && !at.After(since) {
				return true
			}
		}
	}
	return false
}

// accepted is when the door took the event in.
func (c *contribution) accepted() time.Time { return microTime(c.when.Accepted) }

// retell puts news that was accepted long ago where it would stand if it had come then. What the person has done with the item since its acceptance stays: they are done with it.
// What waits on the item (a push that was held back, a mail) goes on waiting, and nothing new does.
func (b *Box) retell(n *Item, c *contribution) {
	at := c.accepted()
	if !n.Visible() || n.CreatedAt.IsZero() {
		n.CreatedAt, n.UpdatedAt = at, at
		n.SeenAt, n.ReadAt, n.ArchivedAt, n.RetractedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		n.FollowedAt, n.DoneAction, n.DoneAt, n.Muted = time.Time{}, "", time.Time{}, ""
		if d := attention.Decide(c.question(n, b.Budget)).InApp; d.When == attention.Off {
			n.ArchivedAt, n.Muted = at, d.Why
		}
	} else if !n.ReadAt.IsZero() && !n.ReadAt.After(at) || !n.ArchivedAt.IsZero() && !n.ArchivedAt.After(at) {
		n.Memory.UnreadFrom, n.DoneAction, n.DoneAt = c.when.Accepted, "", time.Time{}
	}
	for _, mark := range []*time.Time{&n.SeenAt, &n.ReadAt, &n.ArchivedAt, &n.FollowedAt} {
		if !mark.After(at) && n.Muted == "" {
			*mark = time.Time{}
		}
	}
	n.UpdatedAt = later(n.UpdatedAt, at)
	n.Revision++
	if n.since.decided != nil {
		n.Push.Revision = n.Revision // not sent yet: it will tell of this too
	}
	n.watch()
}

// Renew brings what follows from the members up to date: those that have expired leave, as far as others stay, and the times and counts are those of whoever is there. Its words stay.
// All of the item's parts must have been attached.
func (n *Item) Renew(now time.Time) {
	if n.Visible() {
		n.expire(now)
		n.derive()
	}
}
