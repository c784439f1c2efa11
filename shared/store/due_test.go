package store_test

import (
	"errors"
	"fmt"
	"testing"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// Pages by time go through items of one moment too, and end where nothing has come yet.
func TestWaitingGoesPageByPage(t *testing.T) {
	t.Parallel()
	s := open(t)
	var writes []store.Write
	for i := range 11 {
		item := &inbox.Item{ID: fmt.Sprint("i", i%2), Notification: inbox.Notification{Priority: event.Low, DueAt: now}}
		if i == 10 {
			item.DueAt = now.Add(1e6) // a millisecond: Firestore keeps microseconds
		}
		writes = append(writes, store.Write{UID: fmt.Sprint("u", i/2), Item: item})
	}
	for _, err := range s.Save(t.Context(), writes) {
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[store.Ref]bool{}
	place := ""
	for _, want := range []int{4, 4, 2, 0} {
		found, err := s.Waiting(t.Context(), store.DueAt, now, place, 4)
		if err != nil || len(found) != want {
			t.Fatalf("after %q: got %d and %v, want %d", place, len(found), err, want)
		}
		for _, w := range found {
			if seen[w.Ref] || w.Priority != event.Low {
				t.Errorf("%+v is wrong or there twice", w)
			}
			seen[w.Ref] = true
			place = w.Place
		}
	}
	for _, after := range []string{"x", "//", now.String() + "/u/i", "2026-11-21T09:00:00Z/u", "2026-11-21T09:00:00Z/u/i/x"} {
		if _, err := s.Waiting(t.Context(), store.DueAt, now, after, 4); !errors.Is(err, store.ErrCursor) {
			t.Errorf("after %q: got %v, want ErrCursor", after, err)
		}
	}
}
