//go:build unix

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// beginning is when the first burst begins: the start of a five-minute index, with the days of a whole run inside one index
// of the orders' window (720 h), and so far ahead that a seed means the same times for ever.
var beginning = time.Date(2100, 1, 4, 9, 0, 0, 0, time.UTC)

const (
	apart    = time.Hour       // between bursts
	window   = 5 * time.Minute // of the types that group, orders excepted
	maxBurst = 24
)

// A burst has three stages, and so three times to which the functions' clock is set before the stage's messages are
// delivered: after its first events; near the end of the window's index, when edge events begin; and in the next
// index. A run that is slow only makes more of the events late.
var stageAt = []time.Duration{105 * time.Second, 240 * time.Second, 320 * time.Second}

func timeOf(stage int) time.Time {
	return beginning.Add(time.Duration(stage/len(stageAt))*apart + stageAt[stage%len(stageAt)])
}

// A message is one event on its way, or something worse.
type message struct {
	id       string
	event    event.Event
	garbage  string // instead of the event: data that cannot be decoded
	stages   []int  // when each copy is delivered
	dies     bool   // it must end as a dead letter, as no other may
	deadWhy  string // then: what the letter says; "": whatever it was at the first attempt
	lostOnly string // then: the one recipient that it does not reach; "": all
}

// isEdge reports whether what happens to the target happens in a burst that goes across two windows.
func isEdge(target string) bool { return strings.HasPrefix(target, "edge-") }

// plan is all that a seed decides.
type plan struct {
	messages []*message
	people   []string // the recipients
	members  []string // of the audience "everyone": the people and more
	stages   int
}

const (
	audience = "everyone"
	crowd    = 1050 // members of the audience: a step of a walk and a bit
	poisoned = "poisoned"
)

type generator struct {
	plan
	rng    *rand.Rand
	bursts int
	seq    int
	orders map[string]int           // the steps that an order has made
	done   map[string][]event.Event // by type, what may be taken back
}

func makePlan(o Options) *plan {
	g := &generator{rng: rand.New(rand.NewPCG(o.Seed, 1)), bursts: min(maxBurst, max(3, o.Events/5000)), orders: map[string]int{}, done: map[string][]event.Event{}}
	g.stages = g.bursts * len(stageAt)
	for i := range o.Recipients {
		g.people = append(g.people, fmt.Sprintf("r%03d", i))
	}
	g.members = slices.Clone(g.people)
	for i := range max(0, crowd-len(g.people)) {
		g.members = append(g.members, fmt.Sprintf("x%03d", i))
	}
	g.poison()
	g.announceToAll(max(1, g.bursts/3))
	g.hot(max(150, o.Events/25))
	for len(g.messages) < o.Events {
		switch n := g.rng.IntN(100); {
		case n < 25:
			g.grouped("post.liked", "post")
		case n < 40:
			g.grouped("comment.created", "post")
		case n < 48:
			g.grouped("message.received", "chat")
		case n < 55:
			g.follow()
		case n < 64:
			g.order()
		case n < 72:
			g.single("user.mentioned", "comment")
		case n < 76:
			g.single("friend.requested", "user")
		case n < 79:
			g.announcement()
		case n < 92:
			g.edgeLike()
		default:
			g.edgeComment()
		}
	}
	return &g.plan
}

var actors = []string{"ann", "ben", "cho", "dan", "eve", "fay", "gus", "hal"}

func (g *generator) person() string {
	x := g.rng.Float64()
	return g.people[int(x*x*float64(len(g.people)))] // some get much more than others
}

func (g *generator) burst() int { return g.rng.IntN(g.bursts) }

// at is a time in a burst, from the given second on, within the given number of seconds. No two events have the same.
func (g *generator) at(burst, from, within int) time.Time {
	g.seq++
	return beginning.Add(time.Duration(burst)*apart + time.Duration(from+g.rng.IntN(within))*time.Second + time.Duration(g.seq)*time.Microsecond)
}

const burstSeconds = 100 // of what is no edge event

// add makes a message of the event. Its first copy comes at the event's own stage, or up to two bursts later where late is
// allowed; the others come any time after.
func (g *generator) add(e event.Event, late bool) *message {
	e.ID, e.Source = fmt.Sprintf("e%06d", len(g.messages)), "faults"
	m := &message{id: fmt.Sprintf("m%06d", len(g.messages)), event: e}
	since := e.Time.Sub(beginning)
	own := int(since / apart * time.Duration(len(stageAt)))
	if second := since % apart; second >= 300*time.Second {
		own += 2
	} else if second >= burstSeconds*time.Second {
		own++
	}
	first := own
	switch {
	case isEdge(e.Target.ID) && g.rng.IntN(2) == 0: // the later window's item is often there before the earlier one's
		first = g.later(own, 3)
	case late && g.rng.IntN(4) == 0:
		first = g.later(own, 2*len(stageAt))
	}
	m.stages = []int{first}
	for range []int{0, 0, 0, 0, 0, 1, 1, 2, 3, 4}[g.rng.IntN(10)] {
		again := first
		if g.rng.IntN(3) == 0 {
			again = g.later(first, g.stages)
		}
		m.stages = append(m.stages, again)
	}
	g.messages = append(g.messages, m)
	return m
}

func (g *generator) later(stage, most int) int {
	return min(stage+g.rng.IntN(most), g.stages-1)
}

// grouped is something about one of a recipient's three targets, or the retraction of something, in the same burst or a
// later one.
func (g *generator) grouped(kind, target string) {
	to := g.person()
	e := event.Event{
		Type: kind, Time: g.at(g.burst(), 0, burstSeconds), Recipients: []string{to},
		Actor: g.actor(), Target: event.Target{Type: target, ID: fmt.Sprintf("%s-%s-%d", target, to, g.rng.IntN(3))},
		Retract: g.rng.IntN(4) == 0,
	}
	if done := g.done[kind]; e.Retract && len(done) > 0 {
		was := done[g.rng.IntN(len(done))]
		e.Recipients, e.Actor, e.Target = was.Recipients, was.Actor, was.Target
		burst := int(was.Time.Sub(beginning) / apart)
		e.Time = g.at(burst+g.rng.IntN(g.bursts-burst), 0, burstSeconds)
	}
	if !e.Retract {
		g.done[kind] = append(g.done[kind], e)
		g.done[kind] = g.done[kind][max(0, len(g.done[kind])-remembered):]
	}
	g.say(&e)
	g.add(e, true)
}

// remembered is how many events of a type are candidates for a retraction: the last ones made up.
const remembered = 200

// say gives an event words of its own, to see whose words an item repeats.
func (g *generator) say(e *event.Event) {
	e.Data = map[string]any{"text": fmt.Sprintf("words %d", g.seq)}
}

func (g *generator) actor() event.Actor { return named(actors[g.rng.IntN(len(actors))]) }

func named(id string) event.Actor {
	return event.Actor{ID: id, Name: strings.ToUpper(id[:1]) + id[1:]}
}

func (g *generator) follow() {
	to := g.person()
	g.add(event.Event{
		Type: "user.followed", Time: g.at(g.burst(), 0, burstSeconds), Recipients: []string{to},
		Actor: g.actor(), Target: event.Target{Type: "user", ID: to}, Retract: g.rng.IntN(4) == 0,
	}, true)
}

var steps = []string{"order.placed", "order.paid", "order.shipped", "order.out_for_delivery", "order.delivered"}

// order is the next step of an order, in some burst: the newest step is not always the last of them. Sometimes somebody takes
// back all steps until then.
func (g *generator) order() {
	to := g.person()
	number := fmt.Sprintf("%s-%d", to, g.rng.IntN(3))
	step := g.orders[number]
	if step == len(steps) {
		return
	}
	g.orders[number]++
	e := event.Event{
		Type: steps[step], Time: g.at(g.burst(), 0, burstSeconds), Recipients: []string{to},
		Target:  event.Target{Type: "order", ID: "order-" + number, Title: "Order " + number},
		Retract: g.rng.IntN(8) == 0,
	}
	if e.Retract {
		e.Actor = named("clerk")
	}
	g.add(e, true)
}

// single is an event that does not group. One in three is taken back.
func (g *generator) single(kind, target string) {
	to, burst := g.person(), g.burst()
	e := event.Event{
		Type: kind, Time: g.at(burst, 0, burstSeconds/2), Recipients: []string{to},
		Actor: g.actor(), Target: event.Target{Type: target, ID: fmt.Sprintf("%s-%d", target, g.seq)},
	}
	g.say(&e)
	g.add(e, false) // a retraction that came long before would be given up
	if g.rng.IntN(3) == 0 {
		e.Retract, e.Data = true, nil
		e.Time = g.at(burst+g.rng.IntN(g.bursts-burst), burstSeconds/2, burstSeconds/2)
		g.add(e, true)
	}
}

func (g *generator) announcement() {
	e := event.Event{Type: "system.announcement", Time: g.at(g.burst(), 0, burstSeconds), Title: fmt.Sprintf("Notice %d", g.seq)}
	for range 2 + g.rng.IntN(20) {
		if to := g.person(); !slices.Contains(e.Recipients, to) {
			e.Recipients = append(e.Recipients, to)
		}
	}
	g.add(e, true)
}

func (g *generator) announceToAll(times int) {
	for range times {
		g.add(event.Event{Type: "system.announcement", Time: g.at(g.burst(), 0, burstSeconds), Title: fmt.Sprintf("To all %d", g.seq), Audience: audience}, true)
	}
}

// hot makes groups so large that their members need documents of their own, the first one several.
func (g *generator) hot(events int) {
	size := max(140, events*2/3)
	for made, n := 0, 0; made < events; n++ {
		to, burst := g.people[n%len(g.people)], g.burst()
		target := event.Target{Type: "post", ID: fmt.Sprintf("hot-%d", n)}
		for range size {
			made++
			e := event.Event{
				Type: "post.liked", Time: g.at(burst, 0, burstSeconds), Recipients: []string{to},
				Actor: named(fmt.Sprintf("fan %d", g.rng.IntN(2*size))), Target: target, Retract: g.rng.IntN(10) == 0,
			}
			g.say(&e)
			g.add(e, true)
		}
		size = 140
	}
}

// edgePerson is one of few, so that much happens at each edge.
func (g *generator) edgePerson() string { return g.people[g.rng.IntN(max(3, len(g.people)/20))] }

// edgeLike is a like in a burst that begins in one window's index and ends in the next. Nobody likes twice, so the sum over
// both items is exact.
func (g *generator) edgeLike() {
	to, burst := g.edgePerson(), g.burst()
	e := event.Event{
		Type: "post.liked", Recipients: []string{to}, Actor: named(fmt.Sprintf("guest %d", g.seq)),
		Target: event.Target{Type: "post", ID: fmt.Sprintf("edge-%s-%d", to, burst)}, Time: g.at(burst, 230, 130),
	}
	g.say(&e)
	g.add(e, true)
	if g.rng.IntN(3) == 0 {
		e.Retract = true
		e.Time = e.Time.Add(time.Duration(g.rng.IntN(20)) * time.Second).Add(time.Microsecond)
		g.add(e, true)
	}
}

func (g *generator) edgeComment() {
	to, burst := g.edgePerson(), g.burst()
	e := event.Event{
		Type: "comment.created", Recipients: []string{to}, Actor: g.actor(),
		Target: event.Target{Type: "post", ID: fmt.Sprintf("edge-%s-%d", to, burst)}, Time: g.at(burst, 230, 130),
		Retract: g.rng.IntN(6) == 0,
	}
	g.say(&e)
	g.add(e, true)
}

// poison adds what must end as dead letters, and hold nobody else back.
func (g *generator) poison() {
	garbage := g.add(event.Event{Type: "info", Time: g.at(0, 0, burstSeconds)}, false)
	garbage.garbage, garbage.deadWhy = `{"id": "half an ev`, "is not JSON"
	unknown := g.add(event.Event{Type: "no.such", Title: "T", Time: g.at(0, 0, burstSeconds), Recipients: []string{g.people[0]}}, false)
	unknown.deadWhy = "not in the catalogue"
	unreadable := g.add(event.Event{
		Type: "post.liked", Time: g.at(0, 0, burstSeconds), Recipients: []string{poisoned, g.people[0], g.people[1]},
		Actor: named("ann"), Target: event.Target{Type: "post", ID: "post-poisoned"},
	}, false)
	unreadable.deadWhy, unreadable.lostOnly = "members are not readable", poisoned
	for _, m := range g.messages {
		m.dies = true
		g.say(&m.event)
	}
	g.add(event.Event{ // its event never comes: there is nothing to do, and nobody to tell of it
		Type: "user.mentioned", Time: g.at(0, 0, burstSeconds), Recipients: []string{g.people[0]},
		Actor: named("ann"), Target: event.Target{Type: "comment", ID: "never-made"}, Retract: true,
	}, false)
}
