package notify

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/tasks"
)

// note is a notification that stands alone.
func (r *rig) note(id string, uid string) event.Event {
	return event.Event{ID: id, Source: "shop", Type: "info", Time: r.clock(), Title: "note " + id, Recipients: []string{uid}}
}

// has sets how many items the person has had of a stream in this hour.
func (r *rig) has(t *testing.T, uid, stream string, n int) {
	t.Helper()
	r.says(t, uid, map[string]any{"received": map[string]any{"hour": profile.HourOf(r.clock()), "items": map[string]any{stream: n}}})
}

// counted is what the profile says of a stream.
func (r *rig) counted(t *testing.T, uid, stream string) int {
	t.Helper()
	snap, err := r.Store.Load(context.Background(), []string{uid}, nil)
	must(t, err)
	return snap.Profiles[uid].Received.In(profile.HourOf(r.clock()), stream)
}

func (r *rig) wantInbox(t *testing.T, uid string, want ...string) {
	t.Helper()
	got := r.inbox(t, uid)
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s has %q, want %q", uid, got, want)
	}
}

// TestWhatIsMoreThanAThousandIsOneItem: what stands alone, what comes again, what comes twice, what is urgent, and another source's.
func TestWhatIsMoreThanAThousandIsOneItem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.has(t, "bob", inbox.StreamOf("shop", false), inbox.MaxItemsPerHour-2)
	for i := range 5 {
		e := r.note(fmt.Sprint(i), "bob")
		r.post(t, e.ID, e)
	}
	r.wantInbox(t, "bob", "note 0", "note 1", "3 more notifications from shop")
	r.forget()
	for _, id := range []string{"1", "3"} { // one that has an item, and one that is counted
		r.post(t, id, r.note(id, "bob"))
	}
	r.wantInbox(t, "bob", "note 0", "note 1", "3 more notifications from shop")

	urgent, other := r.note("urgent", "bob"), r.note("other", "bob")
	urgent.Priority, other.Source = event.Urgent, "bank"
	if code := r.send(t, "events-urgent-notify", "urgent", urgent); code != 204 {
		t.Fatalf("got %d", code)
	}
	r.post(t, "other", other)
	r.wantInbox(t, "bob", "note 0", "note 1", "note other", "note urgent", "3 more notifications from shop")

	r.advance(time.Hour)
	r.post(t, "later", r.note("later", "bob"))
	r.wantInbox(t, "bob", "note 0", "note 1", "note later", "note other", "note urgent", "3 more notifications from shop")
}

// TestAGroupGoesOnBeyondTheBound: only what would open another item is counted.
func TestAGroupGoesOnBeyondTheBound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.has(t, "bob", inbox.StreamOf("test", false), inbox.MaxItemsPerHour)
	r.post(t, "2", r.like("dave", time.Second, "bob"))
	e := r.like("erin", 2*time.Second, "bob")
	e.Target.ID = "43"
	r.post(t, "3", e)
	back := r.like("dave", 3*time.Second, "bob")
	back.Retract = true
	r.post(t, "4", back)
	r.wantInbox(t, "bob", "Alice liked your post", "1 more notification from test")
}

// TestManyAtOnceAreCounted: a commit takes many of one person's events, and the profile is written for each hundred.
func TestManyAtOnceAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stream := inbox.StreamOf("shop", false)
	r.has(t, "bob", stream, 850)
	r.has(t, "old", stream, 1)
	r.says(t, "old", map[string]any{"received": map[string]any{"hour": 1}})
	var posts tasks.Group
	posts.Limit(50)
	for _, uid := range []string{"bob", "old"} {
		for i := range 200 {
			posts.Go(func() error {
				e := r.note(fmt.Sprint(uid, i), uid)
				if code := r.send(t, "events-notify", e.ID, e); code != 204 {
					return fmt.Errorf("%s: got %d", e.ID, code)
				}
				return nil
			})
		}
	}
	must(t, posts.Wait())
	for uid, want := range map[string]struct{ items, counted int }{"bob": {151, 950}, "old": {200, 200}} {
		refs, err := r.firestore.Collection("users/" + uid + "/notifications").DocumentRefs(context.Background()).GetAll()
		must(t, err)
		if got := r.counted(t, uid, stream); len(refs) != want.items || got != want.counted {
			t.Errorf("%s: %d items and %d counted, want %d (one of them for what is more) and %d", uid, len(refs), got, want.items, want.counted)
		}
	}
}
