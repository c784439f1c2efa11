package catalog

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"tidings.dev/shared/event"
)

// check returns all that is wrong with the file.
func (f *file) check() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("catalog: "+format, args...))
	}
	if len(f.Locales) == 0 {
		bad("locales: at least one is needed")
	}
	for _, locale := range f.Locales {
		if _, err := language.Parse(locale); err != nil {
			bad("locales: %q: %v", locale, err)
		}
		if err := f.People[locale].check(); err != nil {
			bad("people.%s.%v", locale, err)
		}
		if s := f.CatchUp[locale]; len(s) == 0 {
			bad("catchUp.%s: is missing", locale)
		} else if err := s.check("n"); err != nil {
			bad("catchUp.%s: %v", locale, err)
		}
		if err := f.Mail[locale].check(); err != nil {
			bad("mail.%s.%v", locale, err)
		}
	}
	errs = append(errs, f.checkCategories()...)
	if len(f.Types) == 0 {
		bad("types: at least one is needed")
	}
	groups := map[string]string{} // the first type of each group key
	for _, name := range slices.Sorted(maps.Keys(f.Types)) {
		d := f.Types[name]
		for _, err := range d.check(f) {
			bad("%s.%v", name, err)
		}
		if d.Group == nil {
			continue
		}
		key := d.domain(name).Group.Key
		if groups[key] == "" {
			groups[key] = name
		}
		// What shares items must agree on where they are and on who is in them.
		if other := f.Types[groups[key]].Group; other.By != d.Group.By || other.Window != d.Group.Window || other.Counts != d.Group.Counts {
			bad("%s.group: does not group like %s, with which it shares the key %q", name, groups[key], key)
		}
	}
	return errors.Join(errs...)
}

func (d typeDef) check(f *file) (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if names := f.categoryNames(); !slices.Contains(names, d.Category) {
		bad("category: %q is not one of %v", d.Category, names)
	}
	if d.Priority.Rank() < 0 {
		bad("priority: %q is not one of %v", d.Priority, event.Priorities)
	}
	if d.Icon == "" {
		bad("icon: is missing")
	}
	if d.PushInterval < 0 {
		bad("pushInterval: %s is less than nothing", d.PushInterval)
	}
	if d.MailAfter != 0 && (d.MailAfter < time.Minute || d.MailAfter > 24*time.Hour) {
		bad("mailAfter: %s is not from a minute to a day", d.MailAfter)
	}
	for _, c := range d.Channels {
		if c != event.InApp && c != event.Push && c != event.Email {
			bad("channels: %q is not one of in_app, push, email", c)
		}
	}
	if d.State != event.Neutral && d.State != event.Open && d.State != event.Over {
		bad("state: %q is neither open nor over", d.State)
	} else if d.State != event.Neutral && (d.Group == nil || d.Group.Counts != event.CountStates) {
		bad("state: only a type whose group counts states has one")
	}
	if err := d.Group.check(); err != nil {
		bad("group: %v", err)
	}
	return slices.Concat(errs, d.checkWords(f.Locales), d.checkActions(f.Locales))
}

// check: a window is at least as long as clocks may differ, because the fold finds a retraction that came first in the
// window of its own time or the one before.
func (g *groupDef) check() error {
	switch {
	case g == nil:
		return nil
	case g.By != event.ByTarget && g.By != event.ByRecipient:
		return fmt.Errorf("by: %q is neither target nor recipient", g.By)
	case g.Counts != event.CountActors && g.Counts != event.CountEvents && g.Counts != event.CountStates:
		return fmt.Errorf("counts: %q is neither actors nor events nor states", g.Counts)
	case g.Counts == event.CountStates && g.Window != 0:
		return fmt.Errorf("window: %s; an item that counts states lasts as long as what it tells of, and has none", g.Window)
	case g.Counts != event.CountStates && g.Window < event.MaxAhead:
		return fmt.Errorf("window: %s is shorter than %s", g.Window, event.MaxAhead)
	}
	return nil
}

func (p peopleDef) check() error {
	if p.None == "" || p.Two == "" || len(p.More) == 0 || len(p.Unnamed) == 0 {
		return errors.New("none, two, more and unnamed: all are needed")
	}
	return errors.Join(
		sentence{"other": p.Two}.check("first", "second"),
		p.More.check("first", "n"),
		p.Unnamed.check("n"),
	)
}

// ofItem are the placeholders of sentences about an item; {data.…} stands for any key.
var ofItem = []string{"actors", "n", "target", "target.url", "data.key"}

// checkWords looks for what one language says and another does not, and for sentences that would not come out as written.
func (d typeDef) checkWords(locales []string) (errs []error) {
	bad := func(locale, format string, args ...any) {
		errs = append(errs, fmt.Errorf("text."+locale+format, args...))
	}
	body := false
	for _, locale := range slices.Sorted(maps.Keys(d.Text)) {
		body = body || len(d.Text[locale].Body) > 0
		if !slices.Contains(locales, locale) {
			bad(locale, ": is not one of the locales %v", locales)
		}
	}
	for _, locale := range locales {
		if len(d.Text) == 0 {
			break
		}
		text := d.Text[locale]
		if len(text.Title) == 0 {
			bad(locale, ".title: is missing")
		}
		if body && len(text.Body) == 0 {
			bad(locale, ".body: is missing; another language has one")
		}
		if err := text.Title.check(ofItem...); err != nil {
			bad(locale, ".title: %v", err)
		}
		if err := text.Body.check(ofItem...); err != nil {
			bad(locale, ".body: %v", err)
		}
		if err := checkPlaceholders(text.Target); err != nil {
			bad(locale, ".target: %v", err)
		}
	}
	return errs
}

func (d typeDef) checkActions(locales []string) (errs []error) {
	ids := map[string]bool{}
	for _, a := range d.Actions {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("actions: %q "+format, append([]any{a.ID}, args...)...))
		}
		if a.ID == "" || ids[a.ID] {
			bad("needs an id of its own")
		}
		ids[a.ID] = true
		if a.Style != "" && a.Style != "primary" && a.Style != "danger" {
			bad("has the style %q; primary, danger or none was expected", a.Style)
		}
		if err := checkPlaceholders(a.URL, ofItem...); err != nil {
			bad("has a mistake in its url: %v", err)
		}
		for _, locale := range locales {
			if a.Label[locale] == "" {
				bad("needs a label in %s", locale)
			}
		}
	}
	return errs
}

// forms are CLDR's names of plural forms. "other" is the one that every language has and every number falls back to.
var forms = []string{"zero", "one", "two", "few", "many", "other"}

// check looks at each form of a sentence; one that is absent has no mistakes.
func (s sentence) check(placeholders ...string) error {
	if len(s) > 0 && s["other"] == "" {
		return errors.New("the plural form other is missing")
	}
	for _, form := range slices.Sorted(maps.Keys(s)) {
		if !slices.Contains(forms, form) {
			return fmt.Errorf("%q is not one of the plural forms %v", form, forms)
		}
		if err := checkPlaceholders(s[form], placeholders...); err != nil {
			return err
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)
var dataKey = regexp.MustCompile(`^data\.[A-Za-z0-9_]+$`)

// checkPlaceholders refuses a placeholder that nothing would fill, and a brace that belongs to none.
func checkPlaceholders(s string, known ...string) error {
	for _, p := range placeholder.FindAllString(s, -1) {
		name := strings.Trim(p, "{}")
		if !slices.Contains(known, name) && !(slices.Contains(known, "data.key") && dataKey.MatchString(name)) {
			return fmt.Errorf("%s is not one of {%s}", p, strings.Join(known, "}, {"))
		}
	}
	if strings.ContainsAny(placeholder.ReplaceAllString(s, ""), "{}") {
		return fmt.Errorf("a brace has no partner in %q", s)
	}
	return nil
}

func usesActors(t textDef) bool {
	return slices.Contains(placeholder.FindAllString(t.Title["other"], -1), "{actors}")
}
