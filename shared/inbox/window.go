package inbox

import (
	"encoding/base32"
	"strconv"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// Which item does an event belong to?
//
// A window opens at the first event of a group and lasts as long as the type says. Items are found without a query and
// without a pointer: with i = floor(time/window), the item that is open at that time carries the index i or i-1 in its
// id, since it was opened at most one window ago. So two reads find it. An event belongs to
//
//  1. the item of index i-1 or i that has settled it already: it is a redelivery, or its actor has done something newer;
//  2. else the item of index i-1, if its window is still open at the event's time;
//  3. else the item of index i, which it opens if there is none.
//
// Time here is the event's own: an event that comes late still belongs where it happened. But an event that comes after
// its index has passed may have been taken back, in the meantime, where those two reads do not see it: in the items of the
// windows since, whose ids are known too. At the end of each window that is so for whatever is under way, so it must be
// cheap: one more key, in the same call. Only for what comes later than nearby windows, and for every retraction, all windows of the
// group count, and there may be thousands. So a query finds those that have a trace of the actor (traces.go), and reads no other; only a
// retraction that names no actor reads all.
//
// An event of a type that does not group has an item of its own, with an id made from the event's. A type that counts states has
// one item for each group, which has no window: it lasts as long as what it tells of.

// nearby is how many windows late an event may be to be looked up by keys. Each costs a read, whether its item is there or not.
const nearby = 3

// Address is where the items are that an event may concern.
type Address struct {
	GroupID string
	IDs     []string // the items that it may belong to: [i-1, i] of a group, or the event's own
	Since   []string // those of the windows since, in which it may have been taken back
	Traces  []int64  // or in any item of the group that lists one of these ([Notification.Named])
	Whole   bool     // or in any item of the group: read all of them
}

// taken reports whether the item of an event that does not group is another event's, which has the same source and id.
func (a Address) taken(b *Box) bool {
	item := b.item(a.IDs[0])
	return len(a.IDs) == 1 && item != nil && item.GroupID != a.GroupID
}

// Late reports whether the event may have been taken back before it came, in an item to which it does not belong.
func (a Address) Late() bool { return a.Whole || len(a.Traces) > 0 || len(a.Since) > 0 }

// Late is [Address.Late] of an event of a type that groups: without the hashes of its address, since each commit asks.
func Late(t event.Type, e event.Event, now time.Time) bool {
	return !countsStates(&t) && (e.Retract || index(now, t.Group.Window) > index(e.Time, t.Group.Window))
}

// Locate finds the address of an event of type t that is handled at now.
func Locate(t event.Type, e event.Event, now time.Time) Address {
	a := Address{GroupID: groupID(t, e)}
	switch {
	case t.Group == nil:
		a.IDs = []string{id128("event", e.Source, e.ID)}
		a.Whole = e.Retract
		return a
	case countsStates(&t):
		a.IDs = []string{a.GroupID}
		return a
	}
	i, current := index(e.Time, t.Group.Window), index(now, t.Group.Window)
	if e.Retract {
		i = min(i, current) // by a clock that is ahead: events from before it may still come under today's index
	}
	a.IDs = []string{itemID(a.GroupID, i-1), itemID(a.GroupID, i)}
	switch {
	case e.Retract && e.Actor.ID == "":
		a.Whole = true // most of what is in such a group was done by nobody
	case e.Retract:
		a.Traces = tracesOf(actorHash(&e))
	case current-i > nearby:
		a.Traces = []int64{traceOfTakingBack(actorHash(&e))}
	default:
		for i++; i <= current; i++ {
			a.Since = append(a.Since, itemID(a.GroupID, i))
		}
	}
	return a
}

// groupID is equal for all events that may share an item, and for all events that one retraction takes back.
func groupID(t event.Type, e event.Event) string {
	if t.Group == nil {
		return id128("single", t.Name, e.Target.Type, e.Target.ID, e.Target.Source, e.Actor.ID)
	}
	if e.GroupKey != "" {
		return id128("group", t.Group.Key, e.GroupKey)
	}
	if t.Group.By == event.ByRecipient {
		return id128("group", t.Group.Key)
	}
	return id128("group", t.Group.Key, e.Target.Type, e.Target.ID, e.Target.Source)
}

func index(t time.Time, window time.Duration) int64 { return t.UnixMicro() / window.Microseconds() }

func itemID(groupID string, index int64) string { return groupID + "-" + strconv.FormatInt(index, 10) }

// open reports whether the item's window takes in an event of time t.
func open(n *Notification, window time.Duration, t time.Time) bool {
	return !n.OpenedAt.IsZero() && t.Before(n.OpenedAt.Add(window))
}

// id128 is a document id: 26 letters and digits. 128 bits do not collide, and a hash spreads the load over Firestore's
// key range where names that grow would all meet in one place.
func id128(parts ...string) string {
	sum := digest(parts...)
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// RetractionID names a retraction that goes to whoever was told: the same thing taken back again is the same document.
func RetractionID(groupID string, e event.Event) string {
	return id128(append([]string{"retraction", groupID, e.Type, e.Target.Type, e.Target.ID, e.Target.Source, e.Actor.ID, e.Instance}, e.Except...)...)
}
