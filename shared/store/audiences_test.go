package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/store"
)

// What cannot be an audience is an error, whoever published it: the client library takes no such name and would panic.
func TestMembersOfWhatIsNoAudience(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, audience := range []string{"", "a/b", "a/b/c", "..", "__x__", "\xff", "\x00", strings.Repeat("a", 2000)} {
		if uids, _, err := s.Members(t.Context(), audience, "", 10); err == nil || len(uids) > 0 {
			t.Errorf("%.20q: got %q and %v, want an error", audience, uids, err)
		}
	}
	if uids, next, err := s.Members(t.Context(), "nobody", "", 10); err != nil || len(uids) > 0 || next != "" {
		t.Errorf("an audience without members: got %q, %q and %v, want nothing", uids, next, err)
	}
}

// crew has two lists, with a person in both, and memberships, with a person of the first list.
func crew(t *testing.T) (*store.Store, *firestore.Client) {
	t.Helper()
	s, db := openBoth(t)
	set(t, db, "audiences/crew/lists/a", map[string]any{"uids": []string{"eve", "bob", "carol", "bob"}})
	set(t, db, "audiences/crew/lists/b", map[string]any{"uids": []string{"carol", "dave"}})
	set(t, db, "audiences/crew/lists/empty", map[string]any{"uids": []string{}})
	for _, uid := range []string{"alice", "bob", "zoe"} {
		set(t, db, "audiences/crew/members/"+uid, map[string]any{})
	}
	set(t, db, "audiences/others/lists/a", map[string]any{"uids": []string{"mallory"}})
	return s, db
}

func set(t *testing.T, db *firestore.Client, path string, fields map[string]any) {
	t.Helper()
	if _, err := db.Doc(path).Set(t.Context(), fields); err != nil {
		t.Fatal(err)
	}
}

// all walks the audience by pages of that size; between pages, meanwhile is called.
func all(t *testing.T, s *store.Store, audience string, page int, meanwhile func()) (uids []string) {
	t.Helper()
	for cursor := ""; ; {
		some, next, err := s.Members(t.Context(), audience, cursor, page)
		if err != nil || len(some) > page {
			t.Fatalf("pages of %d, behind %q: got %q and %v", page, cursor, some, err)
		}
		uids = append(uids, some...)
		if cursor = next; next == "" {
			slices.Sort(uids)
			return slices.Compact(uids)
		}
		meanwhile()
	}
}

func TestMembersAreThoseInListsAndThoseWithAMembership(t *testing.T) {
	t.Parallel()
	s, db := crew(t)
	want := []string{"alice", "bob", "carol", "dave", "eve", "zoe"}
	for page := 1; page <= 12; page++ {
		if got := all(t, s, "crew", page, func() {}); !slices.Equal(got, want) {
			t.Errorf("pages of %d: got %q, want %q", page, got, want)
		}
	}
	// Who is let in while an audience is walked may be missed; nobody else is.
	n := 0
	got := all(t, s, "crew", 1, func() {
		n++
		set(t, db, "audiences/crew/lists/a", map[string]any{"uids": []string{fmt.Sprint("a-", n), "eve", "bob", "carol"}})
		set(t, db, fmt.Sprint("audiences/crew/lists/a", n), map[string]any{"uids": []string{}})
	})
	for _, uid := range want {
		if !slices.Contains(got, uid) {
			t.Errorf("while people are let in: got %q, without %s", got, uid)
		}
	}
	for _, uid := range append(want, "mallory") {
		if is, err := s.IsMember(t.Context(), "crew", uid); err != nil || is != (uid != "mallory") {
			t.Errorf("%s: member %v, %v", uid, is, err)
		}
	}
	set(t, db, "audiences/hollow/lists/a", map[string]any{"uids": []string{}})
	for audience, want := range map[string]bool{"crew": true, "others": true, "hollow": false, "nobody": false} {
		if has, err := s.HasMembers(t.Context(), audience); err != nil || has != want {
			t.Errorf("%s: has members %v, %v; want %v", audience, has, err, want)
		}
	}
}

func TestAListWithWhatIsNoUID(t *testing.T) {
	t.Parallel()
	s, db := openBoth(t)
	for name, uids := range map[string]any{
		"nothing": nil, "text": "bob", "number": []any{"bob", 7}, "null": []any{nil}, "slash": []any{"a/b"}, "empty": []any{""}, "long": []any{strings.Repeat("a", 129)},
		"nested": []any{map[string]any{"uid": "bob"}},
	} {
		set(t, db, "audiences/"+name+"/lists/l1", map[string]any{"uids": uids})
		if got, _, err := s.Members(t.Context(), name, "", 10); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "list l1: uids") {
			t.Errorf("%s: got %q and %v, want an error that names the list and the field", name, got, err)
		}
	}
}
