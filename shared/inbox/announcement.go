package inbox

import (
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// MaxAnnouncements is how many announcements stand at a time: each client reads all of them when it opens without a cache.
const MaxAnnouncements = 20

// Announcement is what everybody is told, as it is stored and as clients read it: one document for all, of which nothing
// changes any more but ExpireAt, when it is cancelled. What each person has done about it is theirs, and beside it.
type Announcement struct {
	ID        string
	Type      string
	Category  string
	Priority  event.Priority
	Icon      string
	URL       string           // "" leads nowhere
	Mutable   bool             // whether a person who has switched its category off finds it in the archive only
	Title     string           // in the catalogue's first language
	Body      string           // "" is none
	Words     map[string]Words // by locale, where another language says something else
	CreatedAt time.Time        // its acceptance: which of them are the newest
	UpdatedAt time.Time        // when it was written: its place among a person's items
	ExpireAt  time.Time        // always set
}

// Announce makes the announcement of an event of type t that is written at now. It says what the event brought, and else what the catalogue says, in each
// of the locales; the first one is the default.
func Announce(t event.Type, e event.Event, accepted event.Acceptance, now time.Time, locales []string, say func(locale string) Say) Announcement {
	a := Announcement{
		ID: AnnouncementID(e.Source, e.ID), Type: t.Name, Category: t.Category, Priority: t.PriorityOf(&e), Icon: t.Icon, URL: e.Target.URL,
		Mutable: t.Mutable, CreatedAt: accepted.At, UpdatedAt: now, ExpireAt: e.ExpiresAt,
	}
	if a.ExpireAt.IsZero() {
		a.ExpireAt = accepted.At.Add(event.AnnouncementLife)
	}
	for i, locale := range locales {
		n := Notification{
			Type: t.Name, Title: e.Title, Body: e.Body, Target: e.Target, Data: e.Data, EventCount: 1,
			Own: Own{Title: e.Title != "", Body: e.Body != "", Actions: true},
		}
		n.Speak(say(locale))
		switch {
		case i == 0:
			a.Title, a.Body = n.Title, n.Body
		case n.Title != a.Title || n.Body != a.Body:
			if a.Words == nil {
				a.Words = map[string]Words{}
			}
			a.Words[locale] = Words{Title: n.Title, Body: n.Body}
		}
	}
	return a
}

// AnnouncementID is the id of an announcement: the same event again is the same document.
func AnnouncementID(source, id string) string { return id128("announcement", source, id) }

// Ending divides the announcements that are there once a has come: those that end, because they are over or because there are
// [MaxAnnouncements] newer ones. stands is false where so many are newer than a itself. The same announcements leave the same ones
// standing, in whatever order and however often they come.
func Ending(there []Announcement, a Announcement, now time.Time) (ends []string, stands bool) {
	stands = a.ExpireAt.After(now)
	all := []Announcement{}
	for _, other := range there {
		switch {
		case other.ID == a.ID:
		case !other.ExpireAt.After(now):
			ends = append(ends, other.ID)
		default:
			all = append(all, other)
		}
	}
	if stands {
		all = append(all, a)
	}
	slices.SortFunc(all, func(x, y Announcement) int { // the newest first
		if c := y.CreatedAt.Compare(x.CreatedAt); c != 0 {
			return c
		}
		return strings.Compare(y.ID, x.ID)
	})
	for _, old := range all[min(len(all), MaxAnnouncements):] {
		if old.ID == a.ID {
			stands = false
			continue
		}
		ends = append(ends, old.ID)
	}
	return ends, stands
}
