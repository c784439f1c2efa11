package inbox

import (
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
}

// Box is what a commit works on: those items of one recipient that its events concern, as they were read, and what became of
// them since. It is made for one commit and not safe for concurrent use.
type Box struct {
	items   map[string]*Item
	order   []string              // the ids of items, sorted
	changed map[string]bool       // by id: it differs from its document
	decided map[string]Push       // by id: a push of it was decided since it was read; the one before
	undone  map[string]Withdrawal // by id: its pushes were taken back since it was read; what had been before

	Budget profile.Budget // the recipient's, as it was read and as pushes have taken from it since; the zero value is a full one
}

// NewBox is a box without items.
func NewBox() *Box {
	return &Box{items: map[string]*Item{}, changed: map[string]bool{}, decided: map[string]Push{}, undone: map[string]Withdrawal{}}
}

// Put adds an item as it was read.
func (b *Box) Put(item *Item) {
	if i, found := slices.BinarySearch(b.order, item.ID); !found {
		b.order = slices.Insert(b.order, i, item.ID)
	}
	b.items[item.ID] = item
}

// Item is the item of that id, or nil.
func (b *Box) Item(id string) *Item { return b.items[id] }

// Touched lists the items that an event at the address may touch, in the order of their ids. The fold touches no others, so
// what must be read for it follows from this list.
func (b *Box) Touched(at Address) []*Item {
	var items []*Item
	for _, id := range b.order {
		if b.items[id].GroupID == at.GroupID {
			items = append(items, b.items[id])
		}
	}
	return items
}

// Changed lists the items that must be written, in the order of their ids.
func (b *Box) Changed() []*Item {
	var items []*Item
	for _, id := range b.order {
		if b.changed[id] {
			items = append(items, b.items[id])
		}
	}
	return items
}

// ChangedAt reports whether an event at the address has changed any item.
func (b *Box) ChangedAt(at Address) bool {
	return slices.ContainsFunc(b.order, func(id string) bool { return b.changed[id] && b.items[id].GroupID == at.GroupID })
}

// isDecided reports whether a push of the item was decided since it was read.
func (b *Box) isDecided(n *Item) bool {
	_, is := b.decided[n.ID]
	return is
}

// obtain is the item of that id, a new one if there is none.
func (b *Box) obtain(at Address, id string) *Item {
	if b.items[id] == nil {
		b.Put(&Item{ID: id, Notification: Notification{GroupID: at.GroupID}})
	}
	return b.items[id]
}
