//go:build unix

package mirror_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Of the leases that nobody gives back none stays for ever: those that are over go with the next look, however many there are.
func TestLeasesThatAreOverGo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 45 {
		r.lease(t, "bob", fmt.Sprintf("old%02d", i), -time.Duration(i)*time.Minute, nil)
	}
	r.lease(t, "bob", "tab", time.Minute, nil)
	if code := r.written(t, "users/bob/sessions/tab"); code != http.StatusNoContent {
		t.Fatalf("got %d", code)
	}
	docs, err := r.db.Collection("users/bob/sessions").Documents(t.Context()).GetAll()
	must(t, err)
	if len(docs) != 1 || docs[0].Ref.ID != "tab" || !slices.Equal(r.leases(t, "bob"), []string{"tab "}) {
		t.Errorf("got %d documents and the copies %q, want the open page's", len(docs), r.leases(t, "bob"))
	}
}

// lease writes a session's document, and tells nobody.
func (r *rig) lease(t *testing.T, uid, id string, left time.Duration, target any) {
	t.Helper()
	_, err := r.db.Doc("users/"+uid+"/sessions/"+id).Set(context.Background(), map[string]any{"expiresAt": now.Add(left), "target": target, "visible": true})
	must(t, err)
}

func (r *rig) leases(t *testing.T, uid string) (ids []string) {
	t.Helper()
	snap, err := r.Load(t.Context(), []string{uid}, nil)
	must(t, err)
	for _, s := range snap.Profiles[uid].Sessions {
		ids = append(ids, s.ID+" "+s.Target)
	}
	slices.Sort(ids)
	return ids
}

func TestTheCopyFollowsTheSession(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lease(t, "bob", "dead", -time.Minute, nil)
	_, err := r.db.Doc("users/bob").Set(t.Context(), map[string]any{"sessions": map[string]any{"dead": map[string]any{"expiresAt": now.Add(-time.Minute), "visible": true, "target": nil}}})
	must(t, err)
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"a page opens, another one had died", func() { r.lease(t, "bob", "tab", time.Minute, nil) }, []string{"tab "}},
		{"it shows something", func() { r.lease(t, "bob", "tab", time.Minute, "post/42") }, []string{"tab post/42"}},
		{"a second one", func() { r.lease(t, "bob", "tab2", time.Minute, nil) }, []string{"tab post/42", "tab2 "}},
		{"it closes", func() { _, err := r.db.Doc("users/bob/sessions/tab").Delete(t.Context()); must(t, err) }, []string{"tab2 "}},
		{"told late", func() { r.lease(t, "bob", "tab2", -time.Second, nil) }, nil},
	} {
		step.do()
		for _, id := range []string{"tab", "tab2", "tab"} {
			if code := r.written(t, "users/bob/sessions/"+id); code != http.StatusNoContent {
				t.Fatalf("%s: got %d", step.name, code)
			}
		}
		if got := r.leases(t, "bob"); !slices.Equal(got, step.want) {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
	}
	if _, err := r.db.Doc("users/bob/sessions/dead").Get(t.Context()); status.Code(err) != codes.NotFound {
		t.Errorf("the lease of the page that died: got %v, want none", err)
	}
}

func TestTooManySessions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i := range 25 {
		r.lease(t, "bob", fmt.Sprintf("tab%02d", i), time.Duration(i+1)*time.Second, nil)
		r.written(t, fmt.Sprintf("users/bob/sessions/tab%02d", i))
	}
	if got := r.leases(t, "bob"); len(got) != 20 || got[0] != "tab05 " {
		t.Errorf("got %q, want the 20 that last longest", got)
	}
}
