package inbox

import "time"

// Holder is the item at the address that has the event, as [Box.Fold] has left it; nil where none has: the event was taken back, or takes
// something back itself. An event that comes another time finds the item that it is in.
func (b *Box) Holder(at Address, op Op) *Item {
	if op.Event.Retract {
		return nil
	}
	c := &contribution{Op: op, element: elementOf(op.Event, op.Type), when: MomentOf(*op.Event, op.Accepted, *op.Type)}
	for _, id := range at.IDs {
		item := b.item(id)
		if item != nil && item.GroupID == at.GroupID && item.settled(c) && !item.members(c.element.owner).takenBack(c.element, c.when) {
			return item
		}
	}
	return nil
}

// HeldUntil is when the push that is held back is decided anew; zero: when the person ends it, with the item's snooze, or never.
func (n *Notification) HeldUntil() time.Time {
	if n.Held.Passes() {
		return n.DueAt
	}
	return time.Time{}
}
