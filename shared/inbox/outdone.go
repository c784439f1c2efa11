package inbox

import (
	"slices"

	"tidings.dev/shared/event"
)

// Outdone reports whether r, which takes something back or tells that it is over, leaves nothing of the event e, of type t, for
// whoever is told of it. Both are of one group.
func Outdone(t event.Type, e event.Event, accepted event.Acceptance, r event.Event, taken event.Acceptance) bool {
	if elementOf(&e, &t).scope != elementOf(&r, &t).scope {
		return false
	}
	said, back := MomentOf(e, accepted, t), MomentOf(r, taken, t)
	if !countsStates(&t) {
		return e.Actor.ID == r.Actor.ID && e.Type == r.Type && !back.before(said)
	}
	covered := r.Instance == e.Instance || r.Retract && r.Instance == "" && !slices.Contains(r.Except, e.Instance)
	return covered && said.Accepted <= back.Accepted
}
