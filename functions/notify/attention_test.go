package notify

import (
	"context"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
)

// says has a person write into their profile.
func (r *rig) says(t *testing.T, uid string, fields map[string]any) {
	t.Helper()
	_, err := r.firestore.Doc("users/"+uid).Set(context.Background(), fields, firestore.MergeAll)
	must(t, err)
}

// quietHours are those of every day, as they are stored.
func quietHours(from, to string) map[string]any {
	week := map[string]any{}
	for _, day := range quiet.Days {
		week[string(day)] = []any{from + "-" + to}
	}
	return map[string]any{"enabled": true, "week": week}
}

func TestQuietHoursEndWithAPush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"quietHours": quietHours("22:00", "09:30")})
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.advance(29 * time.Minute)
	r.run(t)
	r.wantPushes(t)
	r.advance(2 * time.Minute)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
}

// TestQuietThatIsTurnedOffEndsWithAPush: within a minute, and not at the end of what was set before. Each way writes the profile as a client does,
// with the time of the change.
func TestQuietThatIsTurnedOffEndsWithAPush(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		before, after map[string]any
		held          attention.Reason
	}{
		{"quiet hours", map[string]any{"quietHours": quietHours("08:00", "20:00")}, map[string]any{"quietHours": map[string]any{"enabled": false}}, attention.ByQuietHours},
		{"do not disturb", map[string]any{"doNotDisturb": map[string]any{"enabled": true}}, map[string]any{"doNotDisturb": map[string]any{"enabled": false}}, attention.ByDoNotDisturb},
		{"do not disturb with an end", map[string]any{"doNotDisturb": map[string]any{"enabled": true, "until": time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)}}, map[string]any{"doNotDisturb": firestore.Delete}, attention.ByDoNotDisturb},
		{"another time zone", map[string]any{"quietHours": quietHours("08:00", "10:00")}, map[string]any{"timeZone": "Pacific/Auckland"}, attention.ByQuietHours},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.device(t, "bob", "tok")
			r.says(t, "bob", test.before)
			r.post(t, "1", r.like("alice", 0, "bob"))
			r.advance(time.Minute)
			r.run(t)
			r.wantPushes(t)
			if _, item := r.only(t, "bob"); item.Held != test.held {
				t.Errorf("held %q, want %q", item.Held, test.held)
			}
			test.after["dueAt"] = r.clock()
			r.says(t, "bob", test.after)
			r.advance(time.Minute)
			r.run(t)
			r.run(t)
			r.wantPushes(t, "tok: Alice liked your post")
			due, err := r.Store.DuePeople(context.Background(), r.clock(), 1)
			if must(t, err); len(due) != 0 {
				t.Errorf("still due: %v", due)
			}
		})
	}
}

// TestSettingsOfAServer: the same by the store, as the API does.
func TestSettingsOfAServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	change := func(do func(*profile.Settings)) {
		_, err := r.Store.ChangeSettings(context.Background(), "bob", r.clock(), func(s *profile.Settings) error {
			do(s)
			return nil
		})
		must(t, err)
	}
	change(func(s *profile.Settings) { s.DoNotDisturb.Enabled = true })
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.run(t)
	r.wantPushes(t)
	change(func(s *profile.Settings) { s.DoNotDisturb = profile.DoNotDisturb{} })
	r.advance(time.Minute)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
	change(func(s *profile.Settings) { s.Mutes = map[string]profile.Mute{"post/42": {}} })
	r.advance(time.Hour)
	r.post(t, "2", r.like("dave", time.Hour, "bob"))
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
	docs, err := r.firestore.Collection("users/bob/notifications").Where("muted", "==", "mute").Documents(context.Background()).GetAll()
	if must(t, err); len(docs) != 1 || docs[0].Data()["archivedAt"] == nil || docs[0].Data()["held"] != "mute" {
		t.Errorf("got %d items that are muted; want one, in the archive, with the reason", len(docs))
	}
}
