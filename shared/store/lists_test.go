package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

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

// overheard opens a store that lets hear what queries find.
func (w *town) overheard(t *testing.T, hear func(*firestorepb.Document)) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), w.project, option.WithGRPCDialOption(grpc.WithChainStreamInterceptor(
		func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			answers, err := stream(ctx, desc, cc, method, opts...)
			return overheard{answers, hear}, err
		})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

type overheard struct {
	grpc.ClientStream
	hear func(*firestorepb.Document)
}

func (o overheard) RecvMsg(m any) error {
	err := o.ClientStream.RecvMsg(m)
	if answer, ok := m.(*firestorepb.RunQueryResponse); ok && err == nil && answer.Document != nil {
		o.hear(answer.Document)
	}
	return err
}

// An export says which lists a person is in, and of nobody else in them. An import adds them, once, to whoever is in the list there.
func TestAListIsExportedWithoutOthers(t *testing.T) {
	t.Parallel()
	w, there := newTown(t), newTown(t)
	var want []string
	w.Store = w.overheard(t, func(doc *firestorepb.Document) {
		if strings.Contains(doc.Name, "/lists/") && len(doc.Fields) > 0 {
			t.Errorf("of %s it read %v", doc.Name, doc.Fields)
		}
	})
	for i := range 45 { // three pages
		path := fmt.Sprintf("audiences/all/lists/%02d", i)
		w.list(t, path, "bob", gone, "carol")
		want = append(want, fmt.Sprintf(`{"name":%q,"fields":{"uids":{"arrayValue":{"values":[{"stringValue":%q}]}}}}`, path, gone))
	}
	w.list(t, "audiences/all/lists/without", "bob")
	w.list(t, "families/f/lists/shopping", gone)
	got, calls := w.exported(t, "")
	if diff := cmp.Diff(want, got); diff != "" || calls != 3 {
		t.Errorf("exported in %d calls (-want +got):\n%s", calls, diff)
	}
	for _, at := range []int{0, 19, 20, 44} {
		if rest, _ := w.exported(t, nameOf(got[at])); !slices.Equal(rest, got[at+1:]) {
			t.Errorf("behind %s: got %d, want %d", nameOf(got[at]), len(rest), 44-at)
		}
	}
	there.set(t, "audiences/all/lists/00", map[string]any{"uids": []string{"dave", "erin"}, "filledBy": "shop"})
	there.list(t, "audiences/all/lists/01", gone, "dave")
	for range 2 {
		if n, err := there.Import(t.Context(), asFile(got)); n != len(got) || err != nil {
			t.Fatalf("imported %d of %d, %v", n, len(got), err)
		}
	}
	for path, want := range map[string][]any{
		"audiences/all/lists/00": {"dave", "erin", gone}, "audiences/all/lists/01": {gone, "dave"}, "audiences/all/lists/02": {gone},
	} {
		if diff := cmp.Diff(want, there.listed(t, path)); diff != "" {
			t.Errorf("imported %s (-want +got):\n%s", path, diff)
		}
	}
	if doc, err := there.db.Doc("audiences/all/lists/00").Get(t.Context()); err != nil || doc.Data()["filledBy"] != "shop" {
		t.Errorf("the rest of a list after an import: %v, %v", doc.Data(), err)
	}
}
