package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// TestAPartWithMembersThatItsItemDoesNotKnow fails its own item alone: for now, where both were written after the item was read, and for ever where something else wrote it.
func TestAPartWithMembersThatItsItemDoesNotKnow(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	large := func(id string) *inbox.Item {
		item := &inbox.Item{ID: id}
		item.PartCount = 1
		part := inbox.Part{Changed: true}
		part.Members, item.Memory = crowd("alice", "carol")
		item.Attach(0, part)
		return item
	}
	load := func(id string) *inbox.Item {
		snap, err := s.Load(ctx, nil, []store.Ref{{UID: "bob", ID: id}})
		if err != nil {
			t.Fatal(err)
		}
		return snap.Items[store.Ref{UID: "bob", ID: id}]
	}
	for _, err := range s.Save(ctx, []store.Write{{UID: "bob", Item: large("sound")}, {UID: "bob", Item: large("stale")}}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	sound, stale := load("sound"), load("stale")
	stale.Memory.Kinds = nil // as if nobody had been there when it was read
	rival := load("stale")
	rival.Revision++
	rival.Attach(0, inbox.Part{Changed: true, Known: true, Version: rival.Version})
	rival.Parts[0].Members, rival.Memory = crowd("alice", "carol", "dave")
	if err := s.Save(ctx, []store.Write{{UID: "bob", Item: rival}})[0]; err != nil {
		t.Fatal(err)
	}
	damaged := load("stale")
	damaged.Memory.Kinds = nil
	for name, tc := range map[string]struct {
		item *inbox.Item
		want error
	}{"read before the part was written": {stale, store.ErrConflict}, "damaged": {damaged, inbox.ErrMembers}} {
		failed, err := s.LoadParts(ctx, map[store.PartRef]*inbox.Item{
			{Ref: store.Ref{UID: "bob", ID: "sound"}}: sound, {Ref: store.Ref{UID: "bob", ID: "stale"}}: tc.item,
		})
		if err != nil || len(failed) != 1 || !errors.Is(failed[tc.item], tc.want) {
			t.Errorf("%s: got %v and %v, want only %v", name, failed, err, tc.want)
		}
		if sound.Parts[0].Members.Len() != 2 {
			t.Errorf("%s: the other item has no members", name)
		}
	}
}

// TestAnErasureIsNotHeldUpByWhatCannotBeRead: an item that nobody can read goes, with the parts of it that name the person, and the rest goes on.
func TestAnErasureIsNotHeldUpByWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	// The other one's uid is the name of the collection: that must not be taken for it.
	for i := range inbox.InlineMax + 1 {
		w.tell(t, "bob", like(other(i)))
		w.tell(t, "parts", like(other(i)))
	}
	w.tell(t, "bob", like(goneActor))
	w.tell(t, "parts", like(goneActor))
	items, err := w.db.Collection("users/bob/notifications").Documents(t.Context()).GetAll()
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	doc := items[0].Data()
	doc["memory"] = []byte{99}
	if _, err := items[0].Ref.Set(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	receipt, err := w.finish(t.Context(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Erased["unreadable"] != 2 || receipt.Erased["parts"]+receipt.Erased["items"] == 0 {
		t.Errorf("erased %v, want the item and its part as unreadable, and the other one's", receipt.Erased)
	}
	for _, group := range []string{"notifications", "parts"} {
		docs, err := w.db.CollectionGroup(group).Documents(t.Context()).GetAll()
		if err != nil || len(docs) != 1 || docs[0].Ref.Path == items[0].Ref.Path {
			t.Errorf("%d documents under %s are left, %v; want only those of the other one", len(docs), group, err)
		}
	}
}

// TestAPartThatOutlivesItsItem: an item's document has gone before its parts, and the same group begins anew. The part names the person, and has nothing of what the item is now.
func TestAPartThatOutlivesItsItem(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.tell(t, "bob", like(goneActor))
	for i := range inbox.InlineMax + 1 {
		w.tell(t, "bob", like(other(i)))
	}
	inboxOf := w.db.Collection("users/bob/notifications")
	old, err := inboxOf.Documents(t.Context()).Next()
	if err == nil {
		_, err = old.Ref.Delete(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	w.tell(t, "bob", like(other(100)))
	before, err := old.Ref.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.finish(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	after, err := old.Ref.Get(t.Context())
	if diff := cmp.Diff(before.Data(), after.Data()); diff != "" || err != nil {
		t.Errorf("the new item, %v (-want +got):\n%s", err, diff)
	}
	if places := w.search(t, goneName); len(places) != 0 {
		t.Errorf("the person still stands in %v", places)
	}
}
