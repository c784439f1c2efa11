package mirror

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// turns gathers what comes in at the same time about one person into one piece of work. While a person's work is done, further
// callers wait together for the next one: what was written before they called is read then. So a person whose documents
// change a thousand times a second keeps one piece of work busy in each instance, and no lock of Firestore.
//
// The zero value is ready. It is safe for concurrent use.
type turns struct {
	mu   sync.Mutex
	next map[string]*turn // by person: gathers callers; present also while nobody has called again
}

// turn is one piece of work, and those who wait for it.
type turn struct {
	wanted map[string]bool // collections to look at
	done   chan struct{}
	err    error // set before done is closed
}

// maxWork bounds one piece of work: it goes on when its first caller leaves, because others wait for it.
const maxWork = 20 * time.Second

// do has work look at that collection of a person, together with what others want meanwhile, and waits for it.
func (t *turns) do(ctx context.Context, uid, collection string, work func(ctx context.Context, wanted map[string]bool) error) error {
	t.mu.Lock()
	mine, busy := t.next[uid]
	if !busy {
		if t.next == nil {
			t.next = map[string]*turn{}
		}
		mine = newTurn()
		t.next[uid] = mine
		go t.run(context.WithoutCancel(ctx), uid, work)
	}
	mine.wanted[collection] = true
	t.mu.Unlock()
	select {
	case <-mine.done:
		return mine.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newTurn() *turn { return &turn{wanted: map[string]bool{}, done: make(chan struct{})} }

// run works until nobody waits.
func (t *turns) run(ctx context.Context, uid string, work func(context.Context, map[string]bool) error) {
	for {
		t.mu.Lock()
		current := t.next[uid]
		if len(current.wanted) == 0 {
			delete(t.next, uid)
			t.mu.Unlock()
			return
		}
		t.next[uid] = newTurn()
		t.mu.Unlock()
		current.err = attempt(ctx, current.wanted, work)
		close(current.done)
	}
}

// attempt does one piece of work. A panic in it is an error: it would end the process, and with it what others wait for.
func attempt(ctx context.Context, wanted map[string]bool, work func(context.Context, map[string]bool) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("mirror: panic: %v", r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, maxWork)
	defer cancel()
	return work(ctx, wanted)
}
