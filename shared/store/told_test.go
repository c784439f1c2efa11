package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// Each person who was told is found once, whatever the size of a page; people who were told of something else are not.
func TestToldFindsEverybodyPageByPage(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	const people = 1203
	var writes []store.Write
	want := map[store.Ref]bool{}
	for i := range people {
		ref := store.Ref{UID: fmt.Sprint("u", i), ID: fmt.Sprint("g-", i%3)}
		want[ref] = true
		writes = append(writes,
			store.Write{UID: ref.UID, Item: &inbox.Item{ID: ref.ID, Notification: inbox.Notification{GroupID: "g"}}},
			store.Write{UID: ref.UID, Item: &inbox.Item{ID: "other", Notification: inbox.Notification{GroupID: "h"}}})
	}
	twice := store.Ref{UID: "u7", ID: "g-9"} // one person, two windows
	want[twice] = true
	writes = append(writes, store.Write{UID: twice.UID, Item: &inbox.Item{ID: twice.ID, Notification: inbox.Notification{GroupID: "g"}}})
	for i, err := range s.Save(ctx, writes) {
		if err != nil {
			t.Fatalf("write %d: %v", i, err)
		}
	}
	for _, limit := range []int{300, 301, 2000} { // 1,204 is 4 × 301
		got, pages := map[store.Ref]bool{}, 0
		for after := ""; ; pages++ {
			refs, next, err := s.Told(ctx, "g", after, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, ref := range refs {
				if !want[ref] || got[ref] {
					t.Fatalf("pages of %d: %v is wrong or there twice", limit, ref)
				}
				got[ref] = true
			}
			if next == "" {
				break
			}
			if pages > people/limit+1 {
				t.Fatalf("pages of %d do not end", limit)
			}
			after = next
		}
		if len(got) != len(want) {
			t.Errorf("pages of %d: found %d items, want %d", limit, len(got), len(want))
		}
	}
	if refs, next, err := s.Told(ctx, "nobody", "", 10); len(refs) != 0 || next != "" || err != nil {
		t.Errorf("a group without items: got %v, %q and %v, want nothing", refs, next, err)
	}
}

func TestToldRefusesWhatIsNoCursor(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, after := range []string{"bob", "/", "bob/", "/id", "bob/id/more", "../x"} {
		if _, _, err := s.Told(t.Context(), "g", after, 10); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%q: got %v, want ErrCursor", after, err)
		}
	}
}
