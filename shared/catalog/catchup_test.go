package catalog

import (
	"fmt"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

func TestCatchUpNamesTheMostImportantAndCountsTheOthers(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)
	made := 0
	some := func(n int, p event.Priority, category string) (items []*inbox.Item) {
		for range n {
			made++
			item := &inbox.Item{ID: fmt.Sprint("i", made)}
			item.Title, item.Priority, item.Category = fmt.Sprint("Title ", made), p, category
			item.UpdatedAt, item.ExpireAt = at.Add(time.Duration(made)*time.Second), at.Add(time.Duration(made)*time.Hour)
			items = append(items, item)
		}
		return items
	}
	high, medium := some(1, event.High, "messages"), some(5, event.Medium, "social")
	low, many := some(1204, event.Low, "orders"), some(4, event.High, "code")
	join := func(lists ...[]*inbox.Item) (all []*inbox.Item) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	for name, test := range map[string]struct {
		locale      string
		items       []*inbox.Item
		title, body string
		priority    event.Priority
	}{
		"few are all named, the newest first": {"en", medium[:2], "2 notifications while you were away", "Title 3\nTitle 2", event.Medium},
		"the high one first":                  {"en", join(medium, high), "6 notifications while you were away", "Title 1\nPeople and posts: 5", event.High},
		"more high ones than are named":       {"en", many, "4 notifications while you were away", "Title 1214\nTitle 1213\nTitle 1212\nCode and reviews: 1", event.High},
		"nothing high":                        {"en", medium, "5 notifications while you were away", "People and posts: 5", event.Medium},
		"in the order of the settings page":   {"de-AT", join(low, medium), "1.209 Benachrichtigungen in deiner Abwesenheit", "Menschen und Beiträge: 5, Bestellungen: 1.204", event.Medium},
		"one":                                 {"de", high, "1 Benachrichtigung in deiner Abwesenheit", "Title 1", event.High},
	} {
		got := c.CatchUp(test.locale, test.items)
		if got.Title != test.title || got.Body != test.body || got.Priority != test.priority || got.ID != CatchUpID {
			t.Errorf("%s: got %q, %q, %s; want %q, %q, %s", name, got.Title, got.Body, got.Priority, test.title, test.body, test.priority)
		}
		for _, item := range test.items {
			if got.Revision < item.UpdatedAt.UnixMilli() || got.ExpireAt.Before(item.ExpireAt) {
				t.Errorf("%s: revision %d and end %s are before those of %s", name, got.Revision, got.ExpireAt, item.ID)
			}
		}
	}
}
