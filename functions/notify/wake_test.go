package notify

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// only is the person's one item, with its reference.
func (r *rig) only(t *testing.T, uid string) (*firestore.DocumentRef, *inbox.Item) {
	t.Helper()
	refs, err := r.firestore.Collection("users/" + uid + "/notifications").DocumentRefs(context.Background()).GetAll()
	must(t, err)
	if len(refs) != 1 {
		t.Fatalf("%s has %d items, want one", uid, len(refs))
	}
	ref := store.Ref{UID: uid, ID: refs[0].ID}
	snap, err := r.Store.Load(context.Background(), []string{uid}, []store.Ref{ref})
	must(t, err)
	return refs[0], snap.Items[ref]
}

// mark sets fields of the person's one item, as the owner does.
func (r *rig) mark(t *testing.T, uid string, marks ...firestore.Update) {
	t.Helper()
	ref, _ := r.only(t, uid)
	_, err := ref.Update(context.Background(), marks)
	must(t, err)
}

// look asks for the person's one item, as the function withdraw does.
func (r *rig) look(t *testing.T, uid, message string) {
	t.Helper()
	ref, _ := r.only(t, uid)
	if code := r.deliver(t, "events-notify", message, nil, map[string]string{topics.AttrItem: ref.ID, topics.AttrUID: uid}); code != http.StatusNoContent {
		t.Fatalf("look: got %d", code)
	}
}

func (r *rig) wantPushes(t *testing.T, want ...string) {
	t.Helper()
	if got := r.pushes(); !slices.Equal(got, want) {
		t.Errorf("got pushes %q, want %q", got, want)
	}
}

func TestTheLastStateArrivesAfterTheInterval(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	for i, actor := range []string{"alice", "dave", "carol"} {
		r.post(t, actor, r.like(actor, time.Duration(i)*time.Second, "bob"))
	}
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
	r.advance(61 * time.Second)
	r.run(t)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post", "tok: Carol and 2 others liked your post")
	if _, item := r.only(t, "bob"); !item.DueAt.IsZero() || item.Held != "" {
		t.Errorf("got due at %s, held %q; want nothing waiting", item.DueAt, item.Held)
	}
}

func TestWhatWasSeenIsNotPushedLater(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"seenAt", "readAt", "archivedAt"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.device(t, "bob", "tok")
			r.post(t, "1", r.like("alice", 0, "bob"))
			r.post(t, "2", r.like("dave", time.Second, "bob"))
			r.mark(t, "bob", firestore.Update{Path: field, Value: r.clock()})
			r.advance(2 * time.Minute)
			r.run(t)
			for _, p := range r.pushes() {
				if p == "tok: Dave and Alice liked your post" {
					t.Error("it was pushed although it was seen")
				}
			}
			if _, item := r.only(t, "bob"); !item.DueAt.IsZero() {
				t.Errorf("still due at %s", item.DueAt)
			}
		})
	}
}

func TestQuietHoursEndWithAPush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	_, err := r.firestore.Doc("users/bob").Set(context.Background(), map[string]any{"quietHours": map[string]any{"enabled": true, "from": "22:00", "to": "09:30"}}, firestore.MergeAll)
	must(t, err)
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.advance(29 * time.Minute)
	r.run(t)
	r.wantPushes(t)
	r.advance(2 * time.Minute)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
}

func TestASnoozeEndsWithAPush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.mark(t, "bob", firestore.Update{Path: "seenAt", Value: r.clock()}, firestore.Update{Path: "snoozedUntil", Value: r.clock().Add(time.Hour)})
	r.advance(2 * time.Minute)
	r.post(t, "2", r.like("dave", time.Second, "bob"))
	if _, item := r.only(t, "bob"); item.Held != inbox.HeldSnooze {
		t.Errorf("held %q, want %q", item.Held, inbox.HeldSnooze)
	}
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
	_, before := r.only(t, "bob")
	r.advance(time.Hour)
	r.run(t)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post", "tok: Dave and Alice liked your post")
	if _, item := r.only(t, "bob"); !item.SnoozedUntil.IsZero() || item.Revision <= before.Revision || !item.SeenAt.IsZero() {
		t.Errorf("got %+v; want an item that is new, in another revision", item)
	}
}

// TestAWokenPushIsOwedLikeAnother: FCM fails at the wrong moment.
func TestAWokenPushIsOwedLikeAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.post(t, "2", r.like("dave", time.Second, "bob"))
	r.fcm["tok"] = http.StatusServiceUnavailable
	r.advance(time.Minute)
	r.run(t)
	delete(r.fcm, "tok")
	r.advance(time.Minute)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post", "tok: Dave and Alice liked your post")
}

func TestWhatIsDoneIsWithdrawnOnce(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"readAt", "archivedAt"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.device(t, "bob", "a")
			r.post(t, "1", r.like("alice", 0, "bob"))
			r.look(t, "bob", "w0")
			r.wantPushes(t, "a: Alice liked your post")
			r.mark(t, "bob", firestore.Update{Path: field, Value: r.clock()})
			r.look(t, "bob", "w1")
			r.look(t, "bob", "w2")
			r.wantPushes(t, "a: Alice liked your post", "a: withdraw 1")
			r.forget()
			r.look(t, "bob", "w1") // unanswered, as far as Pub/Sub knows
			r.wantPushes(t, "a: Alice liked your post", "a: withdraw 1", "a: withdraw 1")

			r.advance(2 * time.Minute)
			r.post(t, "2", r.like("dave", time.Minute, "bob"))
			r.look(t, "bob", "w1") // late: there is news
			r.mark(t, "bob", firestore.Update{Path: field, Value: r.clock()})
			r.look(t, "bob", "w3")
			r.wantPushes(t, "a: Alice liked your post", "a: withdraw 1", "a: withdraw 1", "a: Dave and Alice liked your post", "a: withdraw 2")
		})
	}
}

func TestWhatIsTakenBackIsWithdrawn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "a")
	r.post(t, "1", r.like("alice", 0, "bob"))
	back := r.like("alice", time.Second, "bob")
	back.Retract = true
	r.post(t, "2", back)
	refs, err := r.firestore.Collection("users/bob/notifications").DocumentRefs(context.Background()).GetAll()
	must(t, err)
	for _, ref := range refs {
		r.deliver(t, "events-notify", "w"+ref.ID, nil, map[string]string{topics.AttrItem: ref.ID, topics.AttrUID: "bob"})
	}
	r.wantPushes(t, "a: Alice liked your post", "a: withdraw 2")
}

func TestAnOrderForWhatIsGoneIsDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code := r.deliver(t, "events-notify", "w", nil, map[string]string{topics.AttrItem: "x", topics.AttrUID: "nobody"}); code != http.StatusNoContent {
		t.Errorf("got %d, want 204", code)
	}
	if got := len(r.deadLetters(t)); got != 0 {
		t.Errorf("got %d dead letters, want none", got)
	}
}

// TestNewsWhileItIsWithdrawn: in one commit, the item is over for one job and new for the next.
func TestNewsWhileItIsWithdrawn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "a")
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.mark(t, "bob", firestore.Update{Path: "readAt", Value: r.clock()})
	ref, _ := r.only(t, "bob")
	e := r.like("dave", time.Second, "bob")
	kind, _ := r.Catalog.Type(e.Type)
	look, news := &job{uid: "bob", item: ref.ID, message: "w"}, &job{uid: "bob", event: e, kind: kind, message: "2"}
	r.committer.try(context.Background(), []*job{look, news})
	if _, item := r.only(t, "bob"); look.push != nil || !item.Pushed() || item.Held != inbox.HeldInterval {
		t.Errorf("withdrawn %v, %+v; want the push of before to stay until the next", look.push != nil, item)
	}
}

func TestUrgentRingsThroughASnooze(t *testing.T) {
	t.Parallel()
	n := inbox.Item{Notification: inbox.Notification{Priority: event.Urgent, SnoozedUntil: time.Now().Add(time.Hour), EventCount: 1, DueAt: time.Now().Add(-time.Second)}}
	n.Wake(inbox.Again{Push: inbox.Verdict{Send: true}}, time.Now())
	if !n.Due {
		t.Error("it waits")
	}
}
