package notify

import (
	"context"
	"slices"
	"sync"

	"tidings.dev/shared/topics"
)

// outcome is what became of a job.
type outcome struct {
	err  error  // why it failed; transient ones are to be tried again as a whole
	owed []owed // the devices that are still to be told, where everything else is done
}

// tellAll tells the devices of each recipient for whom there is something to tell. The outcomes are in the order of the jobs.
func (fn *Function) tellAll(ctx context.Context, jobs []*job, m *topics.PushedMessage) []outcome {
	outcomes := make([]outcome, len(jobs))
	missing := missingOf(m)
	var pushes sync.WaitGroup
	slots := make(chan struct{}, maxPushes)
	for i, j := range jobs {
		outcomes[i].err = j.err
		if j.err != nil || j.push == nil || len(j.to) == 0 {
			continue
		}
		slots <- struct{}{}
		pushes.Go(func() {
			outcomes[i] = fn.tell(ctx, j, missing)
			<-slots
		})
	}
	pushes.Wait()
	return outcomes
}

// maxPushes is how many recipients of one message are pushed to at a time.
const maxPushes = 16

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
