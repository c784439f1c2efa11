package notify

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/idtoken"

	"tidings.dev/functions/publish"
	"tidings.dev/shared/event"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/topics"
)

// holders is how many people have an item.
func (r *rig) holders(t *testing.T) int64 {
	t.Helper()
	query := r.firestore.CollectionGroup("notifications").Query
	counted, err := query.NewAggregationQuery().WithCount("n").Get(context.Background())
	must(t, err)
	return counted["n"].(*firestorepb.Value).GetIntegerValue()
}

// TestWhoLooksWhetherItWasCancelled: each message of an event that was cancelled before it comes. Those that look tell nobody; a lone one does
// not look, which would be a read more for each event.
func TestWhoLooksWhetherItWasCancelled(t *testing.T) {
	t.Parallel()
	people := func(n int) (uids []string) {
		for i := range n {
			uids = append(uids, fmt.Sprintf("u%04d", i))
		}
		return uids
	}
	tests := []struct {
		name   string
		change func(*topics.Envelope)
		age    time.Duration
		told   int64
	}{
		{"a lone one", func(*topics.Envelope) {}, 0, 1},
		{"a few", func(e *topics.Envelope) { e.Event.Recipients = people(manyPeople) }, 0, manyPeople},
		{"many", func(e *topics.Envelope) { e.Event.Recipients = people(manyPeople + 1) }, 0, 0},
		{"one that was scheduled", func(e *topics.Envelope) { e.Event.SendAt = e.Event.Time }, 0, 0},
		{"one that is tried again", func(e *topics.Envelope) { e.Attempts = 1 }, 0, 0},
		{"one that was on its way for long, or a dead letter that is replayed", func(*topics.Envelope) {}, longOnWay, 0},
		{"a small audience", func(e *topics.Envelope) { e.Event.Recipients, e.Event.Audience = nil, "few" }, 0, 3},
		{"an audience", func(e *topics.Envelope) { e.Event.Recipients, e.Event.Audience = nil, "all" }, 0, 0},
		{"a later step of a walk", func(e *topics.Envelope) {
			e.Event.Recipients, e.Event.Audience, e.Walk = nil, "few", topics.Walk{ID: "w", Page: 1, Cursor: "a"}
		}, 0, 0},
		{"a share of a walk", func(e *topics.Envelope) { e.Why = "audience:all" }, 0, 0},
		{"one that was posted after the answer", func(e *topics.Envelope) { e.Attempts = 1 }, -event.CancelTakes - time.Second, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.audience(t, "few", 3, false)
			if strings.Contains(test.name, "an audience") {
				r.audience(t, "all", share+1, false)
			}
			e := topics.Envelope{
				Event:    event.Event{ID: "1", Source: "test", Type: "info", Title: "T", Time: r.clock(), Recipients: []string{"bob"}},
				Accepted: event.Acceptance{At: r.clock().Add(-test.age), OwnID: true},
			}
			test.change(&e)
			_, err := r.Store.Cancel(context.Background(), "test", "1", r.clock())
			must(t, err)
			m, err := e.Encode()
			must(t, err)
			if code := r.deliver(t, "any", "first", m.Data, m.Attributes); code != http.StatusNoContent {
				t.Fatalf("got %d", code)
			}
			r.walk(t, 1)
			if got := r.holders(t); got != test.told {
				t.Errorf("%d were told, want %d", got, test.told)
			}
		})
	}
}

// TestASendingThatComesTwiceIsOnce: a crash of due between publishing an event and taking it from the store.
func TestASendingThatComesTwiceIsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := r.clock()
	e := topics.Envelope{
		Event: event.Event{
			ID: "1", Source: "test", Type: "comment.created", Title: "T", Time: at, SendAt: at, Recipients: []string{"bob"},
			Actor: event.Actor{ID: "alice", Name: "Alice"}, Target: event.Target{Type: "post", ID: "42"},
		},
		Accepted: event.Acceptance{At: at, OwnID: true},
	}
	m, err := e.Encode()
	must(t, err)
	for i, wait := range []time.Duration{0, time.Minute} {
		r.advance(wait)
		r.forget()
		if code := r.deliver(t, "any", fmt.Sprint("copy ", i), m.Data, m.Attributes); code != http.StatusNoContent {
			t.Fatalf("got %d", code)
		}
	}
	docs, err := r.firestore.Collection("users/bob/notifications").Documents(context.Background()).GetAll()
	must(t, err)
	if len(docs) != 1 || docs[0].Data()["eventCount"] != int64(1) {
		t.Errorf("got %d items, want one of one event", len(docs))
	}
}

// deleteEvent has the publish function cancel an event, and returns its answer.
func (r *rig) deleteEvent(path string) *httptest.ResponseRecorder {
	const account = "shop@p.iam"
	grants, _ := producers.Parse(`{shop: {producers: ["serviceAccount:shop@p.iam"], types: [info], sources: ["*"], recipients: true, priority: urgent}}`, []string{"info"})
	h := publish.New(publish.Needs{
		Producers: &producers.Allowed{
			Grants: grants, Audience: "us",
			Google: func(context.Context, string, string) (*idtoken.Payload, error) {
				return &idtoken.Payload{Claims: map[string]any{"email": account, "email_verified": true}}, nil
			},
		},
		Cancel: r.Store.Cancel, Now: r.clock, Log: r.Log,
	})
	req := httptest.NewRequest(http.MethodDelete, path, nil)
	req.Header.Set("Authorization", "Bearer .eyJpc3MiOiJhY2NvdW50cy5nb29nbGUuY29tIn0.") // whose issuer is Google
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

// deliverAll delivers what is published, four messages at a time, until end is closed and nothing comes any more. It closes begun when the
// first share of a walk was told, and keeps back what comes after the first half shares until end is closed: however long the test takes to close it, not all of
// the walk is over. What is to be tried later, it leaves.
func (r *rig) deliverAll(t *testing.T, half int, begun, end chan struct{}) {
	var once sync.Once
	shares := 0
	for i := 0; ; {
		all := r.pubsub.Messages()
		if i == len(all) {
			select {
			case <-end:
				if i == len(r.pubsub.Messages()) {
					return
				}
			case <-time.After(time.Millisecond):
			}
			continue
		}
		var round errgroup.Group
		round.SetLimit(4)
		for ; i < len(all); i++ {
			m := all[i]
			if m.Attributes["notBefore"] != "" {
				continue
			}
			if m.Attributes["why"] != "" {
				if shares++; shares > half {
					<-end
				}
			}
			round.Go(func() error {
				r.deliver(t, "events-notify", m.ID, m.Data, m.Attributes)
				if m.Attributes["why"] != "" {
					once.Do(func() { close(begun) })
				}
				return nil
			})
		}
		_ = round.Wait()
	}
}

// TestNobodyGetsAnEventAfterItsCancellationWasAnswered: an announcement to 10,000 people is cancelled while it is being walked. Whoever has an
// item when the answer comes is all who ever has one.
func TestNobodyGetsAnEventAfterItsCancellationWasAnswered(t *testing.T) {
	t.Parallel()
	const members = 10_000
	r := newRig(t)
	r.audience(t, "all", members, false)
	r.post(t, "first", r.toAll())

	answered, begun, settled := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(settled)
		r.deliverAll(t, members/topics.Chunk/2, begun, answered)
	}()
	<-begun
	w := r.deleteEvent("/v1/events/test/1")
	at := r.holders(t)
	close(answered)
	<-settled
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "underway") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	r.settleAll(t) // all of it once more, and what is to be tried later
	t.Logf("%d had it when the answer came", at)
	if end := r.holders(t); end != at || end == 0 || end == members {
		t.Errorf("%d had it when the answer came, and %d in the end; want the same, and some of %d", at, end, members)
	}
	if letters := r.deadLetters(t); len(letters) > 0 {
		t.Errorf("%d dead letters, the first: %s", len(letters), letters[0].Reason)
	}
}
