package main

// machine is the one that the benchmark runs on: Tidings, the emulators, what delivers, and the benchmark share its cores.
//
// The official Firestore emulator makes one commit after the other, and is taken to use all cores for it. Before it answers one, it looks through all items of all
// people for each screen that sees something of it (2026-11-27, two busy cores: a commit took 14 ms with 1,000 items and one screen, 37 with 4,000, 101 with 14,000
// and 202 with 34,000; without a screen 1 to 13).
type machine struct {
	m         *model
	cores     *server
	perWrite  float64        // core-seconds for a document that is written
	perRead   float64        // for one that is read by name
	perListed float64        // and for one by a query of an audience's members
	outside   float64        // core-seconds for a message, in Pub/Sub's emulator and in what delivers it
	look      func() float64 // seconds for which a commit waits for each screen that sees its document
	listener  float64        // seconds from a commit to the screen besides: what is left of a paced event's latency
	handOut   meter          // messages a second that Pub/Sub's emulator gives
	commits   []commit
	busy      bool
}

type commit struct {
	work    float64 // core-seconds that are left
	screens float64 // that see one of them
	then    func()
}

// slice is how long a commit works before others have their turn on a core, in seconds of all cores.
const slice = 0.005

func (l *machine) push(now float64, messages int) float64 {
	_, end := l.cores.work(now, l.outside*float64(messages))
	return end
}

func (l *machine) read(now, documents float64) float64 {
	_, end := l.cores.work(now, l.perRead*documents)
	return end
}

func (l *machine) list(now float64, documents int) float64 {
	_, end := l.cores.work(now, l.perListed*float64(documents))
	return end
}

func (l *machine) write(b batch, then func()) {
	l.commits = append(l.commits, commit{b.writes * l.perWrite, b.screens, then})
	if !l.busy {
		l.busy = true
		l.next()
	}
}

// next goes on with the commit that has waited longest: it writes its documents, then looks for its screens, and then is answered.
func (l *machine) next() {
	if len(l.commits) == 0 {
		l.busy = false
		return
	}
	c := &l.commits[0]
	if c.work <= 0 {
		look := 0.0
		for range int(c.screens) {
			look += l.look()
		}
		_, end := l.cores.work(l.m.now, look)
		l.m.at(end, func() {
			then := l.commits[0].then
			l.commits = l.commits[1:]
			then()
			l.next()
		})
		return
	}
	now := min(c.work, slice)
	c.work -= now
	end := l.m.now
	for range l.cores.free {
		_, one := l.cores.work(l.m.now, now/float64(len(l.cores.free)))
		end = max(end, one)
	}
	l.m.at(end, l.next)
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
