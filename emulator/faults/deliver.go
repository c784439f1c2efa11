//go:build unix

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// The deliverer stands in for the push subscription of the topic "events", because Pub/Sub can be asked neither to
// deliver a message five times nor to shuffle. It keeps the rules: what is not acknowledged, by a 2xx within the deadline, is
// delivered again after a back-off that doubles, and is dead after 20 attempts. Only the back-off is a hundredth of
// production's, from 0.1 s. What the subscribers publish themselves, retries and the further pages of an audience, goes
// through the official Pub/Sub emulator and package dispatch, with production's numbers on a clock of their own.
type deliverer struct {
	w      *world
	chaos  *chaos
	o      Options
	client *http.Client
	began  time.Time

	delivered, refused atomic.Int64
	total              int
	diary              diary
}

const (
	workers     = 48
	maxAttempts = 20
	ackDeadline = 60 * time.Second
)

func newDeliverer(w *world, c *chaos, o Options) *deliverer {
	return &deliverer{w: w, chaos: c, o: o, began: time.Now(), client: &http.Client{
		Timeout: ackDeadline, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * workers},
	}}
}

// delivery is one copy of a message.
type delivery struct {
	m    *message
	copy int
}

// run delivers the plan, stage by stage.
func (d *deliverer) run(ctx context.Context, p *plan) error {
	stages := make([][]delivery, p.stages)
	for _, m := range p.messages {
		for n, s := range m.stages {
			stages[s] = append(stages[s], delivery{m, n})
			d.total++
		}
	}
	stop := d.report()
	defer stop()
	rng := rand.New(rand.NewPCG(d.o.Seed, 3))
	for s, all := range stages {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if ahead := timeOf(s).Sub(d.w.clock.Now()); ahead > 0 {
			if err := d.w.clock.Advance(ahead); err != nil {
				return err
			}
		}
		if err := d.stage(ctx, all); err != nil {
			return fmt.Errorf("stage %d: %w", s, err)
		}
	}
	return nil
}

// stage delivers side by side, in this order, and returns when all is acknowledged or dead.
func (d *deliverer) stage(ctx context.Context, all []delivery) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(all)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				d.chaos.step()
				if err := d.deliver(ctx, all[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// deliver sees one copy to its acknowledgement.
func (d *deliverer) deliver(ctx context.Context, one delivery) error {
	data, attributes := one.m.data()
	for attempt := 1; ; attempt++ {
		body, err := json.Marshal(topics.Pushed{
			Message:      topics.PushedMessage{Data: data, Attributes: attributes, MessageID: one.m.id, PublishTime: one.m.event.Time},
			Subscription: "projects/" + project + "/subscriptions/events-notify", DeliveryAttempt: attempt,
		})
		if err != nil {
			return err
		}
		s := d.pick(one.m.event, one.m.id, one.copy+attempt)
		if err = d.post(ctx, s, one.m.event, body); err == nil {
			d.delivered.Add(1)
			return nil
		}
		d.refused.Add(1)
		if attempt == maxAttempts {
			_, err := d.w.dead.Publish(ctx, &pubsub.Message{Data: data, Attributes: attributes}).Get(ctx)
			return err
		}
		select {
		case <-time.After(min(100*time.Millisecond<<(attempt-1), 6*time.Second)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// data is the message as it travels.
func (m *message) data() (data []byte, attributes map[string]string) {
	attributes = map[string]string{"ce-id": m.event.ID, "ce-source": m.event.Source, "ce-type": m.event.Type}
	if m.garbage != "" {
		return []byte(m.garbage), attributes
	}
	data, _ = json.Marshal(m.event) // an event that was made here has a JSON form
	return data, attributes
}

// pick chooses the subscriber for an attempt: any, but for an edge event always the same. See the package's comment.
func (d *deliverer) pick(e event.Event, id string, attempt int) *subscriber {
	h := fnv.New64a()
	if isEdge(e.Target.ID) {
		fmt.Fprint(h, d.o.Seed, e.ID)
	} else {
		fmt.Fprint(h, d.o.Seed, id, attempt)
	}
	return d.w.subscribers[h.Sum64()>>8%uint64(len(d.w.subscribers))]
}

// post makes one attempt with a message of the event; nil is an acknowledgement.
func (d *deliverer) post(ctx context.Context, s *subscriber, e event.Event, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	life := s.life()
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return err
	}
	if t := s.spring(callAnswer); t != nil {
		t.kill()
		return fmt.Errorf("the answer is lost")
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %.300s", res.Status, said)
	}
	d.diary.note(e, s, life)
	return nil
}

// ServeHTTP passes on what package dispatch pushes, to the subscriber whose turn it is.
func (d *deliverer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var e event.Event
	pushed, err := topics.ReadPush(bytes.NewReader(body))
	if err == nil {
		envelope, _ := topics.Decode(pushed.Message) // of what cannot be read nothing is known
		if !envelope.NotBefore().IsZero() && pushed.DeliveryAttempt == 1 {
			d.w.retried.Add(1)
		}
		e = envelope.Event
	}
	if err := d.post(r.Context(), d.pick(e, pushed.Message.MessageID, pushed.DeliveryAttempt), e, body); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// report says every few seconds how far it has come.
func (d *deliverer) report() (stop func()) {
	tick, done := time.NewTicker(5*time.Second), make(chan struct{})
	go func() {
		for {
			select {
			case <-tick.C:
				var mem runtime.MemStats
				runtime.ReadMemStats(&mem)
				d.chaos.mu.Lock()
				struck := d.chaos.next
				d.chaos.mu.Unlock()
				d.say(fmt.Sprintf("%d of %d delivered, %d refused, %d retried, struck %d of %d times, %d disturbed calls, heap %d MB",
					d.delivered.Load(), d.total, d.refused.Load(), d.w.retried.Load(), struck, len(d.chaos.due), d.chaos.disturbed.Load(), mem.HeapAlloc>>20))
			case <-done:
				return
			}
		}
	}()
	return func() { tick.Stop(); close(done) }
}

func (d *deliverer) say(line string) {
	if d.o.Progress != nil {
		fmt.Fprintf(d.o.Progress, "%4.0f s  %s\n", time.Since(d.began).Seconds(), line)
	}
}
