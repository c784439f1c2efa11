//go:build unix

package stack_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/stack"
)

func checkAddresses(t *testing.T, a, b stack.Addresses) {
	t.Helper()
	seen := make(map[string]bool)
	for _, x := range []stack.Addresses{a, b} {
		for _, s := range []string{x.Publish, x.Settings, x.Notify, x.DeadLetters, x.Firestore, x.PubSub, x.Auth, x.FCM, x.Clock, x.GitHub, x.Alertmanager, x.Orders} {
			if s == "" || seen[s] {
				t.Errorf("%+v: an address is empty or has been given twice", x)
			}
			seen[s] = true
		}
	}
	if a.Web != "" || a.Project != "demo-tidings" || len(a.People) != 5 || a.People[1].UID != "bob" {
		t.Errorf("addresses = %+v", a)
	}
}

func checkEnvironment(t *testing.T, a stack.Addresses, out string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out, "notify.env"))
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(string(b), "\n")
	for _, want := range []string{
		"GOOGLE_CLOUD_PROJECT=demo-tidings", "FIRESTORE_EMULATOR_HOST=" + a.Firestore, "PUBSUB_EMULATOR_HOST=" + a.PubSub,
		"FIREBASE_AUTH_EMULATOR_HOST=" + a.Auth, "FCM_ENDPOINT=" + a.FCM + "/v1",
		"GITHUB_WEBHOOK_SECRETS=" + a.GitHubSecret, "ALERTMANAGER_SECRETS=" + a.AlertmanagerSecret,
	} {
		if !slices.Contains(env, want) {
			t.Errorf("no %s in %q", want, env)
		}
	}
	post(t, a.Clock+"/advance", `{"by":"6m"}`)
	file := env[slices.IndexFunc(env, func(s string) bool { return strings.HasPrefix(s, "CLOCK_FILE=") })]
	if got := read(t, strings.TrimPrefix(file, "CLOCK_FILE=")); got != "360000000000" {
		t.Errorf("the clock's file says %q, want six minutes", got)
	}
}

func checkPeople(t *testing.T, one *stack.Stack) {
	t.Helper()
	a := one.Addresses
	for i, want := range []int{http.StatusOK, http.StatusForbidden} { // Alice, Bob
		url := "http://" + a.Firestore + "/v1/projects/demo-tidings/databases/(default)/documents/users/alice/devices/phone"
		if got := get(t, url, a.People[i].IDToken); got != want {
			t.Errorf("%s reads Alice's device: %d, want %d", a.People[i].Name, got, want)
		}
	}
	if token, err := one.IDToken(t.Context(), "producer"); err != nil || token != a.ProducerToken {
		t.Errorf("the producer's token changed within minutes (%v)", err)
	}
}

func checkMessages(t *testing.T, one *stack.Stack, out string) {
	t.Helper()
	c := client(t, one.Addresses)
	publish(t, c, "events", "hello")
	publish(t, c, "events-retry", "again")
	publish(t, c, "events-urgent", "poison")
	within(t, "hello and again", func() bool { return exists(out, "notify.hello") && exists(out, "notify.again") })
	within(t, "poison among the dead letters", func() bool {
		if one.Pushes["events-urgent-notify"].Stats().Waiting > 0 {
			if err := one.Clock.Advance(10 * time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		return exists(out, "deadletters.poison")
	})
	urgent := one.Pushes["events-urgent-notify"]
	within(t, "the count of the dead", func() bool { return urgent.Stats().Dead == 1 }) // it is counted after it has gone
	if s := urgent.Stats(); s.Refused != 20 {
		t.Errorf("urgent: %+v, want 20 refusals", s)
	}
}

// checkDeadChild kills a function of the first stack: that stack ends and says why, and the other does not notice.
func checkDeadChild(t *testing.T, one, two *stack.Stack, out string) {
	t.Helper()
	pid, err := strconv.Atoi(read(t, filepath.Join(out, "notify.pid")))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	err = one.Err()
	for _, want := range []string{"function notify ended", "signal: killed", "function notify is played by a test", "all logs: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q does not say %q", err, want)
		}
	}
	if err := one.Close(); err == nil {
		t.Error("Close = nil, want what failed")
	}
	free(t, one.Addresses)
	select {
	case <-two.Done():
		t.Errorf("the other stack ended too: %v", two.Err())
	default:
	}
}

// stopAndStart publishes messages whose receiver is down, stops their push, and starts another with better receivers.
func stopAndStart(t *testing.T, c *pubsub.Client) {
	const messages = 200
	clk := new(clock.Clock)
	topic := "projects/demo-tidings/topics/stop-and-start"
	if _, err := c.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: "projects/demo-tidings/subscriptions/stop-and-start", Topic: topic, AckDeadlineSeconds: 60,
	}); err != nil {
		t.Fatal(err)
	}
	up := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(up.Close)
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	sub := dispatch.Subscription{Name: "stop-and-start", Endpoints: []string{down.URL}}
	first, err := dispatch.Start(c, clk, sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range messages {
		publish(t, c, "stop-and-start", "x")
	}
	within(t, "refusals", func() bool { return first.Stats().Refused >= messages })
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	sub.Endpoints = []string{up.URL, down.URL}
	second, err := dispatch.Start(c, clk, sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = second.Stop() })
	within(t, "all messages", func() bool {
		if s := second.Stats(); s.InFlight == 0 && s.Waiting > 0 {
			if err := clk.Advance(10 * time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		return second.Stats().Delivered == messages
	})
}

// free checks that all ports of a stack can be opened again.
func free(t *testing.T, a stack.Addresses) {
	t.Helper()
	for _, s := range []string{a.Publish, a.Notify, a.DeadLetters, a.Firestore, a.PubSub, a.Auth, a.FCM, a.Clock} {
		l, err := net.Listen("tcp", strings.TrimPrefix(s, "http://"))
		if err != nil {
			t.Errorf("a port is still taken: %v", err)
			continue
		}
		l.Close()
	}
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come within a minute", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func client(t *testing.T, a stack.Addresses) *pubsub.Client {
	t.Helper()
	c, err := pubsub.NewClient(t.Context(), a.Project, option.WithEndpoint(a.PubSub), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func publish(t *testing.T, c *pubsub.Client, topic, data string) {
	t.Helper()
	p := c.Publisher(topic)
	p.PublishSettings.DelayThreshold = time.Millisecond
	defer p.Stop()
	if _, err := p.Publish(t.Context(), &pubsub.Message{Data: []byte(data)}).Get(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, url, token string) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func post(t *testing.T, url, body string) {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s %s", url, res.Status, b)
	}
}
