package due

import (
	"context"
	"errors"
	"time"

	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/topics"
)

// Events that were scheduled are published once their time has come, and then taken from the store. A crash in between publishes them again,
// with the same acceptance: for the inbox that is the same message once more. What is cancelled between the query and the publishing is
// stopped by the subscriber, who looks for a cancellation of every event that was scheduled.

const (
	sendingPage = 100              // events of a shard at a time; one has at most some 200 KB, and hardly any has more than 2
	sendingTime = 15 * time.Second // in a call
	maxCall     = 2 << 20          // bytes of events published in a call: dividing recipients can make them a few times as many, and Pub/Sub takes 10 MB
)

// sendings publishes the events whose sendAt has come, of all shards side by side, and returns how many. What it does not come to is still
// there in a minute. What cannot be read, or that Pub/Sub does not take, stays where it is and holds up nothing else.
func (fn *function) sendings(ctx context.Context) (int, error) {
	now, until := fn.Now(), time.Now().Add(sendingTime)
	var sent [store.SendingShards]int
	var shards tasks.Group
	for i := range store.SendingShards {
		shards.Go(func() error {
			var err error
			sent[i], err = fn.shard(ctx, i, now, until)
			return err
		})
	}
	err := shards.Wait()
	total := 0
	for _, n := range sent {
		total += n
	}
	return total, err
}

// shard publishes what is due of one shard.
func (fn *function) shard(ctx context.Context, shard int, now, until time.Time) (sent int, err error) {
	var last *store.Sending
	var errs []error
	for pages := 0; pages < fn.limit() && time.Now().Before(until); pages++ {
		found, err := fn.Store.DueSendings(ctx, shard, now, last, sendingPage)
		if err != nil {
			errs = append(errs, err)
			break
		}
		for _, some := range inCalls(found) {
			n, err := fn.send(ctx, some)
			sent, errs = sent+n, append(errs, err)
		}
		if len(found) < sendingPage {
			break
		}
		last = &found[len(found)-1]
	}
	return sent, errors.Join(errs...)
}

// inCalls divides events so that a call can publish all of some, to one topic: one that takes nothing does not have the others' events sent twice.
func inCalls(found []store.Sending) (calls [][]store.Sending) {
	open, size := map[topics.Topic]int{}, map[topics.Topic]int{} // of each lane, the call that is being filled
	for _, s := range found {
		lane := topics.Lane(s.Priority)
		i, ok := open[lane]
		if size[lane] += s.Size; !ok || size[lane] > maxCall {
			i, size[lane] = len(calls), s.Size
			open[lane], calls = i, append(calls, nil)
		}
		calls[i] = append(calls[i], s)
	}
	return calls
}

// send publishes events in one call, and takes them from the store.
func (fn *function) send(ctx context.Context, found []store.Sending) (sent int, err error) {
	var envelopes []topics.Envelope
	var readable []store.Sending
	var errs []error
	for _, s := range found {
		if s.Broken != nil {
			errs = append(errs, s.Broken)
			continue
		}
		readable = append(readable, s)
		envelopes = topics.Split(envelopes, topics.Envelope{Event: s.Event, Accepted: s.Accepted, Lane: topics.Lane(s.Priority)})
	}
	if err := fn.Publisher.Publish(ctx, envelopes...); err != nil {
		return 0, errors.Join(append(errs, err)...)
	}
	return len(readable), errors.Join(append(errs, fn.Store.Sent(ctx, readable))...)
}
