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

func newRig(t *testing.T) *rig { return rigOn(t, firestoretest.Project(t)) }

// rigOn is newRig where Firestore is now: behind a tap, perhaps.
func rigOn(t *testing.T, project string) *rig {
	t.Helper()
	db, err := firestore.NewClient(t.Context(), project)
	must(t, err)
	s, err := store.Open(t.Context(), project)
	must(t, err)
	t.Cleanup(func() {
		_ = db.Close()
		_ = s.Close()
	})
	return &rig{mirror.New(mirror.Needs{Store: s, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}), s, db}
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
	for i := range 4 {
		id := fmt.Sprint("tab", i)
		want[id+"=new"+id] = true
		wg.Go(func() {
			r.register(t, "bob", id, "old"+id, now)
			wg.Go(func() { r.written(t, "users/bob/devices/"+id) })
			r.register(t, "bob", id, "new"+id, now)
			for r.written(t, "users/bob/devices/"+id) != http.StatusNoContent { // as Eventarc does
			}
		})
	}
	wg.Wait()
	if got := slices.Sorted(slices.Values(r.known(t, "bob"))); !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("got %q, want all four, new", got)
	}
}

// The hundred-and-first device takes the place of the stalest one.
func TestTooManyDevices(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range store.MaxDevices + 1 {
		r.register(t, "bob", fmt.Sprintf("tab%03d", i), fmt.Sprint("x", i), now.Add(time.Duration(i)*time.Minute))
	}
	must(t, r.MirrorDevices(t.Context(), "bob"))
	known := r.known(t, "bob")
	if len(known) != store.MaxDevices || known[0] != "tab100=x100" || slices.Contains(known, "tab000=x0") {
		t.Errorf("got %d from %s to %s, want the 100 that were seen last", len(known), known[0], known[len(known)-1])
	}
	if _, err := r.db.Doc("users/bob/devices/tab000").Get(t.Context()); status.Code(err) != codes.NotFound {
		t.Errorf("the stalest device's document: got %v, want none", err)
	}
}

// A person who is erased stays erased: the events about their devices make no new profile.
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
	fn := mirror.New(mirror.Needs{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := httptest.NewRecorder()
	req := httptest.NewRequest(http.MethodPost, "/mirror", nil)
	req.Header.Set("ce-document", "users/bob/notifications/1")
	fn.ServeHTTP(w, req)
	if w.Code != http.StatusNoContent || !strings.Contains(log.String(), "users/bob/notifications/1") {
		t.Errorf("got %d and %q, want 204 and a log line with the document", w.Code, log.String())
	}
}

// One installation is one registration: the last one, by the server's clock. What a client says of its time decides nothing,
// however far it is ahead or behind.
func TestATargetBelongsToTheLastRegistration(t *testing.T) {
	t.Parallel()
	const years = 3 * 365 * 24 * time.Hour
	for _, test := range []struct {
		name        string
		uid, device string        // the other registration of the target of bob's phone
		first, last time.Duration // what the two say of their time
	}{
		{"signed in twice", "bob", "tab", 0, time.Minute},
		{"signed in twice, with a clock that is behind", "bob", "tab", 0, -time.Hour},
		{"the user has changed", "eve", "phone", 0, time.Minute},
		{"the user has changed, with a clock that is behind", "eve", "phone", 0, -time.Hour},
		{"at the same moment", "eve", "phone", 0, 0},
		{"the first one claimed three years ahead", "eve", "phone", years, 0},
		{"both claim to be ahead", "eve", "phone", 2 * years, years},
	} {
		for _, order := range []string{"first told first", "last told first"} {
			t.Run(test.name+", "+order, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				first, last := "users/bob/devices/phone", "users/"+test.uid+"/devices/"+test.device
				r.register(t, "bob", "phone", "x", now.Add(test.first))
				documents := []string{last, first}
				if order == "first told first" {
					r.written(t, first)
					documents = []string{first, last}
				}
				r.register(t, test.uid, test.device, "x", now.Add(test.last))
				for range 3 {
					for _, document := range documents {
						if code := r.written(t, document); code != http.StatusNoContent {
							t.Fatalf("%s: got %d", document, code)
						}
					}
				}
				r.wantTarget(t, test.uid+": "+test.device+"=x", last)
			})
		}
	}
}

// Somebody who learns a target can take it over until its device registers again: FCM's tokens and ids are secrets, and to
// know one is all that anybody can prove. They cannot keep it.
func TestATargetThatWasTakenOverComesBackWithTheNextRegistration(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.register(t, "bob", "phone", "x", now)
	r.written(t, "users/bob/devices/phone")
	r.register(t, "mallory", "m", "x", now.Add(3*365*24*time.Hour))
	r.written(t, "users/mallory/devices/m")
	r.wantTarget(t, "mallory: m=x", "users/mallory/devices/m")
	r.register(t, "bob", "phone", "x", now)
	for _, document := range []string{"users/mallory/devices/m", "users/bob/devices/phone", "users/mallory/devices/m"} {
		r.written(t, document)
	}
	r.wantTarget(t, "bob: phone=x", "users/bob/devices/phone")
}

// wantTarget insists that this is the only copy of a device, and this its only document.
func (r *rig) wantTarget(t *testing.T, copied, document string) {
	t.Helper()
	var copies, documents []string
	for _, uid := range []string{"bob", "eve", "mallory"} {
		for _, d := range r.known(t, uid) {
			copies = append(copies, uid+": "+d)
		}
		docs, err := r.db.Collection("users/" + uid + "/devices").Documents(t.Context()).GetAll()
		must(t, err)
		for _, doc := range docs {
			documents = append(documents, "users/"+uid+"/devices/"+doc.Ref.ID)
		}
	}
	if !slices.Equal(copies, []string{copied}) || !slices.Equal(documents, []string{document}) {
		t.Errorf("got the copies %q and the documents %q, want %q and %s", copies, documents, copied, document)
	}
}

// A target that somebody has given up is free.
func TestAnotherAddressFreesTheTarget(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.register(t, "bob", "phone", "x", now)
	r.written(t, "users/bob/devices/phone")
	r.register(t, "bob", "phone", "y", now.Add(time.Hour))
	r.register(t, "eve", "phone", "x", now)
	r.written(t, "users/eve/devices/phone")
	r.written(t, "users/bob/devices/phone")
	if got := append(r.known(t, "bob"), r.known(t, "eve")...); !slices.Equal(got, []string{"phone=y", "phone=x"}) {
		t.Errorf("got %q, want both", got)
	}
}

func TestStaleDevicesArePruned(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const day = 24 * time.Hour
	r.register(t, "bob", "old", "a", now.Add(-30*day))
	r.register(t, "bob", "fresh", "b", now.Add(-29*day))
	r.register(t, "eve", "old", "c", now.Add(-90*day))
	for _, document := range []string{"users/bob/devices/old", "users/bob/devices/fresh", "users/eve/devices/old"} {
		r.written(t, document)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mirror/prune", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "2") {
		t.Errorf("got %d %s, want two pruned", w.Code, w.Body)
	}
	for _, document := range []string{"users/bob/devices/old", "users/bob/devices/fresh", "users/eve/devices/old"} { // as Firestore calls
		r.written(t, document)
	}
	if got := append(r.known(t, "bob"), r.known(t, "eve")...); !slices.Equal(got, []string{"fresh=b"}) {
		t.Errorf("got %q, want the fresh one", got)
	}
}

// One call deletes so many, says that there are more, and the next one goes on.
func TestPruningIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 7 {
		r.register(t, "bob", fmt.Sprint("tab", i), fmt.Sprint("x", i), now.Add(-40*24*time.Hour))
	}
	for i, want := range []struct {
		pruned int
		more   bool
	}{{3, true}, {3, true}, {1, false}, {0, false}} {
		if pruned, more, err := r.PruneDevices(t.Context(), now, 3); err != nil || pruned != want.pruned || more != want.more {
			t.Errorf("call %d: got %d, %t and %v, want %+v", i, pruned, more, err, want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, more, err := r.PruneDevices(gone, now, 3); err == nil || !more {
		t.Errorf("a caller who has left: got %t and %v, want an error and more to do", more, err)
	}
}
