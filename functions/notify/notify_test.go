package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	firebase "firebase.google.com/go/v4"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// bench is a notify function on a real Firestore, with a Pub/Sub and an FCM that only listen.
type rig struct {
	*Function
	handler http.Handler
	pubsub  *pstest.Server
	mu      sync.Mutex
	pushed  []string // titles, in the order FCM took them
	now     time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	if os.Getenv("FIRESTORE_EMULATOR_HOST") == "" {
		t.Skip("no Firestore emulator")
	}
	ctx := context.Background()
	project := fmt.Sprintf("demo-notify-%d", time.Now().UnixNano())
	r := &rig{pubsub: pstest.NewServer(), now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	t.Cleanup(func() { r.pubsub.Close() })
	conn, err := grpc.NewClient(r.pubsub.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	client, err := pubsub.NewClient(ctx, project, option.WithGRPCConn(conn))
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range []topics.Topic{topics.Events, topics.Urgent, topics.Retry} {
		if _, err := client.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: "projects/" + project + "/topics/" + string(topic)}); err != nil {
			t.Fatal(err)
		}
	}
	fcm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var body struct {
			Message struct{ Data map[string]string }
		}
		_ = json.NewDecoder(req.Body).Decode(&body)
		r.mu.Lock()
		r.pushed = append(r.pushed, body.Message.Data["title"])
		r.mu.Unlock()
		fmt.Fprint(w, `{"name":"projects/p/messages/1"}`)
	}))
	t.Cleanup(fcm.Close)
	app, err := firebase.NewApp(ctx, &firebase.Config{ProjectID: project}, option.WithEndpoint(fcm.URL+"/v1"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	messaging, err := app.Messaging(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	r.Function = &Function{
		Catalog: cat, Store: st, Publisher: topics.NewPublisher(client), Sender: push.NewSender(messaging),
		Now: func() time.Time { return r.now }, Log: slog.New(slog.NewJSONHandler(t.Output(), nil)),
	}
	r.handler = r.Routes()
	return r
}

// post delivers an event as a push subscription would, and returns the status.
func (r *rig) post(t *testing.T, id string, e event.Event) int {
	t.Helper()
	data, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return r.postRaw(t, id, data)
}

func (r *rig) postRaw(t *testing.T, id string, data []byte) int {
	t.Helper()
	body, err := json.Marshal(topics.Pushed{Message: topics.PushedMessage{Data: data, MessageID: id, PublishTime: r.now}, Subscription: "projects/p/subscriptions/events-notify"})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/notify", bytes.NewReader(body)))
	return w.Code
}

func (r *rig) like(actor string, at time.Duration) event.Event {
	return event.Event{
		ID: actor + at.String(), Source: "test", Type: "post.liked", Time: r.now.Add(at), Recipients: []string{"bob"},
		Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: "42"},
	}
}

func TestLikesFoldIntoOneItem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, actor := range []string{"alice", "dave", "carol", "alice"} {
		if code := r.post(t, fmt.Sprint(i), r.like(actor, time.Duration(i)*time.Second)); code != http.StatusNoContent {
			t.Fatalf("got %d", code)
		}
	}
	start := time.Now()
	snap, err := r.Store.Load(context.Background(), []string{"bob"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = snap
	t.Log(time.Since(start))
	letters, err := r.Store.DeadLetters(context.Background(), 10)
	if err != nil || len(letters) > 0 {
		t.Fatal(letters, err)
	}
}

func TestUndecodableIsBuriedAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code := r.postRaw(t, "bad", []byte(`{"id":`)); code != http.StatusNoContent {
		t.Fatalf("got %d, want 204", code)
	}
	letters, err := r.Store.DeadLetters(context.Background(), 10)
	if err != nil || len(letters) != 1 {
		t.Fatal(letters, err)
	}
	t.Log(letters[0])
}
