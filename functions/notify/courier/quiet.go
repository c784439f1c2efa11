package courier

import (
	"maps"
	"sync"
	"time"
)

// quiet remembers until when FCM does not want to be asked for which targets.
type quiet struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// maxQuiet is how many targets are remembered, at about 250 bytes. There are more only when FCM wants to be asked for none.
const maxQuiet = 20_000

func (q *quiet) until(target string) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ends[target]
}

func (q *quiet) set(target string, end, now time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.ends) >= maxQuiet {
		maps.DeleteFunc(q.ends, func(_ string, end time.Time) bool { return !end.After(now) })
		if len(q.ends) > maxQuiet*9/10 { // or every next one would go through all of them for the sake of a few
			clear(q.ends)
		}
	}
	if q.ends == nil {
		q.ends = map[string]time.Time{}
	}
	q.ends[target] = end
}
