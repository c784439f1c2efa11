package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
	"tidings.dev/shared/topics/topicstest"
)

// telling is a rig that tells facts, and what it has told.
func telling(t *testing.T) (*rig, func() []fact.Fact) {
	t.Helper()
	r := newRig(t)
	teller, told := topicstest.Telling(t, r.pubsub)
	n := r.Needs
	n.Facts = teller
	r.use(n)
	return r, told
}

// steps are the facts about a person without repeats, as "stage channel reason", in the order of their names; those of in_app's acceptance left out.
func steps(facts []fact.Fact, uid string) (all []string) {
	person := ""
	if uid != "" {
		person = topicstest.Key.Person(uid)
	}
	for _, f := range fact.Once(facts) {
		if f.Person == person && f.Stage != fact.Accepted {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Channel, f.Stage, f.Reason)))
		}
	}
	slices.Sort(all)
	return all
}

// One event to people who differ in everything: each has one decision on each channel that it has anything to do with, and each the right one.
func TestEveryRecipientHasOneDecision(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	ring := func(uid string, fcm int) {
		r.device(t, uid, uid+"'s")
		r.fcm[uid+"'s"] = fcm
	}
	for _, uid := range []string{"reached", "quiet", "here", "muted", "nopush"} {
		ring(uid, 0)
	}
	ring("gone", http.StatusNotFound)
	ring("later", http.StatusServiceUnavailable)
	ring("never", http.StatusForbidden)
	r.says(t, "quiet", map[string]any{"quietHours": quietHours("08:00", "20:00")})
	r.lease(t, "here", "tab", time.Minute, nil, true)
	r.says(t, "muted", map[string]any{"preferences": map[string]any{"in_app": map[string]any{"social": false}}})
	r.says(t, "nopush", map[string]any{"preferences": map[string]any{"push": map[string]any{"social": false}}})
	want := map[string][]string{
		"reached": {"in_app shown", "push pushed"},
		"quiet":   {"in_app shown", "push held quiet_hours"},
		"here":    {"in_app shown", "push held presence"},
		"muted":   {"in_app held preference", "push held preference"},
		"nopush":  {"in_app shown", "push held preference"},
		"bare":    {"in_app shown", "push held no_device"},
		"gone":    {"in_app shown", "push held unreachable"},
		"later":   {"in_app shown", "push retried fcm"},
		"never":   {"in_app shown", "push deadLettered fcm_setup"},
	}
	var people []string
	for uid := range want {
		people = append(people, uid)
	}
	e := r.like("alice", 0, people...)
	accepted := r.now
	envelope := topics.Envelope{Event: e, Accepted: event.Acceptance{At: accepted, OwnTime: true, OwnID: true}}
	m, err := envelope.Encode()
	must(t, err)
	for range 2 { // Pub/Sub delivers it another time, to another instance
		if code := r.deliver(t, "events-notify", "1", m.Data, m.Attributes); code != http.StatusNoContent {
			t.Fatalf("got %d, want 204", code)
		}
		r.forget()
		r.advance(time.Second)
	}
	facts := told()
	for uid := range want {
		if diff := cmp.Diff(want[uid], steps(facts, uid)); diff != "" {
			t.Errorf("%s (-want +told):\n%s", uid, diff)
		}
	}
	persons := 0
	for _, f := range fact.Once(facts) {
		if f.Stage == fact.Accepted {
			persons++
		}
		if f.Source != e.Source || f.Event != e.ID || f.Type != e.Type || f.AcceptedAt != fact.At(accepted) || f.Instance != "test/1" || f.Attempt != 2 {
			t.Errorf("a fact of another event, or without its instance or attempt: %+v", f)
		}
		if quiet := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC); f.Reason == "quiet_hours" && !f.HeldUntil.Time().Equal(quiet) {
			t.Errorf("held until %s; the end of the quiet hours, %s, was expected", f.HeldUntil.Time(), quiet)
		}
	}
	if persons != len(want) {
		t.Errorf("accepted for %d persons, want %d", persons, len(want))
	}
}

// What is held is told as pushed when it is, of the item: the end of the quiet has no event.
func TestTheEndOfQuietIsTold(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"quietHours": quietHours("22:00", "09:30")})
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.advance(31 * time.Minute)
	r.run(t)
	r.wantPushes(t, "tok: Alice liked your post")
	facts := fact.Once(told())
	if diff := cmp.Diff([]string{"in_app shown", "push held quiet_hours", "push pushed"}, steps(facts, "bob")); diff != "" {
		t.Fatalf("-want +told:\n%s", diff)
	}
	at := func(stage fact.Stage) fact.Fact {
		return facts[slices.IndexFunc(facts, func(f fact.Fact) bool { return f.Stage == stage && f.Channel == fact.Push })]
	}
	held, pushed := at(fact.Held), at(fact.Pushed)
	if pushed.Event != "" || pushed.Item != held.Item || pushed.Revision != held.Revision || pushed.Type != "post.liked" || pushed.Item == "" {
		t.Errorf("pushed %+v; the item and state of %+v were expected, without an event", pushed, held)
	}
}

// What comes to nobody's inbox is told all the same, with why.
func TestWhatIsNotShownIsTold(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	r.device(t, "bob", "tok")
	like := r.like("alice", 0, "bob")
	r.post(t, "1", like)
	back := like
	back.ID, back.Retract, back.Time = "back", true, like.Time.Add(time.Second)
	r.post(t, "2", back)
	over := r.like("carol", 0, "carl")
	over.Time = r.now.Add(-time.Minute)
	over.ExpiresAt = r.now.Add(-time.Second)
	r.post(t, "3", over)
	unknown := r.like("dave", 0, "dan")
	unknown.Type = "no.such"
	r.post(t, "4", unknown)
	early := r.like("eve", 0, "ed")
	early.Retract = true
	r.post(t, "5", early)
	facts := told()
	of := func(id string) (some []fact.Fact) {
		for _, f := range facts {
			if f.Event == id {
				some = append(some, f)
			}
		}
		return some
	}
	for _, tt := range []struct {
		id, uid string
		want    []string
	}{
		{like.ID, "bob", []string{"in_app shown", "push pushed"}},
		{"back", "bob", []string{"in_app withdrawn taken_back", "push withdrawn over"}},
		{over.ID, "carl", []string{"in_app withdrawn expired"}},
		{unknown.ID, "dan", []string{"in_app deadLettered unknown_type"}},
		{early.ID, "ed", []string{"in_app withdrawn taken_back"}},
	} {
		if diff := cmp.Diff(tt.want, steps(of(tt.id), tt.uid)); diff != "" {
			t.Errorf("event %s for %s (-want +told):\n%s", tt.id, tt.uid, diff)
		}
	}
}

// Facts cost no operation of Firestore, and keep nothing waiting: with a Pub/Sub that has no topic for them, all else is as it was.
func TestFactsAreInNobodysWay(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	server, _ := topicstest.Start(t, topics.Facts)
	teller, _ := topicstest.Telling(t, server)
	n := r.Needs
	n.Facts = teller
	r.use(n)
	r.device(t, "bob", "tok")
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.wantPushes(t, "tok: Alice liked your post")
	teller.Close(context.Background())
	if letters := r.deadLetters(t); len(letters) > 0 {
		t.Errorf("dead letters: %v", letters)
	}
}

// What the first delivery has told is lost with its process, and the message comes another time: it is told as it is, and not as if the
// catalogue wanted no push of it, or a push had gone where there is no device.
func TestWhatComesAnotherTimeIsToldAsItIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		before func(t *testing.T, r *rig)
		want   []string
	}{
		"pushed":                {func(t *testing.T, r *rig) { r.device(t, "bob", "tok") }, []string{"in_app shown", "push held joined"}},
		"there is no device":    {func(*testing.T, *rig) {}, []string{"in_app shown", "push held no_device"}},
		"the interval holds it": {func(t *testing.T, r *rig) { r.device(t, "bob", "tok"); r.post(t, "0", r.like("carol", 0, "bob")) }, []string{"in_app shown", "push held interval"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			tt.before(t, r)
			e := r.like("alice", 0, "bob")
			r.post(t, "1", e)
			n := r.Needs
			teller, told := topicstest.Telling(t, r.pubsub)
			n.Facts = teller
			r.use(n)
			r.forget()
			r.post(t, "another", e)
			if diff := cmp.Diff(tt.want, steps(told(), "bob")); diff != "" {
				t.Errorf("-want +told:\n%s", diff)
			}
		})
	}
}

// What waits for its time and is seen before that is told as such: the log does not say for ever that it is held.
func TestWhatIsSeenBeforeItsTimeIsTold(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	r.device(t, "bob", "tok")
	r.says(t, "bob", map[string]any{"quietHours": quietHours("22:00", "09:30")})
	e := r.like("alice", 0, "bob")
	r.post(t, "1", e)
	r.advance(time.Minute)
	r.mark(t, "bob", firestore.Update{Path: "seenAt", Value: r.clock()})
	r.advance(30 * time.Minute)
	r.look(t, "bob", "look")
	r.wantPushes(t)
	d := fact.Explain(e.Source, e.ID, told(), topicstest.Key.Person("bob"))[0].Decisions[1]
	if d.Outcome != "held" || d.Reason != becauseNoticed {
		t.Errorf("got %+v, want held: %s", d, becauseNoticed)
	}
}

// A retraction whose event never comes is decided, too.
func TestARetractionOfNothingIsTold(t *testing.T) {
	t.Parallel()
	r, told := telling(t)
	_, back := r.mentionAndBack()
	r.post(t, "1", back)
	r.advance(2 * time.Minute)
	r.run(t)
	d := fact.Explain(back.Source, back.ID, told(), topicstest.Key.Person("bob"))[0].Decisions[0]
	if d.Outcome != "withdrawn" || d.Reason != becauseNeverCame {
		t.Errorf("got %+v, want withdrawn: %s", d, becauseNeverCame)
	}
}

// Every word that a fact may have as its reason is one that the log says in a sentence.
func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	reasons := []string{
		becauseExpired, becauseCancelled, becauseTakenBack, becauseOver, becauseNoRoom, becauseJoined, becauseNoDevice, becauseUnreachable, becauseNoticed,
		becauseNoNews, becauseNeverCame, becauseUnseen, becauseFCM, wordOf(errors.New("of no kind")),
	}
	for _, w := range words {
		reasons = append(reasons, w.word)
	}
	for _, r := range []attention.Reason{
		attention.ByDefault, attention.ByPreference, attention.ByMute, attention.BySnooze, attention.ByQuietHours, attention.ByDoNotDisturb, attention.ByPresence, attention.ByInterval, attention.ByBudget,
	} {
		reasons = append(reasons, string(r))
	}
	for _, reason := range reasons {
		if _, ok := fact.Because(reason); !ok {
			t.Errorf("the log has no sentence for %q", reason)
		}
	}
}

// A push that FCM could not take is decided, too, when its event is over before it is tried again: the message for the devices then ends before
// anything is committed.
func TestAPushThatIsTriedAgainIsDecidedWhenItsEventIsOver(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		life time.Duration
		then func(t *testing.T, r *rig, back event.Event)
		want string
	}{
		"taken back": {time.Hour, func(t *testing.T, r *rig, back event.Event) { r.post(t, "2", back) }, "withdrawn over"},
		"taken back by another instance, which looks once more": {time.Hour, func(t *testing.T, r *rig, back event.Event) {
			kind, _ := r.Catalog.Type(back.Type)
			kept := store.Retraction{Event: back, Accepted: event.Acceptance{At: r.clock(), OwnTime: true, OwnID: true}}
			must(t, r.Store.KeepRetraction(t.Context(), inbox.Locate(kind, back, r.clock()).GroupID, kept, r.clock()))
		}, "withdrawn taken_back"},
		"expired": {4 * time.Minute, func(*testing.T, *rig, event.Event) {}, "withdrawn expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, told := telling(t)
			r.device(t, "bob", "tok")
			r.fcm["tok"] = http.StatusServiceUnavailable
			mention, back := r.mentionAndBack()
			mention.ExpiresAt = r.clock().Add(tt.life)
			r.post(t, "1", mention)
			r.advance(2 * time.Second)
			tt.then(t, r, back)
			r.advance(5 * time.Minute)
			r.run(t)
			decisions := fact.Explain(mention.Source, mention.ID, told(), topicstest.Key.Person("bob"))[0].Decisions
			if got := fmt.Sprintf("%s %s", decisions[1].Outcome, decisions[1].Reason); got != tt.want || decisions[0].Outcome != fact.Outcome(fact.Shown) {
				t.Errorf("got %q of the push, and %q in the app; want %q and shown", got, decisions[0].Outcome, tt.want)
			}
		})
	}
}

// A withdrawal that FCM could not take is decided when it can be taken, and also when nobody is left who could take it.
func TestAWithdrawalThatIsTriedAgainIsDecided(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		then func(t *testing.T, r *rig)
		want string
	}{
		"FCM takes it":         {func(_ *testing.T, r *rig) { r.fcm["tok"] = 0 }, "withdrawn over"},
		"the device is gone":   {func(_ *testing.T, r *rig) { r.fcm["tok"] = http.StatusNotFound }, "withdrawn unreachable"},
		"it was signed out":    {func(t *testing.T, r *rig) { r.signOut(t, "bob", "tok") }, "withdrawn no_device"},
		"FCM still is away":    {func(*testing.T, *rig) {}, "retried fcm"},
		"FCM refuses the call": {func(_ *testing.T, r *rig) { r.fcm["tok"] = http.StatusForbidden }, "deadLettered fcm_setup"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, told := telling(t)
			r.device(t, "bob", "tok")
			mention, back := r.mentionAndBack()
			r.post(t, "1", mention)
			r.fcm["tok"] = http.StatusServiceUnavailable
			r.advance(time.Second)
			r.post(t, "2", back)
			tt.then(t, r)
			r.advance(5 * time.Minute)
			r.run(t)
			d := fact.Explain(back.Source, back.ID, told(), topicstest.Key.Person("bob"))[0].Decisions[1]
			if got := fmt.Sprintf("%s %s", d.Outcome, d.Reason); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
