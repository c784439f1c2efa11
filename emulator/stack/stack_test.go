//go:build unix

package stack_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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
	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
)

// The functions are played by this test binary: it is the stack that is tested here.
func TestMain(m *testing.M) {
	if out := os.Getenv("STACK_TEST_FUNCTION"); out != "" {
		fmt.Println("function", os.Getenv("FUNCTION_TARGET"), "is played by a test")
		if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), function(out)); err != nil {
			panic(err)
		}
	}
	os.Exit(requirement.Report(os.Stdout, m.Run()))
}

// function takes down its environment and each message. It refuses the message "poison", and each trigger's event once.
func function(out string) http.Handler {
	target := os.Getenv("FUNCTION_TARGET")
	env := strings.Join(os.Environ(), "\n")
	if err := os.WriteFile(filepath.Join(out, target+".env"), []byte(env), 0o600); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(out, target+".pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("POST /due", func(http.ResponseWriter, *http.Request) {
		if err := os.WriteFile(filepath.Join(out, "due.called"), nil, 0o600); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("POST /mirror/prune", func(http.ResponseWriter, *http.Request) {})
	if target == "due" {
		return mux
	}
	mux.HandleFunc("POST /"+target, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Message struct{ Data []byte }
		}
		if document := r.Header.Get("Ce-Document"); document != "" {
			document = target + "." + strings.ReplaceAll(document, "/", "-")
			refused := filepath.Join(out, document+".refused")
			if os.Mkdir(refused, 0o700) == nil {
				http.Error(w, "at the second time only", http.StatusServiceUnavailable)
			} else if err := os.WriteFile(filepath.Join(out, document), nil, 0o600); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if string(in.Message.Data) == "poison" && target == "notify" {
			http.Error(w, "indigestible", http.StatusInternalServerError)
			return
		}
		if err := os.WriteFile(filepath.Join(out, target+"."+string(in.Message.Data)), nil, 0o600); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	return mux
}

// Two stacks side by side, each with all it promises, until one of them loses a child.
func TestStacks(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	var one, two *stack.Stack
	var errs [2]error
	var wg sync.WaitGroup
	wg.Go(func() { one, errs[0] = start(t, out) })
	wg.Go(func() { two, errs[1] = start(t, t.TempDir()) })
	wg.Wait()
	if err := errors.Join(errs[:]...); errors.Is(err, stack.ErrMissing) {
		requirement.Missing(t, "the emulators (Java 11 and Node.js 20 or later)", err)
	} else if err != nil {
		t.Fatal(err)
	}
	a := one.Addresses

	t.Run("addresses", func(t *testing.T) {
		seen := make(map[string]bool)
		for _, x := range []stack.Addresses{a, two.Addresses} {
			for _, s := range []string{x.Publish, x.Notify, x.DeadLetters, x.Firestore, x.PubSub, x.Auth, x.FCM, x.Clock, x.GitHub, x.Alertmanager, x.Orders} {
				if s == "" || seen[s] {
					t.Errorf("%+v: an address is empty or has been given twice", x)
				}
				seen[s] = true
			}
		}
		if a.Web != "" || a.Project != "demo-tidings" || len(a.People) != 5 || a.People[1].UID != "bob" {
			t.Errorf("addresses = %+v", a)
		}
	})
	t.Run("functions' environment", func(t *testing.T) {
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
	})
	t.Run("rules and people", func(t *testing.T) {
		for i, want := range []int{http.StatusOK, http.StatusForbidden} { // Alice, Bob
			url := "http://" + a.Firestore + "/v1/projects/demo-tidings/databases/(default)/documents/users/alice/devices/phone"
			if got := get(t, url, a.People[i].IDToken); got != want {
				t.Errorf("%s reads Alice's device: %d, want %d", a.People[i].Name, got, want)
			}
		}
		if token, err := one.IDToken(t.Context(), "producer"); err != nil || token != a.ProducerToken {
			t.Errorf("the producer's token changed within minutes (%v)", err)
		}
	})
	t.Run("triggers", func(t *testing.T) {
		for _, uid := range []string{"alice", "bob", "carol", "dave", "erin"} {
			if document := "mirror.users-" + uid + "-devices-phone"; !exists(out, document) {
				t.Errorf("the stack serves, and %s has not come", document)
			}
		}
	})
	t.Run("the scheduler follows the clock", func(t *testing.T) {
		for range 2 {
			_ = os.Remove(filepath.Join(out, "due.called"))
			if err := one.Clock.Advance(time.Minute); err != nil {
				t.Fatal(err)
			}
			within(t, "the call that is due", func() bool { return exists(out, "due.called") })
		}
	})
	t.Run("messages", func(t *testing.T) {
		c := client(t, a)
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
		if s := one.Pushes["events-urgent-notify"].Stats(); s.Refused != 20 || s.Dead != 1 {
			t.Errorf("urgent: %+v, want 20 refusals and one dead", s)
		}
	})
	t.Run("a push can be stopped and started", func(t *testing.T) { stopAndStart(t, client(t, a)) })
	t.Run("a dead child ends the run", func(t *testing.T) {
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
		free(t, a)
		select {
		case <-two.Done():
			t.Errorf("the other stack ended too: %v", two.Err())
		default:
		}
	})
	t.Run("a clean stop", func(t *testing.T) {
		if err := errors.Join(two.Close(), two.Err(), two.Close()); err != nil {
			t.Error(err)
		}
		free(t, two.Addresses)
	})
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

func TestTakenPort(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	_, err = stack.Start(t.Context(), stack.Options{PortBase: port, Functions: os.Args[0]})
	if want := fmt.Sprintf("port %d is taken", port); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "-port-base") {
		t.Errorf("error = %v, want one with %q and the mend", err, want)
	}
}

// start starts a stack whose functions take notes in the folder out.
func start(t *testing.T, out string) (*stack.Stack, error) {
	s, err := stack.Start(t.Context(), stack.Options{
		Functions: os.Args[0], Env: []string{"STACK_TEST_FUNCTION=" + out},
	})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
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
