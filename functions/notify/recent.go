package notify

import (
	"slices"
	"sync"
)

// recent remembers the last messages that were settled, so that one delivered again costs nothing and pushes nothing; and the last deeds
// that were told. It is a convenience of one instance: what it forgets, the fold finds out, or the ids of facts.
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

func (r *recent) add(id string) { r.adds(id) }

// adds remembers it, and reports whether it was known before.
func (r *recent) adds(id string) (known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen[id] {
		return true
	}
	if r.seen == nil {
		r.seen, r.ring = make(map[string]bool, remembered), slices.Repeat([]string{""}, remembered)
	}
	delete(r.seen, r.ring[r.next])
	r.seen[id], r.ring[r.next] = true, id
	r.next = (r.next + 1) % remembered
	return false
}
