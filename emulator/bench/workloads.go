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
	"sync"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
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
	db, err := openDirect(ctx, s.stack.Addresses.Firestore)
	return &run{subscriber: s, db: db, topic: client.Publisher("events"), say: say, rng: rand.New(rand.NewPCG(1, 2))}, err
}

// like is one like; seq is found again in what the screen shows.
func like(seq int, actor, post, uid string) event.Event {
	return event.Event{
		ID: fmt.Sprintf("e%d", seq), Source: "bench", Type: "post.liked", Time: time.Now().UTC().Truncate(time.Microsecond),
		Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: post, Title: "A post"},
		Recipients: []string{uid}, Data: map[string]any{"seq": float64(seq)},
	}
}

func mention(seq int, actor, uid string) event.Event {
	e := like(seq, actor, "p", uid)
	e.Type = "user.mentioned"
	return e
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
		if r.system == pushing {
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
	told := append(people("mixed", 500), "star", "lone1", "lone2")
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

// screens are listeners on people's inboxes. They note when each event is first to be seen.
type screens struct {
	mu   sync.Mutex
	seen map[int]time.Time
	last map[string]any // the newest item of anybody
	stop context.CancelFunc
}

func (r *run) watch(ctx context.Context, uids ...string) *screens {
	ctx, cancel := context.WithCancel(ctx)
	s := &screens{seen: map[int]time.Time{}, stop: cancel}
	var ready sync.WaitGroup
	for _, uid := range uids {
		ready.Add(1)
		snapshots := r.db.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).
			OrderBy("rank", firestore.Desc).OrderBy("updatedAt", firestore.Desc).Limit(100).Snapshots(ctx)
		go func() {
			defer snapshots.Stop()
			for first := true; ; first = false {
				snap, err := snapshots.Next()
				if first {
					ready.Done()
				}
				if err != nil {
					return
				}
				s.note(snap)
			}
		}()
	}
	ready.Wait()
	return s
}

func (s *screens) note(snap *firestore.QuerySnapshot) {
	at := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, change := range snap.Changes {
		data := change.Doc.Data()
		fields, _ := data["data"].(map[string]any)
		seq, ok := fields["seq"].(float64)
		if n, isInt := fields["seq"].(int64); isInt {
			seq, ok = float64(n), true
		}
		if ok {
			s.last = data
			if _, known := s.seen[int(seq)]; !known {
				s.seen[int(seq)] = at
			}
		}
	}
}

func (s *screens) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *screens) actors() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := s.last["actorCount"].(int64)
	return int(n)
}

// paced sends 30 events/s to 20 people who are looking, and measures accepted → visible. Each turn has people of its own: at each commit
// the emulator sends a listener all that is in the inbox again, one commit after the other, so that latency would be mostly that.
func (r *run) paced(ctx context.Context, length time.Duration) (sample, error) {
	name := fmt.Sprintf("paced%d-", r.turns)
	r.turns++
	s := r.watch(ctx, people(name, 20)...)
	defer s.stop()
	settled := r.settling()
	accepted := make([]time.Time, int(length.Seconds()*30))
	first := r.seq
	r.seq += len(accepted)
	before, used := r.tap.Counts(), r.usage()
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	for k := range accepted {
		<-tick.C
		wg.Go(func() {
			i := first + k
			e := like(i, fmt.Sprint("actor", i), fmt.Sprint("post", i), fmt.Sprint(name, i%20))
			if i%2 == 0 {
				e = mention(i, fmt.Sprint("actor", i), fmt.Sprint(name, i%20))
			}
			at, err := r.accept(ctx, e)
			if err != nil {
				once.Do(func() { failed = err })
			}
			accepted[k] = at
		})
	}
	wg.Wait()
	for deadline := time.Now().Add(10 * time.Second); s.count() < len(accepted) && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	if err := settled(ctx, len(accepted), 10*time.Second); err != nil { // the pushes follow what is seen
		return sample{}, err
	}
	after := r.usage()
	out := sample{counts: r.tap.Counts().Sub(before), cpu: after.cpu - used.cpu, peakRSS: after.peakRSS, events: len(accepted), took: length}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, at := range accepted {
		if seen, ok := s.seen[first+k]; ok {
			out.latency = append(out.latency, seen.Sub(at))
		}
	}
	if missing := len(accepted) - len(out.latency); failed == nil && missing > len(accepted)/50 {
		failed = fmt.Errorf("%s: %d of %d events were never seen", r.system, missing, len(accepted))
	}
	return out, failed
}

// storm lets 1,000 people like one post at once, before the eyes of its author.
func (r *run) storm(ctx context.Context, patience time.Duration) (applied int, c tap.Counts, visibleAfter time.Duration, err error) {
	r.say("%s: 1,000 people like one post", r.system)
	const n = 1000
	s := r.watch(ctx, "star")
	defer s.stop()
	before := r.tap.Counts()
	var wg sync.WaitGroup
	var mu sync.Mutex
	var lastAccepted time.Time
	slots := make(chan struct{}, 128)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			at, failure := r.accept(ctx, like(100_000+i, fmt.Sprint("fan", i), "hit", "star"))
			mu.Lock()
			if failure != nil {
				err = failure
			}
			if at.After(lastAccepted) {
				lastAccepted = at
			}
			mu.Unlock()
			<-slots
		})
	}
	wg.Wait()
	if err != nil {
		return 0, c, 0, err
	}
	done := func() int {
		if r.system == floorRef { // it counts nothing: its documents are the count
			return s.count()
		}
		return s.actors()
	}
	for deadline := time.Now().Add(patience); done() < n && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
	visibleAfter = time.Since(lastAccepted)
	return done(), r.tap.Counts().Sub(before), visibleAfter, nil
}

// mixed works off waiting events of all kinds, Zipf-distributed over 500 people, while nobody looks. How far it comes within the
// patience is the result.
func (r *run) mixed(ctx context.Context, n int, patience time.Duration) (sample, error) {
	push := r.stack.Pushes["events-notify"]
	push.Pause()
	zipf := rand.NewZipf(r.rng, 1.1, 5, 499)
	events := make([]event.Event, n)
	for i := range events {
		r.seq++
		e := like(r.seq, fmt.Sprint("actor", r.rng.IntN(2000)), fmt.Sprint("post", r.rng.IntN(3)), fmt.Sprint("mixed", int(zipf.Uint64())))
		switch p := r.rng.IntN(10); {
		case p >= 9:
			e.Type = "user.mentioned"
		case p >= 8:
			e.Type = "message.received"
		case p >= 7:
			e.Type = "user.followed"
		case p >= 5:
			e.Type = "comment.created"
		}
		events[i] = e
	}
	if err := r.publish(ctx, events); err != nil {
		return sample{}, err
	}
	// The emulator hands out some 2,000 messages a second: they are to be here before the clock starts, or it is what is measured.
	for deadline := time.Now().Add(time.Minute); push.Stats().Held < n; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return sample{}, fmt.Errorf("%s: %d of %d messages were pulled in a minute", r.system, push.Stats().Held, n)
		}
	}
	before, used, delivered, settled := r.tap.Counts(), r.usage(), push.Stats().Delivered, r.settling()
	start := time.Now()
	push.Resume()
	_ = settled(ctx, n, patience)
	took, after := time.Since(start), r.usage()
	return sample{
		counts: r.tap.Counts().Sub(before), cpu: after.cpu - used.cpu, peakRSS: after.peakRSS,
		events: push.Stats().Delivered - delivered, took: took,
	}, nil
}

// openDirect connects to the emulator itself, past the tap: what screens read is not the subscriber's bill.
func openDirect(ctx context.Context, host string) (*firestore.Client, error) {
	conn, err := grpc.NewClient(host, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(owner{}))
	if err != nil {
		return nil, err
	}
	return firestore.NewClient(ctx, stack.Project, option.WithGRPCConn(conn))
}

// owner is the emulator's administrator.
type owner struct{}

func (owner) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer owner"}, nil
}
func (owner) RequireTransportSecurity() bool { return false }

// flood is low events.
func (r *run) flood(n int) []event.Event {
	events := make([]event.Event, n)
	for i := range events {
		events[i] = like(2_000_000+i, fmt.Sprint("a", i), "p", fmt.Sprint("flood", i%1000))
		events[i].Type, events[i].Title = "info", "A tip"
	}
	return events
}
