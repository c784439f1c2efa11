//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
	system, err = stack.Start(ctx, stack.Options{Web: true, Progress: progress})
	if errors.Is(err, stack.ErrMissing) {
		missing = err
		return m.Run(), nil
	}
	if err != nil {
		return 1, err
	}
	defer system.Close()
	local := []option.ClientOption{option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	if messaging, err = pubsub.NewClient(ctx, stack.Project, append(local, option.WithEndpoint(system.Addresses.PubSub))...); err != nil {
		return 1, err
	}
	os.Setenv("FIRESTORE_EMULATOR_HOST", system.Addresses.Firestore)
	if database, err = firestore.NewClient(ctx, stack.Project); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// requireSystem skips where the system could not be started; with CI set that is a failure.
func requireSystem(t *testing.T) {
	t.Helper()
	testdeps.On(t, "../functions", "../shared", "../infra", "../web")
	if system == nil {
		requirement.Missing(t, "the local stack (Java 11 and Node.js 20 or later)", missing)
	}
}

// patience bounds every wait. It is not a promise of the product: this machine may be busy, and the official Pub/Sub emulator may
// give a message to a stream that was just reset, and again only when its lease has run out.
const patience = 3 * time.Minute

// post sends an event to the API and returns status and body.
func post(t *testing.T, token, contentType, body string) (int, string) {
	t.Helper()
	header := map[string]string{"Content-Type": contentType}
	if token != "" {
		header["Authorization"] = "Bearer " + token
	}
	return postTo(t, system.Addresses.Publish+"/v1/events", body, header)
}

// postTo sends a request and returns status and body. It is JSON unless the header says otherwise.
func postTo(t *testing.T, url, body string, header map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
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

// listen opens a person's inbox as a client does, and returns its snapshots once the first one is there. Listen before you
// post: a write that the official emulator takes while it registers a listener may never reach that listener (about one in
// a hundred such races; it was seen with the bare SDK), where the real Firestore would show it.
func listen(t *testing.T, uid string) <-chan []map[string]any {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	inbox := database.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).
		OrderBy("rank", firestore.Desc).OrderBy("updatedAt", firestore.Desc).Limit(100)
	out := make(chan []map[string]any)
	open := make(chan struct{})
	go func() {
		first := sync.OnceFunc(func() { close(open) })
		for ctx.Err() == nil { // a broken stream is opened again, as a client does
			snapshots := inbox.Snapshots(ctx)
			for {
				snap, err := snapshots.Next()
				if err != nil {
					break
				}
				docs, err := snap.Documents.GetAll()
				if err != nil {
					break
				}
				first()
				var items []map[string]any
				for _, doc := range docs {
					items = append(items, doc.Data())
				}
				select {
				case out <- items:
				case <-ctx.Done():
				}
			}
			snapshots.Stop()
		}
	}()
	select {
	case <-open:
	case <-time.After(patience):
		t.Fatalf("the inbox of %s did not open", uid)
	}
	return out
}

// await reads snapshots until one is as wanted.
func await(t *testing.T, snapshots <-chan []map[string]any, what string, wanted func([]map[string]any) bool) []map[string]any {
	t.Helper()
	deadline := time.After(patience)
	var last []map[string]any
	for {
		select {
		case items := <-snapshots:
			if last = items; wanted(items) {
				return items
			}
		case <-deadline:
			t.Fatalf("waiting for %s: the last snapshot was %v", what, last)
		}
	}
}

func titled(title string) func([]map[string]any) bool {
	return func(items []map[string]any) bool { return len(items) == 1 && items[0]["title"] == title }
}

func TestLikesReachAnOpenScreenAsOneItem(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	const uid = "walker"
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

func TestPushReachesTheDevice(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	const uid = "carrier"
	register(t, uid)
	event := map[string]any{"id": "once", "type": "user.mentioned", "recipients": []string{uid}, "actor": map[string]any{"id": "alice", "name": "Alice"}}
	publish(t, event)
	publish(t, event)                                                                        // the producer repeats himself
	publish(t, map[string]any{"type": "info", "title": "last", "recipients": []string{uid}}) // not pushed
	screen := listen(t, uid)
	await(t, screen, "two items", func(items []map[string]any) bool { return len(items) == 2 })
	var titles []string
	for deadline := time.Now().Add(patience); len(titles) == 0 && time.Now().Before(deadline); {
		titles = pushedTo(t, uid+"-tab")
	}
	if len(titles) != 1 || titles[0] != "Alice mentioned you in a post" {
		t.Errorf("got pushes %q, want the mention once", titles)
	}
}

// register gives a person a device, whose address is its owner's uid and "-tab", and waits until the functions know of it.
func register(t *testing.T, uid string) {
	t.Helper()
	set(t, "users/"+uid+"/devices/tab", map[string]any{"kind": "token", "value": uid + "-tab", "platform": "web", "locale": "en", "lastSeenAt": system.Clock.Now()})
	awaitCopy(t, uid, "devices")
}

// awaitCopy waits until the profile has something in that field.
func awaitCopy(t *testing.T, uid, field string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) { // asked, not listened for: see listen
		doc, err := database.Doc("users/" + uid).Get(t.Context())
		if err == nil && doc.Data()[field] != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waiting for the copy of the %s of %s: %v", field, uid, err)
		}
	}
}

func set(t *testing.T, path string, data map[string]any) {
	t.Helper()
	if _, err := database.Doc(path).Set(t.Context(), data, firestore.MergeAll); err != nil {
		t.Fatal(err)
	}
}

// awaitPushes waits until a device was sent exactly that: titles, and "withdraw" for a withdrawal.
func awaitPushes(t *testing.T, uid string, want ...string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := pushedTo(t, uid+"-tab")
		if slices.Equal(got, want) {
			return
		}
		if len(got) > len(want) || time.Now().After(deadline) {
			t.Fatalf("got pushes %q, want %q", got, want)
		}
	}
}

func TestReadingWithdrawsThePush(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	const uid = "reader"
	register(t, uid)
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	items, err := database.Collection("users/" + uid + "/notifications").Documents(t.Context()).GetAll()
	if err != nil || len(items) != 1 {
		t.Fatalf("got %d items and %v, want one", len(items), err)
	}
	set(t, "users/"+uid+"/notifications/"+items[0].Ref.ID, map[string]any{"readAt": system.Clock.Now()})
	awaitPushes(t, uid, "Alice liked A walk", "withdraw")
	// The withdrawal has written the item, and so have these marks: none of it withdraws again.
	set(t, "users/"+uid+"/notifications/"+items[0].Ref.ID, map[string]any{"archivedAt": system.Clock.Now()})
	time.Sleep(time.Second)
	awaitPushes(t, uid, "Alice liked A walk", "withdraw")
}

// These move the clock, so they run while no other test does.
func TestTheLastStateArrivesAfterTheInterval(t *testing.T) {
	requireSystem(t)
	const uid = "waiter"
	register(t, uid)
	screen := listen(t, uid)
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	publish(t, like("Dave", uid))
	publish(t, like("Carol", uid))
	await(t, screen, "three people", titled("Carol and 2 others liked A walk"))
	if err := system.Clock.Advance(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	awaitPushes(t, uid, "Alice liked A walk", "Carol and 2 others liked A walk")
}

// A page is in view, and then dies without a word. (Its lease is longer than the rules would have it: this machine may be slow.)
func TestPresenceHoldsThePushAndThenItComes(t *testing.T) {
	requireSystem(t)
	const uid = "gazer"
	register(t, uid)
	set(t, "users/"+uid+"/sessions/tab", map[string]any{"expiresAt": system.Clock.Now().Add(10 * time.Minute), "target": nil, "visible": true})
	awaitCopy(t, uid, "sessions")
	screen := listen(t, uid)
	publish(t, like("Alice", uid))
	items := await(t, screen, "the like", titled("Alice liked A walk"))
	if got := items[0]["held"]; got != "presence" {
		t.Errorf("held %q, want presence", got)
	}
	awaitPushes(t, uid)
	if err := system.Clock.Advance(11 * time.Minute); err != nil {
		t.Fatal(err)
	}
	awaitPushes(t, uid, "Alice liked A walk")
}

// pushedTo asks the fake FCM what a device was sent, as the README's curl line does.
func pushedTo(t *testing.T, token string) (titles []string) {
	t.Helper()
	res, err := http.Get(system.Addresses.FCM + "/messages?token=" + token)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var messages []struct {
		Message struct{ Data map[string]string }
	}
	if err := json.NewDecoder(res.Body).Decode(&messages); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		title := m.Message.Data["title"]
		if m.Message.Data["withdraw"] == "true" {
			title = "withdraw"
		}
		titles = append(titles, title)
	}
	return titles
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
	const uid = "cloudy"
	screen := listen(t, uid)
	status, body := post(t, system.Addresses.ProducerToken, "application/cloudevents+json", `{
		"specversion": "1.0", "id": "ce-1", "source": "/shop", "type": "order.shipped", "subject": "order/7",
		"data": {"recipients": ["`+uid+`"], "data": {"carrier": "DHL"}}}`)
	if status != http.StatusAccepted || !strings.Contains(body, "ce-1") {
		t.Fatalf("got %d %s, want 202 with the id", status, body)
	}
	await(t, screen, "the order", titled("Your order has shipped"))
}

func TestWhatCannotBeDecodedLiesInDeadLetters(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	id, err := messaging.Publisher("events").Publish(ctx, &pubsub.Message{Data: []byte("not an event")}).Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for { // asked, not listened for: see listen
		doc, err := database.Doc("deadLetters/events-notify-" + id).Get(ctx)
		if err == nil {
			if reason, _ := doc.DataAt("reason"); !strings.Contains(fmt.Sprint(reason), "not an event") {
				t.Errorf("got reason %v, want one that says what is wrong", reason)
			}
			return
		}
		if status.Code(err) != codes.NotFound {
			t.Fatalf("waiting for the dead letter: %v", err)
		}
	}
}

// TestBrowser is what a person sees, in Chromium, by the scripts in web/e2e, several at a time. Some of them move the stack's
// clock, so they run while no other test does. They judge what is right, and not how fast it is on a machine that is busy.
func TestBrowser(t *testing.T) {
	requireSystem(t)
	file := filepath.Join(t.TempDir(), "addresses.json")
	if err := writeAddresses(file, system.Addresses); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "e2e/all.mjs")
	cmd.Dir = filepath.Join("..", "web")
	cmd.Env = append(os.Environ(), "ADDRESSES="+file, "JOBS=3", "SLOW=10",
		"PATIENCE_MS="+fmt.Sprint(patience.Milliseconds()), "FAILED="+t.ArtifactDir())
	out, err := cmd.CombinedOutput()
	t.Logf("%s", bytes.TrimSpace(out))
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == 2 {
		requirement.Missing(t, "a browser (Chromium)", err)
	}
	if err != nil {
		t.Errorf("web/e2e/all.mjs: %v", err)
	}
}
