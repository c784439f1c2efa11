package fact

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Channels are all of them, in the order in which a person is told.
var Channels = []Channel{InApp, Push, Email}

// Outcome is what became of an event for a person on a channel: a stage, or one of those below.
type Outcome string

// The outcomes that are no stage.
const (
	Waiting Outcome = "waiting" // it was accepted, and nothing is decided yet
	Unknown Outcome = "unknown" // nothing is known: the fact is still on its way, or lost, or there is none
)

// The reasons of decisions that follow from what was not told.
const (
	becauseNoMail    = "no_mail"   // no mail of it was planned
	becauseEverybody = "everybody" // it is for everybody, and shown in the app only
	becauseTogether  = "together"  // the push of another event of the item told of it, too
)

// Decision is what holds for one event, one person and one channel, and since when.
type Decision struct {
	Channel  Channel   `json:"channel"`
	Outcome  Outcome   `json:"outcome"`
	Reason   string    `json:"reason,omitempty"` // a word
	Says     string    `json:"says"`             // the same as a sentence
	At       time.Time `json:"at,omitzero"`
	Until    time.Time `json:"until,omitzero"` // when it is decided anew; zero: no time is known
	Attempts int64     `json:"attempts,omitempty"`
	Instance string    `json:"instance,omitempty"` // the process that decided
}

// Step is one fact, as an explanation shows it.
type Step struct {
	At       time.Time `json:"at"`
	Channel  Channel   `json:"channel"`
	Stage    Stage     `json:"stage"`
	Reason   string    `json:"reason,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Attempt  int64     `json:"attempt,omitempty"`
	Instance string    `json:"instance"`
	Source   string    `json:"source,omitempty"` // with Event: which event; it may be another one of the item. Without: the item was looked at
	Event    string    `json:"event,omitempty"`
	Item     string    `json:"item,omitempty"`
	Revision int64     `json:"revision,omitempty"` // the item's state in which the step was taken
}

// Explanation is what became of an event for a person: one decision for each of [Channels], in their order, and what led to them, by time.
type Explanation struct {
	Person    string     `json:"person"` // "": everybody, or those who are not known
	Decisions []Decision `json:"decisions"`
	Steps     []Step     `json:"steps"`
}

// Explain says what became of an event. facts are those of the event, and those of its items, in any order and any number of times. It
// explains each of the persons; without any, everybody whom the facts name, and "" where something is known of nobody in particular.
//
// Of several facts one decides. In the app, the strongest: what was once shown was shown, whatever came later (a dead letter of another
// copy of the message, or one that found it taken back). After that comes what is in the archive, then what was withdrawn, then the dead
// letter, which may be replayed, and last the latest attempt.
//
// On push and by mail: a push or mail that went out, the first one. It may be of the item without the event, after a wait, or of another event of the item,
// if it told of a state that has this one. If none did, whatever was decided last: held, tried again, given up or withdrawn. That the event
// itself is tried again decides only while nothing else is known of it: a message may come as several copies, and a step that two of them
// take is one fact, of the earlier time. Where nothing was told of the channel, it follows from the app: what is not there rings nobody's phone.
func Explain(source, event string, facts []Fact, persons ...string) []Explanation {
	own, others := map[string][]Fact{}, map[string][]Fact{}
	for _, f := range facts {
		switch { // of another event it matters which states of the item its pushes told of
		case f.Source == source && f.Event == event:
			own[f.Person] = append(own[f.Person], f)
		case f.Event == "" || f.Stage == Pushed:
			others[f.Person] = append(others[f.Person], f)
		}
	}
	for person, all := range own {
		own[person] = Once(all)
	}
	for person, all := range others {
		others[person] = onceBy(func(f Fact) state { return state{f.ID, f.Revision} }, all)
	}
	if len(persons) == 0 {
		persons = slices.Sorted(maps.Keys(own))
		if whole := own[""]; len(persons) > 1 && !slices.ContainsFunc(whole, final) {
			persons = slices.DeleteFunc(persons, func(p string) bool { return p == "" })
		}
	}
	all := make([]Explanation, len(persons))
	for i, person := range persons {
		all[i] = explain(person, own[person], own[""], others[person])
	}
	return all
}

// state is a step in one state of the item.
type state struct {
	id       string
	revision int64
}

// final reports whether a fact of nobody in particular is about people who are not named elsewhere.
func final(f Fact) bool { return slices.Contains([]Stage{Shown, Withdrawn, DeadLettered}, f.Stage) }

// explain explains one person. whole are the facts of the event that name nobody: they are about those of whom nothing else is known.
func explain(person string, own, whole, others []Fact) Explanation {
	if person != "" && !slices.ContainsFunc(own, func(f Fact) bool { return f.Stage != Accepted }) {
		own = slices.Concat(own, whole)
	}
	later := following(own, others)
	inApp := decide(InApp, strongest(only(InApp, own)))
	push := decide(Push, last(Pushed, slices.Concat(settled(only(Push, own)), ofPush(later))))
	mail := decide(Email, last(Mailed, slices.Concat(only(Email, own), only(Email, later))))
	if push.Outcome == Unknown {
		push = inApp.on(Push)
	}
	if mail.Outcome == Unknown {
		mail = inApp.on(Email)
	}
	e := Explanation{Person: person, Decisions: []Decision{inApp, push, mail}, Steps: []Step{}}
	for i := range e.Decisions {
		e.Decisions[i].Says = e.Decisions[i].sentence()
	}
	for _, f := range slices.SortedFunc(slices.Values(slices.Concat(own, later)), inTime) {
		e.Steps = append(e.Steps, f.step())
	}
	return e
}

// following are those facts of other events, and of none, that tell of a state of an item in which this event is. An event that takes
// something back is in none: the state that it withdraws is from before it.
func following(own, others []Fact) (later []Fact) {
	since := map[string]int64{}
	for _, f := range own {
		if !slices.Contains([]Stage{Shown, Held, Pushed}, f.Stage) {
			continue
		}
		if first, known := since[f.Item]; f.Item != "" && (!known || f.Revision < first) {
			since[f.Item] = f.Revision
		}
	}
	for _, f := range others {
		first, ours := since[f.Item]
		// What cannot be looked at has no revision: a look is for the devices.
		if ours && (f.Revision >= first || f.Revision == 0) {
			later = append(later, f)
		}
	}
	return later
}

func only(c Channel, facts []Fact) (some []Fact) {
	for _, f := range facts {
		if f.Channel == c {
			some = append(some, f)
		}
	}
	return some
}

// settled are the facts without those that it is tried again, if one of them says what became of it.
func settled(own []Fact) []Fact {
	if slices.ContainsFunc(own, func(f Fact) bool { return f.Stage == Held || f.Stage == Withdrawn || f.Stage == DeadLettered }) {
		own = slices.DeleteFunc(own, func(f Fact) bool { return f.Stage == Retried })
	}
	return own
}

// ofPush are what items' facts say of devices. That an item could not be looked at is told of the app, and keeps its push from going.
func ofPush(later []Fact) (some []Fact) {
	for _, f := range later {
		if f.Channel == Push || f.Channel == InApp && (f.Stage == Retried || f.Stage == DeadLettered) {
			if f.Event != "" {
				f.Reason = becauseTogether
			}
			some = append(some, f)
		}
	}
	return some
}

// strength is the order of what is decided in the app, the strongest first.
var strength = []Stage{Shown, Held, Withdrawn, DeadLettered, Retried, Accepted}

// undone are the stages that decide on the other channels while nothing went out.
var undone = []Stage{Held, Bounced, Withdrawn, DeadLettered, Retried}

// among are the facts of those stages. What people do with an item decides nothing.
func among(stages []Stage, facts []Fact) []Fact {
	return slices.DeleteFunc(facts, func(f Fact) bool { return !slices.Contains(stages, f.Stage) })
}

// strongest puts the fact that decides first.
func strongest(facts []Fact) []Fact {
	facts = among(strength, facts)
	slices.SortFunc(facts, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(slices.Index(strength, a.Stage), slices.Index(strength, b.Stage)), inTime(b, a))
	})
	return facts
}

// last puts the fact that decides first: the first one of the stage, or the latest.
func last(done Stage, facts []Fact) []Fact {
	facts = among(append(slices.Clone(undone), done), facts)
	slices.SortFunc(facts, func(a, b Fact) int {
		switch {
		case a.Stage == done && b.Stage == done:
			return inTime(a, b)
		case a.Stage == done:
			return -1
		case b.Stage == done:
			return 1
		}
		return inTime(b, a)
	})
	return facts
}

// inTime is the order of facts by time; of the same moment, by what they say.
func inTime(a, b Fact) int {
	return cmp.Or(cmp.Compare(a.HappenedAt, b.HappenedAt), cmp.Compare(slices.Index(stages, a.Stage), slices.Index(stages, b.Stage)), compare(a, b), strings.Compare(a.ID, b.ID))
}

// decide makes a decision of facts of which the first decides.
func decide(c Channel, facts []Fact) Decision {
	if len(facts) == 0 {
		return Decision{Channel: c, Outcome: Unknown}
	}
	f := facts[0]
	d := Decision{Channel: c, Outcome: Outcome(f.Stage), Reason: f.Reason, At: f.HappenedAt.Time(), Until: f.HeldUntil.Time(), Instance: f.Instance}
	if f.Stage == Accepted {
		d.Outcome = Waiting
	}
	if f.Person == "" && f.Stage == Shown {
		d.Reason = becauseEverybody
	}
	for _, f := range facts {
		d.Attempts = max(d.Attempts, f.Attempt)
	}
	return d
}

// on is what follows from the app for a channel of which nothing was told.
func (d Decision) on(c Channel) Decision {
	d.Channel = c
	switch {
	case d.Outcome != Outcome(Shown) && d.Outcome != Outcome(Held): // what is not there goes nowhere
	case d.Reason == becauseEverybody:
		d.Outcome = Outcome(Held)
	case c == Email:
		d.Outcome, d.Reason, d.Until = Outcome(Held), becauseNoMail, time.Time{}
	case d.Outcome == Outcome(Shown):
		return Decision{Channel: c, Outcome: Unknown}
	}
	return d
}

// step shows the fact.
func (f Fact) step() Step {
	return Step{
		At: f.HappenedAt.Time(), Channel: f.Channel, Stage: f.Stage, Reason: f.Reason, Until: f.HeldUntil.Time(),
		Attempt: f.Attempt, Instance: f.Instance, Source: f.Source, Event: f.Event, Item: f.Item, Revision: f.Revision,
	}
}
