package webhooks

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/webhooks/guard"
	"tidings.dev/shared/event"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
	"tidings.dev/shared/webhook"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

const (
	oldSecret = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
	newSecret = "whsec_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
)

// rig is the function on the official Firestore emulator, a clock that a test moves, and a receiver that verifies by the official library.
type rig struct {
	*store.Store
	http.Handler
	pubsub *pstest.Server
	log    *strings.Builder

	mu       sync.Mutex
	now      time.Time
	answer   func(w http.ResponseWriter, r *http.Request) // of the receiver; nil is 204
	received []request
}

// request is what the receiver got.
type request struct {
	path, id string
	at       time.Time // by the header
	body     string
	wrong    error // that no key verifies it
}

func newRig(t *testing.T) *rig {
	t.Helper()
	pubsub, publisher := topicstest.Start(t)
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := &rig{Store: s, pubsub: pubsub, log: new(strings.Builder), now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	receiver := httptest.NewServer(http.HandlerFunc(r.receive))
	t.Cleanup(receiver.Close)
	endpoints := webhook.Endpoints{
		{Name: "shop", URL: receiver.URL + "/shop", Outcomes: webhook.Outcomes},
		{Name: "desk", URL: receiver.URL + "/desk", Outcomes: []webhook.Outcome{webhook.Delivered}, Types: []string{"order.*"}},
	}
	keys := map[string]webhook.Keys{}
	for _, e := range endpoints {
		for _, secret := range []string{oldSecret, newSecret} {
			key, err := webhook.ParseKey(secret)
			if err != nil {
				t.Fatal(err)
			}
			keys[e.Name] = append(keys[e.Name], key)
		}
	}
	r.Handler = New(Needs{
		Endpoints: endpoints, Keys: keys, Client: guard.Client(guard.Options{Loopback: true}), Reporter: topics.NewReporter(publisher, endpoints), Store: s, Now: r.clock,
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), r), nil)),
	})
	return r
}

// Write keeps the log.
func (r *rig) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(line)
}

func (r *rig) logged(text string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.log.String(), text)
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

func (r *rig) receive(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	seconds, _ := strconv.ParseInt(req.Header.Get("webhook-timestamp"), 10, 64)
	got := request{path: req.URL.Path, id: req.Header.Get("webhook-id"), at: time.Unix(seconds, 0).UTC(), body: string(body)}
	for _, secret := range []string{oldSecret, newSecret} {
		wh, err := standardwebhooks.NewWebhook(secret)
		if err == nil {
			err = wh.VerifyIgnoringTimestamp(body, req.Header) // the clock is the test's
		}
		got.wrong = errors.Join(got.wrong, err)
	}
	r.mu.Lock()
	r.received = append(r.received, got)
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer(w, req)
}

// answers has the receiver answer so from now on; nil is 204.
func (r *rig) answers(f func(w http.ResponseWriter, r *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func status(code int, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "I am "+strconv.Itoa(code))
	}
}

// got returns what the receiver got since the last call.
func (r *rig) got() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.received
	r.received = nil
	return all
}

func (r *rig) call(t *testing.T, method, target, body string, want int) string {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	if w.Code != want {
		t.Fatalf("%s %s: got %d %s, want %d", method, target, w.Code, w.Body, want)
	}
	return w.Body.String()
}

// tell pushes a message as Pub/Sub does.
func (r *rig) tell(t *testing.T, m webhook.Message) {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r.push(t, data, http.StatusNoContent)
}

func (r *rig) push(t *testing.T, data []byte, want int) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"message":      map[string]any{"data": base64.StdEncoding.EncodeToString(data), "messageId": "1"},
		"subscription": "projects/p/subscriptions/outgoing-webhooks",
	})
	if err != nil {
		t.Fatal(err)
	}
	r.call(t, "POST", "/webhooks", string(body), want)
}

func (r *rig) tick(t *testing.T) {
	t.Helper()
	r.call(t, "POST", "/webhooks/due", "", http.StatusOK)
}

// message is what an endpoint is told of an event.
func message(endpoint, event string) webhook.Message {
	return webhook.Endpoint{Name: endpoint}.Message(report(event))
}

func report(id string) webhook.Report {
	return webhook.Report{
		Outcome: webhook.Delivered, At: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Source: "/shop", Event: id, Type: "order.shipped",
		Target: event.Target{Type: "order", ID: "7"}, Recipient: "bob", Item: "i1",
	}
}

// stored is the message as the log has it.
func (r *rig) stored(t *testing.T, m webhook.Message) store.Outgoing {
	t.Helper()
	o, err := r.OutgoingMessage(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
