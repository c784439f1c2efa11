package groupcommit

import (
	"maps"
	"sync"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/profile"
)

// budgets remembers what pushes of this instance have taken from people's budgets, and has it written down whenever that has become more than a little
// ([attention.Little]). So most pushes cost no write, and what instances take adds up.
//
// An instance that works alone for a person knows their bucket exactly. What it writes is as if everything since the last time had been taken just now, though
// part of it has come back: if it wrote what it knows, the same hour would come back to each of several instances.
type budgets struct {
	mu    sync.Mutex
	known map[string]known // by uid
	swept time.Time        // when those with a full bucket were last looked for
}

// known is a person's budget as this instance knows it.
type known struct {
	profile.Budget
	written time.Time     // when the bucket is full again by what stands in the profile
	more    time.Duration // what was taken since this instance wrote it last
}

// maxBudgets is how many people are remembered, at about 250 bytes. Beyond it, those are forgotten whose bucket is full again.
const maxBudgets = 50_000

// latest is the person's budget, of which that was read: what this instance has taken, and has not come back, comes on top of what others have written since it last looked.
func (b *budgets) latest(uid string, read profile.Budget, now time.Time) profile.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, ok := b.known[uid]
	if !ok {
		return read
	}
	if read.FullAt.After(k.written) {
		ours := min(k.more, max(k.FullAt.Sub(now), 0))
		k.FullAt = later(read.FullAt, now).Add(ours)
	}
	k.written = read.FullAt
	b.known[uid] = k
	return k.Budget
}

// spend remembers a budget, of which before was the latest, and returns what is to be written; nil is nothing.
func (b *budgets) spend(uid string, before, budget profile.Budget, now time.Time) (write *profile.Budget) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k, ok := b.known[uid]
	if !ok {
		k.written = before.FullAt
	}
	k.Budget = budget
	if k.more += budget.FullAt.Sub(later(before.FullAt, now)); !attention.Little(k.more) || !ok && !b.hasRoom(now) {
		write = &profile.Budget{FullAt: later(k.written, now).Add(k.more), Message: budget.Message}
		k.written, k.more = write.FullAt, 0
	}
	if ok || len(b.known) < maxBudgets {
		if b.known == nil {
			b.known = map[string]known{}
		}
		b.known[uid] = k
	}
	return write
}

// hasRoom reports whether one person more can be remembered.
func (b *budgets) hasRoom(now time.Time) bool {
	if len(b.known) >= maxBudgets && now.Sub(b.swept).Abs() > time.Minute {
		b.swept = now
		maps.DeleteFunc(b.known, func(_ string, k known) bool { return !k.FullAt.After(now) })
	}
	return len(b.known) < maxBudgets
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
