package catalog

import "errors"

type mailDef struct {
	Unread      sentence `yaml:"unread"`
	More        sentence `yaml:"more"`
	Open        string   `yaml:"open"`
	Day         string   `yaml:"day"`
	Week        string   `yaml:"week"`
	List        string   `yaml:"list"`
	Always      string   `yaml:"always"`
	Unsubscribe string   `yaml:"unsubscribe"`
	Digest      string   `yaml:"digest"`
	Ask         string   `yaml:"ask"`
	Done        string   `yaml:"done"`
	Invalid     string   `yaml:"invalid"`
}

func (m mailDef) check() error {
	for _, s := range []string{m.Open, m.Day, m.Week, m.List, m.Always, m.Unsubscribe, m.Digest, m.Ask, m.Done, m.Invalid} {
		if s == "" {
			return errors.New("unread, more, open, day, week, list, always, unsubscribe, digest, ask, done and invalid: all are needed")
		}
	}
	if len(m.Unread) == 0 || len(m.More) == 0 {
		return errors.New("unread and more: both are needed")
	}
	errs := []error{m.Unread.check("n"), m.More.check("n")}
	for _, s := range []string{m.List, m.Ask, m.Done} {
		errs = append(errs, checkPlaceholders(s, "list"))
	}
	for _, s := range []string{m.Open, m.Day, m.Week, m.Always, m.Unsubscribe, m.Digest, m.Invalid} {
		errs = append(errs, checkPlaceholders(s))
	}
	return errors.Join(errs...)
}

// Mail is what mails, and the page that ends them, say besides an item's own words, in one language.
type Mail struct{ voice *voice }

// Mail speaks the language that serves the locale best.
func (c *Catalog) Mail(locale string) Mail { return Mail{c.voice(locale)} }

// Locale is the language that it speaks.
func (m Mail) Locale() string { return m.voice.locale }

// Unread tells how many notifications nobody has read; more is that there are more than n.
func (m Mail) Unread(n int, more bool) string {
	if more {
		return m.count("mail.unread", n, "+")
	}
	return m.count("mail.unread", n, "")
}

// More tells how many are left out.
func (m Mail) More(n int) string { return m.count("mail.more", n, "") }

func (m Mail) count(id string, n int, behind string) string {
	return expand(m.voice.form(id, n), func(string) string { return m.voice.numbers.Sprintf("%d", n) + behind })
}

// Open is on the button that leads to an item.
func (m Mail) Open() string { return m.voice.mail.Open }

// Daily and Weekly tell why somebody gets a digest, Always why they get what nobody can switch off.
func (m Mail) Daily() string  { return m.voice.mail.Day }
func (m Mail) Weekly() string { return m.voice.mail.Week }
func (m Mail) Always() string { return m.voice.mail.Always }

// About tells why somebody gets mails of a category.
func (m Mail) About(category string) string { return m.named(m.voice.mail.List, category) }

// Unsubscribe is on the button that ends a list's mails.
func (m Mail) Unsubscribe() string { return m.voice.mail.Unsubscribe }

// Ask asks whether a list's mails are to end, and Done tells that they have ended. A list is a category, or "" for the digest.
func (m Mail) Ask(list string) string  { return m.named(m.voice.mail.Ask, list) }
func (m Mail) Done(list string) string { return m.named(m.voice.mail.Done, list) }

// Invalid is told to whoever has followed a link that we have not written.
func (m Mail) Invalid() string { return m.voice.mail.Invalid }

// Title is a category's title, or the digest's name for "". A category that is gone has its name.
func (m Mail) Title(list string) string {
	if list == "" {
		return m.voice.mail.Digest
	}
	for _, c := range m.voice.catalog.Categories(m.voice.locale) {
		if c.Name == list {
			return c.Title
		}
	}
	return list
}

func (m Mail) named(sentence, list string) string {
	return expand(sentence, func(string) string { return m.Title(list) })
}
