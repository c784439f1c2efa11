package notify

import (
	"slices"
	"sync"
)

// recent remembers the last messages that were settled, so that one delivered again costs nothing and pushes nothing. It
// is a convenience of one instance: what it forgets, the fold finds out.
type recent struct {
	mu   sync.Mutex
	seen map[string]bool
	ring []string
	next int
}

// remembered is how many messages are kept: some minutes of a busy instance, about 1 MB.
const remembered = 10_000

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[id]
}

func (r *recent) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen, r.ring = make(map[string]bool, remembered), slices.Repeat([]string{""}, remembered)
	}
	delete(r.seen, r.ring[r.next])
	r.seen[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % remembered
}
