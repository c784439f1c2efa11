package catalog

import (
	"strconv"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// voice speaks one language.
type voice struct {
	locale  string
	plurals *i18n.Localizer  // picks the sentence by CLDR plural form
	numbers *message.Printer // 1,204 or 1.204
	catalog *Catalog
	people  peopleDef
	mail    mailDef
	text    map[string]textDef // by type
}

// speak gives the catalogue its voices. It cannot fail: check has seen the words.
func (c *Catalog) speak(f file) {
	var tags []language.Tag
	for _, locale := range f.Locales {
		tags = append(tags, language.Make(locale))
	}
	c.matcher = language.NewMatcher(tags)
	c.bundle = i18n.NewBundle(tags[0])
	for i, locale := range f.Locales {
		v := &voice{locale: locale, catalog: c, people: f.People[locale], text: map[string]textDef{}}
		v.numbers = message.NewPrinter(tags[i])
		add := func(id string, s sentence) {
			if len(s) > 0 {
				_ = c.bundle.AddMessages(tags[i], &i18n.Message{ID: id, Zero: s["zero"], One: s["one"], Two: s["two"], Few: s["few"], Many: s["many"], Other: s["other"]})
			}
		}
		add("people.more", v.people.More)
		add("people.unnamed", v.people.Unnamed)
		add("catchUp", f.CatchUp[locale])
		v.mail = f.Mail[locale]
		add("mail.unread", v.mail.Unread)
		add("mail.more", v.mail.More)
		for name, d := range f.Types {
			v.text[name] = d.Text[locale]
			add(name+".title", d.Text[locale].Title)
			add(name+".body", d.Text[locale].Body)
		}
		v.plurals = i18n.NewLocalizer(c.bundle, locale)
		c.voices = append(c.voices, v)
	}
}

// Locales are the languages that it speaks, the default one first.
func (c *Catalog) Locales() (locales []string) {
	for _, v := range c.voices {
		locales = append(locales, v.locale)
	}
	return locales
}

// Say speaks the language that serves the recipient's locale best: "de-AT" gets German, and what nobody speaks here gets
// the catalogue's first language.
func (c *Catalog) Say(locale string) inbox.Say { return c.voice(locale).say }

// voice is the one that serves the locale best.
func (c *Catalog) voice(locale string) *voice {
	tag, err := language.Parse(locale)
	if err != nil {
		return c.voices[0]
	}
	_, i, _ := c.matcher.Match(tag)
	return c.voices[i]
}

func (v *voice) say(n *inbox.Notification) inbox.Words {
	count := n.EventCount
	if t := v.catalog.types[n.Type]; t.Group != nil && t.Group.Counts == event.CountActors {
		count = n.ActorCount
	}
	fill := func(template string) string { return v.fill(template, n, count) }
	words := inbox.Words{
		Title: fill(v.form(n.Type+".title", count)),
		Body:  fill(v.form(n.Type+".body", count)),
	}
	for _, a := range v.catalog.types[n.Type].actions {
		words.Actions = append(words.Actions, event.Action{ID: a.ID, Style: a.Style, Label: a.Label[v.locale], URL: fill(a.URL), Webhook: a.Webhook})
	}
	return words
}

// form is the sentence for that number, with its placeholders; "" where the type has none. Where a sentence does not
// distinguish the number's form, go-i18n returns the form "other" and an error about the missing one. That error does not matter here.
func (v *voice) form(id string, n int) string {
	s, _ := v.plurals.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateParser: template.IdentityParser{}})
	return s
}

// fill puts values in the place of {name}. One pass: what a value contains is never looked at again.
func (v *voice) fill(template string, n *inbox.Notification, count int) string {
	return expand(template, func(name string) string {
		switch name {
		case "actors":
			return v.actors(n)
		case "n":
			return v.numbers.Sprintf("%d", count)
		case "target":
			if n.Target.Title != "" {
				return n.Target.Title
			}
			return v.text[n.Type].Target
		case "target.url":
			return n.Target.URL
		}
		return spoken(n.Data[strings.TrimPrefix(name, "data.")])
	})
}

// spoken is a value of the product's own as a sentence says it: a number with all its digits, nothing for what is absent, null
// or no single value. A text loses what would turn the words behind it around.
func spoken(value any) string {
	switch v := value.(type) {
	case string:
		return event.Legible(v)
	case bool:
		return strconv.FormatBool(v)
	}
	if n, err := event.NumberOf(value); err == nil {
		return n.String()
	}
	return ""
}

// actors is who did it: "Alice", "Alice and Bob", "Alice and 2 others", or how many where no name is known any more.
func (v *voice) actors(n *inbox.Notification) string {
	var names []string
	for _, a := range n.Actors {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	total := max(n.ActorCount, len(n.Actors))
	switch {
	case total == 0 || total == 1 && len(names) == 0:
		return v.people.None
	case len(names) == 0:
		return v.others("people.unnamed", "", total)
	case total == 1:
		return names[0]
	case total == 2 && len(names) == 2:
		return expand(v.people.Two, func(name string) string { return names[map[string]int{"first": 0, "second": 1}[name]] })
	default:
		return v.others("people.more", names[0], total-1)
	}
}

func (v *voice) others(id, first string, n int) string {
	return expand(v.form(id, n), func(name string) string {
		if name == "first" {
			return first
		}
		return v.numbers.Sprintf("%d", n)
	})
}

// expand replaces each {name} in template by its value.
func expand(template string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(value(name))
		template = after
	}
}
