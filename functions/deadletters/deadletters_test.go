//go:build unix

package deadletters_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/deadletters"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
	"tidings.dev/shared/webhook"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// rig is the function in front of the official emulator and a Pub/Sub in memory.
type rig struct {
	*store.Store
	http.Handler
	pubsub *pstest.Server
}

func newRig(t *testing.T) *rig {
	t.Helper()
	server, publisher := topicstest.Start(t)
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	reporter := topics.NewReporter(publisher, webhook.Endpoints{{Name: "shop", Outcomes: []webhook.Outcome{webhook.DeadLettered}, Types: []string{"info"}}})
	fn := deadletters.New(deadletters.Needs{Store: s, Publisher: publisher, Reporter: reporter, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	return &rig{s, fn, server}
}

func (r *rig) call(method, target, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w
}

// giveUp posts a message as Pub/Sub does when it has given up on it.
func (r *rig) giveUp(t *testing.T, id string, data []byte, attributes map[string]string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"message":      map[string]any{"data": base64.StdEncoding.EncodeToString(data), "attributes": attributes, "messageId": id},
		"subscription": "projects/p/subscriptions/dead-letters-deadletters",
	})
	if err != nil {
		t.Fatal(err)
	}
	if w := r.call("POST", "/deadletters", string(body)); w.Code != http.StatusNoContent {
		t.Fatalf("message %.20q: got %d %s, want 204", id, w.Code, w.Body)
	}
}

// What Pub/Sub gave up on is stored, whatever it is, and comes out as it went in.
func TestWhatWasGivenUpOnComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	event := []byte(`{"id":"1","of a newer version":12345678901234567890}`)
	r.giveUp(t, "1", event, map[string]string{"ce-id": "1", "reason": "Firestore was away", "CloudPubSubDeadLetterSourceDeliveryCount": "20"})
	r.giveUp(t, "2", []byte("\xff\x00"), nil)
	r.giveUp(t, "3", bytes.Repeat([]byte("rubbish"), 200_000), map[string]string{"__x__": "y"})
	r.giveUp(t, "a/b", event, nil)

	var letter store.DeadLetter
	w := r.call("GET", "/v1/dead-letters/dead-letters-deadletters-1", "")
	if err := json.Unmarshal(w.Body.Bytes(), &letter); err != nil || letter.Data != string(event) || letter.Attempts != 20 || letter.Reason != "Firestore was away" {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := r.call("GET", "/v1/dead-letters/dead-letters-deadletters-2", ""); !strings.Contains(w.Body.String(), `"dataBase64":"/wA="`) {
		t.Errorf("bytes: got %d %s", w.Code, w.Body)
	}
	if w := r.call("POST", "/v1/dead-letters/dead-letters-deadletters-3:replay", ""); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "of 1400000 bytes") {
		t.Errorf("replay of what was cut: got %d %s, want a 409 that says so", w.Code, w.Body)
	}
	if w := r.call("POST", "/v1/dead-letters/dead-letters-deadletters-1:replay", ""); w.Code != http.StatusAccepted {
		t.Errorf("replay: got %d %s", w.Code, w.Body)
	}
	sent := r.pubsub.Messages()
	if len(sent) != 1 || !bytes.Equal(sent[0].Data, event) || sent[0].Attributes["ce-id"] != "1" || sent[0].Attributes["reason"] != "" || !strings.HasSuffix(sent[0].Topic, "/events") {
		t.Errorf("got %v, want the event with its ce-id", sent)
	}
	if got, err := r.DeadLetter(t.Context(), "dead-letters-deadletters-1"); err != nil || got.ReplayedAt == nil {
		t.Errorf("after the replay: got %+v and %v", got, err)
	}
	if w := r.call("POST", "/v1/dead-letters/dead-letters-deadletters-1:discard", ""); w.Code != http.StatusNoContent {
		t.Errorf("discard: got %d %s", w.Code, w.Body)
	}
	if w := r.call("GET", "/v1/dead-letters/dead-letters-deadletters-1", ""); w.Code != http.StatusNotFound {
		t.Errorf("after the discard: got %d %s", w.Code, w.Body)
	}
}

// A product that wants to know is told that nobody whom the event names can be told, once however often Pub/Sub says so.
func TestAProductIsToldOfWhatWasGivenUpOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	event := func(kind string) []byte {
		return []byte(`{"id":"1","source":"/shop","type":"` + kind + `","time":"2026-11-27T09:00:00Z","title":"t","recipients":["bob","carol"]}`)
	}
	for range 2 {
		r.giveUp(t, "1", event("info"), nil)
	}
	r.giveUp(t, "2", event("warning"), nil)
	r.giveUp(t, "3", nil, map[string]string{"item": "i", "uid": "bob"})
	ids := map[string]bool{}
	for _, m := range r.pubsub.Messages() {
		told, err := topics.ReadOutgoing(topics.PushedMessage{Data: m.Data})
		if err != nil || !strings.HasSuffix(m.Topic, "/outgoing") || told.Type != "notification.deadLettered" || !strings.Contains(string(told.Body), `"reason":"gave_up"`) {
			t.Errorf("published %s on %s: %v", m.Data, m.Topic, err)
		}
		ids[told.ID] = true
	}
	if len(ids) != 2 {
		t.Errorf("told %d messages, want one for each of two people", len(ids))
	}
}

func TestTheListFiltersAndGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const letters = 130
	for i := range letters {
		reason := "FCM was away"
		if i%13 == 0 {
			reason = "topics: message 7: not an event"
		}
		if err := r.Bury(t.Context(), store.DeadLetter{ID: fmt.Sprint("m", i), Reason: reason, Data: "secret", FailedAt: time.Unix(int64(i), 0)}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string][2]int{ // letters in the first answer, and in all
		"": {100, letters}, "?reason=NOT+AN+EVENT": {10, 10}, "?reason=fcm": {100, letters - 10}, "?reason=nothing+like+it": {0, 0},
	} {
		first, all, cursor := -1, 0, ""
		for range 5 {
			target := "/v1/dead-letters" + query
			if cursor != "" {
				target += strings.Replace("?cursor="+cursor, "?", map[bool]string{true: "?", false: "&"}[query == ""], 1)
			}
			w := r.call("GET", target, "")
			var answer struct {
				DeadLetters []store.DeadLetter
				Cursor      string
			}
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || strings.Contains(w.Body.String(), "secret") {
				t.Fatalf("%s: got %d %.200s", target, w.Code, w.Body)
			}
			all += len(answer.DeadLetters)
			if first < 0 {
				first = len(answer.DeadLetters)
			}
			if cursor = answer.Cursor; cursor == "" {
				break
			}
		}
		if first != want[0] || all != want[1] || cursor != "" {
			t.Errorf("%q: got %d, and %d in all, want %v", query, first, all, want)
		}
	}
	if w := r.call("GET", "/v1/dead-letters?cursor=nonsense", ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "cursor") {
		t.Errorf("a wrong cursor: got %d %s", w.Code, w.Body)
	}
}

// What cannot be an id is the id of nothing.
func TestOddIDsAreNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, id := range []string{
		"", "%2e%2e", "%2e", "a/b", "a%2Fb", "%2F", "__x__", "%00", "a%00b", "%ff", strings.Repeat("i", 2000), "none", "a:b", ":", "%3A", "%20", "a%0Ab", "again-x-..",
	} {
		for _, request := range []string{"GET /v1/dead-letters/" + id, "POST /v1/dead-letters/" + id, "POST /v1/dead-letters/" + id + ":replay", "POST /v1/dead-letters/" + id + ":discard"} {
			method, target, _ := strings.Cut(request, " ")
			w := r.call(method, target, "")
			if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" || w.Body.Len() > 500 {
				t.Errorf("%.80s: got %d %s %.200s, want a short 404", request, w.Code, w.Header().Get("Content-Type"), w.Body)
			}
		}
	}
	// The mux itself cleans these, and their clients end at a path that is not there.
	for _, path := range []string{"/v1/dead-letters/..", "/v1/dead-letters/x/../..:replay", "/v1/dead-letters//:replay"} {
		if w := r.call("POST", path, ""); w.Code >= 500 || w.Code < 300 {
			t.Errorf("%s: got %d", path, w.Code)
		}
	}
}
