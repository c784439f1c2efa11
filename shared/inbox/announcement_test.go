package inbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

func TestWhatAnAnnouncementSays(t *testing.T) {
	t.Parallel()
	kind := event.Type{Name: "system.maintenance", Category: "system", Priority: event.Low, Icon: "tools", Mutable: true}
	say := func(locale string) Say {
		return func(n *Notification) Words {
			if locale == "fr" {
				return Words{} // the catalogue has no sentence
			}
			return Words{Title: locale + ": " + n.Target.Title, Body: locale + " body"}
		}
	}
	base := Announcement{
		ID: AnnouncementID("/ops", "1"), Type: kind.Name, Category: "system", Priority: event.Low, Icon: "tools", URL: "/status", Mutable: true,
		CreatedAt: t0, UpdatedAt: t0.Add(time.Second), ExpireAt: t0.Add(event.AnnouncementLife),
	}
	for _, test := range []struct {
		name   string
		change func(e *event.Event, want *Announcement)
	}{
		{"the catalogue's words", func(_ *event.Event, want *Announcement) {
			want.Title, want.Body, want.Words = "en: DB", "en body", map[string]Words{"de": {Title: "de: DB", Body: "de body"}, "fr": {}}
		}},
		{"its own words, in all languages", func(e *event.Event, want *Announcement) {
			e.Title, e.Body = "Down on Sunday", "For an hour"
			want.Title, want.Body = e.Title, e.Body
		}},
		{"its own title", func(e *event.Event, want *Announcement) {
			e.Title = "Down"
			want.Title, want.Body, want.Words = "Down", "en body", map[string]Words{"de": {Title: "Down", Body: "de body"}, "fr": {Title: "Down"}}
		}},
		{"its own priority and end", func(e *event.Event, want *Announcement) {
			e.Title, e.Body, e.Priority, e.ExpiresAt = "T", "B", event.Urgent, t0.Add(time.Hour)
			want.Title, want.Body, want.Priority, want.ExpireAt = "T", "B", event.Urgent, t0.Add(time.Hour)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := event.Event{ID: "1", Source: "/ops", Type: kind.Name, Time: t0, Target: event.Target{Type: "service", ID: "db", Title: "DB", URL: "/status"}, Audience: event.Everybody}
			want := base
			test.change(&e, &want)
			got := Announce(kind, e, event.Acceptance{At: t0}, t0.Add(time.Second), []string{"en", "de", "fr"}, say)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever comes in whatever order, some of it several times: the newest of those that are not over stand, at most as many as there is room for.
func TestTheSameAnnouncementsLeaveTheSameStanding(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var all []Announcement
		for i := range random.IntN(3 * MaxAnnouncements) {
			all = append(all, Announcement{
				ID:        fmt.Sprint("a", i),
				CreatedAt: t0.Add(time.Duration(random.IntN(30)) * time.Second), // many at the same time
				ExpireAt:  t0.Add(time.Duration(random.IntN(4)) * time.Hour),    // some of them over
			})
		}
		now := t0.Add(time.Hour)
		var first []string
		for order := range 3 {
			standing := map[string]Announcement{}
			come := append(slices.Clone(all), all[:len(all)/2]...)
			random.Shuffle(len(come), func(i, k int) { come[i], come[k] = come[k], come[i] })
			for _, a := range come {
				var there []Announcement
				for _, other := range standing {
					there = append(there, other)
				}
				ends, stands := Ending(there, a, now)
				for _, id := range ends {
					delete(standing, id)
				}
				if stands {
					standing[a.ID] = a
				}
			}
			var ids []string
			alive := 0
			for _, a := range all {
				if a.ExpireAt.After(now) {
					alive++
				}
				if _, ok := standing[a.ID]; ok {
					ids = append(ids, a.ID)
				}
			}
			if order == 0 {
				first = ids
			}
			if diff := cmp.Diff(first, ids); diff != "" || len(ids) != min(alive, MaxAnnouncements) {
				t.Fatalf("%d of %d stand (-first +this order):\n%s", len(ids), alive, diff)
			}
		}
	}
}
