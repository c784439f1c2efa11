package courier

import (
	"context"
	"sync"
	"time"
)

// turns makes sure that a person is told of one thing after the other.
type turns struct {
	mu      sync.Mutex
	persons map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token while nobody has the turn
	users int
}

// wait waits for the person's turn. Unless it fails, because ctx has ended, done must be called.
func (t *turns) wait(ctx context.Context, uid string) (done func(), err error) {
	t.mu.Lock()
	if t.persons == nil {
		t.persons = map[string]*turn{}
	}
	mine := t.persons[uid]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.persons[uid] = mine
	}
	mine.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(t.persons, uid)
		}
	}
	select {
	case <-mine.free:
		return func() { mine.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}

// room counts the persons who are being told, so that nobody walks an audience faster than FCM takes the pushes.
type room struct {
	mu    sync.Mutex
	busy  int
	freed chan struct{} // closed and replaced whenever somebody has been told; nil while nobody waits for it
}

const (
	maxBusy = 1_000            // persons of all rounds; a push under way takes some 30 KB
	maxWait = 10 * time.Second // for room, after which a walk goes on all the same: inboxes do not wait for phones
)

// take takes a place. The function it returns gives it back.
func (r *room) take() (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.busy--
		if r.freed != nil {
			close(r.freed)
			r.freed = nil
		}
	}
}

// WaitForRoom waits until fewer than 1,000 persons are being told, at most ten seconds, or until ctx ends.
func (c *Courier) WaitForRoom(ctx context.Context) {
	limit := time.After(maxWait)
	for {
		c.room.mu.Lock()
		if c.room.busy < maxBusy {
			c.room.mu.Unlock()
			return
		}
		if c.room.freed == nil {
			c.room.freed = make(chan struct{})
		}
		freed := c.room.freed
		c.room.mu.Unlock()
		select {
		case <-freed:
		case <-limit:
			return
		case <-ctx.Done():
			return
		}
	}
}
