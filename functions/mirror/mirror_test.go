//go:build unix

package mirror_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/functions/mirror"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// rig is the function in front of the official emulator.
type rig struct {
	http.Handler
	*store.Store
	db *firestore.Client
}

func newRig(t *testing.T) *rig {
	t.Helper()
	project := firestoretest.Project(t)
	db, err := firestore.NewClient(t.Context(), project)
	must(t, err)
	s, err := store.Open(t.Context(), project)
	must(t, err)
	t.Cleanup(func() {
		_ = db.Close()
		_ = s.Close()
	})
	return &rig{(&mirror.Function{Store: s, Log: slog.New(slog.DiscardHandler)}).Routes(), s, db}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// register writes a device's document, and tells nobody.
func (r *rig) register(t *testing.T, uid, id, value string, seen time.Time) {
	t.Helper()
	_, err := r.db.Doc("users/"+uid+"/devices/"+id).Set(context.Background(), map[string]any{
		"kind": "fid", "value": value, "platform": "web", "locale": "de", "lastSeenAt": seen,
	})
	must(t, err)
}

// written delivers the trigger's event about a document.
func (r *rig) written(t *testing.T, document string) int {
	t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/mirror", nil)
	req.Header.Set("ce-type", "google.cloud.firestore.document.v1.written")
	req.Header.Set("ce-document", document)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Code
}

// known are the addresses that the subscriber knows of a person, the one seen last first.
func (r *rig) known(t *testing.T, uid string) (values []string) {
	t.Helper()
	snap, err := r.Load(t.Context(), []string{uid}, nil)
	must(t, err)
	for _, d := range snap.Profiles[uid].Devices {
		values = append(values, d.ID+"="+d.Value)
	}
	return values
}

func TestTheCopyFollowsTheDevice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.db.Doc("users/bob").Set(t.Context(), map[string]any{"locale": "de"})
	must(t, err)
	steps := []struct {
		name string
		do   func()
		want []string
	}{
		{"none yet", func() {}, nil},
		{"one", func() { r.register(t, "bob", "phone", "a", now) }, []string{"phone=a"}},
		{"another address", func() { r.register(t, "bob", "phone", "b", now.Add(time.Hour)) }, []string{"phone=b"}},
		{"a name with a dot", func() { r.register(t, "bob", "dr. no's `tab`", "c", now) }, []string{"phone=b", "dr. no's `tab`=c"}},
		{"without an address", func() { r.register(t, "bob", "phone", "", now) }, []string{"dr. no's `tab`=c"}},
		{"gone", func() { _, err := r.db.Doc("users/bob/devices/dr. no's `tab`").Delete(t.Context()); must(t, err) }, nil},
	}
	for _, step := range steps {
		step.do()
		for _, id := range []string{"phone", "dr. no's `tab`", "phone"} { // late, twice, in any order
			if code := r.written(t, "users/bob/devices/"+id); code != http.StatusNoContent {
				t.Fatalf("%s: got %d, want 204", step.name, code)
			}
		}
		if diff := cmp.Diff(step.want, r.known(t, "bob")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
	snap, err := r.Load(t.Context(), []string{"bob"}, nil)
	if err != nil || snap.Profiles["bob"].Locale != "de" {
		t.Errorf("got %+v and %v, want the owner's choices untouched", snap.Profiles["bob"], err)
	}
}

func TestWritesAtTheSameTimeEndRight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var wg sync.WaitGroup
	want := map[string]bool{}
	for i := range 8 {
		id := fmt.Sprint("tab", i)
		want[id+"=new"] = true
		wg.Go(func() {
			r.register(t, "bob", id, "old", now)
			wg.Go(func() { r.written(t, "users/bob/devices/"+id) })
			r.register(t, "bob", id, "new", now)
			for r.written(t, "users/bob/devices/"+id) != http.StatusNoContent { // as Eventarc does
			}
		})
	}
	wg.Wait()
	if got := slices.Sorted(slices.Values(r.known(t, "bob"))); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("got %q, want all eight, new", got)
	}
}

// The hundred-and-first device takes the place of the stalest one.
func TestTooManyDevices(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range store.MaxDevices + 1 {
		r.register(t, "bob", fmt.Sprintf("tab%03d", i), "x", now.Add(time.Duration(i)*time.Minute))
	}
	for i := range store.MaxDevices + 1 {
		must(t, r.MirrorDevice(t.Context(), "bob", fmt.Sprintf("tab%03d", i)))
	}
	known := r.known(t, "bob")
	if len(known) != store.MaxDevices || known[0] != "tab100=x" || slices.Contains(known, "tab000=x") {
		t.Errorf("got %d from %s to %s, want the 100 that were seen last", len(known), known[0], known[len(known)-1])
	}
	if _, err := r.db.Doc("users/bob/devices/tab000").Get(t.Context()); status.Code(err) != codes.NotFound {
		t.Errorf("the stalest device's document: got %v, want none", err)
	}
}

// Whoever is erased stays erased: the events about his devices make no new profile.
func TestAnErasedPersonStaysErased(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code := r.written(t, "users/bob/devices/phone"); code != http.StatusNoContent {
		t.Fatalf("got %d, want 204", code)
	}
	if _, err := r.db.Doc("users/bob").Get(t.Context()); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want no profile", err)
	}
}

func TestAWrongFilterIsLoggedAndAcknowledged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	fn := &mirror.Function{Log: slog.New(slog.NewTextHandler(&log, nil))}
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/mirror", nil)
	req.Header.Set("ce-document", "users/bob/notifications/1")
	fn.Routes().ServeHTTP(w, req)
	if w.Code != http.StatusNoContent || !strings.Contains(log.String(), "users/bob/notifications/1") {
		t.Errorf("got %d and %q, want 204 and a log line with the document", w.Code, log.String())
	}
}
