//go:build unix

package due_test

import (
	"testing"
	"time"

	"tidings.dev/shared/digest"
	"tidings.dev/shared/profile"
)

// Whoever asks for digests, or moves, has the time of the next one within a minute; whoever wants none any more has none.
func TestAskingForDigests(t *testing.T) {
	t.Parallel()
	r := newRig(t, 0)
	tests := []struct {
		name string
		uid  string
		says profile.Settings
		want time.Time // within digest.Spread
	}{
		{"each day at eight", "alice", profile.Settings{Digest: profile.Digest{Every: profile.Daily, At: "08:00"}}, start.Add(time.Hour)},
		{"in Tokyo", "bob", profile.Settings{TimeZone: "Asia/Tokyo", Digest: profile.Digest{Every: profile.Daily, At: "08:00"}}, start.Add(16 * time.Hour)},
		{"each week", "carol", profile.Settings{Digest: profile.Digest{Every: profile.Weekly, At: "08:00", On: "wed"}}, start.Add(3*24*time.Hour + time.Hour)}, // start is a Sunday
		{"moved to Tokyo, where today's hour has come", "alice", profile.Settings{TimeZone: "Asia/Tokyo", Digest: profile.Digest{Every: profile.Daily, At: "08:00"}}, start.Add(-8 * time.Hour)},
		{"none", "alice", profile.Settings{}, time.Time{}},
	}
	for _, test := range tests {
		if _, err := r.ChangeSettings(t.Context(), test.uid, r.now, func(s *profile.Settings) error { *s = test.says; return nil }); err != nil {
			t.Fatal(err)
		}
		r.tick(t)
		var got digest.Plan
		if err := r.ChangePlan(t.Context(), test.uid, func(p digest.Plan, _ *profile.Settings) digest.Plan { got = p; return p }); err != nil {
			t.Fatal(err)
		}
		if early := got.At.Sub(test.want); got.At.IsZero() != test.want.IsZero() || early < 0 || early > digest.Spread {
			t.Errorf("%s: due at %s, want %s", test.name, got.At, test.want)
		}
		if people, err := r.DuePeople(t.Context(), r.now, 10); err != nil || len(people) != 0 {
			t.Errorf("%s: %v is due still (%v)", test.name, people, err)
		}
	}
}
