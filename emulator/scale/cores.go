package main

// cores are shared by programs in turns: one that has work, and is on fewer cores than it has threads, gets a core for a slice of time.
type cores struct {
	e        *engine
	idle     int
	programs []*program
	turn     int // of the programs
}

// program is a process of the machine, or what of it can be done side by side.
type program struct {
	cores   *cores
	threads int // most cores that it is on
	running int
	queue   []piece
}

type piece struct {
	left float64 // seconds of a core
	then func()
}

// slice is how long a program has a core before others have their turn, in seconds.
const slice = 0.001

func newCores(e *engine, n int) *cores { return &cores{e: e, idle: n} }

func (c *cores) program(threads int) *program {
	p := &program{cores: c, threads: threads}
	c.programs = append(c.programs, p)
	return p
}

// run does so many seconds of work behind what the program has to do already.
func (p *program) run(seconds float64, then func()) {
	p.queue = append(p.queue, piece{seconds, then})
	p.cores.share()
}

// share gives idle cores to programs.
func (c *cores) share() {
	for c.idle > 0 {
		p := c.next()
		if p == nil {
			return
		}
		work := p.queue[0]
		p.queue[0] = piece{}
		p.queue = p.queue[1:]
		p.running++
		c.idle--
		now := min(work.left, slice)
		c.e.at(c.e.now+now, func() {
			p.running--
			c.idle++
			if work.left -= now; work.left > 1e-12 {
				p.queue = append([]piece{work}, p.queue...)
			} else {
				work.then()
			}
			c.share()
		})
	}
}

// next is the program whose turn it is; nil: none can use a core.
func (c *cores) next() *program {
	for range c.programs {
		p := c.programs[c.turn]
		c.turn = (c.turn + 1) % len(c.programs)
		if len(p.queue) > 0 && p.running < p.threads {
			return p
		}
	}
	return nil
}
