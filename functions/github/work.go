package github

import (
	"cmp"
	"strings"

	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// assigned tells the one who was assigned, as an instance of their own: an issue has several assignees, and each may be
// taken off it alone. What is closed asks nobody.
func assigned(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		if t.closed() {
			return nil
		}
		return p.asking(p.does("issue.assigned", first(t.UpdatedAt), p.target(kind, t)), p.Assignee)
	}
}

func unassigned(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		if !p.Assignee.known() {
			return nil
		}
		return []source.Event{undoesOne("issue.assigned", p.target(kind, of(p)), p.Assignee.instance())}
	}
}

// closed takes back what asked somebody to do something about it.
func closed(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		target := p.target(kind, of(p))
		events := []source.Event{undoes("issue.assigned", target)}
		if kind == "pull_request" {
			events = append(events, undoes("review.requested", target), judgedNoMore(target))
		}
		return events
	}
}

// reopened brings it back.
func reopened(kind string, of func(*payload) thread) func(*payload) []source.Event {
	return func(p *payload) []source.Event {
		t := of(p)
		return append(p.asking(p.does("issue.reopened", first(t.UpdatedAt), p.target(kind, t)), t.Assignees...), asked(p)...)
	}
}

// transferred moves what is asked of people along with the issue.
func transferred(p *payload) []source.Event {
	return p.moved(p.target("issue", p.Issue), p.Changes.NewIssue, p.Changes.NewRepository)
}

// moved takes back what was asked of people about an issue that has gone to another repository, and asks the same there. Both
// repositories say so: transferred in the old one, opened in the new one. So the ids are made from what both know.
func (p *payload) moved(from event.Target, to thread, into repository) []source.Event {
	back := undoes("issue.assigned", event.Target{Type: from.Type, ID: from.ID}) // exactly the same in both
	target := to.in(into, "issue")
	back.ID = "transferred/" + from.ID + "/" + target.ID
	events := []source.Event{back}
	if to.Number == 0 || to.closed() {
		return events
	}
	e := p.does("issue.transferred", first(to.UpdatedAt), target)
	if e.Data["repository"] = into.FullName; into.FullName == "" {
		delete(e.Data, "repository")
	}
	for _, e := range p.asking(e, to.Assignees...) {
		e.ID = back.ID + "/" + e.Instance
		events = append(events, e)
	}
	return events
}

func (t thread) closed() bool { return t.State == "closed" }

// asked tells all whose review is wanted, unless the pull request is a draft.
func asked(p *payload) []source.Event {
	t := p.PullRequest
	if t.Draft {
		return nil
	}
	e := p.does("review.requested", first(t.UpdatedAt), p.target("pull_request", t))
	return append(p.asking(e, t.RequestedReviewers...), p.askingTeams(e, t.RequestedTeams...)...)
}

// unasked takes that back.
func unasked(p *payload) []source.Event {
	return []source.Event{undoes("review.requested", p.target("pull_request", p.PullRequest))}
}

// reviewRequested tells the one reviewer, or the team, that was asked now: of a draft too, since it names them.
func reviewRequested(p *payload) []source.Event {
	t := p.PullRequest
	if t.closed() {
		return nil
	}
	e := p.does("review.requested", first(t.UpdatedAt), p.target("pull_request", t))
	return append(p.asking(e, p.RequestedReviewer), p.askingTeams(e, p.RequestedTeam)...)
}

func reviewRequestRemoved(p *payload) (events []source.Event) {
	target := p.target("pull_request", p.PullRequest)
	if p.RequestedReviewer.known() {
		events = append(events, undoesOne("review.requested", target, p.RequestedReviewer.instance()))
	}
	if p.RequestedTeam.Slug != "" || p.RequestedTeam.ID > 0 {
		events = append(events, undoesOne("review.requested", target, p.RequestedTeam.instance()))
	}
	return events
}

// remarks is the instance of all reviews that neither approve nor ask for changes. A reviewer's verdict is an instance of its own, so
// that their remarks do not replace it.
const remarks = "remarks"

// reviewed tells the author, and ends the request for that review. A verdict on what is closed already is a remark.
func reviewed(p *payload) []source.Event {
	kind := map[string]string{"approved": "pull_request.approved", "changes_requested": "pull_request.changes_requested"}[strings.ToLower(p.Review.State)]
	target := p.target("pull_request", p.PullRequest)
	e := p.does(cmp.Or(kind, "pull_request.reviewed"), first(p.Review.SubmittedAt), target)
	if e.Instance = p.Review.User.instance(); kind == "" || p.PullRequest.closed() {
		e.Type, e.Instance = "pull_request.reviewed", remarks
	}
	return append(p.inReply(e, p.Review.writing(), p.PullRequest.User), p.reviewGiven(target, kind != ""))
}

// reviewGiven takes back the requests that the review has answered: the reviewer's, and those of teams that are no longer asked, from
// all of their members. The payload lists whose review is still wanted; those stay. A remark answers what the list says it does.
func (p *payload) reviewGiven(target event.Target, verdict bool) source.Event {
	t, reviewer := p.PullRequest, p.Review.User.instance()
	e := undoes("review.requested", target)
	for _, u := range t.RequestedReviewers {
		if u.instance() != reviewer || !verdict {
			e.Except = append(e.Except, u.instance())
		}
	}
	for _, team := range t.RequestedTeams {
		e.Except = append(e.Except, team.instance())
	}
	if t.RequestedReviewers == nil || t.RequestedTeams == nil || len(e.Except) > event.MaxExcept {
		return undoesOne("review.requested", target, reviewer)
	}
	return e
}

// dismissed takes back a verdict.
func dismissed(p *payload) []source.Event {
	return []source.Event{undoesOne("pull_request.changes_requested", p.target("pull_request", p.PullRequest), p.Review.User.instance())}
}

// judgedNoMore takes back all verdicts on what is closed, and leaves the remarks.
func judgedNoMore(target event.Target) source.Event {
	e := undoes("pull_request.changes_requested", target)
	e.Except = []string{remarks}
	return e
}

// codeCommented is a remark as well.
func codeCommented(p *payload) []source.Event {
	events := commented("pull_request.review_commented", "pull_request", pullRequest)(p)
	for i := range events {
		if events[i].Type == "pull_request.review_commented" {
			events[i].Instance = remarks
		}
	}
	return events
}
