//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"tidings.dev/emulator/requirement"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/testdeps"
)

// The tests of the whole run against one stack, as `go run ./emulator` starts it. Each has people of its own.
var (
	system    *stack.Stack
	database  *firestore.Client
	messaging *pubsub.Client
	missing   error // why there is no system
)

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "emulator tests:", err)
		code = 1
	}
	os.Exit(requirement.Report(os.Stdout, code))
}

func runTests(m *testing.M) (int, error) {
	ctx := context.Background()
	var progress io.Writer
	if testing.Verbose() {
		progress = os.Stderr
	}
	var err error
	defer product.Close()
	system, err = stack.Start(ctx, stack.Options{Web: true, Archive: true, Insight: true, Progress: progress, Webhooks: product.endpoints(), WebhookKeys: product.keys()})
	if errors.Is(err, stack.ErrMissing) {
		missing = err
		return m.Run(), nil
	}
	if err != nil {
		return 1, err
	}
	defer system.Close()
	if database, messaging, err = clients(ctx, system); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// clients are a stack's database and its Pub/Sub.
func clients(ctx context.Context, s *stack.Stack) (*firestore.Client, *pubsub.Client, error) {
	local := []option.ClientOption{option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	messaging, err := pubsub.NewClient(ctx, stack.Project, append(local, option.WithEndpoint(s.Addresses.PubSub))...)
	if err != nil {
		return nil, nil, err
	}
	os.Setenv("FIRESTORE_EMULATOR_HOST", s.Addresses.Firestore)
	defer os.Unsetenv("FIRESTORE_EMULATOR_HOST") // another stack that a test starts has an emulator of its own
	database, err := firestore.NewClient(ctx, stack.Project)
	return database, messaging, err
}

// onOwnStack has the test, and all that it calls, use another stack until it ends. It is for a test that moves the clock so far that others would notice. Such
// a test runs while no other one does.
func onOwnStack(t *testing.T, opts stack.Options) {
	t.Helper()
	requireSystem(t)
	own, err := stack.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = own.Close() })
	ownDatabase, ownMessaging, err := clients(context.Background(), own)
	if err != nil {
		t.Fatal(err)
	}
	shared, sharedDatabase, sharedMessaging := system, database, messaging
	system, database, messaging = own, ownDatabase, ownMessaging
	t.Cleanup(func() {
		system, database, messaging = shared, sharedDatabase, sharedMessaging
		_, _ = ownDatabase.Close(), ownMessaging.Close()
	})
}

// requireSystem skips where the system could not be started; with CI set that is a failure. Where the system has failed since, so does the test.
func requireSystem(t *testing.T) {
	t.Helper()
	testdeps.On(t, "../functions", "../shared", "../infra", "../web")
	if system == nil {
		requirement.Missing(t, "the local stack (Java 11 and Node.js 20 or later)", missing)
	}
	if err := stackFailed(); err != nil {
		t.Fatal(err)
	}
}

// post sends an event to the API and returns status and body.
func post(t *testing.T, token, contentType, body string) (int, string) {
	t.Helper()
	header := map[string]string{"Content-Type": contentType}
	if token != "" {
		header["Authorization"] = "Bearer " + token
	}
	return postTo(t, system.Addresses.Publish+"/v1/events", body, header)
}

// postTo posts and returns status and body. It is JSON unless the header says otherwise.
func postTo(t *testing.T, url, body string, header map[string]string) (int, string) {
	t.Helper()
	return call(t, http.MethodPost, url, body, header)
}

// call sends a request and returns status and body.
func call(t *testing.T, method, url, body string, header map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := patientClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// publish posts an event and insists on a 202.
func publish(t *testing.T, event map[string]any) {
	t.Helper()
	raw, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	if status, body := post(t, system.Addresses.ProducerToken, "application/json", string(raw)); status != http.StatusAccepted {
		t.Fatalf("got %d %s, want 202", status, body)
	}
}

func like(actor, uid string) map[string]any {
	return map[string]any{
		"type": "post.liked", "recipients": []string{uid},
		"actor":  map[string]any{"id": strings.ToLower(actor), "name": actor},
		"target": map[string]any{"type": "post", "id": uid + "-post", "title": "A walk"},
	}
}

func TestLikesReachAnOpenScreenAsOneItem(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("walker")
	screen := listen(t, uid)
	await(t, screen, "an empty inbox", func(items []map[string]any) bool { return len(items) == 0 })
	for i, title := range []string{"Alice liked A walk", "Dave and Alice liked A walk", "Carol and 2 others liked A walk"} {
		publish(t, like([]string{"Alice", "Dave", "Carol"}[i], uid))
		await(t, screen, title, titled(title))
	}
	// Dave's second like changes nothing: Erin's, which comes after it, is the next thing to see.
	publish(t, like("Dave", uid))
	publish(t, like("Erin", uid))
	items := await(t, screen, "Erin", func(items []map[string]any) bool { return strings.HasPrefix(fmt.Sprint(items[0]["title"]), "Erin and") })
	if got := items[0]["actorCount"]; got != int64(4) {
		t.Errorf("got %v actors, want 4", got)
	}
}

func TestOnlyProducersPost(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	body := `{"type":"info","title":"t","recipients":["bob"]}`
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"nobody":   {"", http.StatusUnauthorized},
		"a person": {system.Addresses.People[0].IDToken, http.StatusForbidden},
		"garbage":  {"garbage", http.StatusForbidden},
	} {
		if got, answer := post(t, c.token, "application/json", body); got != c.want {
			t.Errorf("%s: got %d %s, want %d", name, got, answer, c.want)
		}
	}
}

func TestCloudEventsAreTaken(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("cloudy")
	screen := listen(t, uid)
	status, body := post(t, system.Addresses.ProducerToken, "application/cloudevents+json", `{
		"specversion": "1.0", "id": "`+uid+`", "source": "/shop", "type": "order.shipped", "subject": "order/7",
		"data": {"recipients": ["`+uid+`"], "data": {"carrier": "DHL"}}}`)
	if status != http.StatusAccepted || !strings.Contains(body, uid) {
		t.Fatalf("got %d %s, want 202 with the id", status, body)
	}
	await(t, screen, "the order", titled("Your order has shipped"))
}

func TestWhatCannotBeDecodedLiesInDeadLetters(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	id, err := messaging.Publisher("events").Publish(t.Context(), &pubsub.Message{Data: []byte("not an event")}).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the dead letter", func() (any, bool) {
		doc, err := database.Doc("deadLetters/events-notify-" + id).Get(t.Context())
		if err != nil {
			if status.Code(err) != codes.NotFound {
				t.Fatal(err)
			}
			return err, false
		}
		if reason, _ := doc.DataAt("reason"); !strings.Contains(fmt.Sprint(reason), "not an event") {
			t.Errorf("got reason %v, want one that says what is wrong", reason)
		}
		return doc, true
	})
}
