//go:build unix

package archive

import (
	"path/filepath"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings.dev/shared/event"
	"tidings.dev/shared/topics"
)

// liked is a world in which bob's and carol's posts were liked, and bob has a phone that rang.
func liked(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	_, err := w.firestore.Doc("users/bob/devices/d").Set(t.Context(), map[string]any{"kind": "token", "value": "d", "platform": "web", "lastSeenAt": begin})
	must(t, err)
	must(t, w.live.MirrorDevices(t.Context(), "bob"))
	var messages []topics.Pushed
	for i, actor := range []string{"a", "b", "c", "d", "e", "f"} {
		for _, post := range []string{"1", "2", "3"} {
			messages = append(messages, w.publish(event.Event{
				ID: post + actor, Source: "test", Type: "post.liked", Time: begin.Add(time.Duration(len(messages)) * time.Second), Recipients: []string{"bob", "carol"},
				Actor: event.Actor{ID: actor, Name: "Actor " + actor}, Target: event.Target{Type: "post", ID: post},
			}))
		}
		messages = append(messages, w.publish(event.Event{
			ID: "m" + actor, Source: "test", Type: "user.mentioned", Time: begin.Add(time.Duration(i) * time.Minute), Recipients: []string{"bob"},
			Actor: event.Actor{ID: actor}, Target: event.Target{Type: "post", ID: "1"},
		}))
	}
	w.subscribe(messages)
	w.store()
	if w.rung.Load() == 0 {
		t.Fatal("bob's phone did not ring")
	}
	return w
}

// documents are the items of a person as they are stored, by id.
func (w *world) documents(uid string) map[string]map[string]any {
	w.t.Helper()
	docs, err := w.firestore.Collection("users/" + uid + "/notifications").Documents(w.t.Context()).GetAll()
	must(w.t, err)
	all := map[string]map[string]any{}
	for _, doc := range docs {
		all[doc.Ref.ID] = doc.Data()
	}
	return all
}

// repair replays bob's likes into his live inbox, at that time.
func (w *world) repair(now time.Time, ring bool) Report {
	w.t.Helper()
	r := w.replay()
	r.Into, r.Person, r.Type, r.Ring, r.Sender = w.live, "bob", "post.liked", ring, w.sender
	r.Now, r.Path = func() time.Time { return now }, filepath.Join(w.dir, "repair.json")
	report, err := r.Run(w.t.Context())
	must(w.t, err)
	return report
}

// ids are bob's likes of the three posts.
func (w *world) ids(uid string) (ids []string) {
	for _, post := range []string{"1", "2", "3"} {
		for id, fields := range w.documents(uid) {
			if target, _ := fields["target"].(map[string]any); fields["type"] == "post.liked" && target["id"] == post {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// An inbox that is damaged is as it was after the events were replayed, the person's marks stay, nobody else's items are written, and no phone rings.
func TestRepair(t *testing.T) {
	t.Parallel()
	w := liked(t)
	ids := w.ids("bob")
	if len(ids) != 3 {
		t.Fatalf("got %d items of likes, want 3", len(ids))
	}
	item := func(id string) *firestore.DocumentRef { return w.firestore.Doc("users/bob/notifications/" + id) }
	marks := []firestore.Update{{Path: "seenAt", Value: begin.Add(time.Hour)}, {Path: "readAt", Value: begin.Add(time.Hour)}, {Path: "doneAction", Value: "thank"}}
	_, err := item(ids[0]).Update(t.Context(), marks)
	must(t, err)
	snoozed := []firestore.Update{{Path: "snoozedUntil", Value: begin.Add(9 * time.Hour)}, {Path: "archivedAt", Value: begin.Add(time.Hour)}}
	_, err = item(ids[2]).Update(t.Context(), snoozed)
	must(t, err)
	before, carol, rung := w.documents("bob"), w.documents("carol"), w.rung.Load()

	// Three likes of the first post were never folded in, the second post's item is gone, the third one is whole.
	first := before[ids[0]]
	damaged := map[string]any{}
	for key, value := range first {
		damaged[key] = value
	}
	less := w.halved(ids[0])
	for _, key := range []string{"members", "memory", "actorCount", "eventCount", "actors"} {
		if damaged[key] = less[key]; less[key] == nil {
			delete(damaged, key)
		}
	}
	_, err = item(ids[0]).Set(t.Context(), damaged)
	must(t, err)
	_, err = item(ids[1]).Delete(t.Context())
	must(t, err)

	report := w.repair(begin.Add(2*time.Hour), false)
	if report.Given != 18 || len(report.LeftOut) > 0 {
		t.Errorf("got %+v, want 18 given", report)
	}
	after := w.documents("bob")
	pushes := cmpopts.IgnoreMapEntries(func(key string, _ any) bool { // what was pushed, and what is decided about that, is no part of it
		return key == "revision" || key == "push" || key == "withdrawn" || key == "held" || key == "dueAt" || key == "mailAt" || key == "createdAt" || key == "updatedAt" || key == "memory"
	})
	if diff := cmp.Diff(before, after, pushes); diff != "" {
		t.Errorf("bob's inbox: -before the damage +after the repair:\n%s", diff)
	}
	if diff := cmp.Diff(before[ids[2]], after[ids[2]]); diff != "" {
		t.Errorf("an item that was whole was written:\n%s", diff)
	}
	if diff := cmp.Diff(carol, w.documents("carol")); diff != "" {
		t.Errorf("carol's inbox was written:\n%s", diff)
	}
	if got := w.rung.Load() - rung; got != 0 {
		t.Errorf("FCM was called %d times", got)
	}
	if due, is := after[ids[1]]["dueAt"]; is && due != nil {
		t.Errorf("the item that is back will be looked at: %v", due)
	}
	if !after[ids[1]]["createdAt"].(time.Time).Before(begin.Add(time.Minute)) {
		t.Errorf("the item that is back was created at %v, want when its first like was accepted", after[ids[1]]["createdAt"])
	}
	w.repair(begin.Add(3*time.Hour), false)
	if diff := cmp.Diff(after, w.documents("bob")); diff != "" {
		t.Errorf("a second repair has changed it:\n%s", diff)
	}
}

// halved is how an item was when half of its likes had come: rebuilt from these alone.
func (w *world) halved(id string) map[string]any {
	w.t.Helper()
	r := w.replay()
	r.Index.To = begin.Add(9 * time.Second)
	_, err := r.Run(w.t.Context())
	must(w.t, err)
	doc, err := w.shadowDocument("users/bob/notifications/" + id)
	must(w.t, err)
	return doc
}

// With -ring a phone rings for what is missing, and not for what is there; what rang before does not ring again.
func TestRepairThatRings(t *testing.T) {
	t.Parallel()
	w := liked(t)
	rung := w.rung.Load()
	w.repair(begin.Add(2*time.Hour), true)
	if got := w.rung.Load() - rung; got != 0 {
		t.Errorf("nothing is missing: FCM was called %d times", got)
	}
	_, err := w.firestore.Doc("users/bob/notifications/" + w.ids("bob")[1]).Delete(t.Context())
	must(t, err)
	w.repair(begin.Add(2*time.Hour), true)
	if got := w.rung.Load() - rung; got == 0 {
		t.Error("an item is missing: FCM was not called")
	}
}

// What has taken an event back is remembered for eight days. Older ones are left out, and that is told.
func TestRepairHasAHorizon(t *testing.T) {
	t.Parallel()
	w := liked(t)
	id := w.ids("bob")[1]
	_, err := w.firestore.Doc("users/bob/notifications/" + id).Delete(t.Context())
	must(t, err)
	r := w.replay()
	r.Into, r.Person, r.Type = w.live, "bob", "order.placed"
	if report, err := r.Run(t.Context()); err != nil || report.Given != 0 {
		t.Errorf("nothing of the type: got %+v, %v", report, err)
	}
	r.Index.Objects = nil
	if report, err := r.Run(t.Context()); err != nil || report.Given != 0 {
		t.Errorf("nothing was published: got %+v, %v", report, err)
	}
	report := w.repair(begin.Add(horizon+time.Hour), false)
	if report.Given != 0 || report.LeftOut[tooOld] != 18 {
		t.Errorf("got %+v, want 18 left out", report)
	}
	if w.documents("bob")[id] != nil {
		t.Error("an event was replayed that is too old")
	}
}
