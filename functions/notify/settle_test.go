package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"tidings.dev/emulator/tap"
	"tidings.dev/functions/notify/courier"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/topics"
)

// audience fills one with so many members, each with a device if wanted.
func (r *rig) audience(t *testing.T, name string, members int, devices bool) (uids []string) {
	t.Helper()
	ctx := context.Background()
	bulk := r.firestore.BulkWriter(ctx)
	for i := range members {
		uid := fmt.Sprintf("u%04d", i)
		uids = append(uids, uid)
		_, err := bulk.Set(r.firestore.Doc("audiences/"+name+"/members/"+uid), map[string]any{"since": r.now})
		must(t, err)
		if devices {
			d := map[string]any{"kind": "token", "value": "t-" + uid, "platform": "web", "lastSeenAt": r.now}
			_, err := bulk.Set(r.firestore.Doc("users/"+uid), map[string]any{"devices": map[string]any{"d": d}})
			must(t, err)
		}
	}
	bulk.End()
	return uids
}

// settleAll delivers what was published until nothing is left, moving the clock for what is not to be tried yet. It reports how many
// messages it delivered.
func (r *rig) settleAll(t *testing.T) (delivered int) {
	t.Helper()
	for ; r.served < len(r.pubsub.Messages()); r.served++ {
		m := r.pubsub.Messages()[r.served]
		e, _ := topics.Decode(topics.PushedMessage{Attributes: m.Attributes})
		if wait := e.NotBefore().Sub(r.clock()); wait > 0 {
			r.advance(wait)
		}
		if code := r.deliver(t, "any", m.ID, m.Data, m.Attributes); code != http.StatusNoContent {
			t.Fatalf("message %d: got %d", r.served, code)
		}
		delivered++
	}
	return delivered
}

// TestEachPersonIsSettledAlone: 100 recipients, 40 of whom fail 20 times; each of the other 60 is pushed to exactly once.
func TestEachPersonIsSettledAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	uids := r.audience(t, "all", 100, true)
	for _, uid := range uids[:40] {
		r.fcm["t-"+uid] = http.StatusServiceUnavailable
	}
	r.post(t, "m1", r.like("alice", 0, uids...))
	r.settleAll(t)
	for i, uid := range uids {
		want := 1
		if i < 40 {
			want = courier.MaxTries
		}
		if got := r.calls["t-"+uid]; got != want {
			t.Errorf("%s: FCM was called %d times, want %d", uid, got, want)
		}
	}
	lost := 0
	for _, l := range r.deadLetters(t) {
		lost += len(l.Recipients)
	}
	if lost != 40 {
		t.Errorf("dead letters name %d people, want the 40", lost)
	}
}

// TestOnTheRetryTopicTooTheOthersAreDone: of 100 people in a retried message, the items of 40 cannot be written. The message is
// acknowledged, a letter names the 40, and each of the others is told once.
func TestOnTheRetryTopicTooTheOthersAreDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	uids := r.audience(t, "all", 100, true)
	e := r.like("alice", 0, uids...)
	kind, _ := r.Catalog.Type(e.Type)
	item := inbox.Locate(kind, e, r.clock()).IDs[1]
	for _, uid := range uids[:40] {
		_, err := r.firestore.Doc("users/"+uid+"/notifications/"+item).Set(context.Background(), map[string]any{"members": []byte("unreadable")})
		must(t, err)
	}
	retried := topics.Envelope{Event: e, Accepted: event.Acceptance{At: r.clock(), OwnTime: true, OwnID: true}, Attempts: 3, Origin: "events-notify-0"}
	m, err := retried.Encode()
	must(t, err)
	if code := r.deliver(t, "events-retry-notify", "r1", m.Data, m.Attributes); code != http.StatusNoContent {
		t.Fatalf("got %d, want 204", code)
	}
	for _, uid := range uids[40:] {
		if got := r.calls["t-"+uid]; got != 1 {
			t.Errorf("%s: FCM was called %d times, want once", uid, got)
		}
	}
	if letters := r.deadLetters(t); len(letters) != 1 || len(letters[0].Recipients) != 40 {
		t.Errorf("got %d letters, want one that names the 40", len(letters))
	}
}

// TestWhatIsTransientGoesOnAsASmallerMessage: what cannot be written now is handed over with one attempt more, and not before some
// time; and it is given up, as a dead letter, after the last.
func TestWhatIsTransientGoesOnAsASmallerMessage(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	broken, wire := r.other(t)
	wire.Disturb(func(method string) tap.Fault {
		if method == "BatchWrite" {
			return tap.Fault{Code: codes.Unknown} // which the client does not try again itself
		}
		return tap.Fault{}
	})
	broken.post(t, "m1", r.like("alice", 0, "bob", "carol"))
	for attempt := 1; attempt < maxAttempts; attempt++ {
		all := r.pubsub.Messages()
		e, err := topics.Decode(topics.PushedMessage{Data: all[len(all)-1].Data, Attributes: all[len(all)-1].Attributes})
		must(t, err)
		if len(all) != attempt || e.Attempts != attempt || !e.NotBefore().After(r.clock()) || !slices.Equal(e.Event.Recipients, []string{"bob", "carol"}) {
			t.Fatalf("attempt %d: got %d messages, the last with %d attempts, not before %s, for %v", attempt, len(all), e.Attempts, e.NotBefore(), e.Event.Recipients)
		}
		broken.now = e.NotBefore()
		r.now = e.NotBefore()
		if code := broken.deliver(t, "events-retry-notify", fmt.Sprint("r", attempt), all[len(all)-1].Data, all[len(all)-1].Attributes); code != http.StatusNoContent {
			t.Fatalf("attempt %d: got %d", attempt, code)
		}
	}
	if letters := r.deadLetters(t); len(letters) != 1 || letters[0].Attempts != maxAttempts {
		t.Errorf("got %+v, want one letter after %d attempts", letters, maxAttempts)
	}
}

// TestOnlyWhoIsMissingGoesOn: of 40 people, some are in a write that Firestore does not answer now. The message that goes on names them and
// nobody else, and everybody is told once.
func TestOnlyWhoIsMissingGoesOn(t *testing.T) { // not parallel: it sets the environment
	r := newRig(t)
	uids := r.audience(t, "all", 40, true)
	broken, wire := r.other(t)
	var failed atomic.Bool
	wire.Disturb(func(method string) tap.Fault {
		if method == "BatchWrite" && !failed.Swap(true) { // of one lane
			return tap.Fault{Code: codes.Unknown}
		}
		return tap.Fault{}
	})
	broken.post(t, "m1", r.like("alice", 0, uids...))
	var missing, named []string
	for _, uid := range uids {
		if len(r.inbox(t, uid)) == 0 {
			missing = append(missing, uid)
		}
	}
	for _, m := range r.pubsub.Messages() {
		e, err := topics.Decode(topics.PushedMessage{Data: m.Data, Attributes: m.Attributes})
		must(t, err)
		named = append(named, e.Event.Recipients...)
	}
	if slices.Sort(named); len(missing) == 0 || len(missing) == len(uids) || !slices.Equal(named, missing) {
		t.Errorf("%d of %d are missing, and the messages that go on name %d", len(missing), len(uids), len(named))
	}
	r.settleAll(t)
	for _, uid := range uids {
		if got := r.calls["t-"+uid]; got != 1 {
			t.Errorf("%s: FCM was called %d times, want once", uid, got)
		}
	}
}

// TestAFewDozenPostsOfOneIDHurtNobody: a constant id of a type that does not group, by 70 actors.
func TestAFewDozenPostsOfOneIDHurtNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 70 {
		actor := fmt.Sprintf("actor%d", i)
		r.post(t, fmt.Sprint(i), event.Event{
			ID: "constant", Source: "test", Type: "user.mentioned", Time: r.clock(), Recipients: []string{"bob"},
			Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: "42"},
		})
	}
	if got := r.inbox(t, "bob"); len(got) != 1 || got[0] != "actor0 mentioned you in a post" {
		t.Errorf("got %q, want the first: the same pair is the same event", got)
	}
}

// TestRubbishOfAnySizeEnds as a dead letter.
func TestRubbishOfAnySizeEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code := r.deliver(t, "events-notify", "8", []byte(strings.Repeat("x", 1_200_000)), nil); code != http.StatusNoContent {
		t.Errorf("got %d, want 204", code)
	}
	if letters := r.deadLetters(t); len(letters) != 1 {
		t.Errorf("got %d letters, want one", len(letters))
	}
}

// TestNormalBackOffPagesNobody: "not before" and "full" are no errors.
func TestNormalBackOffPagesNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var log strings.Builder
	needs := r.Needs
	needs.Log = slog.New(slog.NewTextHandler(&log, nil))
	r.use(needs)
	early := topics.Envelope{Event: r.like("alice", 0, "bob")}.Later(r.clock().Add(time.Hour), "busy")
	m, err := early.Encode()
	must(t, err)
	if code := r.deliver(t, "events-retry-notify", "1", m.Data, m.Attributes); code != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", code)
	}
	if strings.Contains(log.String(), "ERROR") || !strings.Contains(log.String(), "not before") {
		t.Errorf("got %s, want it at INFO", log.String())
	}
}

// TestATypeThatIsGoneIsNotPushed: its item is woken after the catalogue has lost the type.
func TestATypeThatIsGoneIsNotPushed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	_, err := r.firestore.Doc("users/bob/notifications/old").Set(context.Background(), map[string]any{
		"type": "no.longer", "category": "social", "priority": "urgent", "rank": 3, "title": "Words of before", "revision": 1, "eventCount": 1, "groupId": "g",
		"seenAt": nil, "readAt": nil, "archivedAt": nil, "snoozedUntil": nil, "retractedAt": nil, "held": "quiet_hours",
		"dueAt": r.clock().Add(-time.Minute), "expireAt": r.clock().Add(time.Hour), "updatedAt": r.clock(), "createdAt": r.clock(),
	})
	must(t, err)
	r.run(t)
	r.settleAll(t)
	r.wantPushes(t)
	if _, item := r.only(t, "bob"); item.Title != "Words of before" || !item.DueAt.IsZero() {
		t.Errorf("got %q, due %s; want its words, and nothing waiting", item.Title, item.DueAt)
	}
}
