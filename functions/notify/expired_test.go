package notify

import (
	"net/http"
	"testing"
	"time"
)

// TestWhatHasExpiredIsNotPushed: wherever the event, or its push, waits when its time is over.
func TestWhatHasExpiredIsNotPushed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		before func(t *testing.T, r *rig)
		late   time.Duration // how long the event takes to us
		listed int
	}{
		{"the event comes late", func(*testing.T, *rig) {}, 10 * time.Minute, 0},
		{"its push is held back", func(t *testing.T, r *rig) {
			r.says(t, "bob", map[string]any{"quietHours": quietHours("08:00", "09:30")})
		}, 0, 1},
		{"its push is tried again", func(_ *testing.T, r *rig) { r.fcm["tok"] = http.StatusServiceUnavailable }, 0, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.device(t, "bob", "tok")
			test.before(t, r)
			e := r.like("alice", 0, "bob")
			e.ExpiresAt = r.clock().Add(10 * time.Minute)
			r.advance(test.late)
			r.post(t, "1", e)
			if got := r.inbox(t, "bob"); len(got) != test.listed {
				t.Errorf("got %q, want %d items", got, test.listed)
			}
			r.advance(10 * time.Minute)
			delete(r.fcm, "tok")
			for range 5 { // whatever waits, comes by then
				r.advance(10 * time.Minute)
				r.run(t)
			}
			r.wantPushes(t)
			if letters := r.deadLetters(t); len(letters) > 0 {
				t.Errorf("got a dead letter: %s", letters[0].Reason)
			}
		})
	}
}
