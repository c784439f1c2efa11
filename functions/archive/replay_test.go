//go:build unix

package archive

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// A run with 5,000, as issue 18 wants it: go test ./functions/archive -run TestRebuild -events 5000.
var events = flag.Int("events", 1_500, "how many events TestRebuild replays")

// What is rebuilt from the archive is what the live subscriber has made of it, also where the replay is killed ten times on its way; and what is not the same any
// more is named, with its reason where there is one.
func TestRebuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 20 {
		_, err := w.firestore.Doc(fmt.Sprintf("audiences/topic-go/members/p%d", i)).Create(t.Context(), map[string]any{})
		must(t, err)
	}
	var messages []topics.Pushed
	for _, e := range day(*events, 200) {
		messages = append(messages, w.publish(e))
	}
	w.subscribe(messages)
	w.store()
	r := w.replay()
	kills := w.killed(r, 10)
	report, err := r.Run(t.Context())
	must(t, err)
	t.Logf("killed %d times; %+v", kills, report)
	if kills < 10 {
		t.Errorf("it was killed %d times, want 10: too few batches", kills)
	}
	if report.Given < *events || len(report.LeftOut) > 0 {
		t.Errorf("got %+v, want all %d given", report, *events)
	}
	differences, same := w.differences(r)
	for _, d := range differences[:min(len(differences), 20)] {
		t.Errorf("%+v", d)
	}
	if len(differences) > 0 || same.Items < *events/10 {
		t.Errorf("%d items are the same, %d differ", same.Items, len(differences))
	}
	letters, _, err := w.shadow.DeadLetters(t.Context(), "", 10)
	must(t, err)
	if len(letters) > 0 {
		t.Errorf("the replay has buried %+v", letters[0])
	}
	w.damaged(r)
}

// killed runs the replay so many times, and ends each of them at one of the first calls of Firestore after it has written a checkpoint. It returns how many
// were ended.
func (w *world) killed(r *Replay, times int) (ended int) {
	w.t.Helper()
	kept, err := r.checkpoint()
	must(w.t, err)
	content := func() string {
		content, err := kept.content(context.Background())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.t.Error(err)
		}
		return string(content)
	}
	defer w.wire.Disturb(nil)
	for i := range times {
		ctx, kill := context.WithCancel(w.t.Context())
		before, calls := content(), atomic.Int64{}
		w.wire.Disturb(func(string) tap.Fault {
			if content() != before && calls.Add(1) > int64(i%3) {
				kill()
			}
			return tap.Fault{}
		})
		if _, err := r.Run(ctx); errors.Is(err, context.Canceled) {
			ended++
		} else if err != nil {
			w.t.Errorf("kill %d: %v", i, err)
		}
		kill()
	}
	return ended
}

// damaged damages some live items, and has each named.
func (w *world) damaged(r *Replay) {
	w.t.Helper()
	all, err := w.live.AllItems(w.t.Context(), store.Ref{}, 300)
	must(w.t, err)
	var visible []store.Placed
	for _, p := range all {
		if p.Item.Visible() && p.Item.PartCount == 0 {
			visible = append(visible, p)
		}
	}
	lost, other, read := visible[0], visible[1], visible[2]
	doc := func(p store.Placed) string { return "users/" + p.UID + "/notifications/" + p.ID }
	_, err = w.firestore.Doc(doc(lost)).Delete(w.t.Context())
	must(w.t, err)
	content, err := w.firestore.Doc(doc(other)).Get(w.t.Context())
	must(w.t, err)
	fields := content.Data()
	fields["eventCount"] = int64(77)
	_, err = w.firestore.Doc(doc(other)).Set(w.t.Context(), fields)
	must(w.t, err)
	content, err = w.firestore.Doc(doc(read)).Get(w.t.Context())
	must(w.t, err)
	fields = content.Data()
	fields["readAt"] = begin.Add(time.Hour)
	_, err = w.firestore.Doc(doc(read)).Set(w.t.Context(), fields)
	must(w.t, err)
	differences, same := w.differences(r)
	if len(differences) != 2 || differences[0].Item != lost.ID || differences[0].Reason != "" || !strings.Contains(differences[0].What, "not in the live") ||
		differences[1].Item != other.ID || !strings.Contains(differences[1].What, "eventCount: live 77") {
		w.t.Errorf("damaged: got %+v, want %s missing and %s with another count", differences, lost.ID, other.ID)
	}
	if same.Marked == 0 {
		w.t.Error("nobody's marks were counted")
	}
}

// An archive that is not what it was is not replayed.
func TestChangedObjectEndsTheReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, e := range day(400, 10) {
		w.publish(e)
	}
	w.store()
	r := w.replay()
	victim := r.Index.Objects[0].Name
	content, err := w.server.Get(victim)
	must(t, err)
	changed := append([]byte(nil), content...)
	changed[len(changed)-40] ^= 1
	must(t, w.server.Put(victim, changed))
	report, err := r.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), victim) || report.Given > 0 {
		t.Errorf("got %v after %d messages, want that %s was changed before any", err, report.Given, victim)
	}
}

// Who was erased, or what was cancelled, does not come back, and the comparison knows why the shadow has less.
func TestErasedAndCancelledStayAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var messages []topics.Pushed
	for i, e := range day(8, 1) {
		e.Type, e.Retract, e.Audience, e.Target.ID, e.Target.Type, e.ExpiresAt = "post.liked", false, "", fmt.Sprint(i), "post", time.Time{}
		e.Recipients = []string{"bob"}
		e.Actor.ID, e.Actor.Name = fmt.Sprintf("a%d", i), "Somebody"
		if i == 3 {
			e.Recipients = []string{"gone"}
		}
		messages = append(messages, w.publish(e))
	}
	w.subscribe(messages)
	w.store()
	r := w.replay()
	eraser := store.Eraser{Store: w.live, Words: w.words.Say, Now: func() time.Time { return begin.Add(2 * time.Hour) }}
	for _, uid := range []string{"gone", "a5"} {
		_, err := eraser.Erase(t.Context(), uid, time.Now().Add(time.Minute))
		must(t, err)
	}
	_, err := w.live.Cancel(t.Context(), "test", "e6", begin.Add(time.Hour))
	must(t, err)
	report, err := r.Run(t.Context())
	must(t, err)
	if report.Given != 5 || report.LeftOut[erased] != 2 || report.LeftOut[cancelled] != 1 {
		t.Errorf("got %+v, want 5 given, 2 of the erased left out and 1 cancelled", report)
	}
	differences, same := w.differences(r)
	reasons := map[string]int{}
	for _, d := range differences {
		reasons[d.Reason]++
	}
	if same.Items != 5 || len(differences) != 2 || reasons[erased] != 1 || reasons[cancelled] != 1 {
		t.Errorf("got %d the same and %+v", same.Items, differences)
	}
}
