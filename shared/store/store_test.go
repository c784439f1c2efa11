package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var now = time.Date(2026, 11, 21, 9, 0, 0, 123456000, time.UTC)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), firestoretest.Project(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// openBoth opens a store, and the database behind it as others see it.
func openBoth(t *testing.T) (*store.Store, *firestore.Client) {
	t.Helper()
	project := firestoretest.Project(t)
	s, err := store.Open(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	db, err := firestore.NewClient(t.Context(), project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return s, db
}

// full is a notification in which no field has its zero value, so that a field which the stored form forgets is noticed.
func full() inbox.Notification {
	n := inbox.Notification{
		Type: "post.liked", Category: "social", Priority: event.High, Icon: "heart", Title: "t", Body: "b", URL: "/u",
		Target:  event.Target{Type: "post", ID: "1", Source: "/s", Title: "p", URL: "/p"},
		Actions: []event.Action{{ID: "a", Label: "l", URL: "/a", Style: "primary", Webhook: "w"}},
		Own:     inbox.Own{Title: true, Actions: true},
		Data:    map[string]any{"s": "x", "n": 1.5, "b": true, "nested": map[string]any{"list": []any{"y", 2.0}}, "empty": "", "none": []any{}},
		Why:     "recipient", Held: "interval",
		Actors:     []inbox.Actor{{Actor: event.Actor{ID: "alice", Name: "Alice", ImageURL: "/i"}, At: now}},
		ActorCount: 1, EventCount: 2, CreatedAt: now, UpdatedAt: now.Add(1e6), Revision: 7, LatestAt: now, OpenedAt: now.Add(2e6), ExpireAt: now.Add(3e6),
		SeenAt: now, ReadAt: now.Add(4e6), ArchivedAt: now.Add(5e6), SnoozedUntil: now.Add(6e6), FollowedAt: now.Add(8e6), DoneAction: "a", DoneAt: now.Add(9e6),
		GroupID: "g", PartCount: 3, EntryCount: 4, Push: inbox.Push{At: now, Revision: 6, Message: "m"},
		DueAt: now.Add(8e6), Withdrawn: inbox.Withdrawal{Revision: 5, Message: "w"},
	}
	n.Members, n.Memory = crowd("alice", "bob")
	return n
}

// crowd are the members of an item that these people's likes have made, and what it remembers of them.
func crowd(actors ...string) (inbox.Members, inbox.Memory) {
	kind := event.Type{Name: "post.liked", Category: "social", Icon: "heart", Priority: event.Medium, Group: &event.Group{Key: "post.liked", By: event.ByTarget, Window: time.Hour, Counts: event.CountActors}}
	box := new(inbox.Box)
	var at inbox.Address
	for i, actor := range actors {
		e := event.Event{ID: actor, Source: "s", Type: kind.Name, Time: now.Add(time.Duration(i)), Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: "1"}}
		at = inbox.Locate(kind, e, now)
		if _, err := box.Fold(at, inbox.Op{Event: &e, Type: &kind, Why: "recipient"}, now, func(*inbox.Notification) inbox.Words { return inbox.Words{} }); err != nil {
			panic(err)
		}
	}
	item := box.Item(at.IDs[1])
	return item.Members, item.Memory
}

func sameMembers(a, b inbox.Members) bool {
	x, _ := a.MarshalBinary()
	y, _ := b.MarshalBinary()
	return string(x) == string(y)
}

var compareMembers = cmp.Options{cmp.Comparer(sameMembers), cmp.Comparer(func(a, b inbox.Data) bool { return cmp.Equal(a.Fields(), b.Fields()) })}

func TestNotificationSurvivesItsStoredForm(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	item := &inbox.Item{ID: "i", Notification: full()}
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: item}})[0]; err != nil {
		t.Fatal(err)
	}
	ref := store.Ref{UID: "bob", ID: "i"}
	snap, err := s.Load(ctx, []string{"bob"}, []store.Ref{ref, {UID: "bob", ID: "missing"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Items) != 1 || snap.Items[ref].Version.IsZero() {
		t.Fatalf("got items %v, want only the one that exists", snap.Items)
	}
	if diff := cmp.Diff(full(), snap.Items[ref].Notification, compareMembers); diff != "" {
		t.Errorf("loaded differs from saved (-want +got):\n%s", diff)
	}
}

// Clients conclude from push and withdrawn whether devices show a push. Of one that no device could get, neither says a revision, and we know it all the same.
func TestAPushThatNobodyGotHasNoRevision(t *testing.T) {
	t.Parallel()
	s, db := openBoth(t)
	for revision, want := range map[int64]map[string]any{
		6: {"push": int64(6), "withdrawn": nil},      // before the last withdrawal nothing counts
		7: {"push": nil, "withdrawn": nil},           // nobody got revision 7
		8: {"push": int64(8), "withdrawn": int64(7)}, // devices show revision 8
	} {
		n := full()
		n.Push.Revision, n.Withdrawn = revision, inbox.Withdrawal{Revision: 7}
		if revision == 6 {
			n.Withdrawn = inbox.Withdrawal{}
		}
		ref := store.Ref{UID: "bob", ID: fmt.Sprint("push", revision)}
		if err := s.Save(t.Context(), []store.Write{{UID: ref.UID, Item: &inbox.Item{ID: ref.ID, Notification: n}}})[0]; err != nil {
			t.Fatal(err)
		}
		doc, err := db.Doc("users/bob/notifications/" + ref.ID).Get(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		for name := range want {
			in, _ := doc.Data()[name].(map[string]any)
			got[name] = in["revision"]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("revision %d is stored otherwise (-want +got):\n%s", revision, diff)
		}
		snap, err := s.Load(t.Context(), nil, []store.Ref{ref})
		if err != nil {
			t.Fatal(err)
		}
		if item := snap.Items[ref]; item.Push != n.Push || item.Withdrawn != n.Withdrawn {
			t.Errorf("got %+v and %+v, want %+v and %+v", item.Push, item.Withdrawn, n.Push, n.Withdrawn)
		}
	}
}

// Each field costs everybody who listens. But null must be there where clients and rules ask for it.
func TestWhatIsEmptyIsLeftOutButWhatIsAskedForByNull(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, db := openBoth(t)
	item := &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", Priority: event.Low, Title: "t", GroupID: "g", CreatedAt: now}}
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: item}})[0]; err != nil {
		t.Fatal(err)
	}
	doc, err := db.Doc("users/bob/notifications/i").Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"actorCount", "archivedAt", "createdAt", "doneAction", "entryCount", "eventCount", "groupId", "priority",
		"push", "rank", "readAt", "retractedAt", "revision", "seenAt", "snoozedUntil", "target", "title", "type"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(doc.Data()))); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	for _, mark := range []string{"seenAt", "readAt", "archivedAt", "snoozedUntil", "retractedAt", "doneAction"} {
		if got := doc.Data()[mark]; got != nil {
			t.Errorf("%s = %v, want null", mark, got)
		}
	}
}

// What was taken back has no field archivedAt, so that it is in neither of the client's lists: a hundred of them would fill the archive. (That
// such a document is in neither query, infra's TestWhatWasTakenBackIsInNeitherQuery shows.)
func TestWhatWasTakenBackHasNoArchivedAt(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, db := openBoth(t)
	item := &inbox.Item{ID: "i", Notification: inbox.Notification{Type: "info", Priority: event.Low, GroupID: "g", CreatedAt: now, RetractedAt: now, ArchivedAt: now}}
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: item}})[0]; err != nil {
		t.Fatal(err)
	}
	doc, err := db.Doc("users/bob/notifications/i").Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, is := doc.Data()["archivedAt"]; is || doc.Data()["retractedAt"] == nil {
		t.Errorf("archivedAt is %v and retractedAt %v; want no archivedAt at all", got, doc.Data()["retractedAt"])
	}
}

func TestSaveInsistsOnWhatWasRead(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	save := func(item *inbox.Item) error { return s.Save(ctx, []store.Write{{UID: "bob", Item: item}})[0] }
	load := func() *inbox.Item {
		snap, err := s.Load(ctx, nil, []store.Ref{{UID: "bob", ID: "i"}})
		if err != nil {
			t.Fatal(err)
		}
		return snap.Items[store.Ref{UID: "bob", ID: "i"}]
	}
	if err := save(&inbox.Item{ID: "i"}); err != nil {
		t.Fatal(err)
	}
	if err := save(&inbox.Item{ID: "i"}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("creating what exists: got %v, want ErrConflict", err)
	}
	first, second := load(), load()
	first.Revision++ // a write that changes nothing leaves the update time, too
	second.Revision += 2
	if err := save(first); err != nil {
		t.Fatal(err)
	}
	if err := save(second); !errors.Is(err, store.ErrConflict) {
		t.Errorf("writing what has changed since: got %v, want ErrConflict", err)
	}
	errs := s.Save(ctx, []store.Write{{UID: "bob", Item: second}, {UID: "bob", Item: &inbox.Item{ID: "other"}}})
	if !errors.Is(errs[0], store.ErrConflict) || errs[1] != nil {
		t.Errorf("a conflict beside a good write: got %v, want ErrConflict and nil", errs)
	}
}

// TestPartsAreWrittenWithTheirItemOrNotAtAll: otherwise a lost race would leave members that no count knows of.
func TestPartsAreWrittenWithTheirItemOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	ref := store.Ref{UID: "bob", ID: "i"}
	withPart := func(item *inbox.Item, actor string) *inbox.Item {
		part := inbox.Part{Changed: true}
		part.Members, item.Memory = crowd(actor)
		item.PartCount = 1
		item.Attach(0, part)
		return item
	}
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: withPart(&inbox.Item{ID: "i"}, "alice")}})[0]; err != nil {
		t.Fatal(err)
	}
	stale := withPart(&inbox.Item{ID: "i"}, "carol") // as if the item had not existed when it was read
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: stale}})[0]; !errors.Is(err, store.ErrConflict) {
		t.Fatalf("got %v, want ErrConflict", err)
	}
	loadParts := func(item *inbox.Item, parts ...int) {
		wanted := map[store.PartRef]*inbox.Item{}
		for _, part := range parts {
			wanted[store.PartRef{Ref: ref, Part: part}] = item
		}
		if failed, err := s.LoadParts(ctx, wanted); err != nil || len(failed) > 0 {
			t.Fatal(failed, err)
		}
	}
	item := withPart(&inbox.Item{ID: "i"}, "alice")
	loadParts(item, 0, 9)
	if alice, _ := crowd("alice"); !sameMembers(item.Parts[0].Members, alice) {
		t.Error("the part holds what the lost race wrote")
	}
	if item.Parts[9].Members.Len() != 0 {
		t.Error("a part without a document is not empty")
	}

	// A part that was read before a commit, with the item that was read after it, as the official emulator shows them: the
	// members that the commit added must not be lost.
	load := func() *inbox.Item {
		snap, err := s.Load(ctx, nil, []store.Ref{ref})
		if err != nil {
			t.Fatal(err)
		}
		return snap.Items[ref]
	}
	old := load()
	loadParts(old, 0, 1)
	for number, actor := range map[int]string{0: "dave", 1: "erin"} {
		next := load()
		loadParts(next, number)
		next.Revision++
		next.Parts[number].Members, _ = crowd("alice", actor)
		next.Parts[number].Changed = true
		if err := s.Save(ctx, []store.Write{{UID: "bob", Item: next}})[0]; err != nil {
			t.Fatal(err)
		}
		torn := load()
		torn.Revision++
		part := *old.Parts[number]
		part.Members, _ = crowd("frank")
		part.Changed = true
		torn.Attach(number, part)
		if err := s.Save(ctx, []store.Write{{UID: "bob", Item: torn}})[0]; !errors.Is(err, store.ErrConflict) {
			t.Errorf("a new item with an old part %d: got %v, want ErrConflict", number, err)
		}
	}
}

func TestGroupFindsAllWindows(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	var writes []store.Write
	for i, group := range []string{"g", "g", "other"} {
		writes = append(writes, store.Write{UID: "bob", Item: &inbox.Item{ID: fmt.Sprint("i", i), Notification: inbox.Notification{GroupID: group}}})
	}
	for _, err := range s.Save(ctx, writes) {
		if err != nil {
			t.Fatal(err)
		}
	}
	items, err := s.Group(ctx, "bob", "g")
	if err != nil || len(items) != 2 {
		t.Errorf("got %d items and %v, want 2", len(items), err)
	}
	if items, err := s.Group(ctx, "carol", "g"); err != nil || len(items) != 0 {
		t.Errorf("another recipient: got %d items and %v, want none", len(items), err)
	}
}

func TestMoreThanOneBatch(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	const n = store.MaxBatch + 7
	var writes []store.Write
	var refs []store.Ref
	for i := range n {
		uid := fmt.Sprint("u", i)
		writes = append(writes, store.Write{UID: uid, Item: &inbox.Item{ID: "i"}})
		refs = append(refs, store.Ref{UID: uid, ID: "i"})
	}
	for i, err := range s.Save(ctx, writes) {
		if err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	snap, err := s.Load(ctx, nil, refs)
	if err != nil || len(snap.Items) != n {
		t.Errorf("got %d items and %v, want %d", len(snap.Items), err, n)
	}
}
