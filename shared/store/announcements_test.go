package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

func announcement(id string, at time.Time) inbox.Announcement {
	return inbox.Announcement{
		ID: id, Type: "system.announcement", Category: "system", Priority: event.High, Icon: "announcement", URL: "/news", Mutable: true,
		Title: "We move", Body: "On Sunday", Words: map[string]inbox.Words{"de": {Title: "Wir ziehen um"}},
		CreatedAt: at, UpdatedAt: at.Add(time.Second), ExpireAt: now.Add(24 * time.Hour),
	}
}

func announce(t *testing.T, s *store.Store, a inbox.Announcement) store.Announced {
	t.Helper()
	became, err := s.Announce(context.Background(), a, now)
	if err != nil {
		t.Fatal(err)
	}
	return became
}

// announced are the announcements that are there, the newest first, as clients ask for them.
func announced(t *testing.T, db *firestore.Client) (ids []string, found []map[string]any) {
	t.Helper()
	docs, err := db.Collection("announcements").OrderBy("createdAt", firestore.Desc).Documents(t.Context()).GetAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range docs {
		ids, found = append(ids, doc.Ref.ID), append(found, doc.Data())
	}
	return ids, found
}

func TestAnAnnouncementIsStoredAsClientsReadIt(t *testing.T) {
	t.Parallel()
	s, db := openBoth(t)
	for range 2 { // once more changes nothing
		if got, want := announce(t, s, announcement("a", now)), (store.Announced{Stands: true}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	changed := announcement("a", now)
	changed.Title = "Another one"
	announce(t, s, changed)
	_, found := announced(t, db)
	want := []map[string]any{{
		"type": "system.announcement", "category": "system", "priority": "high", "rank": int64(2), "icon": "announcement", "url": "/news", "mutable": true,
		"title": "We move", "body": "On Sunday", "words": map[string]any{"de": map[string]any{"title": "Wir ziehen um"}},
		"createdAt": now, "updatedAt": now.Add(time.Second), "expireAt": now.Add(24 * time.Hour),
	}}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheOldestOfTooManyEnds(t *testing.T) {
	t.Parallel()
	s, db := openBoth(t)
	over := announcement("over", now.Add(-time.Hour))
	over.ExpireAt = now.Add(-time.Minute)
	_, err := db.Doc("announcements/over").Set(t.Context(), map[string]any{"createdAt": over.CreatedAt, "expireAt": over.ExpireAt}) // TTL takes a day
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for i := range inbox.MaxAnnouncements + 2 {
		became := announce(t, s, announcement(fmt.Sprintf("a%02d", i), now.Add(time.Duration(i)*time.Second)))
		if ends := i == 0 || i >= inbox.MaxAnnouncements; !became.Stands || (became.Ended == 1) != ends {
			t.Errorf("%d: got %+v", i, became)
		}
		want = append(want, fmt.Sprintf("a%02d", i))
	}
	if got := announce(t, s, announcement("a00", now)); got.Stands { // a redelivery of what had to go
		t.Errorf("got %+v: it stands again", got)
	}
	want = want[2:]
	slices.Reverse(want)
	got, _ := announced(t, db)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCancellingEndsAnAnnouncement(t *testing.T) {
	t.Parallel()
	s, db := openBoth(t)
	first := announcement(inbox.AnnouncementID("/shop", "1"), now)
	first.Title = "First"
	announce(t, s, first)
	announce(t, s, announcement(inbox.AnnouncementID("/shop", "2"), now))
	for range 2 {
		cancel(t, s, "1", now.Add(time.Minute))
	}
	cancel(t, s, "never posted", now)
	_, found := announced(t, db)
	if len(found) != 2 {
		t.Fatalf("got %d announcements, want both: who listens hears of the end", len(found))
	}
	for _, a := range found {
		if over := !a["expireAt"].(time.Time).After(now.Add(time.Minute)); over != (a["title"] == "First") {
			t.Errorf("%s: over: %v", a["title"], over)
		}
	}
}
