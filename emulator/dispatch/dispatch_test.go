package dispatch_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/dispatch"
)

func TestEnvelope(t *testing.T) {
	t.Parallel()
	c := service(t)
	r := receive(t, answer(http.StatusNoContent))
	push(t, c, new(clock.Clock), dispatch.Subscription{Endpoints: []string{r.URL}, MaxAttempts: 5, DeadLetterTopic: "dead"})
	id := publish(t, c, &pubsub.Message{Data: []byte("hello"), Attributes: map[string]string{"type": "info"}, OrderingKey: "k"})

	got := <-r.requests
	if got.Message.PublishTime.IsZero() {
		t.Error("no publishTime")
	}
	got.Message.PublishTime = time.Time{}
	want := request{Subscription: "projects/p/subscriptions/work", DeliveryAttempt: 1}
	want.Message.MessageID, want.Message.Data, want.Message.OrderingKey = id, []byte("hello"), "k"
	want.Message.Attributes = map[string]string{"type": "info"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("push request (-want +got):\n%s", diff)
	}
}

func TestWhatAcknowledges(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		acked  bool
	}{{200, true}, {201, true}, {202, true}, {204, true}, {203, false}, {301, false}, {400, false}, {404, false}, {429, false}, {500, false}, {503, false}} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			t.Parallel()
			c := service(t)
			r := receive(t, answer(tc.status))
			p := push(t, c, new(clock.Clock), dispatch.Subscription{Endpoints: []string{r.URL}})
			publish(t, c, &pubsub.Message{Data: []byte("x")})
			<-r.requests
			within(t, "an outcome", func() bool { s := p.Stats(); return s.Delivered+s.Refused > 0 })
			if got := p.Stats().Delivered == 1; got != tc.acked {
				t.Errorf("acknowledged = %t, want %t", got, tc.acked)
			}
		})
	}
}

// A refused message comes back after 10, 20, 40, 60, 60 … seconds of the moved clock, and not before.
func TestBackoff(t *testing.T) {
	t.Parallel()
	c := service(t)
	clk := new(clock.Clock)
	r := receive(t, answer(http.StatusServiceUnavailable))
	p := push(t, c, clk, dispatch.Subscription{
		Endpoints: []string{r.URL}, MinBackoff: 10 * time.Second, MaxBackoff: time.Minute, MaxAttempts: 99, DeadLetterTopic: "dead",
	})
	publish(t, c, &pubsub.Message{Data: []byte("x")})
	for i, wait := range []time.Duration{10, 20, 40, 60, 60} {
		if got, want := (<-r.requests).DeliveryAttempt, i+1; got != want {
			t.Fatalf("deliveryAttempt = %d, want %d", got, want)
		}
		within(t, "the back-off", func() bool { return p.Stats().Waiting == 1 })
		advance(t, clk, wait*time.Second-5*time.Second)
		select {
		case <-r.requests:
			t.Fatalf("attempt %d came before its %d s were over", i+2, wait)
		case <-time.After(20 * time.Millisecond):
		}
		advance(t, clk, 5*time.Second)
	}
}

func TestDeadLetter(t *testing.T) {
	t.Parallel()
	c := service(t)
	clk := new(clock.Clock)
	r := receive(t, answer(http.StatusInternalServerError))
	p := push(t, c, clk, dispatch.Subscription{
		Endpoints: []string{r.URL}, MinBackoff: time.Minute, MaxBackoff: time.Minute, MaxAttempts: 5, DeadLetterTopic: "dead",
	})
	dead := receive(t, answer(http.StatusOK))
	q := push(t, c, clk, dispatch.Subscription{Name: "dead-work", Endpoints: []string{dead.URL}})
	publish(t, c, &pubsub.Message{Data: []byte("x"), Attributes: map[string]string{"type": "info"}, OrderingKey: "k"})

	for range 4 {
		<-r.requests
		within(t, "the back-off", func() bool { return p.Stats().Waiting == 1 })
		advance(t, clk, time.Minute)
	}
	if got := (<-r.requests).DeliveryAttempt; got != 5 {
		t.Errorf("last deliveryAttempt = %d, want 5", got)
	}
	got := <-dead.requests
	when := got.Message.Attributes["CloudPubSubDeadLetterSourceTopicPublishTime"]
	if _, err := time.Parse(time.RFC3339, when); err != nil {
		t.Errorf("publish time of the source: %v", err)
	}
	delete(got.Message.Attributes, "CloudPubSubDeadLetterSourceTopicPublishTime")
	want := map[string]string{
		"type": "info",
		"CloudPubSubDeadLetterSourceDeliveryCount":       "5",
		"CloudPubSubDeadLetterSourceSubscription":        "work",
		"CloudPubSubDeadLetterSourceSubscriptionProject": "p",
	}
	if diff := cmp.Diff(want, got.Message.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if got.DeliveryAttempt != 0 || got.Message.OrderingKey != "k" || string(got.Message.Data) != "x" {
		t.Errorf("dead message = %+v; want no deliveryAttempt, key k, data x", got)
	}
	within(t, "the end", func() bool { return p.Stats().Dead == 1 && q.Stats().Delivered == 1 })
	advance(t, clk, time.Hour)
	if s := p.Stats(); s.Waiting+s.InFlight != 0 || s.Refused != 5 {
		t.Errorf("after burial: %+v, want nothing under way and 5 refusals", s)
	}
}

// A dead letter that cannot be published is not lost: it is tried again.
func TestDeadLetterTopicMissing(t *testing.T) {
	t.Parallel()
	c := service(t)
	clk := new(clock.Clock)
	r := receive(t, answer(http.StatusInternalServerError))
	p := push(t, c, clk, dispatch.Subscription{Endpoints: []string{r.URL}, MaxAttempts: 1, DeadLetterTopic: "nowhere"})
	publish(t, c, &pubsub.Message{Data: []byte("x")})
	for range 2 {
		<-r.requests
		within(t, "the back-off", func() bool { return p.Stats().Waiting == 1 })
		advance(t, clk, time.Hour)
	}
	if got := p.Stats().Dead; got != 0 {
		t.Errorf("dead = %d, want 0", got)
	}
}

func TestAckDeadline(t *testing.T) {
	t.Parallel()
	c := service(t)
	release := make(chan struct{})
	r := receive(t, func(w http.ResponseWriter, r *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server's own clean-up
	p := push(t, c, new(clock.Clock), dispatch.Subscription{Endpoints: []string{r.URL}, AckDeadline: 50 * time.Millisecond})
	publish(t, c, &pubsub.Message{Data: []byte("x")})
	<-r.requests
	within(t, "the refusal", func() bool { return p.Stats().Refused > 0 })
}

// The window starts small, doubles with every round of acknowledgements, and is never exceeded.
func TestWindowGrows(t *testing.T) {
	t.Parallel()
	c := service(t)
	finish := make(chan struct{})
	r := receive(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-finish:
		case <-r.Context().Done():
		}
	})
	p := push(t, c, new(clock.Clock), dispatch.Subscription{Endpoints: []string{r.URL}, MaxInFlight: 16, AckDeadline: time.Minute})
	for range 100 {
		publish(t, c, &pubsub.Message{Data: []byte("x")})
	}
	for _, want := range []int{3, 6, 12, 16, 16} {
		for range want {
			<-r.requests
		}
		if s := p.Stats(); s.InFlight != want || s.Window != want {
			t.Fatalf("in flight = %d, window = %d; want %d", s.InFlight, s.Window, want)
		}
		select {
		case <-r.requests:
			t.Fatalf("more than %d requests at once", want)
		case <-time.After(20 * time.Millisecond):
		}
		before := p.Stats().Delivered
		for range want {
			finish <- struct{}{}
		}
		within(t, "the round", func() bool { return p.Stats().Delivered == before+want })
	}
}

// Whatever happens to the receivers, each message arrives. (That a Push can be stopped and started over, too, is tested
// against the official emulator, in package stack: pstest sends what is given back to the stream that is being closed.)
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	const messages = 200
	c := service(t)
	clk := new(clock.Clock)
	var mu sync.Mutex
	arrived := make(map[string]int)
	calls := 0
	r := receive(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls%3 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		arrived[r.Header.Get("Test-Message")]++
	})
	go func() {
		for range r.requests { // only counted here
		}
	}()
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close() // a receiver that is down
	p := push(t, c, clk, dispatch.Subscription{Endpoints: []string{nobody.URL}})
	for range messages {
		publish(t, c, &pubsub.Message{Data: []byte("x")})
	}
	within(t, "refusals", func() bool { return p.Stats().Refused >= messages })
	p.SetEndpoints(r.URL, nobody.URL)
	within(t, "all messages", func() bool {
		if p.Stats().InFlight == 0 {
			advance(t, clk, 10*time.Minute)
		}
		return p.Stats().Delivered == messages
	})
	mu.Lock()
	defer mu.Unlock()
	if len(arrived) != messages {
		t.Errorf("%d messages arrived, want %d", len(arrived), messages)
	}
}

func TestPauseAndRoundRobin(t *testing.T) {
	t.Parallel()
	c := service(t)
	a, b := receive(t, answer(200)), receive(t, answer(200))
	p := push(t, c, new(clock.Clock), dispatch.Subscription{Endpoints: []string{a.URL}})
	p.Pause()
	for range 10 {
		publish(t, c, &pubsub.Message{Data: []byte("x")})
	}
	select {
	case <-a.requests:
		t.Fatal("a request came during a pause")
	case <-time.After(50 * time.Millisecond):
	}
	p.SetEndpoints(a.URL, b.URL)
	p.Resume()
	within(t, "all messages", func() bool { return p.Stats().Delivered == 10 })
	if len(a.requests) != 5 || len(b.requests) != 5 {
		t.Errorf("the receivers got %d and %d, want 5 each", len(a.requests), len(b.requests))
	}
}

func TestMissingSubscriptionEndsThePush(t *testing.T) {
	t.Parallel()
	p := push(t, service(t), new(clock.Clock), dispatch.Subscription{Name: "nowhere", Endpoints: []string{"http://127.0.0.1:1"}})
	if err := p.Err(); err == nil {
		t.Error("Err = nil, want NotFound")
	}
}

type request struct {
	Message struct {
		Data        []byte
		Attributes  map[string]string
		MessageID   string `json:"messageId"`
		PublishTime time.Time
		OrderingKey string
	}
	Subscription    string
	DeliveryAttempt int
}

type receiver struct {
	*httptest.Server
	requests chan request
}

// receive starts a receiver that reports each request before it answers.
func receive(t *testing.T, h http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{requests: make(chan request, 1000)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in request
		if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
			t.Errorf("push body: %v", err)
		}
		req.Header.Set("Test-Message", in.Message.MessageID)
		r.requests <- in
		h(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }
}

// service is a Pub/Sub of the test's own with the subscriptions work and dead-work on the topics main and dead.
func service(t *testing.T) *pubsub.Client {
	t.Helper()
	srv := pstest.NewServer()
	t.Cleanup(func() { srv.Close() })
	conn, err := grpc.NewClient(srv.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pubsub.NewClient(t.Context(), "p", option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	for topic, sub := range map[string]string{"main": "work", "dead": "dead-work"} {
		name := "projects/p/topics/" + topic
		if _, err := c.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: name}); err != nil {
			t.Fatal(err)
		}
		s := &pubsubpb.Subscription{Name: "projects/p/subscriptions/" + sub, Topic: name, AckDeadlineSeconds: 10}
		if _, err := c.SubscriptionAdminClient.CreateSubscription(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func push(t *testing.T, c *pubsub.Client, clk *clock.Clock, sub dispatch.Subscription) *dispatch.Push {
	t.Helper()
	if sub.Name == "" {
		sub.Name = "work"
	}
	p, err := dispatch.Start(c, clk, sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop() })
	return p
}

func publish(t *testing.T, c *pubsub.Client, m *pubsub.Message) (id string) {
	t.Helper()
	p := c.Publisher("main")
	p.PublishSettings.DelayThreshold = time.Millisecond
	p.EnableMessageOrdering = true
	defer p.Stop()
	id, err := p.Publish(context.Background(), m).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func advance(t *testing.T, clk *clock.Clock, d time.Duration) {
	t.Helper()
	if err := clk.Advance(d); err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within 20 s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
