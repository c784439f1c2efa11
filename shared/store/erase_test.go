package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
	"tidings.dev/shared/webhook"
)

// The person who is erased, and all that may be left of nobody else.
const (
	gone        = "u-alice-1"
	goneName    = "Alice Liddell"
	gonePicture = "/pictures/alice.png"
)

var goneActor = event.Actor{ID: gone, Name: goneName, ImageURL: gonePicture}

// town is a database in which the person stands in all places.
type town struct {
	*store.Store
	project string
	db      *firestore.Client
	cat     *catalog.Catalog
	now     atomic.Pointer[time.Time]
	ids     atomic.Int64
}

func newTown(t *testing.T) *town {
	t.Helper()
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	w := &town{project: firestoretest.Project(t), cat: cat}
	if w.Store, err = store.Open(t.Context(), w.project); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Store.Close() })
	if w.db, err = firestore.NewClient(t.Context(), w.project); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.now.Store(&now)
	return w
}

func (w *town) clock() time.Time { return *w.now.Load() }

func (w *town) pass(d time.Duration) {
	later := w.clock().Add(d)
	w.now.Store(&later)
}

func (w *town) eraser(s *store.Store) store.Eraser {
	return store.Eraser{Store: s, Words: w.cat.Say, Now: w.clock}
}

// tell folds an event into an inbox, as the subscriber does, until it wins.
func (w *town) tell(t *testing.T, uid string, e event.Event) {
	t.Helper()
	if err := w.fold(t.Context(), uid, e); err != nil {
		t.Error(err)
	}
}

func (w *town) fold(ctx context.Context, uid string, e event.Event) error {
	kind, _ := w.cat.Type(e.Type)
	e.ID, e.Source = fmt.Sprint("e", w.ids.Add(1)), "/shop"
	if e.Time.IsZero() {
		e.Time = now
	}
	at := inbox.Locate(kind, e, now)
	accepted := now.Add(time.Duration(w.ids.Load()) * time.Microsecond)
	for {
		var refs []store.Ref
		for _, id := range at.IDs {
			refs = append(refs, store.Ref{UID: uid, ID: id})
		}
		snap, err := w.Load(ctx, []string{uid}, refs)
		if err != nil {
			return err
		}
		box, op := new(inbox.Box), inbox.Op{Event: &e, Type: &kind, Why: "recipient", Accepted: event.Acceptance{At: accepted, OwnTime: true}}
		parts := map[store.PartRef]*inbox.Item{}
		for ref, item := range snap.Items {
			box.Put(item)
			for _, n := range item.Needs(op) {
				parts[store.PartRef{Ref: ref, Part: n}] = item
			}
		}
		if failed, err := w.LoadParts(ctx, parts); err != nil || len(failed) > 0 {
			return fmt.Errorf("parts: %v, %w", failed, err)
		}
		if _, err := box.Fold(at, op, now, w.cat.Say(snap.Profiles[uid].Locale)); err != nil {
			return err
		}
		var writes []store.Write
		for _, item := range box.Changed() {
			writes = append(writes, store.Write{UID: uid, Item: item})
		}
		err = errors.Join(w.Save(ctx, writes)...)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func like(actor event.Actor) event.Event {
	return event.Event{Type: "post.liked", Actor: actor, Target: event.Target{Type: "post", ID: "42", Title: "A walk"}}
}

func other(i int) event.Actor {
	return event.Actor{ID: fmt.Sprint("other-", i), Name: fmt.Sprint("Other ", i)}
}

// settle has the person stand in every place, and returns how much an erasure finds there, by kind.
func (w *town) settle(t *testing.T, items int) map[string]int {
	t.Helper()
	me := "users/" + gone
	w.set(t, me, map[string]any{"locale": "en", "mutes": map[string]any{"post/1": map[string]any{"title": goneName + "'s"}}, "sessions": map[string]any{"tab": map[string]any{"visible": true, "target": "user/" + gone}}})
	w.set(t, me+"/devices/d1", map[string]any{"kind": "fid", "value": "v"})
	w.set(t, me+"/withdrawals/i-1", map[string]any{"expireAt": now})
	w.set(t, me+"/announcements/a1", map[string]any{"readAt": now, "expireAt": now.Add(time.Hour)})
	w.set(t, "users/bob/announcements/a1", map[string]any{"readAt": now})
	w.set(t, "announcements/a1", map[string]any{"title": "We move"})
	w.set(t, "targets/t1", map[string]any{"uid": gone, "device": "d1"})
	w.set(t, "targets/t2", map[string]any{"uid": "bob", "device": "d1"})
	w.set(t, "identities/github/logins/alice", map[string]any{"uid": gone})
	w.set(t, "identities/github/logins/bob", map[string]any{"uid": "bob"})
	for i := range 3 {
		w.set(t, fmt.Sprintf("audiences/topic-%d/members/bob", i), map[string]any{"since": now})
		w.set(t, fmt.Sprintf("audiences/topic-%d/members/%s", i, gone), map[string]any{"since": now})
	}
	for i := range 12 { // more than a page
		w.set(t, fmt.Sprintf("audiences/all/lists/%d", i), map[string]any{"uids": []string{"bob", gone, fmt.Sprint("other-", i)}})
	}
	w.set(t, "audiences/topic-1/lists/a", map[string]any{"uids": []string{gone}})
	w.set(t, "audiences/topic-1/lists/b", map[string]any{"uids": []string{"bob"}})
	w.set(t, "audiences/topic-1/presence/"+gone, map[string]any{"typing": true})
	w.set(t, "accepted/x", map[string]any{"content": []byte("a hash")})
	w.set(t, "walks/x", map[string]any{"page": 1})
	w.count(t, "uid:"+gone)
	w.set(t, "due/dueAt", map[string]any{"place": "2026-11-21T09:00:00Z/" + gone + "/i", "asked": 7})
	w.set(t, "due/snoozedUntil", map[string]any{"place": "2026-11-21T09:00:00Z/bob/i"})
	w.tell(t, gone, like(other(1)))
	want := map[string]int{
		"profiles": 1, "devices": 1, "withdrawals": 1, "announcements": 1, "notifications": 1, "targets": 1, "identities": 1, "memberships": 3 + 13, "presence": 1, "places": 1,
	}
	w.wait(t, want)
	w.bury(t, want)
	for i := range 70 { // an item with parts
		w.tell(t, "carol", like(other(i)))
	}
	w.tell(t, "carol", like(goneActor))
	want["parts"]++
	want["items"] += items
	w.tellAll(t, items, like(goneActor))
	w.tell(t, "r0", like(other(1)))
	return want
}

// tellAll has the event open an item for each of r0, r1, …
func (w *town) tellAll(t *testing.T, count int, e event.Event) {
	t.Helper()
	kind, _ := w.cat.Type(e.Type)
	e.ID, e.Source, e.Time = "first", "/shop", now
	at := inbox.Locate(kind, e, now)
	var writes []store.Write
	for i := range count {
		box := new(inbox.Box)
		if _, err := box.Fold(at, inbox.Op{Event: &e, Type: &kind, Why: "recipient", Accepted: event.Acceptance{At: now, OwnTime: true}}, now, w.cat.Say("en")); err != nil {
			t.Fatal(err)
		}
		writes = append(writes, store.Write{UID: fmt.Sprint("r", i), Item: box.Changed()[0]})
	}
	if err := errors.Join(w.Save(t.Context(), writes)...); err != nil {
		t.Fatal(err)
	}
}

// wait schedules events, and remembers a retraction.
func (w *town) wait(t *testing.T, want map[string]int) {
	t.Helper()
	var events []event.Scheduled
	for i, e := range []event.Event{
		{Type: "user.mentioned", Actor: goneActor, Recipients: []string{"bob"}},
		{Type: "info", Title: "For two", Recipients: []string{gone, "bob"}},
		{Type: "info", Title: "For one", Recipients: []string{gone}},
		{Type: "info", Title: "For another", Recipients: []string{"bob"}},
	} {
		e.ID, e.Source, e.SendAt = fmt.Sprint(i), "/shop", now.Add(time.Hour)
		events = append(events, event.Scheduled{Event: e, Accepted: event.Acceptance{At: e.SendAt}, Priority: event.Low})
	}
	if _, err := w.Schedule(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	for _, actor := range []event.Actor{goneActor, other(1)} {
		e := event.Event{ID: "r", Source: "/shop", Type: "post.liked", Actor: actor, Target: event.Target{Type: "post", ID: "42"}, Retract: true}
		if err := w.KeepRetraction(t.Context(), "group", store.Retraction{Event: e}, now); err != nil {
			t.Fatal(err)
		}
	}
	for i, names := range [][]string{{gone}, {"bob", gone}, {"bob"}} { // who is told, and of whom
		body, _ := json.Marshal(names)
		if _, err := w.AddOutgoing(t.Context(), webhook.Message{ID: fmt.Sprint("msg_", i), Endpoint: "shop", Names: names, Body: body}, now, now); err != nil {
			t.Fatal(err)
		}
	}
	w.set(t, "endpoints/shop", map[string]any{"reason": "410 Gone", "offAt": now})
	want["scheduled"], want["retractions"], want["outgoing"] = 3, 1, 2
}

func (w *town) bury(t *testing.T, want map[string]int) {
	t.Helper()
	data := func(e event.Event) string {
		raw, _ := json.Marshal(e)
		return string(raw)
	}
	for id, d := range map[string]store.DeadLetter{
		"theirs":     {Data: data(event.Event{Actor: goneActor, Recipients: []string{"bob"}})},
		"several":    {Data: data(event.Event{Title: "Hi", Recipients: []string{gone, "bob"}}), Recipients: []string{"bob", gone}},
		"alone":      {Data: data(event.Event{Recipients: []string{"bob", gone}}), Recipients: []string{gone}},
		"no JSON":    {Data: "\xff" + gone},
		"look":       {Data: "{}", Attributes: map[string]string{"uid": gone, "item": "i"}},
		"of another": {Data: data(event.Event{Recipients: []string{"bob", gone + "2"}})},
	} {
		d.ID, d.FailedAt = id, now
		if err := w.Bury(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	want["deadLetters"] = 5
}

// finish erases the person with that store, or returns the error that came first.
func (w *town) finish(ctx context.Context, s *store.Store) (store.Erasure, error) {
	for {
		got, err := w.eraser(s).Erase(ctx, gone, time.Now().Add(10*time.Minute))
		if err != nil || !got.FinishedAt.IsZero() {
			return got, err
		}
		if got.AgainAt.IsZero() {
			return got, errors.New("ten minutes were not enough")
		}
		w.pass(got.AgainAt.Sub(w.clock()))
	}
}

var namedIn = flag.Int("items", 100, "in how many items of others the erased person stands, while they go on doing things")

// Whatever comes in meanwhile, the erasure ends, and then the whole database has nothing of the person; others' items are as they were without them.
func TestErasingAPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	want := w.settle(t, *namedIn)
	if places := w.search(t, gone, goneName, gonePicture); len(places) < *namedIn+20 {
		t.Fatalf("found %d places before, which is a poor test: %v", len(places), places)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	more, joined := 0, map[string]bool{}
	go func() { // they go on liking, until the first round is over
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				uid, e := fmt.Sprint("r", i%*namedIn), like(goneActor)
				e.Target.ID = fmt.Sprint("post-", i) // each an item more
				w.tell(t, uid, e)
				w.tell(t, uid, like(other(2)))
				more++
				joined[uid] = true
			}
		}
	}()
	first, err := w.eraser(w.Store).Erase(t.Context(), gone, time.Now().Add(10*time.Minute))
	close(stop)
	<-stopped
	if err != nil || first.AgainAt.IsZero() || !first.FinishedAt.IsZero() {
		t.Fatalf("got %+v, %v; want that it waits", first, err)
	}
	got, err := w.finish(t.Context(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	want["items"] += more
	if diff := cmp.Diff(want, got.Erased); diff != "" {
		t.Errorf("receipt, with %d items that came meanwhile (-want +got):\n%s", more, diff)
	}
	if places := w.search(t, gone+`"`, gone+`\"`, gone+"\n", gone+"/", goneName, gonePicture); len(places) != 0 {
		t.Errorf("the person still stands in %v", places)
	}
	w.checkOthers(t, joined)
}

// checkOthers looks at what others have. Some have heard of Other 2 since.
func (w *town) checkOthers(t *testing.T, joined map[string]bool) {
	t.Helper()
	for _, c := range []struct{ uid, title, joined string }{
		{"r1", "Someone liked A walk", "Other 2 and 1 other liked A walk"},
		{"r0", "Other 1 and 1 other liked A walk", "Other 2 and 2 others liked A walk"},
		{"carol", "Other 69 and 70 others liked A walk", ""},
	} {
		doc, err := w.db.Collection("users/"+c.uid+"/notifications").Where("target.id", "==", "42").Documents(t.Context()).Next()
		if err != nil {
			t.Fatal(err)
		}
		want := c.title
		if joined[c.uid] {
			want = c.joined
		}
		if title, _ := doc.DataAt("title"); title != want {
			t.Errorf("%s reads %q, want %q", c.uid, title, want)
		}
		if at, _ := doc.DataAt("updatedAt"); !at.(time.Time).Equal(now) {
			t.Errorf("%s has news", c.uid)
		}
	}
	for _, path := range []string{"targets/t2", "identities/github/logins/bob", "audiences/topic-1/members/bob", "announcements/a1", "users/bob/announcements/a1", "deadLetters/several", "deadLetters/of another"} {
		if _, err := w.db.Doc(path).Get(t.Context()); err != nil {
			t.Errorf("%s is gone", path)
		}
	}
	for path, want := range map[string][]any{
		"audiences/all/lists/0": {"bob", "other-0"}, "audiences/all/lists/11": {"bob", "other-11"}, "audiences/topic-1/lists/a": {}, "audiences/topic-1/lists/b": {"bob"},
	} {
		if diff := cmp.Diff(want, w.listed(t, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	waiting, err := w.db.Collection("sendings").Documents(t.Context()).GetAll()
	if err != nil || len(waiting) != 2 {
		t.Errorf("%d events wait, %v; want those that Bob is to get", len(waiting), err)
	}
}
