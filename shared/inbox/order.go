package inbox

import (
	"encoding/binary"
	"slices"
	"time"

	"tidings.dev/shared/event"
)

// Moment is when something was said: by the clock of whoever said it, and by ours.
type Moment struct {
	Clock    uint32 // whose clock At is by; 0 is ours
	At       int64  // microseconds since 1970, by that clock
	Accepted int64  // microseconds since 1970, by ours: when the door took it in
}

// before reports whether m was said before o. Two times of one clock are compared, and the later arrival wins where they are
// equal. Two clocks are never compared with each other: there the order of arrival decides.
func (m Moment) before(o Moment) bool {
	if m.Clock == o.Clock && m.At != o.At {
		return m.At < o.At
	}
	return m.Accepted < o.Accepted
}

// Time is the moment as people read it.
func (m Moment) Time() time.Time { return time.UnixMicro(m.At).UTC() }

// MomentOf is when the event was said. A state's own time does not count, since the state is what was said last. Nor does a time
// that was ahead of ours: a clock that is ahead would otherwise outweigh whatever is said until it has passed.
func MomentOf(e event.Event, a event.Acceptance, t event.Type) Moment {
	if a.At.IsZero() { // published by something else than our door: all we know is the event's own time
		a = event.Acceptance{At: e.Time}
	}
	accepted := a.At.UnixMicro()
	if !a.OwnTime || e.Time.After(a.At) || t.Group != nil && t.Group.Counts == event.CountStates {
		return Moment{At: accepted, Accepted: accepted}
	}
	sum := digest("clock", e.Source)
	return Moment{Clock: binary.BigEndian.Uint32(sum[:4]) | 1, At: e.Time.UnixMicro(), Accepted: accepted}
}

// newest is the index of the newest of n moments: the newest of each clock by that clock, and of these the one that arrived
// last. So it is the same in whatever order they are listed. It is -1 for none.
func newest(n int, at func(int) Moment) int {
	best := make([]int, 0, 4) // of each clock; there are few
	for i := range n {
		k := slices.IndexFunc(best, func(b int) bool { return at(b).Clock == at(i).Clock })
		switch {
		case k < 0:
			best = append(best, i)
		case at(best[k]).before(at(i)):
			best[k] = i
		}
	}
	last := -1
	for _, i := range best {
		if last < 0 || at(last).Accepted < at(i).Accepted || at(last).Accepted == at(i).Accepted && at(last).Clock < at(i).Clock {
			last = i
		}
	}
	return last
}
