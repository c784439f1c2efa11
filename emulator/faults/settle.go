//go:build unix

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/fcm"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

const deadSubscription = "dead-letters-deadletters"

// prepare creates the topics and what must be in the database before: the audience, the devices of every fifth person, and the
// document that nothing can read.
func (w *world) prepare(ctx context.Context, p *plan) error {
	for topic, sub := range map[topics.Topic]string{
		topics.Events: "events-notify", topics.Urgent: "events-urgent-notify", topics.Retry: "events-retry-notify", topics.DeadLetters: deadSubscription,
		topics.Facts: factsSubscription,
	} {
		name := "projects/" + project + "/topics/" + string(topic)
		if _, err := w.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: name}); err != nil {
			return err
		}
		s := &pubsubpb.Subscription{Name: "projects/" + project + "/subscriptions/" + sub, Topic: name, AckDeadlineSeconds: 60}
		if _, err := w.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, s); err != nil {
			return err
		}
	}
	w.dead = w.pubsub.Publisher(string(topics.DeadLetters))
	bulk := w.db.BulkWriter(ctx)
	listed, joined := p.members[:len(p.members)/2], p.members[len(p.members)/2:]
	if _, err := bulk.Set(w.db.Doc("audiences/"+audience+"/lists/1"), map[string]any{"uids": listed}); err != nil {
		return err
	}
	for _, uid := range joined {
		if _, err := bulk.Set(w.db.Doc("audiences/"+audience+"/members/"+uid), map[string]any{"since": beginning}); err != nil {
			return err
		}
	}
	for i := 0; i < len(p.people); i += 5 {
		uid := p.people[i]
		device := map[string]any{"kind": "token", "value": uid + "-phone", "platform": "android", "locale": "en", "lastSeenAt": beginning}
		for path, doc := range map[string]any{
			"users/" + uid + "/devices/phone": device,
			"users/" + uid:                    map[string]any{"devices": map[string]any{"phone": device}}, // as functions/mirror would
		} {
			if _, err := bulk.Set(w.db.Doc(path), doc); err != nil {
				return err
			}
		}
	}
	bulk.End()
	cat, err := catalog.New()
	if err != nil {
		return err
	}
	for _, m := range p.messages {
		if m.lostOnly == "" {
			continue
		}
		kind, _ := cat.Type(m.event.Type)
		for _, id := range inbox.Locate(kind, m.event, m.event.Time).IDs {
			bad := map[string]any{"members": []byte("nobody can read this")}
			if _, err := w.db.Doc("users/"+m.lostOnly+"/notifications/"+id).Set(ctx, bad); err != nil {
				return err
			}
		}
	}
	// FCM is often enough busy, and says for how long: without that, a minute of the functions' clock would have to pass.
	return w.fcm.AddFault(fcm.Fault{Target: "*", Error: "QUOTA_EXCEEDED", Rate: 0.1, RetryAfter: "1s"})
}

// startPushes connects what the subscribers publish, retries and pages of an audience, back to them, through d. The waits
// between attempts are production's, 10 s to 10 min, on a clock that goes twenty times as fast as the system's.
func (w *world) startPushes(ctx context.Context, d *deliverer) error {
	ctx, w.cancel = context.WithCancel(ctx)
	w.router = httptest.NewServer(d)
	for _, t := range []topics.Topic{topics.Events, topics.Urgent, topics.Retry} {
		p, err := dispatch.Start(w.pubsub, w.pace, dispatch.Subscription{
			Name: string(t) + "-notify", Endpoints: []string{w.router.URL}, AckDeadline: ackDeadline,
			MaxAttempts: maxAttempts, DeadLetterTopic: string(topics.DeadLetters),
		}, nil)
		if err != nil {
			return err
		}
		w.pushes = append(w.pushes, p)
	}
	w.tasks.Go(func() {
		_ = w.pubsub.Subscriber(deadSubscription).Receive(ctx, func(_ context.Context, m *pubsub.Message) { // ends with ctx
			w.mu.Lock()
			defer w.mu.Unlock()
			w.letters = append(w.letters, m)
			m.Ack()
		})
	})
	w.tasks.Go(func() { w.gather(ctx) })
	w.tasks.Go(func() {
		for ctx.Err() == nil {
			_ = w.pace.Advance(2 * time.Second) // fails only beyond 290 years
			_ = (new(clock.Clock)).Sleep(ctx, 100*time.Millisecond)
		}
	})
	return nil
}

// busy reports whether messages are on their way through Pub/Sub, as far as one can see from here.
func (w *world) busy() bool {
	return slices.ContainsFunc(w.pushes, func(p *dispatch.Push) bool { s := p.Stats(); return s.InFlight+s.Waiting > 0 })
}

// drain waits until nothing is on its way any more, and reports whether that came about in time. Emptiness cannot be asked of
// Pub/Sub: what is here has ended when nothing has moved for two seconds.
func (w *world) drain(patience time.Duration) bool {
	deadline := time.Now().Add(patience)
	done := func() (n int) {
		for _, p := range w.pushes {
			n += p.Stats().Delivered
		}
		return n
	}
	for quiet, before := 0, -1; quiet < 40; quiet++ {
		if now := done(); w.busy() || now != before {
			quiet, before = 0, now
			_ = w.pace.Advance(2 * time.Minute)  // fails only beyond 290 years
			_ = w.clock.Advance(2 * time.Minute) // what is not to be tried before some time is not asked for in vain
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(50 * time.Millisecond)
	}
	return true
}

// settle lets everything that was handed over come to its end, with the faults over, and fills in what the inboxes, the
// dead letters and the pushes are then.
func settle(ctx context.Context, w *world, p *plan, d *diary, r *Report) error {
	w.fcm.ClearFaults()
	cat, err := catalog.New()
	if err != nil {
		return err
	}
	expected := expect(p, cat.Say("en"))
	if !w.drain(5 * time.Minute) {
		r.Problems = append(r.Problems, "some messages never come to an end")
	}
	visible, problems, err := compare(ctx, w.db, expected)
	if err != nil {
		return err
	}
	r.Items, r.Retried = visible, int(w.retried.Load())
	r.Problems = append(r.Problems, problems...)
	letters, err := w.deadLetters(ctx)
	if err != nil {
		return err
	}
	r.Letters = len(letters)
	r.Problems = append(r.Problems, unexplained(p, letters)...)
	attempts := w.fcm.Attempts("")
	r.Pushes = len(attempts)
	if r.Overtaken, err = overtaken(attempts); err != nil {
		return err
	}
	w.gathered()
	return compareLog(w, p, d, attempts, r)
}

// deadLetters are those that the subscribers wrote and those that Pub/Sub gave up on.
func (w *world) deadLetters(ctx context.Context) ([]store.DeadLetter, error) {
	docs, err := w.db.Collection("deadLetters").Documents(ctx).GetAll()
	if err != nil {
		return nil, err
	}
	letters := make([]store.DeadLetter, len(docs))
	for i, doc := range docs {
		if err := doc.DataTo(&letters[i]); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.letters {
		letters = append(letters, store.DeadLetter{ID: m.ID, Attributes: m.Attributes, Reason: m.Attributes["reason"]})
	}
	return letters, nil
}

// unexplained lists the dead letters that nobody expected, and those that are missing.
func unexplained(p *plan, letters []store.DeadLetter) (problems []string) {
	due := map[string]*message{}
	for _, m := range p.messages {
		if m.dies {
			due[m.event.ID] = m
		}
	}
	missing := maps.Clone(due)
	for _, l := range letters {
		id := l.Attributes["ce-id"]
		m := due[id]
		delete(missing, id)
		if m == nil || !strings.Contains(l.Reason, m.deadWhy) || m.lostOnly != "" && !slices.Equal(l.Recipients, []string{m.lostOnly}) {
			problems = append(problems, fmt.Sprintf("dead letter of event %s for %v: %s", id, l.Recipients, l.Reason))
		}
	}
	for id, m := range missing {
		problems = append(problems, fmt.Sprintf("no dead letter of event %s, which must have one (%s)", id, m.deadWhy))
	}
	return problems
}

// overtaken counts the pushes that told a device of an older state than it knew. There are a few here: the clock's leaps make an
// interval of no time at all, so that two processes may be about to send two states at once. Clients pass over them, by
// the revision; a push that is repeated tells what it told before, and does not count.
func overtaken(attempts []fcm.Attempt) (n int, err error) {
	type shown struct{ device, item string }
	newest, told := map[shown]int{}, map[shown]map[int]bool{}
	for _, a := range attempts {
		if a.Outcome != fcm.Accepted {
			continue
		}
		var m struct {
			Data struct{ ID, Revision string }
		}
		if err := json.Unmarshal(a.Message, &m); err != nil {
			return n, fmt.Errorf("a push cannot be read: %w", err)
		}
		s := shown{a.Target, m.Data.ID}
		revision, err := strconv.Atoi(m.Data.Revision)
		if err != nil {
			return n, fmt.Errorf("a push cannot be read: %w", err)
		}
		if told[s] == nil {
			told[s] = map[int]bool{}
		}
		if revision < newest[s] && !told[s][revision] {
			n++
		}
		newest[s] = max(newest[s], revision)
		told[s][revision] = true
	}
	return n, nil
}
