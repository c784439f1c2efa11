package github

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// The audiences that GitHub's events go to. People let themselves into those that begin with "topic-"; teams are filled by
// whoever runs this.
const advisoryWatchers = "topic-security-advisories"

func releaseWatchers(r repository) string { return segment("topic-releases-" + r.FullName) }

func teamOf(r repository, slug string) string {
	return segment("github-team-" + r.Owner.Login + "." + slug)
}

// segment makes a name fit for an audience, which is a segment of a path: "octo/hello" becomes "octo.hello".
func segment(name string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case c == '/':
			return '.'
		case c <= ' ' || c > '~':
			return '-'
		}
		return c
	}, strings.ToLower(name))
	return name[:min(len(name), event.MaxUID)]
}

// does is an event of that type by the sender.
func (p *payload) does(eventType string, at time.Time, target event.Target) source.Event {
	e := source.Event{By: "ghost", Event: event.Event{ // as GitHub calls whom it no longer knows
		Type: eventType, Time: at, Target: target, Actor: event.Actor{Name: "ghost"},
		Data: map[string]any{"repository": p.Repository.FullName},
	}}
	if loginPattern.MatchString(p.Sender.Login) {
		e.By, e.Actor = p.Sender.Login, event.Actor{Name: p.Sender.Login, ImageURL: p.Sender.AvatarURL}
	}
	return e
}

// undoes takes back events of that type. It is nobody's doing: so it also reaches whoever did it himself.
func (p *payload) undoes(eventType string, at time.Time, target event.Target, told ...user) []source.Event {
	return telling(source.Event{Event: event.Event{Type: eventType, Time: at, Target: target, Retract: true}}, told...)
}

// telling is the event for those users, or none if there is no person among them.
func telling(e source.Event, told ...user) []source.Event {
	for _, u := range told {
		if u.known() && !slices.Contains(e.Tell, u.Login) {
			e.Tell = append(e.Tell, u.Login)
		}
	}
	if len(e.Tell) == 0 {
		return nil
	}
	return []source.Event{e}
}

// says adds what somebody wrote to an event.
func says(e source.Event, text string) source.Event {
	e.Data["text"] = excerpt(text)
	return e
}

// mentioned tells those whom a text mentions, but for the ones that it mentioned before.
func (p *payload) mentioned(now, before string, at time.Time, target event.Target, url string) []source.Event {
	e := says(p.does("user.mentioned", at, target), now)
	e.Target.URL = cmp.Or(url, target.URL)
	old := mentions(before)
	for _, login := range mentions(now) {
		if !slices.ContainsFunc(old, func(o string) bool { return strings.EqualFold(o, login) }) {
			e.Tell = append(e.Tell, login)
		}
	}
	return telling(e)
}

// inReply tells the mentioned ones of a post, and of the event those concerned who are not mentioned: everybody once.
func (p *payload) inReply(e source.Event, text, url string, concerned ...user) []source.Event {
	e = says(e, text)
	mentioned := p.mentioned(text, "", e.Time, e.Target, url)
	e.Target.URL = cmp.Or(url, e.Target.URL)
	if len(mentioned) > 0 {
		concerned = slices.DeleteFunc(slices.Clone(concerned), func(u user) bool {
			return slices.ContainsFunc(mentioned[0].Tell, func(login string) bool { return strings.EqualFold(login, u.Login) })
		})
	}
	return append(telling(e, concerned...), mentioned...)
}

// opened tells of a new issue, pull request or discussion those whom it mentions.
func opened(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		return p.mentioned(t.Body, "", first(t.CreatedAt), p.target(kind, t), "")
	}
}

// edited tells of a text that was changed those whom it mentions only now.
func edited(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		if p.Changes.Body.From == nil {
			return nil // the title, or something else
		}
		return p.mentioned(t.Body, *p.Changes.Body.From, first(t.UpdatedAt), p.target(kind, t), "")
	}
}

// postEdited is the same for a comment or a review.
func postEdited(kind string, of func(*payload) thread, said func(*payload) post) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		if p.Changes.Body.From == nil {
			return nil
		}
		return p.mentioned(said(p).Body, *p.Changes.Body.From, first(said(p).UpdatedAt), p.target(kind, of(p)), said(p).HTMLURL)
	}
}

func issue(p *payload) thread       { return p.Issue }
func pullRequest(p *payload) thread { return p.PullRequest }
func discussion(p *payload) thread  { return p.Discussion }
func comment(p *payload) post       { return p.Comment }
func review(p *payload) post        { return p.Review }

func assigned(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		return telling(p.does("issue.assigned", first(of(p).UpdatedAt), p.target(kind, of(p))), p.Assignee)
	}
}

func unassigned(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		return p.undoes("issue.assigned", first(of(p).UpdatedAt), p.target(kind, of(p)), p.Assignee)
	}
}

// closed takes back what asked somebody to do something about it.
func closed(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		return append(p.undoes("issue.assigned", first(t.UpdatedAt), p.target(kind, t), t.Assignees...), unasked(p)...)
	}
}

// reopened brings it back.
func reopened(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		return append(telling(p.does("issue.reopened", first(t.UpdatedAt), p.target(kind, t)), t.Assignees...), asked(p)...)
	}
}

// asked tells all whose review is wanted, unless the pull request is a draft.
func asked(p *payload) (events []source.Event) {
	t := p.PullRequest
	if t.Draft {
		return nil
	}
	e := p.does("review.requested", first(t.UpdatedAt), p.target("pull_request", t))
	return append(telling(e, t.RequestedReviewers...), p.teams(e, t.RequestedTeams)...)
}

// unasked takes that back.
func unasked(p *payload) []source.Event {
	t := p.PullRequest
	e := source.Event{Event: event.Event{Type: "review.requested", Time: first(t.UpdatedAt), Target: p.target("pull_request", t), Retract: true}}
	return append(telling(e, t.RequestedReviewers...), p.teams(e, t.RequestedTeams)...)
}

// teams is the event for the first of the teams: one delivery with several of them is rare, and their members overlap.
func (p *payload) teams(e source.Event, teams []team) []source.Event {
	if len(teams) == 0 || teams[0].Slug == "" {
		return nil
	}
	e.Tell, e.Audience = nil, teamOf(p.Repository, teams[0].Slug)
	return []source.Event{e}
}

// reviewRequested tells the one reviewer, or the team, that was asked now.
func reviewRequested(p *payload) []source.Event {
	t := p.PullRequest
	e := p.does("review.requested", first(t.UpdatedAt), p.target("pull_request", t))
	return append(telling(e, p.RequestedReviewer), p.teams(e, []team{p.RequestedTeam})...)
}

func reviewRequestRemoved(p *payload) []source.Event {
	t := p.PullRequest
	events := p.undoes("review.requested", first(t.UpdatedAt), p.target("pull_request", t), p.RequestedReviewer)
	e := source.Event{Event: event.Event{Type: "review.requested", Time: first(t.UpdatedAt), Target: p.target("pull_request", t), Retract: true}}
	return append(events, p.teams(e, []team{p.RequestedTeam})...)
}

// reviewed tells the author, and takes the request from the reviewer's list: it is done.
func reviewed(p *payload) []source.Event {
	kind := map[string]string{"approved": "pull_request.approved", "changes_requested": "pull_request.changes_requested"}[strings.ToLower(p.Review.State)]
	at, target := first(p.Review.SubmittedAt), p.target("pull_request", p.PullRequest)
	events := p.inReply(p.does(cmp.Or(kind, "pull_request.reviewed"), at, target), p.Review.Body, p.Review.HTMLURL, p.PullRequest.User)
	return append(events, p.undoes("review.requested", at, target, p.Review.User)...)
}

// commented tells the author of what is commented on, and those who work on it.
func commented(eventType, kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		e := p.does(eventType, first(p.Comment.CreatedAt), p.target(kind, t))
		return p.inReply(e, p.Comment.Body, p.Comment.HTMLURL, append([]user{t.User}, t.Assignees...)...)
	}
}

// commitCommented knows only whom the comment mentions: the payload does not say whose commit it is.
func commitCommented(p *payload) []source.Event {
	short := p.Comment.CommitID[:min(7, len(p.Comment.CommitID))]
	target := event.Target{Type: "commit", ID: p.Repository.FullName + "@" + p.Comment.CommitID, Title: "commit " + short, URL: p.Comment.HTMLURL}
	return p.mentioned(p.Comment.Body, "", first(p.Comment.CreatedAt), target, "")
}

func answered(p *payload) []source.Event {
	e := says(p.does("answer.accepted", first(p.Discussion.AnswerChosenAt, p.Discussion.UpdatedAt), p.target("discussion", p.Discussion)), p.Answer.Body)
	e.Target.URL = cmp.Or(p.Answer.HTMLURL, e.Target.URL)
	return telling(e, p.Answer.User)
}

func unanswered(p *payload) []source.Event {
	return p.undoes("answer.accepted", first(p.Discussion.UpdatedAt), p.target("discussion", p.Discussion), p.OldAnswer.User)
}

func starred(p *payload) []source.Event {
	return telling(p.does("repository.starred", first(p.StarredAt), p.repositoryTarget()), p.Repository.Owner)
}

// unstarred happens now: the payload has no time of it.
func unstarred(p *payload) []source.Event {
	e := p.does("repository.starred", time.Time{}, p.repositoryTarget())
	e.Retract = true
	return telling(e, p.Repository.Owner)
}

func forked(p *payload) []source.Event {
	return telling(p.does("repository.forked", first(p.Forkee.CreatedAt), p.repositoryTarget()), p.Repository.Owner)
}

// released tells those who follow the repository's releases, and those whom the notes mention.
func released(p *payload) []source.Event {
	r := p.Release
	target := event.Target{
		Type: "release", ID: p.Repository.FullName + "@" + r.TagName, URL: r.HTMLURL,
		Title: p.Repository.Name + " " + cmp.Or(r.TagName, r.Name),
	}
	e := says(p.does("release.published", first(r.PublishedAt), target), r.Body)
	e.Audience = releaseWatchers(p.Repository)
	return append([]source.Event{e}, p.mentioned(r.Body, "", e.Time, target, "")...)
}

// workflowRun tells whoever pushed, or started the run again, that it failed.
func workflowRan(p *payload) []source.Event {
	run := p.WorkflowRun
	if !slices.Contains([]string{"failure", "timed_out", "startup_failure"}, run.Conclusion) {
		return nil
	}
	name := cmp.Or(run.Name, p.Workflow.Name, "A workflow")
	e := source.Event{Event: event.Event{
		Type: "workflow.failed", Time: first(run.UpdatedAt), Data: map[string]any{"text": run.DisplayTitle, "repository": p.Repository.FullName},
		Target: event.Target{
			Type: "workflow", ID: fmt.Sprintf("%s/%d@%s", p.Repository.FullName, run.WorkflowID, run.HeadBranch), URL: run.HTMLURL,
			Title: fmt.Sprintf("%s on %s (%s)", name, cmp.Or(run.HeadBranch, "a tag"), p.Repository.Name),
		},
	}}
	return telling(e, cmp.Or(run.TriggeringActor, run.Actor, p.Sender))
}

// deploymentReview is the reviewers' to give: people, and the first of the teams.
func (p *payload) deploymentReview(e source.Event) []source.Event {
	var people []user
	var teams []team
	for _, r := range p.Reviewers {
		switch r.Type {
		case "User":
			people = append(people, user{Login: r.Reviewer.Login})
		case "Team":
			teams = append(teams, team{r.Reviewer.Slug})
		}
	}
	e.Type, e.Time = "deployment.approval_requested", first(p.Since)
	e.Target = event.Target{
		Type: "deployment", ID: p.Repository.FullName + "/" + p.Environment, URL: p.WorkflowRun.HTMLURL,
		Title: p.Environment + " (" + p.Repository.Name + ")",
	}
	return append(telling(e, people...), p.teams(e, teams)...)
}

func deploymentReviewRequested(p *payload) []source.Event {
	return p.deploymentReview(says(p.does("", time.Time{}, event.Target{}), p.WorkflowRun.DisplayTitle))
}

func deploymentReviewed(p *payload) []source.Event {
	return p.deploymentReview(source.Event{Event: event.Event{Retract: true}})
}

// advised tells the watchers of security advisories.
func advised(of func(*payload) advisory) func(*payload) []source.Event {
	return func(p *payload) []source.Event { return []source.Event{{Event: of(p).event(false)}} }
}

func withdrawn(p *payload) []source.Event {
	return []source.Event{{Event: p.SecurityAdvisory.event(true)}}
}

func global(p *payload) advisory      { return p.SecurityAdvisory }
func repositorys(p *payload) advisory { return p.RepositoryAdvisory }

func (a advisory) event(retract bool) event.Event {
	var affected []string
	for _, v := range a.Vulnerabilities {
		if name := v.Package.Ecosystem + ": " + v.Package.Name; !slices.Contains(affected, name) && v.Package.Name != "" {
			affected = append(affected, name)
		}
	}
	e := event.Event{
		Type: "advisory.published", Audience: advisoryWatchers, Retract: retract, Time: first(a.PublishedAt, a.UpdatedAt),
		Priority: map[string]event.Priority{"critical": event.Urgent, "high": event.High, "moderate": event.Medium, "medium": event.Medium, "low": event.Low}[a.Severity],
		Target:   event.Target{Type: "advisory", ID: cmp.Or(a.GHSAID, "?"), Title: a.Summary, URL: cmp.Or(a.HTMLURL, "https://github.com/advisories/"+a.GHSAID)},
		Data:     map[string]any{"text": strings.Join(affected, ", "), "severity": a.Severity},
	}
	if retract {
		e.Time, e.Data = first(a.WithdrawnAt, a.UpdatedAt), nil
	}
	return e
}
