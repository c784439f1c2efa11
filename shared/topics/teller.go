package topics

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"tidings.dev/shared/fact"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/telemetry"
)

// Facts is the topic of what became of events. BigQuery is subscribed to it, and no function.
const Facts Topic = "facts"

const (
	// gatherTime is how long facts wait for others, so that a request has many: Pub/Sub bills each as 1,000 bytes at least. Where an instance
	// has no CPU between requests, they wait for the next one, or for SIGTERM.
	gatherTime = time.Second

	// maxWaiting is how many facts wait at most, some 5 MB. While Pub/Sub is away, what is more is dropped: an event matters more than what
	// is told of it.
	maxWaiting = 10_000
)

// Teller publishes facts: in the background, many at a time. A fact that Pub/Sub does not take is logged and counted, and keeps nobody
// waiting; a step that is taken again tells it again. It is safe for concurrent use. A nil Teller tells nothing: that is how it is off.
type Teller struct {
	client    *pubsub.Client
	key       fact.Key
	instance  string
	log       *slog.Logger
	telemetry *telemetry.Telemetry

	mu      sync.Mutex
	waiting []*pubsubpb.PubsubMessage
	timer   *time.Timer // fires when what waits is sent; nil: nothing waits
	dropped int         // since the last sending, because too many waited

	sending sync.Mutex // held while facts are sent
	ctx     context.Context
	cancel  context.CancelFunc // ends what is being sent
}

// NewTeller tells through the client, whose caller closes it after the Teller. instance names this process. Telemetry nil is off.
func NewTeller(client *pubsub.Client, key fact.Key, instance string, log *slog.Logger, t *telemetry.Telemetry) *Teller {
	ctx, cancel := context.WithCancel(context.Background())
	return &Teller{client: client, key: key, instance: instance, log: log, telemetry: t, ctx: ctx, cancel: cancel}
}

// Tell tells facts about a person; "" is everybody, or nobody who is known. It fills in who, by which instance, the id and the day, and
// returns at once.
func (t *Teller) Tell(uid string, facts ...fact.Fact) {
	if t == nil {
		return
	}
	person := ""
	if uid != "" {
		person = t.key.Person(uid)
	}
	t.TellOf(person, facts...)
}

// TellOf tells facts about a person who is known by their hash alone, as Tell does.
func (t *Teller) TellOf(person string, facts ...fact.Fact) {
	if t == nil {
		return
	}
	messages := make([]*pubsubpb.PubsubMessage, 0, len(facts))
	for _, f := range facts {
		f.Person, f.Instance = person, t.instance
		data, err := f.Sealed().Encode()
		if err != nil {
			t.lost(err, 1)
			continue
		}
		messages = append(messages, &pubsubpb.PubsubMessage{Data: data})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	room := min(len(messages), maxWaiting-len(t.waiting))
	t.waiting = append(t.waiting, messages[:room]...)
	t.dropped += len(messages) - room
	switch {
	case len(t.waiting) == 0:
	case t.timer == nil:
		t.timer = time.AfterFunc(gatherTime, t.send)
	case len(t.waiting) >= maxCall:
		t.timer.Reset(0)
	}
}

// Close sends what waits, and returns when that and what is being sent already is done, or ctx is. Nothing may be told afterwards.
func (t *Teller) Close(ctx context.Context) {
	if t == nil {
		return
	}
	defer t.cancel()
	defer context.AfterFunc(ctx, t.cancel)()
	t.send()
}

// send sends what waits.
func (t *Teller) send() {
	t.sending.Lock()
	defer t.sending.Unlock()
	t.mu.Lock()
	messages, dropped := t.waiting, t.dropped
	t.waiting, t.dropped = nil, 0
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
	t.mu.Unlock()
	if dropped > 0 {
		t.lost(fmt.Errorf("more than %d waited", maxWaiting), dropped)
	}
	for some := range slices.Chunk(messages, maxCall) {
		if err := t.publish(some); err != nil {
			t.lost(err, len(some))
			continue
		}
		t.telemetry.Told(t.ctx, "taken", len(some))
	}
}

// publish waits until Pub/Sub has them. A panic in it would end the process.
func (t *Teller) publish(messages []*pubsubpb.PubsubMessage) (err error) {
	defer tasks.Catch(&err)
	ctx, cancel := context.WithTimeout(t.ctx, maxWait)
	defer cancel()
	req := &pubsubpb.PublishRequest{Topic: "projects/" + t.client.Project() + "/topics/" + string(Facts), Messages: messages}
	_, err = t.client.TopicAdminClient.Publish(ctx, req)
	return err
}

// lost notes that facts were not told.
func (t *Teller) lost(cause error, facts int) {
	t.telemetry.Told(t.ctx, "lost", facts)
	t.log.Warn("facts could not be told: the roll-up lacks them", "facts", facts, "error", cause.Error())
}
