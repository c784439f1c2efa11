//go:build unix

package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/emulator/stack"
	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// latency is a distribution.
type latency []time.Duration

func (l latency) at(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[min(int(q*float64(len(l))), len(l)-1)]
}

// run is one system under load.
type run struct {
	*subscriber
	db    *firestore.Client
	topic *pubsub.Publisher
	say   func(format string, args ...any)
	rng   *rand.Rand
	seq   int // of the last event
	turns int // of the paced workload
}

func newRun(ctx context.Context, s *subscriber, say func(string, ...any)) (*run, error) {
	local := []option.ClientOption{option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	client, err := pubsub.NewClient(ctx, stack.Project, append(local, option.WithEndpoint(s.stack.Addresses.PubSub))...)
	if err != nil {
		return nil, err
	}
	db, err := stack.OpenFirestore(ctx, s.stack.Addresses.Firestore) // past the tap: what screens read is not the subscriber's bill
	return &run{subscriber: s, db: db, topic: client.Publisher("events"), say: say, rng: rand.New(rand.NewPCG(1, 2))}, err
}

// accept posts an event to the API and returns when it was accepted.
func (r *run) accept(ctx context.Context, e event.Event) (time.Time, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return time.Time{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/v1/events", bytes.NewReader(raw))
	if err != nil {
		return time.Time{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.stack.Addresses.ProducerToken)
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, err
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return time.Time{}, fmt.Errorf("publish answered %d: %s", res.StatusCode, body)
	}
	return time.Now(), nil
}

// client keeps its connections: a dial for each event would be what is measured.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}

// populate gives people a profile; with pushes, a device too. The references look at none of it, but have as many documents.
func (r *run) populate(ctx context.Context, uids ...string) error {
	bulk := r.db.BulkWriter(ctx)
	for _, uid := range uids {
		person := map[string]any{"locale": "en"}
		if pushes(r.system) {
			person["devices"] = map[string]profile.Device{"browser": {Kind: "token", Value: "device-of-" + uid, Platform: "web", LastSeenAt: time.Now()}}
		}
		if _, err := bulk.Set(r.db.Doc("users/"+uid), person); err != nil {
			return err
		}
	}
	bulk.End()
	return nil
}

// people are the uids of n people.
func people(name string, n int) (uids []string) {
	for i := range n {
		uids = append(uids, fmt.Sprint(name, i))
	}
	return uids
}

// warm brings caches, connections and JIT compilers to working temperature, and leaves a database in which there are only those whom the
// workloads tell something: the emulator goes through all documents for each listener that a commit concerns.
func (r *run) warm(ctx context.Context) error {
	r.say("%s: warming up", r.system)
	if err := r.populate(ctx, people("warm", 1500)...); err != nil {
		return err
	}
	settled := r.settling()
	events := make([]event.Event, 1500)
	for i := range events {
		events[i] = like(-i, fmt.Sprint("w", i), fmt.Sprint("w", i%50), fmt.Sprint("warm", i))
	}
	if err := r.publish(ctx, events); err != nil {
		return err
	}
	for i := range 20 {
		if _, err := r.accept(ctx, mention(-10_000-i, "w", fmt.Sprint("warm", i))); err != nil {
			return err
		}
	}
	if err := settled(ctx, 1520, 2*time.Minute); err != nil {
		return err
	}
	if err := r.wipe(ctx); err != nil {
		return err
	}
	told := append(people("mixed", 500), "star1000", "lone1", "lone2")
	for turn := range pacedTurns {
		told = append(told, people(fmt.Sprintf("paced%d-", turn), 20)...)
	}
	return r.populate(ctx, told...)
}

// wipe empties the database.
func (r *run) wipe(ctx context.Context) error {
	url := fmt.Sprintf("http://%s/emulator/v1/projects/%s/databases/(default)/documents", r.stack.Addresses.Firestore, stack.Project)
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("emptying Firestore: %s", res.Status)
	}
	return nil
}

// publish puts events into the normal lane's queue, past the API.
func (r *run) publish(ctx context.Context, events []event.Event) error {
	results := make([]*pubsub.PublishResult, len(events))
	for i, e := range events {
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		results[i] = r.topic.Publish(ctx, &pubsub.Message{Data: raw})
	}
	for _, res := range results {
		if _, err := res.Get(ctx); err != nil {
			return err
		}
	}
	return nil
}

// settling begins to count what the subscriber acknowledges on the normal lane, while nothing is under way there. The function
// that it returns waits for so many messages.
func (r *run) settling() func(ctx context.Context, messages int, patience time.Duration) error {
	settled := func() int {
		stats := r.stack.Pushes["events-notify"].Stats()
		return stats.Delivered + stats.Dead
	}
	before := settled()
	return func(ctx context.Context, messages int, patience time.Duration) error {
		for deadline := time.Now().Add(patience); settled()-before < messages; time.Sleep(2 * time.Millisecond) {
			if time.Now().After(deadline) || ctx.Err() != nil {
				return fmt.Errorf("%s acknowledged %d of %d messages in %s", r.system, settled()-before, messages, patience)
			}
		}
		return nil
	}
}
