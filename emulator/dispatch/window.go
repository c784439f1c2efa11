package dispatch

import (
	"container/list"
	"context"
	"sync"
)

// smallest is the push window at the start, "a small single-digit size" in Pub/Sub's words.
const smallest = 3

// A window is a semaphore whose size follows the receiver's answers: slow start, then halving at most once for each
// round of requests, because a thousand refusals of one round are one piece of news.
type window struct {
	mu       sync.Mutex
	limit    int
	max      int
	inFlight int
	round    int
	paused   bool
	waiters  list.List // of chan int (the round), first come first served
}

func newWindow(most int) *window { return &window{limit: min(smallest, most), max: most} }

// acquire waits for a place and returns the round that the request belongs to.
func (w *window) acquire(ctx context.Context) (round int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w.mu.Lock()
	if w.waiters.Len() == 0 && w.free() {
		w.inFlight++
		round = w.round
		w.mu.Unlock()
		return round, nil
	}
	ready := make(chan int, 1)
	place := w.waiters.PushBack(ready)
	w.mu.Unlock()
	select {
	case round = <-ready:
		return round, nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-ready: // the place came at the same moment: pass it on
		w.inFlight--
		w.admit()
	default:
		w.waiters.Remove(place)
	}
	return 0, ctx.Err()
}

// release gives the place back and tells how the request ended.
func (w *window) release(round int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight--
	switch {
	case ok:
		w.limit = min(w.limit+1, w.max)
	case round == w.round:
		w.limit = max(w.limit/2, 1)
		w.round++
	}
	w.admit()
}

func (w *window) pause(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused = on
	w.admit()
}

func (w *window) state() (inFlight, limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inFlight, w.limit
}

func (w *window) free() bool { return !w.paused && w.inFlight < w.limit }

// admit gives free places to the requests that have waited longest. mu must be held.
func (w *window) admit() {
	for w.free() {
		first := w.waiters.Front()
		if first == nil {
			return
		}
		w.waiters.Remove(first)
		w.inFlight++
		first.Value.(chan int) <- w.round
	}
}
