package store_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/store"
)

// listed is who is in a list of an audience; nil where there is no such list.
func (w *town) listed(t *testing.T, path string) []any {
	t.Helper()
	doc, err := w.db.Doc(path).Get(t.Context())
	if err != nil {
		return nil
	}
	uids, _ := doc.Data()["uids"].([]any)
	return uids
}

func (w *town) list(t *testing.T, path string, uids ...string) {
	t.Helper()
	w.set(t, path, map[string]any{"uids": uids})
}

// What the product writes between an erasure's look at the lists and its commit stays: somebody who comes, a list that goes, and one that is new.
func TestAProductWritesListsDuringAnErasure(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.list(t, "audiences/all/lists/1", "bob", gone, "carol", gone)
	w.list(t, "audiences/all/lists/2", gone, "bob")
	product := func(n int64, _ int, carryOut func() error) error {
		if n != 2 { // the first one begins the erasure
			return carryOut()
		}
		_, err := w.db.Doc("audiences/all/lists/1").Update(t.Context(), []firestore.Update{{Path: "uids", Value: firestore.ArrayUnion("dave")}})
		if _, e := w.db.Doc("audiences/all/lists/2").Delete(t.Context()); err != nil || e != nil {
			t.Error(err, e)
		}
		w.list(t, "audiences/staff/lists/3", gone, "bob")
		return carryOut()
	}
	if first, err := w.eraser(w.disturbed(t, product)).Erase(t.Context(), gone, time.Now().Add(time.Minute)); err != nil || first.AgainAt.IsZero() {
		t.Fatalf("got %+v, %v; want that the first round is over", first, err)
	}
	got, err := w.finish(t.Context(), w.Store)
	if diff := cmp.Diff(map[string]int{"memberships": 2}, got.Erased); diff != "" || err != nil {
		t.Errorf("receipt: %v (-want +got):\n%s", err, diff)
	}
	for path, want := range map[string][]any{
		"audiences/all/lists/1": {"bob", "carol", "dave"}, "audiences/all/lists/2": nil, "audiences/staff/lists/3": {"bob"},
	} {
		if diff := cmp.Diff(want, w.listed(t, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// Lists are found by one query: those without the person cost nothing, and what a product keeps of its own under that name stays as it is.
func TestWhatListsCostAnErasure(t *testing.T) { // not parallel: it sets the emulator's address
	w := newTown(t)
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	s, err := store.Open(t.Context(), w.project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for i := range 3 {
		for k := range 8 {
			w.list(t, fmt.Sprintf("audiences/a%d/lists/%d", i, k), "bob", "carol")
			w.list(t, fmt.Sprintf("audiences/a%d/lists/x%d", i, k), "bob", gone)
		}
	}
	foreign := []string{"lists/shopping", "families/f/lists/shopping", "users/bob/lists/shopping", "audiences/a0/lists/x0/lists/shopping"}
	erase := func(uid string, lists int) tap.Counts {
		t.Helper()
		before := wire.Counts()
		got, err := w.eraser(s).Erase(t.Context(), uid, time.Now().Add(time.Minute))
		if err != nil || got.AgainAt.IsZero() || got.Erased["memberships"] != lists {
			t.Fatalf("%s: got %+v, %v; want that the first round is over, with %d lists", uid, got, err, lists)
		}
		return wire.Counts().Sub(before)
	}
	nobody := erase("nobody", 0)
	for _, path := range foreign {
		w.list(t, path, gone)
	}
	extra := erase(gone, 24).Sub(nobody)
	if want := int64(24 + len(foreign) - 1); extra.Reads != want || extra.Writes != 24+3 || extra.Deletes != 0 { // a query without an answer is a read; three pages are three writes
		t.Errorf("%d reads, %d writes and %d deletes more than for somebody in no list; want %d, 27 and 0", extra.Reads, extra.Writes, extra.Deletes, want)
	}
	for _, path := range foreign {
		if diff := cmp.Diff([]any{gone}, w.listed(t, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}
