// Package room makes a walk over an audience wait for those who are under way. A walk could take its steps many times faster than
// Firestore or FCM take what they hand out; waiting messages would fill the memory of the instance, and hold up everybody else's events.
package room

import (
	"context"
	"sync"
	"time"
)

// Room has places for a number of persons. More may be in it, since only walks wait. It is safe for concurrent use.
type Room struct {
	places int

	mu    sync.Mutex
	taken int
	freed chan struct{} // closed when a place is free; nil while nobody waits for that
}

// New makes a room.
func New(places int) *Room { return &Room{places: places} }

// Take takes so many places. The function that it returns gives them back.
func (r *Room) Take(persons int) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken += persons
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.taken -= persons
		if r.taken < r.places && r.freed != nil { // before that, all who wait would look in vain
			close(r.freed)
			r.freed = nil
		}
	}
}

// Wait waits until a place is free, until the time is over, or until ctx ends.
func (r *Room) Wait(ctx context.Context, atMost time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for {
		freed := r.full()
		if freed == nil {
			return
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return
		}
	}
}

// full returns nil if a place is free, and else what is closed when one is.
func (r *Room) full() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken < r.places {
		return nil
	}
	if r.freed == nil {
		r.freed = make(chan struct{})
	}
	return r.freed
}
