package mirror

import (
	"context"
	"sync"
	"time"

	"tidings.dev/shared/tasks"
)

// coalescer gathers what comes in at the same time about one person into one piece of work. While a person's work is done, further
// callers wait together for the next one: what was written before they called is read then. So a person whose devices
// change a thousand times a second keeps one piece of work busy in each instance, and no lock of Firestore.
//
// The zero value is ready. It is safe for concurrent use.
type coalescer struct {
	mu   sync.Mutex
	next map[string]*work // by person: gathers callers; present also while nobody has called again
}

// work is one piece of work, and those who wait for it.
type work struct {
	wanted bool // somebody waits for it
	done   chan struct{}
	err    error // set before done is closed
}

// maxWork bounds one piece of work: it goes on when its first caller leaves, because others wait for it.
const maxWork = 20 * time.Second

// do has the person looked at, once for all who want it meanwhile, and waits for it.
func (c *coalescer) do(ctx context.Context, uid string, look func(ctx context.Context) error) error {
	c.mu.Lock()
	mine, busy := c.next[uid]
	if !busy {
		if c.next == nil {
			c.next = map[string]*work{}
		}
		mine = newWork()
		c.next[uid] = mine
		go c.run(context.WithoutCancel(ctx), uid, look)
	}
	mine.wanted = true
	c.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newWork() *work { return &work{done: make(chan struct{})} }

// run works until nobody waits.
func (c *coalescer) run(ctx context.Context, uid string, look func(context.Context) error) {
	for {
		c.mu.Lock()
		current := c.next[uid]
		if !current.wanted {
			delete(c.next, uid)
			c.mu.Unlock()
			return
		}
		c.next[uid] = newWork()
		c.mu.Unlock()
		current.err = attempt(ctx, look)
		close(current.done)
	}
}

// attempt does one piece of work. A panic in it is an error: it would end the process, and with it what others wait for.
func attempt(ctx context.Context, look func(context.Context) error) (err error) {
	defer tasks.Catch(&err)
	ctx, cancel := context.WithTimeout(ctx, maxWork)
	defer cancel()
	return look(ctx)
}
