//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/dispatch"
	"tidings.dev/shared/topology"
)

// The load: three rounds of 300 events at 100 a second, or as many as a busy machine can take. In each round each function gets SIGTERM once.
const (
	drainRounds = 3
	drainEvents = 300
	drainPause  = time.Second / 100
	drainPeople = 60 // five events of each kind for each of them: more might be over their budget of pushes
	drainOpen   = 60 // messages that are under way at most: what waits in a process must be done within the time that SIGTERM leaves it
)

// TestSIGTERMLosesNothing: while events come in, each function's process ends and another one takes its place. Every event is on
// its recipient's screen once, and was pushed once. A producer that gets no answer sends the event again, as the same event.
// (It restarts what other tests use, so it runs while no other test does.)
func TestSIGTERMLosesNothing(t *testing.T) {
	requireSystem(t)
	load := newDrainLoad(t)
	functions := topology.Deployed().Functions
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	var posts sync.WaitGroup
	restarts := make(chan string)
	restarted := make(chan error, 1)
	go func() {
		var all error
		for name := range restarts {
			all = errors.Join(all, system.Restart(t.Context(), name))
		}
		restarted <- all
	}()
	tick := time.NewTicker(drainPause)
	defer tick.Stop()
	for n := range drainRounds * drainEvents {
		for <-tick.C; load.underWay(n) >= drainOpen; {
			<-tick.C
		}
		posts.Go(func() { load.post(ctx, t, n) })
		if step := drainEvents / len(functions); n%step == step/2 && n%drainEvents/step < len(functions) {
			restarts <- functions[n%drainEvents/step].Name // when the one before serves again
		}
	}
	close(restarts)
	if err := <-restarted; err != nil {
		err = fmt.Errorf("a function did not come back after its SIGTERM: %w", err)
		broken.Store(&err)
		giveUp()
		posts.Wait()
		t.Fatal(err)
	}
	posts.Wait()
	load.check(t)
	for _, f := range functions {
		checkFlushed(t, f.Name)
	}
}

// checkFlushed looks for what a process has to say before it ends: a line of the log for each time.
func checkFlushed(t *testing.T, function string) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(system.Addresses.Logs, function+".log"))
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(log, []byte(`"message":"drained"`)); got < drainRounds {
		t.Errorf("%s says %d times that it has drained, want %d", function, got, drainRounds)
	}
}

// A drainLoad is what is posted: in turn a like of a person's one post, a mention, and an order of their own.
type drainLoad struct {
	name    string // of this run
	screens map[string]<-chan []map[string]any
	posted  atomic.Int64
}

// underWay is how many of n events, and of the messages that they have become, are not through yet.
func (l *drainLoad) underWay(n int) int {
	held := n - int(l.posted.Load())
	for _, push := range system.Pushes {
		held += push.Stats().Leased
	}
	return held
}

func newDrainLoad(t *testing.T) *drainLoad {
	l := &drainLoad{name: fresh("drain"), screens: map[string]<-chan []map[string]any{}}
	for i := range drainPeople {
		uid := l.uid(i)
		register(t, uid)
		l.screens[uid] = listen(t, uid)
	}
	return l
}

func (l *drainLoad) uid(n int) string { return fmt.Sprintf("%s-%d", l.name, n/3%drainPeople) }

// post sends event n until it is taken. Nobody answers while a function restarts.
func (l *drainLoad) post(ctx context.Context, t *testing.T, n int) {
	defer l.posted.Add(1)
	url, contentType := system.Addresses.Publish+"/v1/events", "application/json"
	uid, id := l.uid(n), fmt.Sprintf("%s-event-%d", l.name, n)
	actor := map[string]any{"id": id, "name": fmt.Sprintf("Actor %d", n)}
	event := map[string]any{"id": id, "time": system.Clock.Now(), "recipients": []string{uid}, "actor": actor}
	switch n % 3 {
	case 0:
		event["type"], event["target"] = "post.liked", map[string]any{"type": "post", "id": uid, "title": "A walk"}
	case 1:
		event["type"] = "user.mentioned"
	case 2:
		url, contentType = system.Addresses.Orders, "application/cloudevents+json"
		event = map[string]any{
			"specversion": "1.0", "id": id, "source": "/shop", "type": "order.shipped", "subject": "order/" + id, "data": map[string]any{"customer": uid},
		}
	}
	body, err := json.Marshal(event)
	if err != nil {
		t.Error(err)
		return
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := send(patient, url, contentType, body)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done(): // the test is over
			return
		case <-patient.Done():
			t.Errorf("event %d was not taken: %v", n, err)
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// send posts once, and wants a 202.
func send(ctx context.Context, url, contentType string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "Bearer "+system.Addresses.ProducerToken)
	res, err := patientClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

// check looks at the screens until everything is there, and then for what is there twice.
func (l *drainLoad) check(t *testing.T) {
	t.Helper()
	const each = drainRounds * drainEvents / 3 / drainPeople // likes, mentions and orders of a person
	l.awaitQuiet(t)
	for uid, screen := range l.screens {
		await(t, screen, fmt.Sprintf("%d events of each kind for %s", each, uid), func(items []map[string]any) bool {
			got := drainCounts(items)
			return got["post.liked"] == each && got["user.mentioned"] == each && got["order.shipped"] == each
		})
	}
	l.awaitQuiet(t) // what has arrived since may have a push of its own under way
	for uid, screen := range l.screens {
		l.checkPushes(t, uid, each)
		select {
		case items := <-screen: // something has changed since
			if got := drainCounts(items); got["post.liked"] != each || got["user.mentioned"] != each || got["order.shipped"] != each {
				t.Errorf("%s has %v, want %d of each", uid, got, each)
			}
		default:
		}
	}
	letters, err := database.Collection("deadLetters").Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, letter := range letters {
		if data := fmt.Sprint(letter.Data()["data"], letter.Data()["attributes"]); strings.Contains(data, l.name) {
			t.Errorf("a dead letter: %v: %.300s", letter.Data()["reason"], data)
		}
	}
}

// drainCounts counts an inbox: the people in the groups, and the items that stand alone, by type.
func drainCounts(items []map[string]any) map[string]int {
	counts := map[string]int{}
	for _, item := range items {
		kind, n := fmt.Sprint(item["type"]), 1
		if people, ok := item["actorCount"].(int64); ok && kind == "post.liked" {
			n = int(people)
		}
		counts[kind] += n
	}
	return counts
}

// awaitQuiet waits until Pub/Sub has no message any more that a function would get another time. What waits for its next attempt waits by the
// stack's clock, for up to ten minutes: so that is moved as soon as nothing else is under way.
func (l *drainLoad) awaitQuiet(t *testing.T) {
	t.Helper()
	eventually(t, "no message to be under way", func() (any, bool) {
		held, waiting := map[string]dispatch.Stats{}, true // by subscription; all that is held waits
		for id, push := range system.Pushes {
			if stats := push.Stats(); stats.Leased > 0 {
				held[id], waiting = stats, waiting && stats.Waiting == stats.Leased
			}
		}
		if len(held) > 0 && waiting {
			if err := system.Clock.Advance(time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		log, _ := os.ReadFile(filepath.Join(system.Addresses.Logs, "dispatcher.log"))
		return fmt.Sprintf("%+v; what was refused last:\n%s", held, log[max(0, len(log)-3000):]), len(held) == 0
	})
}

// checkPushes: each mention rang once; what was pushed of a group was something new each time.
func (l *drainLoad) checkPushes(t *testing.T, uid string, mentions int) {
	t.Helper()
	rang, mentioned := map[string][]string{}, 0 // what became of each push, and when
	for _, attempt := range system.FCM.Attempts(uid + "-tab") {
		var m struct{ Data map[string]string }
		if err := json.Unmarshal(attempt.Message, &m); err != nil {
			t.Fatal(err)
		}
		what := m.Data["id"] + " at revision " + m.Data["revision"]
		rang[what] = append(rang[what], attempt.At.Format(time.StampMilli)+" "+attempt.Outcome)
		if m.Data["type"] == "user.mentioned" {
			mentioned++
		}
	}
	if mentioned != mentions {
		t.Errorf("%d pushes of mentions went to %s, want %d", mentioned, uid, mentions)
	}
	for what, times := range rang {
		if len(times) > 1 {
			t.Errorf("%s was pushed %d times to %s: %q", what, len(times), uid, times)
		}
	}
}
