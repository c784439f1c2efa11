package github

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// Names change, numbers stay: repositories and logins are renamed, and somebody else may take the old name. So whatever
// identifies something here is made of GitHub's numbers. A payload without them falls back to names.

// key identifies the repository: its number, or else its address or its name.
func (r repository) key() string {
	if r.ID > 0 {
		return fmt.Sprint(r.ID)
	}
	return strings.ToLower(cmp.Or(strings.TrimPrefix(r.HTMLURL, "https://github.com/"), r.FullName, "?"))
}

// instance names the user where something is told of one of several people.
func (u user) instance() string {
	if u.ID > 0 {
		return fmt.Sprintf("user/%d", u.ID)
	}
	return "login/" + segment("", u.Login)
}

func (t team) instance() string {
	if t.ID > 0 {
		return fmt.Sprintf("team/%d", t.ID)
	}
	return "slug/" + segment("", t.Slug)
}

// account names a user whose number is known, as people may be linked by it.
func (u user) account() string { return fmt.Sprintf("id:%d", u.ID) }

// named notes the number behind a login, by which the person may be linked.
func (p *payload) named(u user) {
	if u.ID <= 0 || !loginPattern.MatchString(u.Login) {
		return
	}
	if p.accounts == nil {
		p.accounts = map[string]string{}
	}
	p.accounts[strings.ToLower(u.Login)] = u.account()
}

// identify gives the events their ids, which are made from what GitHub signed: the delivery's own id is in a header that
// nobody signs. The first event has the change's, each further one also its type, and whom it is for.
func identify(events []source.Event, signed []byte) {
	sum := sha256.Sum256(signed)
	change := hex.EncodeToString(sum[:16])
	used := map[string]int{} // how many events have had the id
	for i := range events {
		e := &events[i]
		if e.ID == "" {
			if e.ID = change; i > 0 {
				e.ID += "/" + e.Type
			}
			if whom := cmp.Or(e.Audience, e.Instance); i > 0 && whom != "" {
				e.ID += "/" + whom
			}
		}
		e.ID, e.Target.ID = identifier(e.ID), identifier(e.Target.ID)
		for id := e.ID; used[e.ID] > 0; {
			used[id]++
			e.ID = fmt.Sprintf("%s/%d", id, used[id])
		}
		used[e.ID]++
	}
}

// in is the thread as what something happened to. kind is "issue", "pull_request" or "discussion".
func (t thread) in(r repository, kind string) event.Target {
	if kind == "issue" && len(t.PullRequest) > 0 && string(t.PullRequest) != "null" {
		kind = "pull_request"
	}
	title := fmt.Sprintf("(#%d)", t.Number)
	if said := strings.TrimSuffix(strings.TrimSpace(t.Title), "."); said != "" {
		title = said + " " + title
	}
	return event.Target{Type: kind, ID: fmt.Sprintf("%s#%d", r.key(), t.Number), URL: t.HTMLURL, Title: title}
}

func (p *payload) target(kind string, t thread) event.Target { return t.in(p.Repository, kind) }

// repositoryTarget is the repository as what something happened to.
func (p *payload) repositoryTarget() event.Target {
	return event.Target{Type: "repository", ID: p.Repository.key(), Title: p.Repository.Name, URL: p.Repository.HTMLURL}
}

// releaseWatchers are those who follow the releases. Everybody may let themselves into an audience that begins with "topic-", so
// that one hears of public repositories only. All others are filled by whoever runs this.
func releaseWatchers(r repository) string {
	if r.public() {
		return segment("topic-releases-", r.FullName)
	}
	return segment("github-releases-", r.FullName)
}

// advisoryWatchers are those who follow GitHub's advisories, which are public.
const advisoryWatchers = "topic-security-advisories"

// repositoryAdvisoryWatchers hear of the advisories that a repository publishes itself.
func repositoryAdvisoryWatchers(r repository) string {
	if r.public() {
		return advisoryWatchers
	}
	return segment("github-advisories-", r.FullName)
}

func teamOf(owner, slug string) string { return segment("github-team-", owner+"."+slug) }

// segment makes a name fit for an audience, which is a segment of a path: "octo/hello" becomes "octo.hello".
func segment(prefix, name string) string {
	name = prefix + strings.ReplaceAll(strings.ToLower(name), "/", ".")
	return distinct(name, event.MaxUID, func(c rune) bool { return c <= ' ' || c > '~' })
}

// identifier makes a text fit to identify something.
func identifier(text string) string { return distinct(text, event.MaxID, unicode.IsControl) }

// distinct is the name in at most limit bytes, with a hyphen for each bad character. A name that has to be changed for that ends in a hash of
// what it was, so that no two names become one.
func distinct(name string, limit int, bad func(rune) bool) string {
	clean := strings.Map(func(c rune) rune {
		if bad(c) {
			return '-'
		}
		return c
	}, name)
	if clean == name && len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	mark := "~" + hex.EncodeToString(sum[:8])
	return strings.ToValidUTF8(clean[:min(len(clean), limit-len(mark))], "") + mark
}
