//go:build unix

package due_test

import (
	"log/slog"
	"testing"
	"time"

	"tidings.dev/functions/due"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics/topicstest"
)

// An erasure that its caller has left alone is gone on with within minutes, and its second round comes by itself.
func TestErasuresGoOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	eraser := store.Eraser{Store: r.Store, Words: cat.Say, Now: func() time.Time { return r.now }}
	_, publisher := topicstest.Start(t)
	r.Handler = due.New(due.Needs{Store: r.Store, Publisher: publisher, Now: eraser.Now, Log: slog.New(slog.DiscardHandler), Erase: eraser.GoOn})
	r.wait(t, 7, 1, func(n *inbox.Notification) {
		n.EventCount, n.Actors = 1, []inbox.Actor{{Actor: event.Actor{ID: "alice", Name: "Alice"}}}
	})
	if _, err := eraser.Erase(t.Context(), "alice", time.Now()); err != nil { // it begins, and dies
		t.Fatal(err)
	}
	for _, step := range []struct {
		after            time.Duration
		items            int
		waits, hasItsEnd bool
	}{
		{30 * time.Second, 0, false, false}, // its caller may still be at it
		{time.Minute, 1, true, false},
		{5 * time.Minute, 1, true, false},
		{12 * time.Minute, 1, false, true},
		{20 * time.Minute, 1, false, true},
	} {
		r.now = start.Add(step.after)
		r.call(t)
		got, err := r.Erasure(t.Context(), "alice")
		if err != nil || got.Erased["items"] != step.items || got.AgainAt.IsZero() == step.waits || got.FinishedAt.IsZero() == step.hasItsEnd {
			t.Errorf("after %s: got %+v, %v; want %+v", step.after, got, err, step)
		}
	}
	if left, err := r.Erasures(t.Context(), start.Add(24*time.Hour), 10); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v; want none", left, err)
	}
}
