package courier

import (
	"context"
	"sync"
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
