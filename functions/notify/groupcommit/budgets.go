package groupcommit

import (
	"maps"
	"sync"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/profile"
)

// budgets remembers what pushes have taken from people's budgets as long as that is too little to be written down ([attention.Little]).
// So a push now and then costs no write.
type budgets struct {
	mu    sync.Mutex
	taken map[string]profile.Budget // by uid
	swept time.Time                 // when those with a full bucket were last looked for
}

// maxBudgets is how many people are remembered, at about 250 bytes. Each is forgotten some minutes after their last push, when their bucket is full again.
const maxBudgets = 50_000

// latest is the budget from which more has been taken: the one that was read, or the one that is remembered.
func (b *budgets) latest(uid string, read profile.Budget) profile.Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.taken[uid]; known.FullAt.After(read.FullAt) {
		return known
	}
	return read
}

// keep reports whether the budget is remembered. One that is not must be written.
func (b *budgets) keep(uid string, budget profile.Budget, now time.Time) bool {
	if !attention.Little(budget, now) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.taken) >= maxBudgets && now.Sub(b.swept).Abs() > time.Minute {
		b.swept = now
		maps.DeleteFunc(b.taken, func(_ string, budget profile.Budget) bool { return !budget.FullAt.After(now) })
	}
	if _, known := b.taken[uid]; !known && len(b.taken) >= maxBudgets {
		return false
	}
	if b.taken == nil {
		b.taken = map[string]profile.Budget{}
	}
	b.taken[uid] = budget
	return true
}
