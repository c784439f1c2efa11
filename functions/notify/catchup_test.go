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

	"tidings.dev/functions/notify/courier"
	"tidings.dev/shared/event"
)

// asleep gives the person quiet hours of every day, from 22:00 to 07:00 UTC, and a device, and makes it ten at night.
func (r *rig) asleep(t *testing.T, uid string) {
	t.Helper()
	r.now = time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	r.device(t, uid, "tok")
	r.says(t, uid, map[string]any{"quietHours": quietHours("22:00", "07:00")})
}

// mentions posts so many mentions, each an item of its own.
func (r *rig) mentions(t *testing.T, uid string, n int) {
	t.Helper()
	for i := range n {
		r.post(t, fmt.Sprint("mention", i), event.Event{
			ID: fmt.Sprint("mention", i), Source: "test", Type: "user.mentioned", Time: r.clock().Add(time.Duration(i) * time.Second), Recipients: []string{uid},
			Actor: event.Actor{ID: "alice", Name: "Alice"}, Target: event.Target{Type: "post", ID: fmt.Sprint(i), Title: fmt.Sprint("post ", i)},
		})
	}
}

const fifty = "tok: 50 notifications while you were away"

func TestWhatWasHeldComesOutAsOnePush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.asleep(t, "bob")
	r.mentions(t, "bob", 50)
	r.run(t)
	r.wantPushes(t)
	r.advance(9*time.Hour - time.Minute)
	r.run(t)
	r.wantPushes(t)
	r.advance(time.Minute)
	r.run(t)
	r.run(t)
	r.wantPushes(t, fifty)
	r.advance(time.Minute)
	r.run(t)
	r.wantPushes(t, fifty) // and no second one
	held, err := r.firestore.Collection("users/bob/notifications").Where("held", ">", "").Documents(context.Background()).GetAll()
	must(t, err)
	if len(held) != 0 {
		t.Errorf("%d items still say that they are held", len(held))
	}
}

func TestOneThatWasHeldHasItsOwnWords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.asleep(t, "bob")
	r.mentions(t, "bob", 1)
	r.advance(9 * time.Hour)
	r.run(t)
	r.wantPushes(t, "tok: Alice mentioned you in post 0")
}

// TestWhoEndsTheirQuietGetsTheCatchUp within a minute, and what was seen meanwhile is not counted.
func TestWhoEndsTheirQuietGetsTheCatchUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.asleep(t, "bob")
	r.mentions(t, "bob", 3)
	docs, err := r.firestore.Collection("users/bob/notifications").Documents(context.Background()).GetAll()
	must(t, err)
	_, err = docs[0].Ref.Set(context.Background(), map[string]any{"seenAt": r.clock()}, firestore.MergeAll)
	must(t, err)
	r.advance(time.Hour)
	r.says(t, "bob", map[string]any{"quietHours": map[string]any{"enabled": false}, "dueAt": r.clock()})
	r.run(t)
	r.wantPushes(t, "tok: 2 notifications while you were away")
}

// TestTheCatchUpIsOwedLikeAnother: FCM fails at the wrong moment, and then the same one is repeated, once.
func TestTheCatchUpIsOwedLikeAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.asleep(t, "bob")
	r.mentions(t, "bob", 50)
	r.fcm["tok"] = http.StatusServiceUnavailable
	r.advance(9 * time.Hour)
	r.run(t)
	if got := r.calls["tok"]; got != 1 {
		t.Errorf("FCM was asked %d times, want once for all", got)
	}
	delete(r.fcm, "tok")
	r.advance(time.Minute)
	r.run(t)
	r.advance(time.Hour)
	r.run(t)
	r.wantPushes(t, fifty)
}

// TestOnlyWhatWasHeldForThePersonComesTogether: two items that follow another push too soon come each in its own words.
func TestOnlyWhatWasHeldForThePersonComesTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	for i, actor := range []string{"alice", "dave"} {
		for _, post := range []string{"42", "43"} {
			e := r.like(actor, time.Duration(i)*time.Second, "bob")
			e.ID, e.Target.ID, e.Target.Title = e.ID+post, post, "post "+post
			r.post(t, e.ID, e)
		}
	}
	r.advance(61 * time.Second)
	r.run(t)
	got := r.pushes()
	slices.Sort(got)
	want := []string{"tok: Alice liked post 42", "tok: Alice liked post 43", "tok: Dave and Alice liked post 42", "tok: Dave and Alice liked post 43"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhatIsOwedTwiceToADeviceIsOwedOnce(t *testing.T) {
	t.Parallel()
	o := outcome{owed: map[string][]courier.Owed{}}
	o.owes("bob", []courier.Owed{{Devices: []string{"a"}, Wait: 10 * time.Second, Tries: 1}, {Devices: []string{"b"}, Wait: time.Second}})
	o.owes("bob", []courier.Owed{{Devices: []string{"a", "c"}, Wait: time.Minute, Tries: 2}})
	got := fmt.Sprint(o.owed["bob"])
	if want := "[{[a c] 2 1m0s <nil>} {[b] 0 1s <nil>}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(o.owed) != 1 || strings.Contains(got, "a a") {
		t.Errorf("got %v", o.owed)
	}
}
