package notify

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/functions/notify/courier"
	"tidings.dev/shared/topics"
)

// TestOnlyWhatFailedIsTriedAgain: the phone that was told is not told twice, and the other one not before FCM wants it.
func TestOnlyWhatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "good")
	r.device(t, "bob", "busy")
	r.fcm["busy"], r.wait = http.StatusTooManyRequests, "300"
	r.post(t, "1", r.like("alice", 0, "bob"))
	r.wantPushes(t, "good: Alice liked your post")
	for range 4 { // 4 minutes and 44 seconds
		r.advance(71 * time.Second)
		r.run(t)
	}
	if got := r.calls["busy"]; got != 1 {
		t.Errorf("FCM was asked %d times before it wanted to be", got)
	}
	// Another item of Bob's waits as well, and so does the next try.
	e := r.like("alice", 0, "bob")
	e.Target.ID = "43"
	r.post(t, "2", e)
	if got := r.calls["busy"]; got != 1 {
		t.Errorf("FCM was asked for another item before it wanted to be, %d times", got)
	}
	delete(r.fcm, "busy")
	r.advance(3 * time.Minute)
	r.run(t)
	r.run(t)
	got := r.pushes()
	slices.Sort(got)
	want := []string{"busy: Alice liked your post", "busy: Alice liked your post", "good: Alice liked your post", "good: Alice liked your post"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want each item once on each device", got)
	}
}

// TestFCMIsDownForHours: the push is given up with a reason, after some hours and not more than courier.MaxTries.
func TestFCMIsDownForHours(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	r.fcm["tok"] = http.StatusServiceUnavailable
	start := r.clock()
	r.post(t, "1", r.like("alice", 0, "bob"))
	for len(r.deadLetters(t)) == 0 && r.clock().Sub(start) < 24*time.Hour {
		r.advance(15 * time.Minute)
		r.run(t)
	}
	letters := r.deadLetters(t)
	if len(letters) != 1 || !strings.Contains(letters[0].Reason, "tried 20 times") || r.calls["tok"] != courier.MaxTries {
		t.Fatalf("got %+v after %d calls, want one that says so after %d", letters, r.calls["tok"], courier.MaxTries)
	}
	// Replayed, it is the same push.
	delete(r.fcm, "tok")
	r.advance(time.Hour)
	l := letters[0]
	if code := r.deliver(t, "events-notify", "replayed", []byte(l.Data), map[string]string{topics.AttrOrigin: l.Attributes[topics.AttrOrigin]}); code != http.StatusNoContent {
		t.Fatalf("got %d", code)
	}
	r.wantPushes(t, "tok: Alice liked your post")
}

func TestASetUpThatIsWrongIsADeadLetterThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "foreign")
	r.device(t, "bob", "good")
	r.fcm["foreign"] = http.StatusForbidden
	r.post(t, "1", r.like("alice", 0, "bob"))
	letters := r.deadLetters(t)
	if len(letters) != 1 || !strings.Contains(letters[0].Reason, "register again") || !slices.Equal(letters[0].Recipients, []string{"bob"}) {
		t.Errorf("got %+v, want one for bob that says what to do", letters)
	}
	if letters[0].Attributes[topics.AttrOrigin] == "" {
		t.Error("without its origin, the letter cannot be replayed as the same push")
	}
	r.wantPushes(t, "good: Alice liked your post")
	if len(r.retried(t)) != 0 {
		t.Error("what waiting cannot help was handed over to retry")
	}
}

func TestAHundredDevicesAreToldEachInItsLanguage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	locales := []string{"en", "de", "xx", ""}
	devices := map[string]any{}
	for i := range 100 {
		devices[fmt.Sprintf("d%d", i)] = map[string]any{"kind": "token", "value": fmt.Sprintf("t%d", i), "platform": "web", "locale": locales[i%4], "lastSeenAt": r.now}
	}
	devices["stale"] = map[string]any{"kind": "token", "value": "stale", "platform": "web", "locale": "en", "lastSeenAt": r.now.Add(-30 * 24 * time.Hour)}
	_, err := r.firestore.Doc("users/bob").Set(context.Background(), map[string]any{"locale": "de", "devices": devices})
	must(t, err)
	for i := range 30 {
		r.fcm[fmt.Sprintf("t%d", i)] = http.StatusServiceUnavailable
	}
	r.post(t, "1", r.like("alice", 0, "bob"))
	for i := range 30 {
		delete(r.fcm, fmt.Sprintf("t%d", i))
	}
	r.advance(20 * time.Second)
	r.run(t)
	var want []string
	for i := range 100 {
		says := map[string]string{"de": "Alice findet deinen Beitrag gut", "": "Alice findet deinen Beitrag gut"}[locales[i%4]]
		if says == "" {
			says = "Alice liked your post"
		}
		want = append(want, fmt.Sprintf("t%d: %s", i, says))
	}
	got := r.pushes()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %d pushes %q, want %d: each fresh device once, in its language", len(got), got, len(want))
	}
	if r.calls["stale"] != 0 {
		t.Error("a device that was not seen for 30 days was pushed to")
	}
}

func TestWordsOfTheProducerStayInHisLanguage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.device(t, "bob", "tok")
	_, err := r.firestore.Doc("users/bob").Set(context.Background(), map[string]any{"devices": map[string]any{"tok": map[string]any{
		"kind": "token", "value": "tok", "platform": "web", "locale": "de", "lastSeenAt": r.now}}})
	must(t, err)
	e := r.like("alice", 0, "bob")
	e.Title = "Somebody likes you"
	r.post(t, "1", e)
	r.wantPushes(t, "tok: Somebody likes you")
}

func TestDeviceListsFitIntoAttributes(t *testing.T) {
	t.Parallel()
	var ids []string
	for i := range 100 {
		ids = append(ids, fmt.Sprintf("%03d,", i)+strings.Repeat("x", 124))
	}
	var back []string
	for _, list := range chunks(ids) {
		if n := len(strings.Join(list, "/")); n > topics.MaxValue {
			t.Errorf("%d bytes", n)
		}
		back = append(back, list...)
	}
	if !slices.Equal(back, ids) {
		t.Error("the ids did not come back as they were")
	}
}
