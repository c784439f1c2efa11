package mail

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	html "html/template"
	"net/url"
	"slices"
	"strings"
	text "text/template"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// Letter is a mail, ready to be sent.
type Letter struct {
	To          string // an address
	ID          string // the left side of Message-ID. It follows from what the mail tells, so sent twice it is the same mail
	Subject     string
	Text, HTML  string
	List        string // the left side of List-Id
	Unsubscribe string // where it ends; "" of what nobody can switch off
	At          time.Time
	Names       []*inbox.Item // the items that it tells of by name
}

// Composer writes letters.
type Composer struct {
	Catalog *catalog.Catalog
	Config  Config
}

//go:embed letter.html letter.txt
var templates embed.FS

var (
	htmlLetter = html.Must(html.ParseFS(templates, "letter.html"))
	textLetter = text.Must(text.ParseFS(templates, "letter.txt"))
)

// What the templates show.
type (
	page struct {
		Locale, Sender, Heading string
		Preview                 string // what a list of mails shows behind the subject
		Sections                []section
		Single                  bool // of one item, which the heading names
		Open                    string
		Why                     string
		End, EndLink            string
	}
	section struct {
		Title string
		Lines []line
		More  string
	}
	line struct {
		Title, Body, URL string
		Priority         event.Priority
	}
)

// DigestList is the list of digests; that of an item's mail is its category.
const DigestList = "digest"

// perSection is how many items of a category a digest names.
const perSection = 6

// Digest is the summary of what a person has not read: by category, in the order of the items, and a group is one line. more is that there are more than
// these items; at least one is expected.
func (c *Composer) Digest(uid, address string, s *profile.Settings, period digest.Period, items []*inbox.Item, more bool, now time.Time) (Letter, error) {
	words := c.Catalog.Mail(s.Locale)
	p := page{Heading: words.Unread(len(items), more), Open: words.Open(), Why: words.Daily(), Preview: oneLine(items[0].Title)}
	letter := Letter{ID: "digest." + period.Name() + "." + hash(uid), Subject: p.Heading, List: DigestList}
	if s.Digest.Every == profile.Weekly {
		p.Why = words.Weekly()
	}
	for _, category := range categories(items) {
		section := section{Title: words.Title(category)}
		left := 0
		for _, item := range items {
			switch {
			case item.Category != category:
			case len(section.Lines) == perSection:
				left++
			default:
				section.Lines = append(section.Lines, c.line(item))
				letter.Names = append(letter.Names, item)
			}
		}
		if left > 0 {
			section.More = words.More(left)
		}
		p.Sections = append(p.Sections, section)
	}
	return c.letter(letter, p, words, address, Subscription{UID: uid, By: By{Item: "digest-" + period.Name()}}, true, now)
}

// categories are those of the items, that of the first item first.
func categories(items []*inbox.Item) (names []string) {
	for _, item := range items {
		if !slices.Contains(names, item.Category) {
			names = append(names, item.Category)
		}
	}
	return names
}

// Item is a mail about one item. mutable is whether the person may switch such mails off.
func (c *Composer) Item(uid, address string, s *profile.Settings, item *inbox.Item, mutable bool, now time.Time) (Letter, error) {
	words := c.Catalog.Mail(s.Locale)
	only := c.line(item)
	p := page{Heading: only.Title, Preview: only.Body, Single: true, Open: words.Open(), Why: words.About(item.Category), Sections: []section{{Lines: []line{only}}}}
	if !mutable {
		p.Why = words.Always()
	}
	letter := Letter{ID: fmt.Sprintf("item.%d.%s", item.Revision, hash(uid+"/"+item.ID)), Subject: p.Heading, List: item.Category, Names: []*inbox.Item{item}}
	by := By{Type: item.Type, Item: item.ID, Revision: item.Revision}
	return c.letter(letter, p, words, address, Subscription{UID: uid, List: item.Category, By: by}, mutable, now)
}

// letter puts the page into both forms.
func (c *Composer) letter(l Letter, p page, words catalog.Mail, address string, of Subscription, ends bool, now time.Time) (Letter, error) {
	l.To, l.At = address, now
	p.Locale, p.Sender = words.Locale(), c.Config.From.Name
	if ends {
		end := c.Config.Unsubscribe.JoinPath("unsubscribe")
		end.RawQuery = url.Values{"t": {c.Config.Keys.Token(of)}}.Encode()
		l.Unsubscribe = end.String()
		p.End, p.EndLink = words.Unsubscribe(), l.Unsubscribe
	}
	var asHTML, asText bytes.Buffer
	if err := htmlLetter.Execute(&asHTML, p); err != nil {
		return l, fmt.Errorf("mail: %w", err)
	}
	if err := textLetter.Execute(&asText, p); err != nil {
		return l, fmt.Errorf("mail: %w", err)
	}
	l.HTML, l.Text = asHTML.String(), asText.String()
	return l, nil
}

// line is what a mail says of an item. Names and titles come from strangers: they stay on their line, and the templates escape them.
func (c *Composer) line(item *inbox.Item) line {
	return line{Title: oneLine(item.Title), Body: oneLine(item.Body), URL: c.link(item.URL), Priority: item.Priority}
}

// link is an item's link, as a mail can have it; the product itself where there is none, or one that is no web address.
func (c *Composer) link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" && u.Scheme != "https" && u.Scheme != "http" {
		return c.Config.Links.String()
	}
	return c.Config.Links.ResolveReference(u).String()
}

// oneLine is the text without line breaks and invisible characters that turn it around.
func oneLine(s string) string { return strings.Join(strings.Fields(event.Legible(s)), " ") }

// hash names a person or an item without telling who it is.
func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:10])
}
