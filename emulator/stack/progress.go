//go:build unix

package stack

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// progress writes what the stack is doing, each line behind the seconds since the start.
type progress struct {
	start time.Time

	mu     sync.Mutex
	out    io.Writer
	active []string
}

func newProgress(out io.Writer) *progress {
	if out == nil {
		out = io.Discard
	}
	return &progress{out: out, start: time.Now()}
}

func (p *progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(line)
}

func (p *progress) write(line string) {
	fmt.Fprintf(p.out, "%6.1f s  %s\n", time.Since(p.start).Seconds(), line)
}

// doing notes that something is under way until done is called.
func (p *progress) doing(what string) (done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = append(p.active, what)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if i := slices.Index(p.active, what); i >= 0 {
			p.active = slices.Delete(p.active, i, i+1)
		}
	}
}

// during runs f. Every five seconds, and after half a minute every fifteen, it says what is under way, so that quick steps are not
// mentioned.
func (p *progress) during(f func() error) error {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	done := make(chan error, 1)
	go func() { done <- f() }()
	for n := 1; ; n++ {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			p.mu.Lock()
			if len(p.active) > 0 && (n <= 6 || n%3 == 0) {
				p.write("… " + strings.Join(p.active, "; "))
			}
			p.mu.Unlock()
		}
	}
}
