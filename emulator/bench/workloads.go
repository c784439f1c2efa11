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
	db     *firestore.Client
	topic  *pubsub.Publisher
	say    func(format string, args ...any)
	warmed int
}

func newRun(ctx context.Context, s *subscriber, say func(string, ...any)) (*run, error) {
	local := []option.ClientOption{option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	client, err := pubsub.NewClient(ctx, stack.Project, append(local, option.WithEndpoint(s.stack.Addresses.PubSub))...)
	if err != nil {
		return nil, err
	}
	db, err := openDirect(ctx, s.stack.Addresses.Firestore)
	return &run{subscriber: s, db: db, topic: client.Publisher("events"), say: say}, err
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
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.stack.Addresses.Publish+"/v1/events", bytes.NewReader(raw))
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

// equip gives a device to everybody whom the workloads tell something.
func (r *run) equip(ctx context.Context) error {
	r.say("%s: registering the devices", r.system)
	people := []string{"star", "lone1", "lone2"}
	for name, n := range map[string]int{"warm": 1500, "paced": 20, "mixed": 500} {
		for i := range n {
			people = append(people, fmt.Sprint(name, i))
		}
	}
	bulk := r.db.BulkWriter(ctx)
	for _, uid := range people {
		device := profile.Device{Kind: "token", Value: "device-of-" + uid, Platform: "web", LastSeenAt: time.Now()}
		if _, err := bulk.Set(r.db.Doc("users/"+uid), map[string]any{"devices": map[string]profile.Device{"browser": device}}); err != nil {
			return err
		}
	}
	bulk.End()
	return nil
}

// warm brings caches, connections and JIT compilers to working temperature.
func (r *run) warm(ctx context.Context) error {
	r.say("%s: warming up", r.system)
	var results []*pubsub.PublishResult
	for i := range 1500 {
		e := like(-i, fmt.Sprint("w", i), fmt.Sprint("w", i%50), fmt.Sprint("warm", i))
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		results = append(results, r.topic.Publish(ctx, &pubsub.Message{Data: raw}))
	}
	for _, res := range results {
		if _, err := res.Get(ctx); err != nil {
			return err
		}
	}
	for i := range 20 {
		if _, err := r.accept(ctx, mention(-10_000-i, "w", fmt.Sprint("warm", i))); err != nil {
			return err
		}
	}
	r.warmed += 1520
	return r.settled(ctx, r.warmed, 2*time.Minute)
}

// settled waits until the subscriber has acknowledged that many messages on the normal lane.
func (r *run) settled(ctx context.Context, messages int, patience time.Duration) error {
	push := r.stack.Pushes["events-notify"]
	for deadline := time.Now().Add(patience); push.Stats().Delivered+push.Stats().Dead < messages; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) || ctx.Err() != nil {
			return fmt.Errorf("%s acknowledged %d of %d messages in %s", r.system, push.Stats().Delivered, messages, patience)
		}
	}
	return nil
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

// paced sends 30 events/s to 20 people who are looking, and measures accepted → visible.
func (r *run) paced(ctx context.Context, length time.Duration) (latency, tap.Counts, usage, error) {
	r.say("%s: 30 events/s to 20 people for %s", r.system, length)
	var uids []string
	for i := range 20 {
		uids = append(uids, fmt.Sprint("paced", i))
	}
	s := r.watch(ctx, uids...)
	defer s.stop()
	accepted := make([]time.Time, int(length.Seconds()*30))
	before, used := r.tap.Counts(), r.usage()
	tick := time.NewTicker(time.Second / 30)
	defer tick.Stop()
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	for i := range accepted {
		<-tick.C
		wg.Go(func() {
			e := like(i, fmt.Sprint("actor", i), fmt.Sprint("post", i), uids[i%20])
			if i%2 == 0 {
				e = mention(i, fmt.Sprint("actor", i), uids[i%20])
			}
			at, err := r.accept(ctx, e)
			if err != nil {
				once.Do(func() { failed = err })
			}
			accepted[i] = at
		})
	}
	wg.Wait()
	for deadline := time.Now().Add(10 * time.Second); s.count() < len(accepted) && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	r.warmed += len(accepted)
	after := r.usage()
	var l latency
	s.mu.Lock()
	for i, at := range accepted {
		if seen, ok := s.seen[i]; ok {
			l = append(l, seen.Sub(at))
		}
	}
	s.mu.Unlock()
	if missing := len(accepted) - len(l); failed == nil && missing > len(accepted)/50 {
		failed = fmt.Errorf("%s: %d of %d events were never seen", r.system, missing, len(accepted))
	}
	return l, r.tap.Counts().Sub(before), usage{cpu: after.cpu - used.cpu, peakRSS: after.peakRSS}, failed
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
	r.warmed += n
	return done(), r.tap.Counts().Sub(before), visibleAfter, nil
}

// mixed works off 5,000 waiting events of all kinds, Zipf-distributed over 500 people, while nobody looks.
func (r *run) mixed(ctx context.Context, n int, patience time.Duration) (applied int, took time.Duration, c tap.Counts, u usage, err error) {
	r.say("%s: %d mixed events to 500 people", r.system, n)
	push := r.stack.Pushes["events-notify"]
	push.Pause()
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.1, 5, 499)
	results := make([]*pubsub.PublishResult, n)
	for i := range n {
		uid := fmt.Sprint("mixed", zipf.Uint64())
		e := like(1_000_000+i, fmt.Sprint("actor", rng.IntN(2000)), fmt.Sprint("post", rng.IntN(3)), uid)
		switch p := rng.IntN(10); {
		case p >= 9:
			e.Type = "user.mentioned"
		case p >= 8:
			e.Type = "message.received"
		case p >= 7:
			e.Type = "user.followed"
		case p >= 5:
			e.Type = "comment.created"
		}
		raw, err := json.Marshal(e)
		if err != nil {
			return 0, 0, c, u, err
		}
		results[i] = r.topic.Publish(ctx, &pubsub.Message{Data: raw})
	}
	for _, res := range results {
		if _, err := res.Get(ctx); err != nil {
			return 0, 0, c, u, err
		}
	}
	before, used, delivered := r.tap.Counts(), r.usage(), push.Stats().Delivered
	start := time.Now()
	push.Resume()
	_ = r.settled(ctx, r.warmed+n, patience) // how far it came is the result
	took = time.Since(start)
	after := r.usage()
	applied = push.Stats().Delivered - delivered
	r.warmed += n
	return applied, took, r.tap.Counts().Sub(before), usage{cpu: after.cpu - used.cpu, peakRSS: after.peakRSS}, nil
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

// flood puts low events in the normal lane's queue.
func (r *run) flood(ctx context.Context, n int) error {
	results := make([]*pubsub.PublishResult, n)
	for i := range n {
		e := like(2_000_000+i, fmt.Sprint("a", i), "p", fmt.Sprint("flood", i%1000))
		e.Type, e.Title = "info", "A tip"
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
	r.warmed += n
	return nil
}
