package main

// machine is the one that the benchmark runs on: Tidings, the emulators, what delivers, and the benchmark share its cores.
//
// The official Firestore emulator makes one commit after the other. It is taken to use all cores for it.
type machine struct {
	m        *model
	cores    *server
	perWrite float64 // core-seconds for a document
	perRead  float64
	outside  float64 // core-seconds for a message, in Pub/Sub's emulator and in what delivers it
	listener float64 // seconds from a commit to the screen: what is left of a paced event's latency
	handOut  meter   // messages a second that Pub/Sub's emulator gives
	commits  []commit
	busy     bool
}

type commit struct {
	documents float64
	then      func()
}

// slice is how many documents are written before others have their turn on a core.
const slice = 10.0

func (l *machine) push(now float64, messages int) float64 {
	_, end := l.cores.work(now, l.outside*float64(messages))
	return end
}

func (l *machine) read(now, documents float64) float64 {
	_, end := l.cores.work(now, l.perRead*documents)
	return end
}

func (l *machine) write(documents float64, then func()) {
	l.commits = append(l.commits, commit{documents, then})
	if !l.busy {
		l.busy = true
		l.next()
	}
}

// next goes on with the commit that has waited longest.
func (l *machine) next() {
	if len(l.commits) == 0 {
		l.busy = false
		return
	}
	c := &l.commits[0]
	now := min(c.documents, slice)
	c.documents -= now
	end := l.m.now
	for range l.cores.free {
		_, one := l.cores.work(l.m.now, now*l.perWrite/float64(len(l.cores.free)))
		end = max(end, one)
	}
	l.m.at(end, func() {
		if l.commits[0].documents <= 0 {
			then := l.commits[0].then
			l.commits = l.commits[1:]
			then()
		}
		l.next()
	})
}
