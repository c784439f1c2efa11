//go:build unix

package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"
)

// document is what is compared of an item, as a client reads it.
type document struct {
	Type   string `firestore:"type"`
	Title  string `firestore:"title"`
	Body   string `firestore:"body"`
	Target struct {
		ID string `firestore:"id"`
	} `firestore:"target"`
	Actors []struct {
		Name string    `firestore:"name"`
		At   time.Time `firestore:"at"`
	} `firestore:"actors"`
	ActorCount  int        `firestore:"actorCount"`
	EventCount  int        `firestore:"eventCount"`
	Revision    int        `firestore:"revision"`
	OpenedAt    *time.Time `firestore:"openedAt"`
	LatestAt    *time.Time `firestore:"latestAt"`
	ArchivedAt  *time.Time `firestore:"archivedAt"`
	RetractedAt *time.Time `firestore:"retractedAt"`
}

// place is where the model has the item.
func (d *document) place() place {
	p := placeOf(d.Type, d.Target.ID, time.Time{})
	if p.when = *d.LatestAt; d.grouped() {
		p.when = *d.OpenedAt
	}
	return placeOf(d.Type, d.Target.ID, p.when)
}

func (d *document) grouped() bool { _, ok := countsActors[d.Type]; return ok }

// compare says of every inbox where it is not what the model says, and how many items are visible.
func compare(ctx context.Context, db *firestore.Client, expected map[string]wanted) (visible int, problems []string, err error) {
	people := db.Collection("users").DocumentRefs(ctx)
	seen := map[string]bool{}
	for {
		person, err := people.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			return 0, nil, err
		}
		if person.ID == poisoned {
			continue
		}
		seen[person.ID] = true
		docs, err := person.Collection("notifications").Documents(ctx).GetAll()
		if err != nil {
			return 0, nil, err
		}
		items := make(map[string]*document, len(docs))
		for _, doc := range docs {
			var d document
			if err := doc.DataTo(&d); err != nil {
				return 0, nil, fmt.Errorf("%s: %w", doc.Ref.Path, err)
			}
			items[doc.Ref.ID] = &d
		}
		n, found := compareInbox(items, expected[person.ID])
		visible += n
		for _, p := range found {
			problems = append(problems, person.ID+": "+p)
		}
	}
	for to, w := range expected {
		if !seen[to] && len(w) > 0 {
			problems = append(problems, fmt.Sprintf("%s: nothing there, want %d items", to, len(w)))
		}
	}
	slices.Sort(problems)
	return visible, problems, nil
}

// compareInbox does so for one person.
func compareInbox(items map[string]*document, expected wanted) (visible int, problems []string) {
	found := map[place]*document{}
	for id, d := range items {
		shown := d.RetractedAt == nil && d.EventCount > 0
		switch {
		case !shown && (d.ArchivedAt != nil || d.RetractedAt == nil || d.Title != "" || d.EventCount != 0 || len(d.Actors) > 0):
			problems = append(problems, fmt.Sprintf("%s %s: hidden, but not all of it: %+v", d.Type, id, *d))
		case !shown:
		case d.ArchivedAt != nil || d.OpenedAt == nil || d.LatestAt == nil || d.Revision < 1:
			problems = append(problems, fmt.Sprintf("%s %s: neither shown nor hidden: %+v", d.Type, id, *d))
		default:
			visible++
			p := d.place()
			if expected[p] == nil {
				problems = append(problems, fmt.Sprintf("%s: should not be there: %q, %d actors, %d events", p, d.Title, d.ActorCount, d.EventCount))
				continue
			}
			problems = append(problems, d.wrongNames(p, expected[p])...)
			if expected[p].unsaid[d.Body] {
				problems = append(problems, fmt.Sprintf("%s: says %q, which was taken back", p, d.Body))
			}
			if other := found[p]; other == nil {
				found[p] = d
			} else if isEdge(d.Target.ID) {
				other.ActorCount += d.ActorCount
				other.EventCount += d.EventCount
			} else {
				problems = append(problems, fmt.Sprintf("%s: is there twice: %q and %q", p, other.Title, d.Title))
			}
		}
	}
	for p, w := range expected {
		if d := found[p]; d == nil {
			problems = append(problems, fmt.Sprintf("%s: is missing, want %d actors, %d events, %q", p, w.actors, w.events, w.title))
		} else if w.actors >= 0 && d.ActorCount != w.actors || d.EventCount != w.events || !w.says(d.Title, d.Body) {
			problems = append(problems, fmt.Sprintf("%s: got %d actors, %d events, %q, %q; want %d, %d, %q, %q",
				p, d.ActorCount, d.EventCount, d.Title, d.Body, w.actors, w.events, w.title, w.body))
		}
	}
	return visible, problems
}

// says reports whether the item may have these words.
func (w *want) says(title, body string) bool {
	if w.forgotten != "" && title == w.forgotten && body == "" {
		return true
	}
	return (w.title == "" || title == w.title) && (w.body == "" || body == w.body)
}

// wrongNames: an item names only people who are in it, once each, the latest first.
func (d *document) wrongNames(p place, w *want) (problems []string) {
	if w.names == nil {
		return nil
	}
	named := map[string]bool{}
	for i, a := range d.Actors {
		if named[a.Name] || !slices.Contains(w.names, a.Name) || i > 0 && a.At.After(d.Actors[i-1].At) {
			problems = append(problems, fmt.Sprintf("%s: names %v, of %v", p, d.Actors, w.names))
			break
		}
		named[a.Name] = true
	}
	return problems
}

func (p place) String() string {
	return strings.TrimSpace(p.kind + " " + p.target + " " + p.when.Format("15:04:05.000000"))
}
