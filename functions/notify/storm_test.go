package notify

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"google.golang.org/api/option"

	"tidings.dev/functions/due"
	"tidings.dev/shared/event"
	"tidings.dev/shared/push"
	"tidings.dev/shared/topics"
)

var pushCount = flag.Int("pushes", 1_000, "how many pushes TestAStormOfFailures asks for")

// badFCM fails 30 % of all calls in random ways, always the same ones for a seed, and watches over the sender's patience.
type badFCM struct {
	*rig
	random *rand.Rand
	dead   map[string]bool // UNREGISTERED for good
	broken map[string]bool // INVALID_ARGUMENT for good: no target at all

	mu      sync.Mutex
	shown   map[string]map[string]int64 // by target and item: the revision that the device shows; 0: withdrawn
	titles  map[string]map[string]string
	rest    map[string]time.Time // no call before
	calls   int
	hurried []string
	buzzed  map[string]int // by target, item and revision: how often it came
	lost    map[string]int // of these, how often the answer was lost
}

func (f *badFCM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		ValidateOnly bool `json:"validate_only"`
		Message      struct {
			Token string
			Data  map[string]string
		}
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	m, now := body.Message, f.clock()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if end := f.rest[m.Token]; now.Before(end) && !body.ValidateOnly {
		f.hurried = append(f.hurried, fmt.Sprintf("%s: %s early", m.Token, end.Sub(now)))
	}
	fail := func(status int, code string, wait time.Duration) {
		w.Header().Set("Content-Type", "application/json")
		if wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"status":"X","message":"no","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":%q}]}}`, code)
	}
	switch {
	case f.dead[m.Token]:
		fail(http.StatusNotFound, "UNREGISTERED", 0)
		return
	case f.broken[m.Token]:
		fail(http.StatusBadRequest, "INVALID_ARGUMENT", 0)
		return
	case body.ValidateOnly:
		fmt.Fprint(w, `{"name":"projects/p/messages/1"}`)
		return
	}
	wait := time.Duration(1+f.random.IntN(300)) * time.Second
	switch dice := f.random.IntN(100); {
	case dice < 6:
		f.rest[m.Token] = now.Add(wait)
		fail(http.StatusTooManyRequests, "QUOTA_EXCEEDED", wait)
		return
	case dice < 11:
		f.rest[m.Token] = now.Add(time.Minute)
		fail(http.StatusTooManyRequests, "QUOTA_EXCEEDED", 0)
		return
	case dice < 18:
		f.rest[m.Token] = now.Add(10 * time.Second)
		fail(http.StatusServiceUnavailable, "UNAVAILABLE", 0)
		return
	case dice < 22:
		f.rest[m.Token] = now.Add(wait)
		fail(http.StatusServiceUnavailable, "UNAVAILABLE", wait)
		return
	case dice < 28:
		f.rest[m.Token] = now.Add(10 * time.Second)
		fail(http.StatusInternalServerError, "INTERNAL", 0)
		return
	}
	if f.shown[m.Token] == nil {
		f.shown[m.Token], f.titles[m.Token] = map[string]int64{}, map[string]string{}
	}
	revision, _ := strconv.ParseInt(m.Data["revision"], 10, 64)
	if old, known := f.shown[m.Token][m.Data["id"]]; !known || revision >= old { // a client skips what it has shown
		f.shown[m.Token][m.Data["id"]], f.titles[m.Token][m.Data["id"]] = revision, m.Data["title"]
	}
	key := m.Token + " " + m.Data["id"] + " " + m.Data["revision"]
	f.buzzed[key]++
	if f.random.IntN(50) == 0 { // taken, but the sender cannot know
		f.lost[key]++
		panic(http.ErrAbortHandler)
	}
	fmt.Fprint(w, `{"name":"projects/p/messages/1"}`)
}

// TestAStormOfFailures: whatever FCM does, each device ends with the last state of each group, dead targets are gone and good ones
// are all there, and no target is called before FCM wants it.
func TestAStormOfFailures(t *testing.T) {
	t.Parallel()
	const persons, posts, perPerson = 20, 5, 3
	r := newRig(t)
	ctx := context.Background()
	f := &badFCM{rig: r, random: rand.New(rand.NewPCG(1, 2)), dead: map[string]bool{}, broken: map[string]bool{}, shown: map[string]map[string]int64{},
		titles: map[string]map[string]string{}, rest: map[string]time.Time{}, buzzed: map[string]int{}, lost: map[string]int{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	sender, err := push.Open(ctx, "p", option.WithEndpoint(server.URL+"/v1"), option.WithoutAuthentication())
	must(t, err)
	needs := r.Needs
	needs.Sender, needs.Log = sender, slog.New(slog.DiscardHandler)
	r.use(needs)

	var people []string
	good := map[string][]string{}
	for p := range persons {
		uid := fmt.Sprintf("person%d", p)
		people = append(people, uid)
		devices := map[string]any{}
		for d := range perPerson + 2 {
			token := fmt.Sprintf("%s-%d", uid, d)
			switch d {
			case perPerson:
				f.dead[token] = true
			case perPerson + 1:
				f.broken[token] = true
			default:
				good[uid] = append(good[uid], token)
			}
			device := map[string]any{"kind": "token", "value": token, "platform": "web", "locale": "en", "lastSeenAt": r.now.Add(24 * time.Hour)}
			devices[token] = device
			_, err := r.firestore.Doc("users/"+uid+"/devices/"+token).Set(ctx, device)
			must(t, err)
		}
		_, err := r.firestore.Doc("users/"+uid).Set(ctx, map[string]any{"devices": devices})
		must(t, err)
	}

	queue := &retries{rig: r, waiting: map[string]bool{}}
	likes := 0
	for f.calls < *pushCount {
		for post := range posts { // each post is liked by somebody else, and everybody hears of it
			e := r.like(fmt.Sprintf("actor%d", likes), 0, people...)
			e.Target.ID, e.Priority = fmt.Sprint(post), event.Urgent // which the budget does not gather into a few pushes
			likes++
			r.post(t, fmt.Sprintf("like%d", likes), e)
		}
		r.advance(30 * time.Second)
		queue.run(t)
	}
	for last := r.clock().Add(6 * time.Hour); queue.left(t) && r.clock().Before(last); {
		r.advance(20 * time.Second)
		queue.run(t)
	}

	for _, hurry := range f.hurried {
		t.Errorf("called too soon: %s", hurry)
	}
	items := 0
	for _, uid := range people {
		docs, err := r.firestore.Collection("users/" + uid + "/notifications").Documents(ctx).GetAll()
		must(t, err)
		for _, doc := range docs {
			data := doc.Data()
			for _, token := range good[uid] {
				if items++; f.shown[token][doc.Ref.ID] != data["revision"] || f.titles[token][doc.Ref.ID] != data["title"] {
					t.Errorf("%s shows %q (revision %d), want %q (revision %v)", token, f.titles[token][doc.Ref.ID], f.shown[token][doc.Ref.ID], data["title"], data["revision"])
				}
			}
		}
		snap, err := r.Store.Load(ctx, []string{uid}, nil)
		must(t, err)
		left := map[string]bool{}
		for _, d := range snap.Profiles[uid].Devices {
			left[d.Value] = true
		}
		for _, token := range good[uid] {
			if !left[token] {
				t.Errorf("%s is good and was forgotten", token)
			}
		}
		if len(left) != perPerson {
			t.Errorf("%s has %d devices, want the %d good ones", uid, len(left), perPerson)
		}
	}
	for key, n := range f.buzzed {
		// Twice: a push that was owed tells of the last state, and so does the next push, to all. The client shows a revision once.
		if n > 2+f.lost[key] {
			t.Errorf("%s came %d times, though only %d answers were lost", key, n, f.lost[key])
		}
	}
	if letters := r.deadLetters(t); len(letters) > 0 {
		t.Errorf("got dead letters, the first: %s", letters[0].Reason)
	}
	t.Logf("%d calls of FCM, %d likes, %d items on devices, %s", f.calls, likes, items, r.clock().Sub(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)))
}

// retries delivers what was published as Pub/Sub does: each message until it is taken.
type retries struct {
	*rig
	seen    int
	waiting map[string]bool
}

func (q *retries) run(t *testing.T) {
	t.Helper()
	w := httptest.NewRecorder()
	due.New(due.Needs{Store: q.Store, Publisher: q.Publisher.(*topics.Publisher), Now: q.Now, Log: q.Log}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/due", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("due: got %d %s", w.Code, w.Body)
	}
	messages := q.pubsub.Messages()
	for ; q.seen < len(messages); q.seen++ {
		q.waiting[messages[q.seen].ID] = true
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	slots := make(chan struct{}, 8)
	for _, m := range messages {
		mu.Lock()
		waits := q.waiting[m.ID]
		mu.Unlock()
		envelope, _ := topics.Decode(topics.PushedMessage{Attributes: m.Attributes}) // of which the attributes can be read
		early := envelope.NotBefore().After(q.clock())
		if !waits || early && rand.IntN(10) > 0 { // Pub/Sub, too, would ask more and more rarely
			continue
		}
		subscription := "events-retry-notify"
		if m.Attributes["reason"] == "" {
			subscription = "events-notify"
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if q.deliver(t, subscription, m.ID, m.Data, m.Attributes) == http.StatusNoContent {
				mu.Lock()
				defer mu.Unlock()
				delete(q.waiting, m.ID)
			}
		})
	}
	wg.Wait()
}

// left reports whether anything is still to be done.
func (q *retries) left(t *testing.T) bool {
	t.Helper()
	if len(q.waiting) > 0 || q.seen < len(q.pubsub.Messages()) {
		return true
	}
	docs, err := q.firestore.CollectionGroup("notifications").Where("dueAt", ">", time.Time{}).Limit(1).Documents(context.Background()).GetAll()
	must(t, err)
	return len(docs) > 0
}
