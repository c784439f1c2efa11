package inbox

import (
	"cmp"
	"slices"
	"time"

	"tidings.dev/shared/profile"
)

// Item is a notification with what a writer must know of its documents.
type Item struct {
	ID string
	Notification
	Version time.Time // the document's update time when it was read, the precondition of writing it; zero: there is none
	Parts   map[int]*Part

	since since
}

// since is what has become of an item since it was put into a box.
type since struct {
	changed bool        // it differs from its document
	draft   *draft      // its members may have changed; nil: nobody has looked at them
	decided *Push       // a push was decided and is not sent yet: the one before
	undone  *Withdrawal // its pushes were taken back, and nobody was told yet: what had been before
}

// Box is what a commit works on: those items of one recipient that its events concern, as they were read, and what became of
// them since. The zero value is empty. It is made for one commit and not safe for concurrent use.
type Box struct {
	items []*Item // in the order of their ids

	Budget profile.Budget // the recipient's, as it was read and as pushes have taken from it since; the zero value is a full one
}

// Put adds an item as it was read.
func (b *Box) Put(item *Item) {
	item.since = since{}
	if i, found := b.find(item.ID); found {
		b.items[i] = item
	} else {
		b.items = slices.Insert(b.items, i, item)
	}
}

func (b *Box) find(id string) (int, bool) {
	return slices.BinarySearchFunc(b.items, id, func(n *Item, id string) int { return cmp.Compare(n.ID, id) })
}

// item is the item of that id, or nil. What it says may be that of before.
func (b *Box) item(id string) *Item {
	if i, found := b.find(id); found {
		return b.items[i]
	}
	return nil
}

// Item is the item of that id, or nil.
func (b *Box) Item(id string) *Item {
	n := b.item(id)
	if n != nil {
		n.finish()
	}
	return n
}

// Touched lists the items that an event at the address may touch, in the order of their ids. The fold touches no others, so
// what must be read for it follows from this list.
func (b *Box) Touched(at Address) []*Item {
	var items []*Item
	for _, n := range b.items {
		if n.GroupID == at.GroupID {
			items = append(items, n)
		}
	}
	return items
}

// Changed lists the items that must be written, in the order of their ids.
func (b *Box) Changed() []*Item {
	var items []*Item
	for _, n := range b.items {
		if n.since.changed {
			n.finish()
			items = append(items, n)
		}
	}
	return items
}

// ChangedAt reports whether an event at the address has changed any item.
func (b *Box) ChangedAt(at Address) bool {
	return slices.ContainsFunc(b.items, func(n *Item) bool { return n.since.changed && n.GroupID == at.GroupID })
}

// obtain is the item of that id, a new one if there is none.
func (b *Box) obtain(at Address, id string) *Item {
	if n := b.item(id); n != nil {
		return n
	}
	n := &Item{ID: id, Notification: Notification{GroupID: at.GroupID}}
	b.Put(n)
	return n
}
