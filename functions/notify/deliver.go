package notify

import (
	"context"
	"errors"
	"slices"
	"sync"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/push"
)

// commit brings the event into each recipient's inbox. The jobs are in the order of the recipients, each with its outcome;
// with an error nothing is known of any.
func (fn *Function) commit(ctx context.Context, t event.Type, e event.Event, recipients []string, why, message string) ([]*job, error) {
	jobs := make([]*job, len(recipients))
	for i, uid := range recipients {
		jobs[i] = &job{uid: uid, event: e, kind: t, why: why, message: message}
	}
	return jobs, fn.committer.apply(ctx, jobs)
}

// pushAll tells the devices of each recipient for whom there is something to push. The outcomes are in the order of the jobs.
func (fn *Function) pushAll(ctx context.Context, jobs []*job) []error {
	errs := make([]error, len(jobs))
	var pushes sync.WaitGroup
	slots := make(chan struct{}, maxPushes)
	for i, j := range jobs {
		errs[i] = j.err
		if j.err != nil || j.push == nil || len(j.to) == 0 {
			continue
		}
		slots <- struct{}{}
		pushes.Go(func() {
			errs[i] = fn.push(ctx, j.push, j.to)
			<-slots
		})
	}
	pushes.Wait()
	return errs
}

// maxPushes is how many recipients of one message are pushed to at a time.
const maxPushes = 16

// push sends the item to its recipient's devices and forgets those that are gone. A device that refuses the message is logged
// and does not hold the others back; one that cannot be reached now makes the outcome transient, and the repeated push
// replaces itself where it had arrived.
func (fn *Function) push(ctx context.Context, item *inbox.Item, devices []profile.Device) error {
	var again error
	for i, err := range fn.Sender.Send(ctx, item, devices, fn.Now()) {
		switch {
		case err == nil:
		case errors.Is(err, push.ErrGone):
			again = errors.Join(again, fn.Store.RemoveDevice(ctx, devices[i]))
		case errors.Is(err, push.ErrRefused):
			fn.Log.ErrorContext(ctx, "push refused", "uid", devices[i].UID, "device", devices[i].ID, "notification", item.ID, "error", err.Error())
		default:
			again = errors.Join(again, err)
		}
	}
	return again
}

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
