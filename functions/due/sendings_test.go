//go:build unix

package due_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// schedule keeps events number from, from+1, … that are to be sent at a time.
func (r *rig) schedule(t *testing.T, from, count int, at time.Time, change func(*event.Scheduled)) {
	t.Helper()
	var events []event.Scheduled
	for i := range count {
		s := event.Scheduled{
			Event:    event.Event{ID: fmt.Sprint(from + i), Source: "shop", Type: "info", Title: "T", Time: at, SendAt: at, Recipients: []string{"bob"}},
			Accepted: event.Acceptance{At: at, OwnID: true}, Priority: event.Low,
		}
		change(&s)
		events = append(events, s)
		if len(events) == 500 || i == count-1 {
			if _, err := r.Schedule(t.Context(), events); err != nil {
				t.Fatal(err)
			}
			events = nil
		}
	}
}

func same(*event.Scheduled) {}

// sent calls the function and returns how many events it says that it has sent.
func (r *rig) sent(t *testing.T) int {
	t.Helper()
	return r.call(t).Sent
}

// published lists what was published since the last call, by the event's id.
func (r *rig) published(t *testing.T) map[string][]topics.Envelope {
	t.Helper()
	all := map[string][]topics.Envelope{}
	messages := r.pubsub.Messages()
	for _, m := range messages[r.read:] {
		e, err := topics.Decode(topics.PushedMessage{Data: m.Data, Attributes: m.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		all[e.Event.ID] = append(all[e.Event.ID], e)
	}
	r.read = len(messages)
	return all
}

// An event is sent in the minute in which it is due: not before, once, as what it was kept as.
func TestAScheduledEventIsSentWhenItIsDue(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	at := start.Add(90 * time.Second)
	r.schedule(t, 1, 1, at, func(s *event.Scheduled) {
		s.Priority, s.Accepted.OwnTime, s.Event.Time = event.Urgent, true, start.Add(-time.Hour)
	})
	r.schedule(t, 2, 1, at, func(s *event.Scheduled) {
		s.Event.Recipients = nil
		for i := range 250 {
			s.Event.Recipients = append(s.Event.Recipients, fmt.Sprint("u", i))
		}
	})
	for minute, want := range []int{0, 0, 2, 0} {
		r.now = start.Add(time.Duration(minute) * time.Minute)
		if got := r.sent(t); got != want {
			t.Errorf("minute %d: sent %d, want %d", minute, got, want)
		}
	}
	got := r.published(t)
	if len(got["1"]) != 1 || len(got["2"]) != 3 {
		t.Fatalf("published %d and %d messages, want 1, and 3 for 250 people", len(got["1"]), len(got["2"]))
	}
	one := got["1"][0]
	if one.Lane != topics.Urgent || one.Accepted != (event.Acceptance{At: at, OwnTime: true, OwnID: true}) || !one.Event.Time.Equal(start.Add(-time.Hour)) || !one.Event.SendAt.Equal(at) {
		t.Errorf("got %+v, want it urgent, accepted at sendAt, with its own time", one)
	}
}

// A crash after the publishing, or another tick at the same time, publishes an event again, and exactly as it was: the inbox takes both
// for one.
func TestWhatIsSentTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	r.schedule(t, 0, 30, start, same)
	found := r.dueNow(t)
	r.sent(t)
	first := r.published(t)
	for _, f := range found { // as if it had not come to this
		if _, err := r.Schedule(t.Context(), []event.Scheduled{f.Scheduled}); err != nil {
			t.Fatal(err)
		}
	}
	r.now = start.Add(time.Minute)
	var ticks sync.WaitGroup
	for range 3 {
		ticks.Go(func() { r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/due", nil)) })
	}
	ticks.Wait()
	again := r.published(t)
	if len(first) != 30 || len(again) != 30 {
		t.Fatalf("sent %d and then %d events, want 30 twice", len(first), len(again))
	}
	for id, copies := range again {
		for _, e := range copies {
			if diff := cmp.Diff(first[id][0].Event, e.Event); diff != "" || e.Accepted != first[id][0].Accepted {
				t.Errorf("%s: accepted %v and %v, event (-first +again):\n%s", id, first[id][0].Accepted, e.Accepted, diff)
			}
		}
	}
	if got := r.sent(t); got != 0 {
		t.Errorf("afterwards, %d are still due", got)
	}
}

var dueAtOnce = flag.Int("due", 1_500, "how many events TestMuchThatIsToBeSentAtOnceIsSentPieceByPiece sends")

// However much is due at once, a call sends so much, the next one what follows, and each is sent once.
func TestMuchThatIsToBeSentAtOnceIsSentPieceByPiece(t *testing.T) {
	t.Parallel()
	const pages = 2
	r := newRig(t, pages)
	r.schedule(t, 0, *dueAtOnce, start, same)
	total := 0
	for minute := 0; total < *dueAtOnce && minute < *dueAtOnce; minute++ {
		r.now = start.Add(time.Duration(minute) * time.Minute)
		sent := r.sent(t)
		if total += sent; sent > pages*100*store.SendingShards {
			t.Errorf("minute %d: sent %d, want a bounded number", minute, sent)
		}
	}
	got := r.published(t)
	for id, copies := range got {
		if len(copies) != 1 {
			t.Errorf("%s was sent %d times", id, len(copies))
		}
	}
	if len(got) != *dueAtOnce || r.sent(t) != 0 {
		t.Errorf("sent %d events, want %d and then none", len(got), *dueAtOnce)
	}
}

// dueNow are the events that are due, of all shards.
func (r *rig) dueNow(t *testing.T) (all []store.Sending) {
	t.Helper()
	for shard := range store.SendingShards {
		found, err := r.DueSendings(t.Context(), shard, r.now, nil, 500)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// What Pub/Sub does not take is sent by a later call, and does not hold up the rest, nor what is due besides.
func TestWhatCannotBeSentIsSentLater(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0, topics.Urgent)
	r.schedule(t, 0, 100, start, func(s *event.Scheduled) { s.Priority = event.Urgent })
	r.schedule(t, 100, 3, start.Add(time.Second), same)
	r.wait(t, 0, 2, dueAt(start))
	r.now = start.Add(time.Minute)
	for range 2 {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/due", nil))
		if w.Code != http.StatusServiceUnavailable {
			t.Fatalf("got %d %s, want 503", w.Code, w.Body)
		}
	}
	sent, looks := map[string]int{}, 0
	for _, m := range r.pubsub.Messages() {
		if sent[m.Attributes["ce-id"]]++; m.Attributes["uid"] != "" {
			looks++
		}
	}
	if sent["100"] != 1 || sent["0"] != 0 || looks != 4 {
		t.Errorf("sent %d times what could be, %d times what could not, and asked for %d items; want 1, 0, 4", sent["100"], sent["0"], looks)
	}
	if left := r.dueNow(t); len(left) != 100 {
		t.Errorf("%d are still due, want the 100", len(left))
	}
}

// What is cancelled is not sent.
func TestWhatIsCancelledIsNotSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	r.schedule(t, 1, 3, start, same)
	if _, err := r.Cancel(t.Context(), "shop", "2", start.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.sent(t)
	if got := r.published(t); len(got) != 2 || got["2"] != nil {
		t.Errorf("sent %d events, want all but the second", len(got))
	}
}
