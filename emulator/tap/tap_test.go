//go:build unix

package tap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

// open returns a store of an empty project behind a tap.
func open(t *testing.T) (project string, wire *tap.Tap, s *store.Store) {
	t.Helper()
	project = firestoretest.Project(t)
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	if s, err = store.Open(context.Background(), project); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return project, wire, s
}

func save(ctx context.Context, s *store.Store, id string) error {
	return s.Save(ctx, []store.Write{{UID: "bob", Item: &inbox.Item{ID: id}}})[0]
}

var refs = []store.Ref{{UID: "bob", ID: "a"}, {UID: "bob", ID: "missing"}}

func TestTapCounts(t *testing.T) {
	project, wire, s := open(t)
	ctx := context.Background()
	if err := save(ctx, s, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(ctx, []string{"bob"}, refs); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Group(ctx, "bob", "none"); err != nil {
		t.Fatal(err)
	}
	if got := wire.Counts(); got.Writes != 1 || got.Reads != 4 || got.LargestWrite == 0 {
		t.Errorf("got %+v, want 1 write and 4 reads: a profile and an item that are missing, one that is there, and an empty query", got)
	}
	for _, uid := range []string{"nobody", "a"} {
		before := wire.Counts()
		if _, err := s.Load(ctx, nil, []store.Ref{{UID: "bob", ID: uid}}); err != nil {
			t.Fatal(err)
		}
		if got := wire.Counts().Sub(before); got.Reads != 1 || got.Calls != 1 {
			t.Errorf("a single document, %s: got %+v, want 1 read and 1 call", uid, got)
		}
	}
	db, err := firestore.NewClient(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before := wire.Counts()
	for _, id := range []string{"a", "b"} {
		if _, err := db.Collection("people").Doc(id).Set(ctx, map[string]any{"name": id, "deep": map[string]any{"n": 1.5}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Collection("people").Documents(ctx).GetAll(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Doc("people/a").Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if got := wire.Counts().Sub(before); got.Writes != 2 || got.Reads != 2 || got.Deletes != 1 {
		t.Errorf("got %+v, want 2 writes, the 2 documents that the query found, and 1 deletion", got)
	}
}

// A listener pays for what is new to it, however often the emulator sends its whole page.
func TestTapCountsWhatAListenerHears(t *testing.T) {
	project, wire, _ := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	db, err := firestore.NewClient(ctx, project)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	snapshots := db.Collection("people").Where("away", "==", false).OrderBy("n", firestore.Desc).Limit(2).Snapshots(ctx)
	defer snapshots.Stop()
	set := func(id string, n int, away bool) func() error {
		return func() error {
			_, err := db.Collection("people").Doc(id).Set(ctx, map[string]any{"n": n, "away": away})
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want int64
	}{
		{"nothing is there", nil, 1},
		{"one comes", set("ada", 1, false), 1},
		{"another one comes, and the first is sent again", set("bob", 2, false), 1},
		{"one changes", set("ada", 3, false), 1},
		{"one leaves the result", set("ada", 3, true), 1},
	} {
		before := wire.Counts()
		if step.do != nil {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := snapshots.Next(); err != nil {
			t.Fatal(err)
		}
		if got := wire.Counts().Sub(before); got.Listened != step.want || got.Reads != 0 {
			t.Errorf("%s: got %d reads by the listener and %d others, want %d and none", step.name, got.Listened, got.Reads, step.want)
		}
	}
}

// The web package gives leases back, and asks for the time, by requests that outlive its page.
func TestTapCountsWhatAPageAsksByItself(t *testing.T) {
	project := firestoretest.Project(t)
	wire, err := tap.OpenToPages(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wire.Close() })
	var mu sync.Mutex
	var written []string
	wire.Watch(func(w tap.Write) {
		mu.Lock()
		defer mu.Unlock()
		written = append(written, fmt.Sprint(w.Document, " ", w.Deleted, " ", len(w.Fields)))
	})
	documents := fmt.Sprintf("projects/%s/databases/(default)/documents", project)
	for _, call := range []struct {
		method, path, body string
		want               tap.Counts
	}{
		{"PATCH", "/users/bob", `{"fields": {"n": {"integerValue": "1"}}}`, tap.Counts{Writes: 1}},
		{"GET", "/users/bob", "", tap.Counts{Reads: 1}},
		{"POST", ":batchGet", `{"documents": ["` + documents + `/users/bob", "` + documents + `/users/nobody"]}`, tap.Counts{Reads: 2}},
		{"POST", ":runQuery", `{"structuredQuery": {"from": [{"collectionId": "none"}]}}`, tap.Counts{Reads: 1}},
		{"POST", ":commit", `{"writes": [{"delete": "` + documents + `/users/a"}, {"update": {"name": "` + documents + `/users/b"}, "updateTransforms": [{"fieldPath": "at", "setToServerValue": "REQUEST_TIME"}]}]}`, tap.Counts{Writes: 1, Deletes: 1}},
		{"DELETE", "/users/bob", "", tap.Counts{Deletes: 1}},
	} {
		before := wire.Counts()
		req, err := http.NewRequestWithContext(t.Context(), call.method, "http://"+wire.Address+"/v1/"+documents+call.path, strings.NewReader(call.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer owner")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		got := wire.Counts().Sub(before)
		if res.StatusCode != http.StatusOK || got != call.want {
			t.Errorf("%s %s: got %s and %+v, want %+v", call.method, call.path, res.Status, got, call.want)
		}
	}
	want := []string{"users/bob false 1", "users/a true 0", "users/b false 1", "users/bob true 0"}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("what was written (-want +got):\n%s", diff)
	}
}

func TestTapDisturbs(t *testing.T) {
	_, wire, s := open(t)
	told := 0
	// The client repeats a call until its context ends, so each call has one of its own, which ends when the call was disturbed twice.
	disturbed := func(call func(ctx context.Context) error) error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var times atomic.Int64
		wire.Disturb(func(method string) tap.Fault {
			return tap.Fault{Code: codes.Aborted, Late: method == "BatchWrite", Then: func() {
				if times.Add(1) == 2 {
					cancel()
				}
			}}
		})
		err := call(ctx)
		told += int(times.Load())
		return err
	}
	saving := func(ctx context.Context) error { return save(ctx, s, "b") }
	loading := func(ctx context.Context) error {
		_, err := s.Load(ctx, nil, refs)
		return err
	}
	if err := disturbed(saving); !errors.Is(err, store.ErrTransient) {
		t.Errorf("an answer that is lost: got %v, want ErrTransient", err)
	}
	if err := disturbed(loading); !errors.Is(err, store.ErrTransient) {
		t.Errorf("a call that is refused: got %v, want ErrTransient", err)
	}
	if told < 2 {
		t.Errorf("Then was called %d times, want once for each disturbed call", told)
	}
	wire.Disturb(nil)
	if err := saving(context.Background()); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the write whose answer was lost: got %v, want ErrConflict, for it had happened", err)
	}
}
