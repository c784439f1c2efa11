//go:build unix

package people_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// give puts an item by Alice into an inbox.
func (r *rig) give(t *testing.T, uid string) {
	t.Helper()
	item := &inbox.Item{ID: "i", Notification: inbox.Notification{
		Type: "post.liked", Title: "Alice liked A walk", EventCount: 1, ActorCount: 1, Actors: []inbox.Actor{{Actor: event.Actor{ID: "alice", Name: "Alice"}, At: now}},
	}}
	if err := r.store.Save(t.Context(), []store.Write{{UID: uid, Item: item}})[0]; err != nil {
		t.Fatal(err)
	}
}

// receipt is the answer of an erasure.
func (r *rig) receipt(t *testing.T, method, path string, status int) (e store.Erasure) {
	t.Helper()
	a := r.call(t, method, path, "")
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.Status != status {
		t.Fatalf("%s %s: got %d %s, want %d", method, path, a.Status, a.body, status)
	}
	return e
}

func TestEraseAPerson(t *testing.T) {
	t.Parallel()
	clock := now
	r := startAt(t, &clock)
	const alice = "/v1/people/alice"
	r.receipt(t, "GET", alice+"/erasure", 404)
	r.call(t, "PUT", alice+"/preferences", full)
	r.give(t, "alice")
	r.give(t, "bob")
	if e := r.receipt(t, "DELETE", alice, 202); e.Erased["items"] != 1 || e.Erased["profiles"] != 1 || e.Erased["notifications"] != 1 || !e.AgainAt.Equal(now.Add(10*time.Minute)) {
		t.Errorf("got %+v", e)
	}
	r.give(t, "carol") // it was on its way
	clock = clock.Add(9 * time.Minute)
	for _, method := range []string{"GET", "DELETE"} {
		path := map[string]string{"GET": alice + "/erasure", "DELETE": alice}[method]
		if e := r.receipt(t, method, path, 202); e.Erased["items"] != 1 {
			t.Errorf("%s while it waits: got %+v", method, e)
		}
	}
	clock = clock.Add(time.Minute)
	e := r.receipt(t, "DELETE", alice, 200)
	if e.Erased["items"] != 2 || !e.FinishedAt.Equal(clock) || !e.StartedAt.Equal(now) || !e.AgainAt.IsZero() {
		t.Errorf("at the end: got %+v", e)
	}
	if again := r.receipt(t, "GET", alice+"/erasure", 200); again.Erased["items"] != 2 {
		t.Errorf("the receipt reads %+v", again)
	}
	if e := r.receipt(t, "DELETE", alice, 202); len(e.Erased) != 0 || !e.StartedAt.Equal(clock) {
		t.Errorf("once more: got %+v", e)
	}
}

func TestExportAPerson(t *testing.T) {
	t.Parallel()
	r := start(t)
	get := func(path string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("Authorization", "Bearer "+token(account, "good"))
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		return w
	}
	read := func(w *httptest.ResponseRecorder) (names []string) {
		var file struct {
			Format, UID, ExportedAt string
			Documents               []struct{ Name string }
			Next                    string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &file); err != nil || w.Code != 200 || file.Format != "tidings.export/1" || file.UID != "bob" || file.ExportedAt != "2026-11-21T09:30:00Z" || file.Next != "" {
			t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
		}
		for _, d := range file.Documents {
			names = append(names, d.Name)
		}
		return names
	}
	const path = "/v1/people/bob/export"
	if names := read(get(path)); len(names) != 0 {
		t.Errorf("of nobody: got %v", names)
	}
	r.call(t, "PUT", bob, full)
	r.give(t, "bob")
	if got := strings.Join(read(get(path)), " "); got != "users/bob users/bob/notifications/i" {
		t.Errorf("got %s", got)
	}
	if got := strings.Join(read(get(path+"?after=users/bob")), " "); got != "users/bob/notifications/i" {
		t.Errorf("behind the first: got %s", got)
	}
	if w := get(path + "?after=users/alice"); w.Code != 400 || !strings.Contains(w.Body.String(), "after") {
		t.Errorf("behind somebody else's: got %d %s", w.Code, w.Body)
	}
	if n, err := r.store.Import(t.Context(), get(path).Body); n != 2 || err != nil {
		t.Errorf("imported %d, %v", n, err)
	}
}
