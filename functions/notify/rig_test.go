package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/due"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// rig is a notify function on a real Firestore, with a Pub/Sub that only takes and an FCM that says what it is told.
type rig struct {
	*Function
	handler   http.Handler
	firestore *firestore.Client
	pubsub    *pstest.Server

	mu     sync.Mutex
	pushed []string       // "token: title", in the order FCM took them; "token: withdraw N" for a revision
	fcm    map[string]int // status for a token; 0 is 200
	calls  map[string]int // of FCM, by token
	wait   string         // FCM's Retry-After
	now    time.Time
	served int           // messages of the retry topic that run has delivered
	slow   time.Duration // FCM takes for each push
}

func newRig(t *testing.T) *rig {
	t.Helper()
	ctx, project := context.Background(), firestoretest.Project(t)
	server, publisher := topicstest.Start(t)
	r := &rig{pubsub: server, now: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), fcm: map[string]int{}, calls: map[string]int{}}
	fcm := httptest.NewServer(http.HandlerFunc(r.serveFCM))
	t.Cleanup(fcm.Close)
	sender, err := push.Open(ctx, project, option.WithEndpoint(fcm.URL+"/v1"), option.WithoutAuthentication())
	must(t, err)
	st, err := store.Open(ctx, project)
	must(t, err)
	t.Cleanup(func() { st.Close() })
	r.firestore, err = firestore.NewClient(ctx, project)
	must(t, err)
	t.Cleanup(func() { r.firestore.Close() })
	cat, err := catalog.New()
	must(t, err)
	r.use(Needs{
		Catalog: cat, Store: st, Publisher: publisher, Sender: sender,
		Now: r.clock, Log: slog.New(slog.NewJSONHandler(t.Output(), nil)),
	})
	return r
}

// use makes the function anew.
func (r *rig) use(n Needs) {
	r.Function = New(n)
	r.handler = r.Function.Handler()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) serveFCM(w http.ResponseWriter, req *http.Request) {
	var body struct {
		Message struct {
			Token string
			Data  map[string]string
		}
	}
	_ = json.NewDecoder(req.Body).Decode(&body)
	time.Sleep(r.slow) // as FCM does
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls[body.Message.Token]++
	if answer := r.fcm[body.Message.Token]; answer != 0 {
		code := map[int]string{400: "INVALID_ARGUMENT", 403: "SENDER_ID_MISMATCH", 404: "UNREGISTERED", 429: "QUOTA_EXCEEDED", 503: "UNAVAILABLE"}[answer]
		w.Header().Set("Content-Type", "application/json")
		if r.wait != "" {
			w.Header().Set("Retry-After", r.wait)
		}
		w.WriteHeader(answer)
		fmt.Fprintf(w, `{"error":{"code":%d,"status":"X","message":"no","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":%q}]}}`, answer, code)
		return
	}
	what := body.Message.Data["title"]
	if body.Message.Data["withdraw"] == "true" {
		what = "withdraw " + body.Message.Data["revision"]
	}
	r.pushed = append(r.pushed, body.Message.Token+": "+what)
	fmt.Fprint(w, `{"name":"projects/p/messages/1"}`)
}

func (r *rig) pushes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.pushed)
}

// advance moves the clock.
func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// run has the function due called, and delivers all that was published and may be tried by now.
func (r *rig) run(t *testing.T) {
	t.Helper()
	w := httptest.NewRecorder()
	due.New(due.Needs{Store: r.Store, Publisher: r.Publisher.(*topics.Publisher), Now: r.Now, Log: r.Log}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/due", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("due: got %d %s", w.Code, w.Body)
	}
	for ; r.served < len(r.pubsub.Messages()); r.served++ {
		m := r.pubsub.Messages()[r.served]
		if strings.HasSuffix(m.Topic, "/"+string(topics.Facts)) {
			continue // no function is subscribed to it
		}
		subscription := "events-retry-notify"
		if m.Attributes["reason"] == "" {
			subscription = "events-notify"
		}
		if code := r.deliver(t, subscription, m.ID, m.Data, m.Attributes); code != http.StatusNoContent {
			return // not yet
		}
	}
}

// device registers a browser for the person.
func (r *rig) device(t *testing.T, uid, token string) {
	t.Helper()
	_, err := r.firestore.Doc("users/"+uid+"/devices/"+token).Set(context.Background(), map[string]any{"kind": "token", "value": token, "platform": "web", "lastSeenAt": r.now})
	must(t, err)
	must(t, r.Store.MirrorDevices(context.Background(), uid))
}

// signOut removes the person's browser.
func (r *rig) signOut(t *testing.T, uid, token string) {
	t.Helper()
	_, err := r.firestore.Doc("users/" + uid + "/devices/" + token).Delete(context.Background())
	must(t, err)
	must(t, r.Store.MirrorDevices(context.Background(), uid))
}

// deliver posts a message as a push subscription would, and returns the status.
func (r *rig) deliver(t *testing.T, subscription, id string, data []byte, attributes map[string]string) int {
	t.Helper()
	body, err := json.Marshal(topics.Pushed{
		Message:      topics.PushedMessage{Data: data, MessageID: id, PublishTime: r.clock().Add(-30 * time.Second), Attributes: attributes},
		Subscription: "projects/p/subscriptions/" + subscription, DeliveryAttempt: 2,
	})
	must(t, err)
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/notify", bytes.NewReader(body)))
	return w.Code
}

// post delivers an event on the normal lane and insists that it is acknowledged.
func (r *rig) post(t *testing.T, id string, e event.Event) {
	t.Helper()
	if code := r.send(t, "events-notify", id, e); code != http.StatusNoContent {
		t.Fatalf("message %s: got %d, want 204", id, code)
	}
}

// send delivers an event that the door has just taken in, and returns the status.
func (r *rig) send(t *testing.T, subscription, id string, e event.Event) int {
	t.Helper()
	envelope := topics.Envelope{Event: e, Accepted: event.Acceptance{At: r.clock(), OwnTime: true, OwnID: true}}
	if e.Time.After(envelope.Accepted.At) {
		envelope.Accepted.At = e.Time
	}
	m, err := envelope.Encode()
	must(t, err)
	return r.deliver(t, subscription, id, m.Data, m.Attributes)
}

// forget makes the instance a new one, which remembers no message.
func (r *rig) forget() { r.done = recent{} }

// inbox is what the person's inbox shows, as the clients' listener asks for it.
func (r *rig) inbox(t *testing.T, uid string) (titles []string) {
	t.Helper()
	docs, err := r.firestore.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).
		OrderBy("updatedAt", firestore.Desc).Limit(100).Documents(context.Background()).GetAll()
	must(t, err)
	for _, doc := range docs {
		titles = append(titles, fmt.Sprint(doc.Data()["title"]))
	}
	return titles
}

func (r *rig) deadLetters(t *testing.T) []store.DeadLetter {
	t.Helper()
	letters, _, err := r.Store.DeadLetters(context.Background(), "", 100)
	must(t, err)
	for i := range letters { // the list has no data
		letters[i], err = r.Store.DeadLetter(context.Background(), letters[i].ID)
		must(t, err)
	}
	return letters
}

// retried lists what was handed over to the retry topic.
func (r *rig) retried(t *testing.T) (messages []*pstest.Message) {
	t.Helper()
	return r.pubsub.Messages()
}

func (r *rig) like(actor string, at time.Duration, recipients ...string) event.Event {
	return event.Event{
		ID: actor + at.String(), Source: "test", Type: "post.liked", Time: r.clock().Add(at), Recipients: recipients,
		Actor: event.Actor{ID: actor, Name: strings.ToUpper(actor[:1]) + actor[1:]}, Target: event.Target{Type: "post", ID: "42"},
	}
}
