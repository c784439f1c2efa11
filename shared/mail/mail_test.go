package mail_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"flag"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidings.dev/emulator/mailbox"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/profile"
)

var write = flag.String("write", "", "a folder to write the mails' HTML to, to be looked at in a browser")

var now = time.Date(2026, 11, 26, 7, 3, 0, 0, time.UTC)

const key = "0123456789abcdef0123456789abcdef"

// post is a mailbox, with a composer and a sender whose signatures it knows.
type post struct {
	*mailbox.Server
	*mail.Composer
	*mail.Sender
}

func newPost(t *testing.T) post {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	box := mailbox.New(map[string]string{"s1._domainkey.example.com": "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() { _ = box.Serve(l) }()
	env := map[string]string{
		"SMTP_ADDR": l.Addr().String(), "MAIL_FROM": "Tidings <news@example.com>", "MAIL_LINKS": "https://app.example.com", "MAIL_UNSUBSCRIBE": "https://mail.example.com/",
		"UNSUBSCRIBE_KEYS": key, "DKIM_DOMAIN": "example.com", "DKIM_SELECTOR": "s1",
		"DKIM_KEY": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}
	config, wrong := mail.Read(func(name string) string { return env[name] })
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	sender, err := mail.NewSender(config)
	if err != nil {
		t.Fatal(err)
	}
	return post{box, &mail.Composer{Catalog: cat, Config: config}, sender}
}

// deliver sends the letter and returns what arrived.
func (p post) deliver(t *testing.T, l mail.Letter, err error) mailbox.Message {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	all := p.Messages("")
	return all[len(all)-1]
}

func items() []*inbox.Item {
	made := func(id, category string, priority event.Priority, title, body, url string) *inbox.Item {
		return &inbox.Item{ID: id, Notification: inbox.Notification{Category: category, Priority: priority, Title: title, Body: body, URL: url, EventCount: 1, Revision: 3}}
	}
	all := []*inbox.Item{
		made("1", "incidents", event.Urgent, "Incident: checkout, 3 alerts", "5xx above 2 % for ten minutes", "https://grafana.example.com/d/1"),
		made("2", "messages", event.High, "3 new messages from Alice", "Shall we meet at six?", "/messages/alice"),
		made("3", "payments", event.High, "Payment for Tidings Pro failed", "The card has expired", "/billing"),
		made("4", "social", event.Medium, "Dave and 2 others liked A walk in the Alps", "", "/posts/42"),
		made("5", "social", event.Medium, "2 new comments on A walk in the Alps by Erin and Carol", "What a view! Which path did you take down?", "/posts/42"),
		made("6", "code", event.Medium, "Carol requested your review of acme/web #7", "Fix the flaky test", "https://github.com/acme/web/pull/7"),
	}
	for range 6 {
		all = append(all, made("7", "social", event.Low, "Erin followed you", "", "/people/erin"))
	}
	return all
}

func TestADigestOnTheWire(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	bob := &profile.Settings{Digest: profile.Digest{Every: profile.Daily}}
	letter, err := p.Digest("bob", "bob@example.org", bob, "2026-11-26", items(), false, now)
	m := p.deliver(t, letter, err)
	if m.Subject != "12 unread notifications" || m.To[0] != "bob@example.org" || m.From != "news@example.com" {
		t.Errorf("got %q from %q to %q", m.Subject, m.From, m.To)
	}
	header := func(name string) string { return strings.Join(m.Headers[name], "|") }
	if got := header("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" {
		t.Errorf("List-Unsubscribe-Post: %q", got)
	}
	if got := header("List-Id"); got != "<digest.example.com>" {
		t.Errorf("List-Id: %q", got)
	}
	link := strings.Trim(header("List-Unsubscribe"), "<>")
	token, ok := strings.CutPrefix(link, "https://mail.example.com/unsubscribe?t=")
	if of, err := p.Composer.Config.Keys.Open(token); !ok || err != nil || of != (mail.Subscription{UID: "bob", By: mail.By{Item: "digest-2026-11-26"}}) {
		t.Errorf("List-Unsubscribe: %q, which is %+v (%v)", link, of, err)
	}
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"} {
		if !slices.ContainsFunc(m.Signed, func(s string) bool { return strings.EqualFold(s, name) }) {
			t.Errorf("the signature does not cover %s: %q (%s)", name, m.Signed, m.Signature)
		}
	}
	for _, want := range []string{"3 new messages from Alice", "and 2 more", "Incidents", "Messages", "https://app.example.com/posts/42", "https://grafana.example.com/d/1", link} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text has no %q:\n%s", want, m.Text)
		}
		if !strings.Contains(strings.ReplaceAll(m.HTML, "&amp;", "&"), want) {
			t.Errorf("the HTML has no %q", want)
		}
	}
	if strings.Contains(m.Text, "&") || strings.Contains(m.Text, "<") {
		t.Errorf("the text is not plain:\n%s", m.Text)
	}
	p.keep(t, "digest", m)
}

func (p post) keep(t *testing.T, name string, m mailbox.Message) {
	t.Helper()
	if *write != "" {
		if err := errors.Join(os.WriteFile(*write+"/"+name+".html", []byte(m.HTML), 0o644), os.WriteFile(*write+"/"+name+".txt", []byte(m.Text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// The same period, or the same state of an item, is the same mail; another one is another.
func TestMessageIDs(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	s := &profile.Settings{Digest: profile.Digest{Every: profile.Daily}}
	id := func(l mail.Letter, err error) string { return p.deliver(t, l, err).ID }
	first := id(p.Digest("bob", "bob@example.org", s, "2026-11-26", items(), false, now))
	ids := []string{
		first,
		id(p.Digest("bob", "bob@example.org", s, "2026-11-27", items(), false, now)),
		id(p.Digest("alice", "bob@example.org", s, "2026-11-26", items(), false, now)),
		id(p.Digest("bob", "bob@example.org", s, "2026-W48-4", items(), false, now)),
		id(p.Item("bob", "bob@example.org", s, items()[0], true, now)),
		id(p.Item("bob", "bob@example.org", s, items()[1], true, now)),
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != 6 {
		t.Errorf("%d of 6 mails have an id of their own: %q", n, ids)
	}
	if again := id(p.Digest("bob", "b@example.net", s, "2026-11-26", items()[:2], true, now.Add(time.Hour))); again != first {
		t.Errorf("the same period: got %s, want %s", again, first)
	}
	if strings.Contains(first, "bob") {
		t.Errorf("%s tells who it is", first)
	}
}

// Names and titles come from strangers. They are text in the HTML, on one line in the text, and no header of their own.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	nasty := &inbox.Item{ID: "x", Notification: inbox.Notification{
		Category: "social", Priority: event.High, EventCount: 1, Revision: 1,
		Title: "<script>alert(1)</script> & \"Bob\"\r\nBcc: everybody@example.com\r\n\r\n{{.EndLink}} \u202egnp.exe",
		Body:  "<img src=x onerror=alert(1)></style></html>\n-- \nUnsubscribe: https://evil.example",
		URL:   "javascript:alert(1)",
	}}
	s := &profile.Settings{Digest: profile.Digest{Every: profile.Daily}}
	for name, made := range map[string]func() (mail.Letter, error){
		"digest": func() (mail.Letter, error) {
			return p.Digest("bob", "bob@example.org", s, "2026-11-26", []*inbox.Item{nasty}, false, now)
		},
		"item": func() (mail.Letter, error) { return p.Item("bob", "bob@example.org", s, nasty, true, now) },
	} {
		letter, err := made()
		m := p.deliver(t, letter, err)
		head, _, _ := strings.Cut(m.Raw, "\r\n\r\n")
		if len(m.To) != 1 || len(m.Headers["Bcc"]) > 0 || strings.Contains(head, "\nBcc:") {
			t.Errorf("%s: a title has become a header:\n%s", name, head)
		}
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "javascript:") || strings.Count(m.HTML, "</html>") != 1 {
			t.Errorf("%s: a name is markup:\n%s", name, m.HTML)
		}
		if strings.Contains(m.Text, "\nUnsubscribe: https://evil.example") || strings.Count(m.Text, "\n-- \n")+strings.Count(m.Text, "\n-- \r\n") != 1 || strings.ContainsRune(m.Text+m.Subject, '\u202e') {
			t.Errorf("%s: a body has lines of its own:\n%s", name, m.Text)
		}
		if !strings.Contains(m.HTML, "&lt;script&gt;") || len(m.Signed) == 0 {
			t.Errorf("%s: the words are gone, or it is not signed (%s):\n%s", name, m.Signature, m.HTML)
		}
	}
}

func TestAMailInAnotherLanguage(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	s := &profile.Settings{Locale: "de-AT", Digest: profile.Digest{Every: profile.Weekly}}
	letter, err := p.Digest("bob", "bob@example.org", s, "2026-W48-1", items(), true, now)
	m := p.deliver(t, letter, err)
	for _, want := range []string{"12+ ungelesene Benachrichtigungen", "Menschen und Beiträge", "jede Woche", "Abbestellen", "und 2 weitere"} {
		if !strings.Contains(m.Text, want) || !strings.Contains(m.HTML, want) && want != "12+ ungelesene Benachrichtigungen" {
			t.Errorf("no %q:\n%s", want, m.Text)
		}
	}
	if !strings.Contains(m.HTML, `<html lang="de">`) {
		t.Error("the HTML does not say its language")
	}
}

// What nobody can switch off has no link that would say so, and is signed all the same.
func TestAMailThatCannotBeSwitchedOff(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	alert := &inbox.Item{ID: "a", Notification: inbox.Notification{Category: "security", Priority: event.Urgent, Title: "Security alert for your account", Body: "A new device has signed in.", EventCount: 1, Revision: 1}}
	letter, err := p.Item("bob", "bob@example.org", &profile.Settings{}, alert, false, now)
	m := p.deliver(t, letter, err)
	if len(m.Headers["List-Unsubscribe"]) > 0 || strings.Contains(m.Text, "nsubscribe") || len(m.Signed) == 0 {
		t.Errorf("got %v, signed %q (%s)\n%s", m.Headers, m.Signed, m.Signature, m.Text)
	}
	p.keep(t, "item", m)
}

func TestWhatTheServerSays(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	letter, err := p.Digest("bob", "bob@example.org", &profile.Settings{Digest: profile.Digest{Every: profile.Daily}}, "2026-11-26", items(), false, now)
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[int]error{451: mail.ErrLater, 550: mail.ErrRefused} {
		p.Refuse(code)
		if err := p.Send(t.Context(), letter); !errors.Is(err, want) || errors.Is(err, mail.ErrBounced) || !strings.Contains(err.Error(), strconv.Itoa(code)) || strings.Contains(err.Error(), "bob") {
			t.Errorf("%d: got %v, want %v", code, err, want)
		}
	}
	letter.To = "bounce.bob@example.org"
	if err := p.Send(t.Context(), letter); !errors.Is(err, mail.ErrBounced) || !errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "bob") {
		t.Errorf("no such mailbox: got %v", err)
	}
	letter.To = "not an address"
	if err := p.Send(t.Context(), letter); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("no address: got %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := p.Composer.Config
	config.SMTP = l.Addr().String()
	_ = l.Close()
	away, err := mail.NewSender(config)
	if err != nil {
		t.Fatal(err)
	}
	letter.To = "bob@example.org"
	if err := away.Send(t.Context(), letter); !errors.Is(err, mail.ErrLater) {
		t.Errorf("nobody answers: got %v", err)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	old, err := mail.ReadKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	both, err := mail.ReadKeys("another-key-of-at-least-32-characters, " + key)
	if err != nil {
		t.Fatal(err)
	}
	of := mail.Subscription{UID: "bob/ä\n", List: "social"}
	for _, by := range []mail.By{{}, {Type: "post.liked", Item: "i-1", Revision: 3}, {Item: "digest-2026-W48"}} { // the first is one of an earlier version
		for _, list := range []string{"social", ""} {
			of.By, of.List = by, list
			if got, err := both.Open(old.Token(of)); err != nil || got != of {
				t.Errorf("a token of the old key: got %+v (%v), want %+v", got, err, of)
			}
		}
	}
	token := old.Token(of)
	if _, err := old.Open(both.Token(of)); !errors.Is(err, mail.ErrToken) {
		t.Errorf("a token of a key that is not ours: got %v", err)
	}
	text, signature, _ := strings.Cut(token, ".")
	for _, bad := range []string{"", ".", text, text + ".", "." + signature, text + "x." + signature, text + "." + signature[:10], token + "=", strings.ToUpper(token), "\n" + token, token + "\r\n", text[:4] + "\n" + text[4:] + "." + signature} {
		if got, err := old.Open(bad); !errors.Is(err, mail.ErrToken) {
			t.Errorf("%q: got %+v (%v)", bad, got, err)
		}
	}
	if _, err := mail.ReadKeys("short"); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := (mail.Keys)(nil).Open(token); !errors.Is(err, mail.ErrToken) {
		t.Errorf("no keys: got %v", err)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	full := map[string]string{"SMTP_ADDR": "smtp.example.com:587", "MAIL_FROM": "news@example.com", "MAIL_LINKS": "https://a.example", "MAIL_UNSUBSCRIBE": "https://b.example", "UNSUBSCRIBE_KEYS": key}
	tests := []struct {
		name, variable, value, want string
	}{
		{"complete", "", "", ""},
		{"off", "SMTP_ADDR", "", ""},
		{"no port", "SMTP_ADDR", "smtp.example.com", "SMTP_ADDR"},
		{"a port that is none", "SMTP_ADDR", "smtp.example.com:smtp", "SMTP_ADDR"},
		{"half a login", "SMTP_USERNAME", "u", "SMTP_PASSWORD"},
		{"no sender", "MAIL_FROM", "", "MAIL_FROM"},
		{"links without TLS", "MAIL_LINKS", "http://a.example", "MAIL_LINKS"},
		{"links on this machine", "MAIL_LINKS", "http://127.0.0.1:7400", ""},
		{"no place to unsubscribe", "MAIL_UNSUBSCRIBE", "", "MAIL_UNSUBSCRIBE"},
		{"no keys", "UNSUBSCRIBE_KEYS", " ", "UNSUBSCRIBE_KEYS"},
		{"a short key", "UNSUBSCRIBE_KEYS", "short", "UNSUBSCRIBE_KEYS"},
		{"half a signature", "DKIM_DOMAIN", "example.com", "DKIM_KEY"},
	}
	for _, test := range tests {
		_, wrong := mail.Read(func(name string) string {
			if name == test.variable {
				return strings.TrimSpace(test.value)
			}
			return full[name]
		})
		if (test.want == "") != (len(wrong) == 0) || len(wrong) > 1 || test.want != "" && !strings.Contains(wrong[0], test.want) {
			t.Errorf("%s: got %q, want one about %q", test.name, wrong, test.want)
		}
	}
}
