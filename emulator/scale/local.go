package main

import "math"

// machine is the one that the benchmark runs on: Tidings, the emulators, what delivers, and the benchmark share its cores.
//
// The official Firestore emulator does one call after the other, on one core, and a commit is not answered before it
// has looked through all items of all people for each screen that sees something of it (2026-11-27, two busy cores: a commit took 14 ms with 1,000 items and one
// screen, 37 with 4,000, 101 with 14,000 and 202 with 34,000; without a screen 1 to 13). Pub/Sub's gives a batch of messages at a time, and nothing in between.
type machine struct {
	m                            *model
	cores                        *cores
	tidings, firestore, delivery *program

	perWrite  float64        // core-seconds of the emulator for a document that is written
	perPerson float64        // for a profile that is read by name
	perItem   float64        // for an item
	perListed float64        // and for one by a query of an audience's members
	outside   float64        // core-seconds for a message, in Pub/Sub's emulator and in what delivers it
	fcm       float64        // and for a push, in what stands in for FCM
	look      func() float64 // seconds for which a commit waits for each screen that sees its document
	listener  float64        // seconds from accepted to the screen besides: what is left of a paced event's latency
	leased    bool           // what is published was handed out before
}

// ticks are the moments at which Pub/Sub's emulator gives the messages of a subscription.
type ticks struct {
	every, phase float64 // seconds
	batch        int
	tick         float64 // of the last message
	given        int     // then
}

// next is when the next message is given. Those that were asked for earlier come first.
func (t *ticks) next(now float64) float64 {
	if t.batch == 0 {
		return now
	}
	if at := t.phase + t.every*math.Ceil((now-t.phase)/t.every); at > t.tick {
		t.tick, t.given = at, 0
	}
	if t.given == t.batch {
		t.tick, t.given = t.tick+t.every, 0
	}
	t.given++
	return t.tick
}

// read reads a commit's documents: a profile for each inbox, and else items.
func (l *machine) read(b batch, then func()) {
	profiles := min(b.reads, float64(b.inboxes))
	l.firestore.run(profiles*l.perPerson+(b.reads-profiles)*l.perItem, then)
}

// write writes a commit's documents, and looks for its screens.
func (l *machine) write(b batch, then func()) {
	work := b.writes * l.perWrite
	for range int(b.screens) {
		work += l.look()
	}
	l.firestore.run(work, then)
}

// looks are how long a commit waits for a screen, as the benchmark measured it: the least, half, 90 % and all of them took no longer. Between these it is
// as likely everywhere.
type looks struct{ least, half, ninety, most float64 }

// at is the time below which a share of them lies.
func (k looks) at(share float64) float64 {
	switch {
	case share < .5:
		return k.least + (k.half-k.least)*share/.5
	case share < .9:
		return k.half + (k.ninety-k.half)*(share-.5)/.4
	}
	return k.ninety + (k.most-k.ninety)*(share-.9)/.1
}
