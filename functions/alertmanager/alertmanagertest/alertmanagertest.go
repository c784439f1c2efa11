// Package alertmanagertest is a model of how Alertmanager behaves, as far as whoever receives its webhook can tell: groups with
// their intervals, repetitions, silences, inhibition, messages that are cut off, restarts that lose the state, answers that
// get lost, alerts that flap between two messages, several teams and severities under one name.
//
// [Generate] plays one seeded incident and returns what is posted, with what every inbox has to say after each post. The
// model keeps its own account of what it has said, and never looks at what is made of it.
//
// The rules of the sender are those of its sources: dispatch (a group waits, then flushes at each interval), notify (what is
// muted is taken out; a message goes out for what is new, for what is resolved since, and at each repeat interval), and the
// webhook (cut off at max_alerts, after which the status is that of what is left).
package alertmanagertest

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"tidings.dev/shared/event"
)

// Members are the audiences that have members. The model's teams are shop, platform and ghost; alerts of ghost, and those
// without a team, are for oncall.
var Members = []string{"oncall", "oncall-platform", "oncall-shop"}

// Step is one post.
type Step struct {
	What string     // what happened since the last one, for whoever reads a failure
	Body []byte     // the webhook's message
	Want []Incident // what was ever told of, after this message, as [Sort] orders it
}

// Incident is one item in the inbox of each member of the audience. It is over if nothing of it is open.
type Incident struct {
	Audience string
	Title    string         // of the target
	Open     []string       // the alerts that burn by what was said last of each, by fingerprint, in order
	Summary  string         // of what is open, as it was said last
	Priority event.Priority // the highest of what is open: that of the item, unless it was read
}

// Sort orders incidents by audience and title, which together name one.
func Sort(all []Incident) {
	slices.SortFunc(all, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(a.Audience, b.Audience), cmp.Compare(a.Title, b.Title))
	})
}

// length is how long an incident goes on, in minutes; in the last part nothing new begins.
const (
	length = 150
	quiet  = 40
)

// Generate plays the incident of that seed: the same steps each time.
func Generate(seed uint64) []Step {
	w := newWorld(rand.New(rand.NewPCG(seed, 13)))
	for w.minute = range length {
		if w.minute < length-quiet {
			w.something()
		} else if w.minute == length-quiet && w.chance(50) {
			w.calm()
		}
		w.evaluate()
		w.flush()
	}
	return w.steps
}
