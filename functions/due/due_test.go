//go:build unix

package due_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/due"
	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var start = time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)

// rig is the function in front of the official emulator and a Pub/Sub in memory.
type rig struct {
	*store.Store
	http.Handler
	pubsub *pstest.Server
	now    time.Time
	read   int            // of the published messages
	asked  map[string]int // "uid/id": how often
}

func newRig(t *testing.T, pages int, missing ...topics.Topic) *rig {
	t.Helper()
	server, publisher := topicstest.Start(t, missing...)
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	r := &rig{Store: s, pubsub: server, now: start, asked: map[string]int{}}
	r.Handler = due.New(due.Needs{Store: s, Publisher: publisher, Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler), Pages: pages})
	return r
}

// wait makes items that wait until then: uids from, from+1, …
func (r *rig) wait(t *testing.T, from, count int, change func(*inbox.Notification)) {
	t.Helper()
	var writes []store.Write
	for i := range count {
		n := inbox.Notification{Type: "post.liked", Priority: event.High}
		change(&n)
		writes = append(writes, store.Write{UID: fmt.Sprintf("u%05d", from+i), Item: &inbox.Item{ID: "i", Notification: n}})
	}
	for _, err := range r.Save(t.Context(), writes) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func dueAt(at time.Time) func(*inbox.Notification) {
	return func(n *inbox.Notification) { n.DueAt = at }
}

// answer is what the function says that it has done.
type answer struct{ Asked, Sent int }

// call calls the function.
func (r *rig) call(t *testing.T) (a answer) {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/due", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	return a
}

// tick calls the function, and returns for how many items it says that it asked.
func (r *rig) tick(t *testing.T) int {
	t.Helper()
	answer := r.call(t)
	messages := r.pubsub.Messages()
	items := 0
	for _, m := range messages[r.read:] {
		e, err := topics.Decode(topics.PushedMessage{Data: m.Data, Attributes: m.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range append([]string{e.Look.ID}, e.More...) {
			r.asked[e.Look.UID+"/"+id]++
			items++
		}
	}
	if items != answer.Asked {
		t.Errorf("it says %d and published %d", answer.Asked, items)
	}
	r.read = len(messages)
	return answer.Asked
}

// However much is due at once, a call asks for so much, the next one for what follows, and each item is asked for once in ten
// minutes: until it is written, and wherever it came in. A full page leaves its last person to the next one, which may have more of theirs.
func TestMuchThatIsDueAtOnceIsAskedForPieceByPiece(t *testing.T) {
	t.Parallel()
	r := newRig(t, 1)
	r.wait(t, 0, 1203, dueAt(start)) // all at the same moment: quiet hours end
	for minute, want := range []int{499, 499, 205, 0} {
		r.now = start.Add(time.Duration(minute) * time.Minute)
		if got := r.tick(t); got != want {
			t.Errorf("minute %d: asked for %d, want %d", minute, got, want)
		}
	}
	r.wait(t, 5000, 1, dueAt(start.Add(-time.Minute))) // behind the walk
	r.wait(t, 6000, 1, dueAt(start.Add(4*time.Minute)))
	r.now = start.Add(4 * time.Minute)
	// What becomes due meanwhile is not held up.
	if got := r.tick(t); got != 1 || r.asked["u06000/i"] != 1 {
		t.Errorf("minute 4: asked for %d, want the one that became due", got)
	}
	for key, times := range r.asked {
		if times != 1 {
			t.Errorf("%s was asked for %d times within four minutes", key, times)
		}
	}
	if len(r.asked) != 1204 {
		t.Errorf("asked for %d items, want 1,204", len(r.asked))
	}
	for minute, want := range []int{499, 499, 207} {
		r.now = start.Add(time.Duration(10+minute) * time.Minute)
		if got := r.tick(t); got != want {
			t.Errorf("minute %d: asked for %d, want %d", 10+minute, got, want)
		}
	}
	if r.asked["u05000/i"] != 1 || r.asked["u00000/i"] != 2 {
		t.Errorf("asked %d times for the item that came in behind the walk and %d times for one of the first, want 1 and 2", r.asked["u05000/i"], r.asked["u00000/i"])
	}
}

var morning = flag.Int("people", 1_000, "how many people's quiet hours end at the same moment; a call has time for 10,000 where the machine is not busy")

// A call works off a whole morning, and the next one leaves everybody in peace.
func TestAMorning(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	r.wait(t, 0, *morning, dueAt(start))
	if got := r.tick(t); got != *morning || len(r.asked) != *morning {
		t.Errorf("asked for %d items, %d different ones, want those of %d people", got, len(r.asked), *morning)
	}
	r.now = start.Add(time.Minute)
	if got := r.tick(t); got != 0 {
		t.Errorf("a minute later it asks for %d again", got)
	}
}

// Where little is due, nothing is remembered: each call asks for all of it, and nothing waits longer than a minute.
func TestLittleThatIsDueIsAskedForEachMinute(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	r.wait(t, 0, 3, dueAt(start))
	r.wait(t, 10, 2, func(n *inbox.Notification) { n.SnoozedUntil, n.Priority = start.Add(-time.Hour), event.Urgent })
	r.wait(t, 20, 2, dueAt(start.Add(time.Hour)))
	for minute := range 3 {
		r.now = start.Add(time.Duration(minute) * time.Minute)
		if got := r.tick(t); got != 5 {
			t.Errorf("minute %d: asked for %d, want 5", minute, got)
		}
	}
	lanes := map[string]int{}
	for _, m := range r.pubsub.Messages() {
		lanes[m.Topic]++
	}
	if lanes["projects/p/topics/events"] != 9 || lanes["projects/p/topics/events-urgent"] != 6 {
		t.Errorf("got %v, want three and two in each of three minutes", lanes)
	}
	if p, err := r.Progress(t.Context(), store.DueAt); err != nil || p != (store.Progress{Finished: true}) {
		t.Errorf("remembered %+v (%v), want nothing", p, err)
	}
}

// What could not be published is asked for by the next call, and one field does not hold up the other.
func TestWhatCouldNotBeAskedForIsAskedForAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0, topics.Urgent)
	r.wait(t, 0, 600, dueAt(start))
	r.wait(t, 700, 3, func(n *inbox.Notification) { n.DueAt, n.Priority = start.Add(time.Second), event.Urgent })
	r.wait(t, 800, 2, func(n *inbox.Notification) { n.SnoozedUntil = start })
	r.now = start.Add(time.Minute)
	for range 2 {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/due", nil))
		if w.Code != http.StatusServiceUnavailable {
			t.Fatalf("got %d %s, want 503", w.Code, w.Body)
		}
	}
	times := map[string]int{}
	for _, m := range r.pubsub.Messages() {
		times[m.Attributes["uid"]]++
	}
	if times["u00000"] != 1 || times["u00550"] != 2 || times["u00800"] != 2 {
		t.Errorf("asked %d times for the first page, %d for the page that failed, %d for the other field; want 1, 2, 2", times["u00000"], times["u00550"], times["u00800"])
	}
	if p, err := r.Progress(t.Context(), store.DueAt); err != nil || p.Finished || p.Asked != 499 {
		t.Errorf("got %+v and %v, want a walk that goes on behind the first page", p, err)
	}
}

// TestAPersonIsAskedForOnce: all that was held back for somebody is one message, also where it begins on one page and ends on the next, and in
// the lane of the most urgent one. What was held back for the sake of its item, or put away by its owner, is a message of its own.
func TestAPersonIsAskedForOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	var writes []store.Write
	add := func(uid string, n int, change func(i int, n *inbox.Notification)) {
		for i := range n {
			item := &inbox.Item{ID: fmt.Sprintf("i%03d", i), Notification: inbox.Notification{Type: "post.liked", Priority: event.High}}
			change(i, &item.Notification)
			writes = append(writes, store.Write{UID: uid, Item: item})
		}
	}
	dueNow := func(_ int, n *inbox.Notification) { n.DueAt, n.Held = start, attention.ByQuietHours }
	add("a", 450, dueNow)
	add("b", 100, func(i int, n *inbox.Notification) {
		dueNow(i, n)
		if i == 99 {
			n.Priority = event.Urgent
		}
	})
	add("c", 3, dueNow)
	add("c2", 2, func(_ int, n *inbox.Notification) { n.DueAt, n.Held = start, attention.ByInterval })
	add("d", 2, func(_ int, n *inbox.Notification) { n.SnoozedUntil = start })
	for chunk := range slices.Chunk(writes, store.MaxBatch) {
		for _, err := range r.Save(t.Context(), chunk) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := r.tick(t); got != 557 {
		t.Errorf("asked for %d items, want 557", got)
	}
	got := map[string][]int{}
	for _, m := range r.pubsub.Messages() {
		e, err := topics.Decode(topics.PushedMessage{Data: m.Data, Attributes: m.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		key := e.Look.UID + " " + string(e.Lane)
		got[key] = append(got[key], 1+len(e.More))
	}
	want := map[string][]int{"a events": {450}, "b events-urgent": {100}, "c events": {3}, "c2 events": {1, 1}, "d events": {1, 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestAPersonWithMoreThanAPage is asked for page by page: nobody waits for ever.
func TestAPersonWithMoreThanAPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	for from := 0; from < 1010; from += store.MaxBatch {
		var writes []store.Write
		for i := from; i < min(from+store.MaxBatch, 1010); i++ {
			writes = append(writes, store.Write{UID: "a", Item: &inbox.Item{ID: fmt.Sprintf("i%04d", i), Notification: inbox.Notification{Type: "post.liked", Priority: event.High, DueAt: start}}})
		}
		for _, err := range r.Save(t.Context(), writes) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := r.tick(t); got != 1010 || len(r.asked) != 1010 {
		t.Errorf("asked for %d of %d items, want 1,010", got, len(r.asked))
	}
}
