package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/topics"
)

func TestLikesFoldIntoOneItem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, actor := range []string{"alice", "dave", "carol", "alice"} {
		r.post(t, fmt.Sprint(i), r.like(actor, time.Duration(i)*time.Second, "bob"))
	}
	if got := r.inbox(t, "bob"); len(got) != 1 || got[0] != "Carol and 2 others liked your post" {
		t.Errorf("got %q, want one item of three", got)
	}
}

// TestManyAtOnce sends a storm through the group commit: every like at the same time, each twice.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var wg sync.WaitGroup
	for i := range 300 {
		for range 2 {
			wg.Go(func() {
				r.post(t, fmt.Sprint(i), r.like(fmt.Sprintf("actor%d", i), time.Duration(i)*time.Millisecond, "bob"))
			})
		}
	}
	wg.Wait()
	if got := r.inbox(t, "bob"); len(got) != 1 || got[0] != "Actor299 and 299 others liked your post" {
		t.Errorf("got %q, want one item of 300", got)
	}
	if len(r.retried(t)) > 0 || len(r.deadLetters(t)) > 0 {
		t.Errorf("got %d retries and %d dead letters, want none", len(r.retried(t)), len(r.deadLetters(t)))
	}
}

func TestDeliveredAgainChangesAndPushesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	mention := event.Event{ID: "1", Source: "test", Type: "user.mentioned", Time: r.clock(), Recipients: []string{"bob"}, Actor: event.Actor{ID: "alice", Name: "Alice"}}
	r.post(t, "m1", mention)
	before := r.inbox(t, "bob")
	r.post(t, "m1", mention) // Pub/Sub again, same instance
	r.post(t, "m2", mention) // the producer again
	r.forget()
	r.post(t, "m2", mention) // and elsewhere
	if got := r.inbox(t, "bob"); !slices.Equal(got, before) || len(got) != 1 {
		t.Errorf("got %q, want still %q", got, before)
	}
	if got := r.pushes(); len(got) != 1 {
		t.Errorf("got pushes %q, want one", got)
	}
}

// TestTheSameIDOnAnotherTopicIsAnotherMessage: Pub/Sub's ids are unique within a topic only.
func TestTheSameIDOnAnotherTopicIsAnotherMessage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.post(t, "7", r.like("alice", 0, "bob"))
	if code := r.send(t, "events-urgent-notify", "7", r.like("carol", time.Second, "bob")); code != http.StatusNoContent {
		t.Fatalf("got %d", code)
	}
	if got := r.inbox(t, "bob"); len(got) != 1 || got[0] != "Carol and Alice liked your post" {
		t.Errorf("got %q, want both likes", got)
	}
}

// TestCrashBeforeThePush: the instance dies after the commit; the message comes again to another one, which sends.
func TestCrashBeforeThePush(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.fcm["tok"] = http.StatusTooManyRequests
	r.post(t, "m1", r.like("alice", 0, "bob"))
	retried := r.retried(t)
	if len(retried) != 1 || retried[0].Attributes[topics.AttrOrigin] != "events-notify-m1" {
		t.Fatalf("got %v on the retry topic, want m1", retried)
	}
	if got := r.inbox(t, "bob"); len(got) != 1 {
		t.Fatalf("got %q; a failing push must not hold back the inbox", got)
	}
	delete(r.fcm, "tok")
	r.advance(2 * time.Minute)
	if code := r.deliver(t, "events-retry-notify", "m2", retried[0].Data, retried[0].Attributes); code != http.StatusNoContent {
		t.Fatalf("got %d", code)
	}
	if got := r.pushes(); len(got) != 1 {
		t.Errorf("got pushes %q, want the one that was owed", got)
	}
}

func TestDeadDeviceIsForgotten(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "old")
	r.device(t, "bob", "new")
	r.fcm["old"] = http.StatusNotFound
	r.post(t, "m1", r.like("alice", 0, "bob"))
	snap, err := r.Store.Load(context.Background(), []string{"bob"}, nil)
	if devices := snap.Profiles["bob"].Devices; err != nil || len(devices) != 1 || devices[0].Value != "new" {
		t.Errorf("got %v and %v, want only the new device", devices, err)
	}
	if _, err := r.firestore.Doc("users/bob/devices/old").Get(context.Background()); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want the device's document to be gone", err)
	}
	if len(r.pushes()) != 1 || len(r.retried(t)) != 0 {
		t.Errorf("got pushes %q and %d retries, want one and none", r.pushes(), len(r.retried(t)))
	}
}

func TestWhatCannotBeDecodedIsBuriedAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for id, data := range map[string]string{
		"broken":  `{"id":`,
		"unknown": `{"id":"1","source":"s","type":"no.such","recipients":["bob"]}`,
		"nobody":  `{"id":"1","source":"s","type":"info","title":"t"}`,
		"path":    `{"id":"1","source":"s","type":"info","title":"t","recipients":["a/b"]}`,
	} {
		if code := r.deliver(t, "events-notify", id, []byte(data), nil); code != http.StatusNoContent {
			t.Errorf("%s: got %d, want 204", id, code)
		}
	}
	letters := r.deadLetters(t)
	if len(letters) != 4 {
		t.Fatalf("got %d dead letters, want 4", len(letters))
	}
	for _, l := range letters {
		if l.Reason == "" || l.Data == "" || l.Attempts != 2 {
			t.Errorf("%s: got %+v, want reason, data and attempts", l.ID, l)
		}
	}
	if len(r.retried(t)) > 0 {
		t.Error("what can never succeed was handed over to retry")
	}
}

// TestPoisonedRecipientHoldsNobodyBack: one inbox has a document that nothing can read; the others have their item.
func TestPoisonedRecipientHoldsNobodyBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := r.like("alice", 0, "bob", "carol", "dave")
	kind, _ := r.Catalog.Type(e.Type)
	id := inbox.Locate(kind, e, r.clock()).IDs[1]
	_, err := r.firestore.Doc("users/carol/notifications/"+id).Set(context.Background(), map[string]any{"members": []byte("unreadable")})
	must(t, err)
	r.post(t, "m1", e)
	if len(r.inbox(t, "bob")) != 1 || len(r.inbox(t, "dave")) != 1 {
		t.Error("a good recipient was held back")
	}
	letters := r.deadLetters(t)
	if len(letters) != 1 || !slices.Equal(letters[0].Recipients, []string{"carol"}) {
		t.Errorf("got %+v, want one dead letter for carol", letters)
	}
}

// mentionAndBack are an event of a type that does not group, and its retraction.
func (r *rig) mentionAndBack() (mention, back event.Event) {
	mention = event.Event{ID: "1", Source: "test", Type: "user.mentioned", Time: r.clock(), Recipients: []string{"bob"}, Actor: event.Actor{ID: "alice"}, Target: event.Target{Type: "post", ID: "1"}}
	back = mention
	back.ID, back.Retract, back.Time = "2", true, back.Time.Add(time.Second)
	return mention, back
}

// TestARetractionThatComesFirstLooksTwice, also where its first look is the second time that it is tried.
func TestARetractionThatComesFirstLooksTwice(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{0, 1, maxAttempts - 1} {
		t.Run(fmt.Sprint(attempts, " before"), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			mention, back := r.mentionAndBack()
			first, err := new(topics.Envelope{Event: back, Accepted: event.Acceptance{At: r.clock(), OwnTime: true, OwnID: true}, Attempts: attempts}).Encode()
			must(t, err)
			if code := r.deliver(t, "events-notify", "m2", first.Data, first.Attributes); code != http.StatusNoContent {
				t.Fatalf("got %d, want 204", code)
			}
			if len(r.retried(t)) != 1 {
				t.Fatalf("got %d messages on the retry topic, want 1", len(r.retried(t)))
			}
			again := r.retried(t)[0]
			if code := r.deliver(t, "events-retry-notify", "m3", again.Data, again.Attributes); code != http.StatusServiceUnavailable {
				t.Errorf("too early, on the retry topic: got %d, want 503", code)
			}
			r.post(t, "m1", mention)
			r.advance(2 * time.Minute)
			if code := r.deliver(t, "events-retry-notify", "m3", again.Data, again.Attributes); code != http.StatusNoContent {
				t.Errorf("after its event: got %d, want 204", code)
			}
			if got := r.inbox(t, "bob"); len(got) != 0 {
				t.Errorf("got %q, want nothing", got)
			}
		})
	}
}

// TestAnEventFindsARetractionThatHasLookedTwice: its producer was down when it happened, and posts it after the retraction.
func TestAnEventFindsARetractionThatHasLookedTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	mention, back := r.mentionAndBack()
	r.post(t, "m2", back)
	r.advance(2 * time.Minute)
	r.run(t)
	if len(r.retried(t)) != 1 {
		t.Fatalf("got %d messages on the retry topic, want the second look alone", len(r.retried(t)))
	}
	r.advance(time.Hour)
	r.post(t, "m1", mention) // accepted now, and an hour old
	later := mention
	later.ID, later.Time = "3", r.clock()
	if got := r.inbox(t, "bob"); len(got) != 0 {
		t.Errorf("got %q, want nothing", got)
	}
	r.post(t, "m3", later)
	if got := r.inbox(t, "bob"); len(got) != 1 {
		t.Errorf("got %q, want the mention after the retraction", got)
	}
}

func TestPreferencesAndQuietHours(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := context.Background()
	for uid, profile := range map[string]map[string]any{
		"muted":  {"preferences": map[string]any{"in_app": map[string]any{"social": false}}},
		"nopush": {"preferences": map[string]any{"push": map[string]any{"social": false}}},
		"asleep": {"timeZone": "Europe/Berlin", "quietHours": quietHours("09:30", "10:30")}, // 09:00 UTC is 10:00 there
		"german": {"locale": "de-AT"},
	} {
		r.device(t, uid, uid)
		_, err := r.firestore.Doc("users/"+uid).Set(ctx, profile, firestore.MergeAll)
		must(t, err)
	}
	r.post(t, "m1", r.like("alice", 0, "muted", "nopush", "asleep", "german"))
	if got := r.pushes(); !slices.Equal(got, []string{"german: Alice findet deinen Beitrag gut"}) {
		t.Errorf("got pushes %q, want only the German one", got)
	}
	if got := r.inbox(t, "muted"); len(got) != 0 {
		t.Errorf("muted: got %q among the new, want it in the archive", got)
	}
	for uid, want := range map[string]any{"muted": "preference", "nopush": "preference", "asleep": "quiet_hours", "german": nil} {
		docs, err := r.firestore.Collection("users/" + uid + "/notifications").Documents(ctx).GetAll()
		must(t, err)
		if len(docs) != 1 || docs[0].Data()["held"] != want {
			t.Errorf("%s: got %d items, held %v; want 1, held %v", uid, len(docs), docs[0].Data()["held"], want)
		}
	}
}
