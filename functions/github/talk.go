package github

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// writing is a text in which people may be mentioned.
type writing struct {
	text, before string // as it is, and as it was before an edit
	url          string // of the text itself; "" is the target's
	insider      bool   // its author belongs to those who work on the repository
}

func (t thread) writing() writing {
	return writing{text: t.Body, insider: insider(t.Association)}
}

func (c post) writing() writing {
	return writing{text: c.Body, url: c.HTMLURL, insider: insider(c.Association)}
}

// insider reports whether GitHub says that an author works on the repository. Anybody can write to a public one, and is not to
// call whole teams.
func insider(association string) bool {
	return slices.Contains([]string{"OWNER", "MEMBER", "COLLABORATOR"}, association)
}

// mentioned tells those whom a text mentions, but for the ones that it mentioned before: people, and the owner's teams.
func (p *payload) mentioned(w writing, at time.Time, target event.Target) []source.Event {
	e := says(p.does("user.mentioned", at, target), w.text)
	e.Target.URL = cmp.Or(w.url, target.URL)
	now, before := mentions(w.text), mentions(w.before)
	people := p.telling(e, without(now.people, before.people)...)
	if !w.insider {
		return people
	}
	var teams []team
	for _, slug := range without(now.teamsOf(p.Repository.Owner.Login), before.teamsOf(p.Repository.Owner.Login)) {
		teams = append(teams, team{Slug: slug.Login})
	}
	called := p.askingTeams(e, teams...)
	for i := range called {
		called[i].Instance = "" // each mention is an item of its own
	}
	return append(people, called...)
}

// without lists the names that are not among the old ones, as users.
func without(names, old []string) (fresh []user) {
	for _, name := range names {
		if !slices.ContainsFunc(old, func(o string) bool { return strings.EqualFold(o, name) }) {
			fresh = append(fresh, user{Login: name})
		}
	}
	return fresh
}

// inReply tells the mentioned ones of a post, and of the event those concerned who are not mentioned: everybody once.
func (p *payload) inReply(e source.Event, w writing, concerned ...user) []source.Event {
	e = says(e, w.text)
	mentioned := p.mentioned(w, e.Time, e.Target)
	e.Target.URL = cmp.Or(w.url, e.Target.URL)
	if len(mentioned) > 0 {
		concerned = slices.DeleteFunc(slices.Clone(concerned), func(u user) bool {
			return slices.ContainsFunc(mentioned[0].Tell, func(login string) bool { return strings.EqualFold(login, u.Login) })
		})
	}
	return append(p.telling(e, concerned...), mentioned...)
}

// opened tells of a new issue, pull request or discussion those whom it mentions. An issue that comes from another repository was told
// of there; what it asks of people moves with it.
func opened(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		if old := p.Changes.OldIssue; old != nil && kind == "issue" {
			return p.moved(old.in(p.Changes.OldRepository, kind), t, p.Repository)
		}
		return p.mentioned(t.writing(), first(t.CreatedAt), p.target(kind, t))
	}
}

// edited tells of a text that was changed those whom it mentions only now.
func edited(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		return p.rewritten(t.writing(), first(t.UpdatedAt), p.target(kind, t))
	}
}

// postEdited is the same for a comment or a review.
func postEdited(kind string, of func(*payload) thread, said func(*payload) post) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		return p.rewritten(said(p).writing(), first(said(p).UpdatedAt), p.target(kind, of(p)))
	}
}

func (p *payload) rewritten(w writing, at time.Time, target event.Target) []source.Event {
	if p.Changes.Body.From == nil {
		return nil // the title, or something else
	}
	w.before = *p.Changes.Body.From
	return p.mentioned(w, at, target)
}

func issue(p *payload) thread       { return p.Issue }
func pullRequest(p *payload) thread { return p.PullRequest }
func discussion(p *payload) thread  { return p.Discussion }
func comment(p *payload) post       { return p.Comment }
func review(p *payload) post        { return p.Review }

// commented tells the author of what is commented on, and those who work on it.
func commented(eventType, kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		e := p.does(eventType, first(p.Comment.CreatedAt), p.target(kind, t))
		return p.inReply(e, p.Comment.writing(), append([]user{t.User}, t.Assignees...)...)
	}
}

// commitCommented knows only whom the comment mentions: the payload does not say whose commit it is.
func commitCommented(p *payload) []source.Event {
	short := p.Comment.CommitID[:min(7, len(p.Comment.CommitID))]
	target := event.Target{Type: "commit", ID: p.Repository.key() + "@" + p.Comment.CommitID, Title: "commit " + short, URL: p.Comment.HTMLURL}
	return p.mentioned(p.Comment.writing(), first(p.Comment.CreatedAt), target)
}

func answered(p *payload) []source.Event {
	e := says(p.does("answer.accepted", first(p.Discussion.AnswerChosenAt, p.Discussion.UpdatedAt), p.target("discussion", p.Discussion)), p.Answer.Body)
	e.Target.URL = cmp.Or(p.Answer.HTMLURL, e.Target.URL)
	return p.telling(e, p.Answer.User)
}

func unanswered(p *payload) []source.Event {
	return []source.Event{undoes("answer.accepted", p.target("discussion", p.Discussion))}
}

// released tells those who follow the repository's releases, and those whom the notes mention.
func released(p *payload) []source.Event {
	r := p.Release
	target := event.Target{
		Type: "release", ID: p.Repository.key() + "@" + r.TagName, URL: r.HTMLURL,
		Title: p.Repository.Name + " " + cmp.Or(r.TagName, r.Name),
	}
	e := says(p.does("release.published", first(r.PublishedAt), target), r.Body)
	e.Audience = releaseWatchers(p.Repository)
	return append([]source.Event{e}, p.mentioned(writing{text: r.Body, insider: true}, e.Time, target)...)
}
