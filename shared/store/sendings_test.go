package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/store"
)

// later is an event that is to be sent then.
func later(id, content string, at time.Time) event.Scheduled {
	return event.Scheduled{
		Event:    event.Event{ID: id, Source: "/shop", Type: "info", Title: "Lunch", Time: at, SendAt: at, Recipients: []string{"bob"}, Data: map[string]any{"n": 1e20, "s": "x"}},
		Accepted: event.Acceptance{At: at, OwnID: true}, Priority: event.Low, Content: content,
	}
}

func schedule(t *testing.T, s *store.Store, events ...event.Scheduled) []error {
	t.Helper()
	refused, err := s.Schedule(context.Background(), events)
	if err != nil {
		t.Fatal(err)
	}
	return refused
}

// due reads what is due of all shards, each page by page.
func due(t *testing.T, s *store.Store, at time.Time, page int) (all []store.Sending) {
	t.Helper()
	for shard := range store.SendingShards {
		for last, n := (*store.Sending)(nil), page; n == page; {
			some, err := s.DueSendings(context.Background(), shard, at, last, page)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, some...)
			if n = len(some); n == 0 {
				break
			}
			last = &some[n-1]
		}
	}
	for _, f := range all {
		if f.Broken != nil {
			t.Fatal(f.Broken)
		}
	}
	return all
}

// idsOf are the ids of events, sorted.
func idsOf(found []store.Sending) (ids []string) {
	for _, f := range found {
		ids = append(ids, f.Event.ID)
	}
	slices.Sort(ids)
	return ids
}

func cancel(t *testing.T, s *store.Store, id string, at time.Time) event.Cancellation {
	t.Helper()
	c, err := s.Cancel(context.Background(), "/shop", id, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEventsAreScheduledWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s := open(t)
	hour := now.Add(time.Hour)
	cancel(t, s, "gone", now)
	for _, step := range []struct {
		name string
		give []event.Scheduled
		want []error
	}{
		{"new", []event.Scheduled{later("1", "a", hour), later("2", "b", hour)}, []error{nil, nil}},
		{"the same, among new ones", []event.Scheduled{later("2", "b", hour), later("3", "c", hour)}, []error{nil, nil}},
		{"all the same", []event.Scheduled{later("2", "b", hour)}, []error{nil}},
		{"other content, among new ones", []event.Scheduled{later("4", "d", hour), later("1", "b", hour)}, []error{nil, event.ErrOtherContent}},
		{"cancelled, among new ones", []event.Scheduled{later("gone", "a", hour), later("4", "d", hour)}, []error{event.ErrCancelled, nil}},
	} {
		if got := schedule(t, s, step.give...); !slices.EqualFunc(got, step.want, errors.Is) {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
	found := due(t, s, hour, 10)
	if ids, want := idsOf(found), []string{"1", "2", "3"}; !slices.Equal(ids, want) {
		t.Errorf("%v wait, want %v: a refused request keeps nothing", ids, want)
	}
	for _, f := range found {
		want := later(f.Event.ID, map[string]string{"1": "a", "2": "b", "3": "c"}[f.Event.ID], hour)
		if diff := cmp.Diff(want.Accepted, f.Accepted); diff != "" || f.Content != want.Content || f.Priority != want.Priority || f.Event.Title != "Lunch" || !f.Event.SendAt.Equal(hour) || f.Size == 0 {
			t.Errorf("got %+v, want it as it was kept", f)
		}
	}
}

func TestTheSameEventAtOnceIsKeptOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if refused, err := s.Schedule(context.Background(), []event.Scheduled{later("1", "a", now), later("2", "b", now)}); err != nil || errors.Join(refused...) != nil {
				t.Errorf("got %v and %v", refused, err)
			}
		})
	}
	calls.Wait()
	if ids := idsOf(due(t, s, now, 10)); len(ids) != 2 {
		t.Errorf("%v wait, want two", ids)
	}
}

func TestWhatIsDueComesInOrderPageByPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	var events []event.Scheduled
	var want []string
	for i := range 25 { // in all shards
		id := fmt.Sprintf("%02d", i)
		events, want = append(events, later(id, "a", now.Add(time.Duration(i)*time.Microsecond))), append(want, id)
	}
	schedule(t, s, append(events, later("not yet", "a", now.Add(time.Second)))...)
	got := due(t, s, now.Add(time.Millisecond), 3)
	if diff := cmp.Diff(want, idsOf(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	lapses := 0
	for i := 1; i < len(got); i++ {
		if got[i].Accepted.At.Before(got[i-1].Accepted.At) {
			lapses++
		}
	}
	if lapses != store.SendingShards-1 {
		t.Errorf("%d times an event comes before an earlier one, want that between two shards only", lapses)
	}
}

func TestWhatWasSentGoesAndWhatWasCancelledStaysCancelled(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	schedule(t, s, later("sent", "a", now), later("cancelled", "a", now))
	found := due(t, s, now, 10)
	cancel(t, s, "cancelled", now)
	for range 2 {
		if err := s.Sent(ctx, found); err != nil {
			t.Fatal(err)
		}
	}
	if ids := idsOf(due(t, s, now, 10)); len(ids) != 0 {
		t.Errorf("%v are still due", ids)
	}
	for id, want := range map[string]time.Time{"sent": {}, "cancelled": now} {
		if got, err := s.Cancelled(ctx, "/shop", id); err != nil || !got.Equal(want.Truncate(time.Microsecond)) {
			t.Errorf("%s: cancelled at %v (%v), want %v", id, got, err, want)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := open(t)
	hour := now.Add(time.Hour)
	schedule(t, s, later("waits", "a", hour), later("imminent", "a", now.Add(4*time.Second)), later("due", "a", now.Add(-time.Second)))
	for _, step := range []struct {
		name, id string
		at       time.Time
		want     event.Cancellation
	}{
		{"long before", "waits", now, event.Cancellation{InTime: true, SendAt: hour}},
		{"again", "waits", now, event.Cancellation{InTime: true, SendAt: hour}},
		{"again, after it would have been sent", "waits", hour.Add(time.Hour), event.Cancellation{InTime: true, SendAt: hour}},
		{"just before", "imminent", now, event.Cancellation{SendAt: now.Add(4 * time.Second)}},
		{"when it is due", "due", now, event.Cancellation{SendAt: now.Add(-time.Second)}},
		{"what is not known", "other", now, event.Cancellation{}},
		{"that again", "other", now.Add(time.Second), event.Cancellation{}},
	} {
		if diff := cmp.Diff(step.want, cancel(t, s, step.id, step.at)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	if ids := idsOf(due(t, s, hour, 10)); len(ids) != 0 {
		t.Errorf("%v are due", ids)
	}
	if at, err := s.Cancelled(context.Background(), "/shop", "other"); err != nil || !at.Equal(now.Add(time.Second)) {
		t.Errorf("cancelled at %v (%v), want the last time: what was posted in between is cancelled, too", at, err)
	}
}

func TestWhetherAnEventIsScheduled(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	at := now.Add(time.Hour)
	if _, _, err := s.Scheduled(ctx, "/shop", "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of nothing: got %v", err)
	}
	schedule(t, s, later("a", "x", at))
	if sendAt, cancelled, err := s.Scheduled(ctx, "/shop", "a"); err != nil || !sendAt.Equal(at) || !cancelled.IsZero() {
		t.Errorf("it waits: got %s, %s, %v", sendAt, cancelled, err)
	}
	if _, err := s.Cancel(ctx, "/shop", "a", now); err != nil {
		t.Fatal(err)
	}
	if _, cancelled, err := s.Scheduled(ctx, "/shop", "a"); err != nil || !cancelled.Equal(now) {
		t.Errorf("cancelled: got %s, %v", cancelled, err)
	}
}
