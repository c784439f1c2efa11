package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"tidings.dev/shared/event"
)

// Category is what a preference is about, as a settings page shows it.
type Category struct {
	Name     string          `json:"category"`
	Title    string          `json:"title"`    // in the language that was asked for
	Channels []event.Channel `json:"channels"` // where at least one of its types goes by default
	AlwaysOn []string        `json:"alwaysOn"` // its types that may not be muted: no choice and no mute holds them back
	Mutable  bool            `json:"mutable"`  // whether a choice about it changes anything: not all of its types are always on
}

// Categories lists all categories in the catalogue's order, with their titles in the language that serves the locale best.
func (c *Catalog) Categories(locale string) []Category {
	return c.categories[c.voice(locale).locale]
}

type categoryDef struct {
	Name  string            `yaml:"name"`
	Title map[string]string `yaml:"title"`
}

// sort puts the types into their categories.
func (c *Catalog) sort(f file) {
	c.categories = map[string][]Category{}
	for _, locale := range f.Locales {
		for _, d := range f.Categories {
			c.categories[locale] = append(c.categories[locale], c.category(d, locale))
		}
	}
}

func (c *Catalog) category(d categoryDef, locale string) Category {
	k := Category{Name: d.Name, Title: d.Title[locale], Channels: []event.Channel{}, AlwaysOn: []string{}}
	goes := map[event.Channel]bool{}
	for _, name := range c.Names() {
		t := c.types[name].Type
		if t.Category != d.Name {
			continue
		}
		if t.Mutable {
			k.Mutable = true
		} else {
			k.AlwaysOn = append(k.AlwaysOn, name)
		}
		for _, channel := range t.Channels {
			goes[channel] = true
		}
	}
	for _, channel := range event.Channels {
		if goes[channel] {
			k.Channels = append(k.Channels, channel)
		}
	}
	return k
}

// The security rules look at the names of categories as one text, and know no list of them: infra/firestore.rules, isChoice.
var categoryName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

const maxCategoryNames = 1_000 // letters of all of them with a comma between each two

func (f *file) checkCategories() (errs []error) {
	names := f.categoryNames()
	for i, d := range f.Categories {
		if !categoryName.MatchString(d.Name) {
			errs = append(errs, fmt.Errorf("catalog: categories: %q is not a name of small letters, digits and underscores", d.Name))
		}
		if slices.Contains(names[:i], d.Name) {
			errs = append(errs, fmt.Errorf("catalog: categories: %q is there twice", d.Name))
		}
		for _, locale := range f.Locales {
			if d.Title[locale] == "" {
				errs = append(errs, fmt.Errorf("catalog: categories: %q needs a title in %s", d.Name, locale))
			}
		}
	}
	if n := len(strings.Join(names, ",")); n > maxCategoryNames {
		errs = append(errs, fmt.Errorf("catalog: categories: their names have %d letters together; a person's choices hold %d", n, maxCategoryNames))
	}
	return errs
}

func (f *file) categoryNames() (names []string) {
	for _, d := range f.Categories {
		names = append(names, d.Name)
	}
	return names
}
