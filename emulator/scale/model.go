package main

import (
	"math/rand/v2"
)

// model is the pipeline, from a message in Pub/Sub to the screen and the device.
type model struct {
	engine
	settings
	costs
	local *machine // nil: Google Cloud
	rng   *rand.Rand

	normal, urgent *subscription
	instances      []*instance
	starting       int
	scaled         bool // the autoscaler is looking
	busyBefore     float64

	writes          *ramp
	database        meter // Firestore's writes a second, if that has a limit
	fcm             meter
	publishes, sent meter // bytes

	people people
	waits  waits
	seen   dist    // accepted → visible
	pushed dist    // accepted → taken by FCM
	latest float64 // when somebody saw something last
	used   usage
}

// people counts persons who are told, by where they are. Together they are all that were ever begun.
type people struct {
	listed     int // in an audience, or waiting for due, and not in a message yet
	queued     int // in Pub/Sub
	delivering int // on the way to an instance, or being opened there
	waiting    int // in a queue
	committing int
	told       int // written; the screen follows
	refused    int // in Pub/Sub again, until the next delivery
}

// usage is what is billed.
type usage struct {
	reads, writes, created float64
	messages, requests     float64
	instanceSeconds        float64 // with at least one request
	pushes                 float64
	refusals               int
}

// newModel makes a pipeline in which nothing happens yet. used is how many writes a second the database is used to, which others go on making.
func newModel(s settings, c costs, used float64, seed uint64) *model {
	m := &model{
		settings: s, costs: c, rng: rand.New(rand.NewPCG(seed, 1)), writes: newRamp(&s, used), database: meter{rate: s.Writes},
		fcm: meter{rate: s.FCMMinute / 60}, publishes: meter{rate: s.PublishBytes}, sent: meter{rate: s.PushBytes},
	}
	m.normal = newSubscription(m)
	m.urgent = newSubscription(m)
	m.urgent.urgent = true
	return m
}

// warm has so many instances running, and windows that have grown to what so many messages a second need.
func (m *model) warm(instances int, messages float64) {
	for range min(max(instances, m.Kept), m.Instances) {
		m.instances = append(m.instances, newInstance(m))
	}
	const answer = 0.25 // seconds, roughly
	m.normal.window = max(m.normal.window, min(m.WindowFree, 2*messages*answer))
}

// parcel is one message, or several of the same kind for one person each, which were accepted at the same time.
type parcel struct {
	messages int
	people   int     // of each message; more than one only where there is one message
	accepted float64 // when the event was
	since    float64 // when it came into Pub/Sub
	urgent   bool
	kind     *kind
	inbox    *inboxOf // all of it is for this one; nil: each for another
	walk     *walk    // it is a step of it, and has no people of its own

	left int     // persons who are still to be told, where the message is answered as a whole
	hold float64 // until when its pushes keep it
	on   *instance
}

// kind is what an event costs for a person.
type kind struct {
	operations
	push    float64 // share of people who are pushed to
	bare    bool    // nothing new becomes visible: what counts is the push
	watched bool    // a screen is open: to the emulator that matters
	seen    *dist   // of this kind alone; nil: nobody asks
}

// inboxOf is one person's inbox to which much happens.
type inboxOf struct {
	meter        // of its document
	quiet, until float64
}

func (p *parcel) persons() int { return p.messages * p.people }

// publish puts messages into Pub/Sub. Their people are counted as queued.
func (m *model) publish(p *parcel) {
	m.used.messages += float64(p.messages)
	begin, _ := m.publishes.reserve(m.now, float64(p.messages)*messageBytes)
	m.waits.add(byPublishBytes, begin, begin-m.now, p.persons())
	m.people.queued += p.persons()
	s := m.normal
	if p.urgent {
		s = m.urgent
	}
	if m.local != nil && !m.local.leased {
		begin = s.ticks.next(m.now)
	}
	m.at(begin, func() { s.add(p) })
}

// messageBytes is what a message counts, at least.
const messageBytes = 1024

// pump delivers what can be delivered, the urgent first.
func (m *model) pump() {
	m.urgent.pump()
	m.normal.pump()
}

// read reads a commit's documents.
func (m *model) read(b batch, then func()) {
	m.used.reads += b.reads
	if m.local != nil {
		m.local.read(b, then)
		return
	}
	m.at(m.now+m.ReadCall, then)
}

// write writes a commit's documents. It returns what the commit waits for.
func (m *model) write(b batch, then func()) (slow constraint) {
	m.used.writes += b.writes
	if m.local != nil {
		m.local.write(b, then)
		return none
	}
	begin := m.now
	wait := func(what constraint, until float64) {
		m.waits.add(what, until, until-m.now, b.jobs)
		if until > begin {
			begin = until
			if begin-m.now >= perceptible {
				slow = what
			}
		}
	}
	until, _ := m.writes.reserve(m.now, b.writes)
	wait(byRamp, until)
	until, _ = m.database.reserve(m.now, b.writes)
	wait(byDatabase, until)
	for _, inbox := range b.hot {
		until, _ = inbox.reserve(m.now, 1)
		wait(byDocument, until)
	}
	m.at(begin+m.WriteCall+b.writes*m.WriteDocument, then)
	return slow
}

// visible is how long after a commit the screen has it.
func (m *model) visible() float64 {
	if m.local != nil {
		return m.local.listener
	}
	return m.ListenerCall
}

// all are the people who were ever begun.
func (p *people) all() int {
	return p.listed + p.queued + p.delivering + p.waiting + p.committing + p.told + p.refused
}

// ready reports whether everybody was told.
func (p *people) ready() bool { return p.all() == p.told }
