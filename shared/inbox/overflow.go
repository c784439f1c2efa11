package inbox

import (
	"tidings.dev/shared/event"
)

// What a person gets is bounded. Beyond [MaxItemsPerHour] new items in an hour from one source, its events go on into items that exist, but those that would
// open another one are counted in a single item: "4,000 more notifications from shop". What is urgent has a bound of its own, so that a flood of other
// things does not hide it.

// MaxItemsPerHour is how many items a person gets from one source in an hour, and as many urgent ones. A list shows a hundred; nobody reads a thousand.
const MaxItemsPerHour = 1_000

// OverflowType is the type in the catalogue of the item for what is more than that. Without it nothing is bounded.
const OverflowType = "overflow"

// StreamOf names what is counted together: the events of a source, urgent ones apart.
func StreamOf(source string, urgent bool) string {
	if urgent {
		return id128("stream", source, "urgent")
	}
	return id128("stream", source)
}

// Overflow is the event as it is counted beyond the bound, in the hour of its acceptance. Neither its words nor its actor are kept.
func Overflow(e event.Event, a event.Acceptance) event.Event {
	return event.Event{
		ID: e.ID, Source: e.Source, Type: OverflowType, Time: a.At, ExpiresAt: e.ExpiresAt,
		Target: event.Target{Type: "source", ID: e.Source, Title: e.Source},
	}
}

// Opens reports whether an event at the address would open an item: neither one that it may belong to is there.
func (b *Box) Opens(at Address, op Op) bool {
	last := len(at.IDs) - 1
	if op.Event.Retract || b.item(at.IDs[last]) != nil {
		return false
	}
	if last == 0 {
		return true
	}
	previous := b.item(at.IDs[0])
	return previous == nil || !open(&previous.Notification, op.Type.Group.Window, op.Event.Time)
}
