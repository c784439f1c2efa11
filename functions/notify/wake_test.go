package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
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

// look asks for the person's one item, as the functions withdraw and due do.
func (r *rig) look(t *testing.T, uid, message string) {
	t.Helper()
	ref, _ := r.only(t, uid)
	if code := r.deliver(t, "events-notify", message, nil, map[string]string{"item": ref.ID, "uid": uid}); code != http.StatusNoContent {
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

func TestASnoozeEndsWithAPush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.mark(t, "bob", firestore.Update{Path: "seenAt", Value: r.clock()}, firestore.Update{Path: "snoozedUntil", Value: r.clock().Add(time.Hour)})
	r.advance(2 * time.Minute)
	r.post(t, "2", r.like("dave", time.Second, "bob"))
	if _, item := r.only(t, "bob"); item.Held != attention.BySnooze {
		t.Errorf("held %q, want %q", item.Held, attention.BySnooze)
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
	want := []string{"a: Alice liked your post", "a: withdraw 2"}
	r.wantPushes(t, want...)
	refs, err := r.firestore.Collection("users/bob/notifications").DocumentRefs(context.Background()).GetAll()
	must(t, err)
	for _, ref := range refs { // nothing is left for others to notice
		r.deliver(t, "events-notify", "w"+ref.ID, nil, map[string]string{"item": ref.ID, "uid": "bob"})
	}
	r.wantPushes(t, want...)
	r.forget()
	r.post(t, "2", back) // unanswered, as far as Pub/Sub knows
	r.wantPushes(t, append(want, "a: withdraw 2")...)
}

// TestAWithdrawalIsOwedLikeAPush: one message takes back two items, and FCM does not take all of it now.
func TestAWithdrawalIsOwedLikeAPush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "a")
	r.device(t, "bob", "b")
	for i := range 2 { // in two windows, two items
		e := r.like("alice", 0, "bob")
		e.ID, e.Type = fmt.Sprint(i), "comment.created"
		r.post(t, fmt.Sprint(i), e)
		r.advance(11 * time.Minute)
	}
	back := r.like("alice", 0, "bob")
	back.ID, back.Type, back.Retract = "back", "comment.created", true
	r.fcm["b"] = http.StatusServiceUnavailable
	shown := len(r.pushes())
	r.post(t, "2", back)
	if got := r.pushes()[shown:]; len(got) != 2 || !strings.HasPrefix(got[0], "a: withdraw") || !strings.HasPrefix(got[1], "a: withdraw") {
		t.Fatalf("got %q, want both withdrawn from the device that can be reached", got)
	}
	delete(r.fcm, "b")
	for range 3 {
		r.advance(time.Minute)
		r.run(t)
	}
	got := r.pushes()[shown+2:]
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != 1 || !strings.HasPrefix(got[0], "b: withdraw") {
		t.Errorf("got %q, want them withdrawn from the other, and nothing else", got)
	}
}

func TestAnOrderForWhatIsGoneIsDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code := r.deliver(t, "events-notify", "w", nil, map[string]string{"item": "x", "uid": "nobody"}); code != http.StatusNoContent {
		t.Errorf("got %d, want 204", code)
	}
	if got := len(r.deadLetters(t)); got != 0 {
		t.Errorf("got %d dead letters, want none", got)
	}
}

// lease is a page of the person, copied as the mirror does.
func (r *rig) lease(t *testing.T, uid, id string, left time.Duration, target any, visible bool) {
	t.Helper()
	lease := map[string]any{"expiresAt": r.clock().Add(left), "target": target, "visible": visible}
	_, err := r.firestore.Doc("users/"+uid).Set(context.Background(), map[string]any{"sessions": map[string]any{id: lease}}, firestore.MergeAll)
	must(t, err)
}

// TestWhoIsThereIsToldThere: no push while the app is in view; when its page has died, the push comes with the end of its lease.
func TestWhoIsThereIsToldThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.lease(t, "bob", "tab", time.Minute, nil, true)
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.wantPushes(t)
	if _, item := r.only(t, "bob"); item.Held != "presence" || !item.SeenAt.IsZero() {
		t.Errorf("held %q, seen %s; want presence, not seen", item.Held, item.SeenAt)
	}
	r.advance(50 * time.Second) // still there
	r.lease(t, "bob", "tab", time.Minute, nil, true)
	r.advance(20 * time.Second)
	r.run(t)
	r.wantPushes(t)
	r.advance(41 * time.Second) // dead
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
}

func TestWhatIsOnTheScreenIsSeen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		target  any
		visible bool
		left    time.Duration
		seen    bool
		pushes  int // within ten minutes
	}{
		{"the post", "post/42", true, time.Minute, true, 0},
		{"another post", "post/43", true, time.Minute, false, 1},
		{"the post, but the page is not in view", "post/42", false, time.Minute, false, 1},
		{"the post, on a page that has died", "post/42", true, -time.Second, false, 1},
		{"no page", nil, false, -time.Second, false, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.device(t, "bob", "tok")
			r.lease(t, "bob", "tab", time.Minute, test.target, test.visible)
			if test.left < 0 { // its entry is still there
				r.advance(time.Minute - test.left)
			}
			r.post(t, "1", r.like("alice", 0, "bob"))
			if _, item := r.only(t, "bob"); item.SeenAt.IsZero() == test.seen {
				t.Errorf("seen at %s, want seen: %t", item.SeenAt, test.seen)
			}
			r.advance(10 * time.Minute)
			r.run(t)
			if got := len(r.pushes()); got != test.pushes {
				t.Errorf("got %d pushes, want %d", got, test.pushes)
			}
		})
	}
}

func TestUrgentIsPushedToWhoIsThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.lease(t, "bob", "tab", time.Minute, nil, true)
	e := r.like("alice", 0, "bob")
	e.Priority = event.Urgent
	r.post(t, "1", e)
	r.wantPushes(t, "tok: Alice liked your post")
}

// TestWhoNeverLooksCostsLittle: eight hours in view, one item that is never looked at.
func TestWhoNeverLooksCostsLittle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.lease(t, "bob", "tab", 9*time.Hour, nil, true)
	r.post(t, "1", r.like("alice", 0, "bob"))
	looks, now := 0, r.clock()
	_, item := r.only(t, "bob")
	for end := now.Add(8 * time.Hour); now.Before(end); looks++ {
		now = item.DueAt
		until := now.Add(time.Minute)
		box := new(inbox.Box)
		box.Put(item)
		kind, _ := r.Catalog.Type(item.Type)
		there := &profile.Profile{Sessions: []profile.Session{{ExpiresAt: until, Visible: true}}}
		box.Wake(item.ID, inbox.Look{Type: kind, Person: there}, now, r.Catalog.Say("en"))
		if late := item.DueAt.Sub(until); late > now.Sub(item.UpdatedAt)/5 {
			t.Fatalf("after %s, %s late", now.Sub(item.UpdatedAt), late)
		}
	}
	if looks > 40 {
		t.Errorf("%d looks", looks)
	}
}
