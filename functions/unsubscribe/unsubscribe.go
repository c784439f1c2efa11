// Package unsubscribe ends a person's mails of one kind: the digest, or those of a category. A link in each mail leads here, with a token that we
// have signed: whoever has the mail may end it, without a password and without a cookie.
//
// GET shows a page with a button and changes nothing: programs that look for viruses, and mail clients that show a preview, fetch every link. POST
// ends the mails, by the button or by the mail client's own (RFC 8058), as often as it is asked. Whoever wants the mails again says so in the app.
package unsubscribe

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/text/language"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics"
)

// Needs are what the function works with. All but Facts are required; without keys no token is good.
type Needs struct {
	Catalog *catalog.Catalog
	Store   *store.Store
	Keys    mail.Keys
	Facts   *topics.Teller // nil: nobody wants to know who ends mails
	Now     func() time.Time
	Log     *slog.Logger
}

// function is the unsubscribe function.
type function struct{ Needs }

// New serves the function to everybody.
func New(n Needs) http.Handler {
	fn := &function{n}
	return problem.Serve(n.Log, problem.Routes{
		"GET /unsubscribe":  fn.ask, // client: a link in a mail was followed, by a person or by a program
		"POST /unsubscribe": fn.end, // client: the page's button, or the mail client's
	})
}

// ask shows the page. It reads nothing and writes nothing.
func (fn *function) ask(w http.ResponseWriter, r *http.Request) error {
	words := fn.words(r)
	of, err := fn.Keys.Open(r.URL.Query().Get("t"))
	if err != nil {
		return show(w, http.StatusNotFound, page{Locale: words.Locale(), Says: words.Invalid()})
	}
	return show(w, http.StatusOK, page{Locale: words.Locale(), Says: words.Ask(of.List), Button: words.Unsubscribe()})
}

// end ends the mails. What the body says does not matter: the token says it all.
func (fn *function) end(w http.ResponseWriter, r *http.Request) error {
	words := fn.words(r)
	of, err := fn.Keys.Open(r.URL.Query().Get("t"))
	if err != nil {
		return show(w, http.StatusNotFound, page{Locale: words.Locale(), Says: words.Invalid()})
	}
	_, err = fn.Store.ChangeSettings(r.Context(), of.UID, fn.Now(), func(s *profile.Settings) error {
		if ended(s, of.List) {
			return errEnded
		}
		end(s, of.List)
		return nil
	})
	if err != nil && !errors.Is(err, errEnded) {
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusServiceUnavailable, "Firestore cannot do it now; send the same request again").Because(err)
	}
	fn.tell(of)
	return show(w, http.StatusOK, page{Locale: words.Locale(), Says: words.Done(of.List)})
}

// tell tells that the mails have ended, also where they had before: the call that ended them may have died before it could say so. It is one fact
// for each mail whose link is used, so another press of the button is no other fact. A link that does not name its mail tells nothing.
func (fn *function) tell(of mail.Subscription) {
	if of.By.Item == "" {
		return
	}
	fn.Facts.Tell(of.UID, fact.Fact{
		Type: of.By.Type, Item: of.By.Item, Revision: of.By.Revision, Stage: fact.Unsubscribed, Channel: fact.Email,
		Reason: cmp.Or(of.List, mail.DigestList), HappenedAt: fact.At(fn.Now()), Attempt: 1,
	})
}

// errEnded is that there is nothing to change.
var errEnded = errors.New("unsubscribe: the mails have ended already")

func ended(s *profile.Settings, list string) bool {
	if list == "" {
		return !s.Digest.Wanted()
	}
	wanted, said := s.Preferences.Choice(event.Email, list)
	return said && !wanted
}

func end(s *profile.Settings, list string) {
	if list == "" {
		s.Digest = profile.Digest{}
		return
	}
	if s.Preferences == nil {
		s.Preferences = profile.Preferences{}
	}
	if s.Preferences[event.Email] == nil {
		s.Preferences[event.Email] = map[string]bool{}
	}
	s.Preferences[event.Email][list] = false
}

// words are in the browser's language: nothing is read for a page that a program fetches.
func (fn *function) words(r *http.Request) catalog.Mail {
	tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil || len(tags) == 0 {
		return fn.Catalog.Mail("")
	}
	return fn.Catalog.Mail(tags[0].String())
}

//go:embed page.html page.css
var files embed.FS

var (
	style    = func() []byte { css, _ := files.ReadFile("page.css"); return css }() // embedded, so it is there
	styleSum = sha256.Sum256(style)
	shown    = template.Must(template.ParseFS(files, "page.html"))
	policy   = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(styleSum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

type page struct {
	Locale, Says, Button string
	Style                template.HTML // ours, with its element: its sum is in the policy
}

func show(w http.ResponseWriter, status int, p page) error {
	p.Style = template.HTML("<style>" + string(style) + "</style>")
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Robots-Tag", "noindex, nofollow")
	w.WriteHeader(status)
	_ = shown.Execute(w, p) // fails only if the client has hung up
	return nil
}
