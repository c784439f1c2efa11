package notify

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
)

func (r *rig) toEverybody(id string) event.Event {
	return event.Event{
		ID: id, Source: "test", Type: "system.announcement", Time: r.clock(), Title: "Title of " + id, Priority: event.Urgent,
		Audience: event.Everybody,
	}
}

// announced is what everybody is told, as clients ask for it and show it.
func (r *rig) announced(t *testing.T) (titles []string) {
	t.Helper()
	docs, err := r.firestore.Collection("announcements").OrderBy("createdAt", firestore.Desc).Limit(20).Documents(context.Background()).GetAll()
	must(t, err)
	for _, doc := range docs {
		if !doc.Data()["expireAt"].(time.Time).After(r.clock()) {
			continue
		}
		titles = append(titles, fmt.Sprint(doc.Data()["title"]))
	}
	return titles
}

// TestAnAnnouncementIsOneWrite for a thousand people with devices, and for everybody else: no profile is read, no inbox written, no device told.
func TestAnAnnouncementIsOneWrite(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	r.audience(t, "all", 1000, true)
	wired, wire := r.other(t)
	before := wire.Counts()
	wired.post(t, "first", r.toEverybody("1"))
	if got, want := wire.Counts().Sub(before), (tap.Counts{Reads: 3, Writes: 1}); got.Reads != want.Reads || got.Writes != want.Writes || got.Deletes != want.Deletes {
		t.Errorf("%d reads, %d writes, %d deletes; want %d, %d, %d", got.Reads, got.Writes, got.Deletes, want.Reads, want.Writes, want.Deletes)
	}
	if got, want := r.announced(t), []string{"Title of 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := r.holders(t); n != 0 {
		t.Errorf("%d inboxes have an item", n)
	}
	r.wantPushes(t)
}

func TestAnAnnouncementComesOnceAndGoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.toEverybody("1")
	for i := range 3 { // as Pub/Sub may deliver it
		r.forget()
		r.post(t, fmt.Sprint(i), e)
		r.advance(time.Minute)
	}
	r.post(t, "other", r.toEverybody("2"))
	if got, want := r.announced(t), []string{"Title of 2", "Title of 1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err := r.Store.Cancel(context.Background(), "test", "1", r.clock())
	must(t, err)
	r.forget()
	r.post(t, "once more", e)
	if got, want := r.announced(t), []string{"Title of 2"}; !slices.Equal(got, want) {
		t.Errorf("after it was cancelled: got %q, want %q", got, want)
	}
	r.advance(event.AnnouncementLife)
	r.forget()
	late := r.toEverybody("3")
	late.ExpiresAt = r.clock().Add(time.Hour)
	r.post(t, "late", late) // which also takes away what is over
	if got, want := r.announced(t), []string{"Title of 3"}; !slices.Equal(got, want) {
		t.Errorf("two weeks later: got %q, want %q", got, want)
	}
	if letters := r.deadLetters(t); len(letters) > 0 {
		t.Errorf("got a dead letter: %s", letters[0].Reason)
	}
}

// TestAnAnnouncementThatIsCancelledMeanwhileGoes: the subscriber has looked and is about to write, when the cancellation comes and finds nothing.
func TestAnAnnouncementThatIsCancelledMeanwhileGoes(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	wired, wire := r.other(t)
	cancelled := false
	wire.Disturb(func(method string) tap.Fault {
		if method == "Commit" && !cancelled { // the calls of the only request come one after the other
			cancelled = true
			_, err := r.Store.Cancel(context.Background(), "test", "1", r.clock())
			must(t, err)
		}
		return tap.Fault{}
	})
	wired.post(t, "first", r.toEverybody("1"))
	if got := r.announced(t); !cancelled || len(got) > 0 {
		t.Errorf("cancelled: %v; %q stands", cancelled, got)
	}
}
