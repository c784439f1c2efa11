package store_test

import (
	"sync"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/shared/store"
)

func TestUnitsAreCountedOnceWhoeverCounts(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.Context(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	at := time.Date(2026, 11, 26, 9, 0, 0, 123_456_000, time.UTC)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, _, err := s.CountUnits(t.Context(), "uid:shop", 25, at.Add(time.Duration(i)*time.Second)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, test := range []struct {
		sender string
		fullAt time.Time
		total  int64
		latest time.Time
	}{
		{"uid:shop", at, 501, at.Add(19 * time.Second)},
		{"uid:shop", at.Add(time.Minute), 502, at.Add(time.Minute)},
		{"webhook:a/../b", at, 1, at}, // any text is a sender
	} {
		total, latest, err := s.CountUnits(t.Context(), test.sender, 1, test.fullAt)
		if err != nil || total != test.total || !latest.Equal(test.latest) {
			t.Errorf("%s: got %d, %s, %v; want %d, %s", test.sender, total, latest, err, test.total, test.latest)
		}
	}
}
