package catalog

import (
	"cmp"
	"slices"
	"strings"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// named is how many items a summary names before it counts the others.
const named = 3

// CatchUpID is the id of what [Catalog.CatchUp] returns: the next one takes the place of the one before.
const CatchUpID = "catch-up"

// CatchUp says in one item what was held back: how many items there are, the most important ones by their titles, and how many of which
// category the others are. It is as important as the most important one, and lasts as long as the one that lasts longest. Its revision
// follows from the items, so that the same ones are the same revision. They must speak the locale's language already; there is at least one.
func (c *Catalog) CatchUp(locale string, items []*inbox.Item) *inbox.Item {
	items = slices.SortedFunc(slices.Values(items), func(a, b *inbox.Item) int {
		return cmp.Or(cmp.Compare(b.Priority.Rank(), a.Priority.Rank()), b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	all := &inbox.Item{ID: CatchUpID}
	all.Type, all.Priority = CatchUpID, items[0].Priority
	for _, item := range items {
		all.Revision = max(all.Revision, item.UpdatedAt.UnixMilli())
		if item.ExpireAt.After(all.ExpireAt) {
			all.ExpireAt = item.ExpireAt
		}
	}
	v := c.voice(locale)
	all.Title, all.Body = v.others("catchUp", "", len(items)), strings.Join(v.summary(items), "\n")
	return all
}

// summary names the first items and counts the others.
func (v *voice) summary(items []*inbox.Item) (lines []string) {
	rest := items
	for len(rest) > 0 && len(lines) < named && (len(items) <= named || rest[0].Priority.Rank() >= event.High.Rank()) {
		lines, rest = append(lines, rest[0].Title), rest[1:]
	}
	counts := map[string]int{}
	for _, item := range rest {
		counts[item.Category]++
	}
	var others []string
	for _, category := range v.catalog.categories[v.locale] { // in the order of the settings page
		if n := counts[category.Name]; n > 0 {
			others = append(others, category.Title+": "+v.numbers.Sprintf("%d", n))
		}
	}
	if len(others) > 0 {
		lines = append(lines, strings.Join(others, ", "))
	}
	return lines
}
