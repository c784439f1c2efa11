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

func starred(p *payload) []source.Event {
	return p.telling(p.does("repository.starred", first(p.StarredAt), p.repositoryTarget()), p.Repository.Owner)
}

// unstarred happens now: the payload has no time of it. It reaches whoever was told, who need not be the owner any more.
func unstarred(p *payload) []source.Event {
	e := p.does("repository.starred", time.Time{}, p.repositoryTarget())
	e.Retract, e.Data = true, nil
	return []source.Event{e}
}

func forked(p *payload) []source.Event {
	return p.telling(p.does("repository.forked", first(p.Forkee.CreatedAt), p.repositoryTarget()), p.Repository.Owner)
}

// workflowRan tells whoever pushed, or started the run again, that it failed. Success on the same branch takes that back, from
// whoever was told of it.
//
// The time is when the attempt began. So the success of an older run that ends late does not take back the failure of a newer one.
func workflowRan(p *payload) []source.Event {
	run := p.WorkflowRun
	target := event.Target{
		Type: "workflow", ID: fmt.Sprintf("%s/%d@%s", p.Repository.key(), run.WorkflowID, p.branch()), URL: run.HTMLURL,
		Title: fmt.Sprintf("%s on %s (%s)", cmp.Or(run.Name, p.Workflow.Name, "A workflow"), cmp.Or(run.HeadBranch, "a tag"), p.Repository.Name),
	}
	e := source.Event{Event: event.Event{Type: "workflow.failed", Time: first(run.StartedAt, run.CreatedAt, run.UpdatedAt), Target: target}}
	switch run.Conclusion {
	case "success":
		e.Retract = true
		return []source.Event{e}
	case "failure", "timed_out", "startup_failure":
		e.Data = map[string]any{"text": run.DisplayTitle, "repository": p.Repository.FullName}
		return p.telling(e, cmp.Or(run.TriggeringActor, run.Actor, p.Sender))
	case "cancelled": // it may have waited for somebody's approval
		if run.ID > 0 {
			return []source.Event{undoes("deployment.approval_requested", p.deployment(""))}
		}
	}
	return nil
}

// branch names the branch that a run is of. One of a fork is another one than ours of the same name.
func (p *payload) branch() string {
	run := p.WorkflowRun
	if from := run.HeadRepository.ID; from > 0 && from != p.Repository.ID {
		return fmt.Sprintf("%d:%s", from, run.HeadBranch)
	}
	return run.HeadBranch
}

// deployment is what a run waits for: to deploy to an environment. The environments of one run are its instances.
func (p *payload) deployment(environment string) event.Target {
	id := p.Repository.key() + "/" + environment
	if p.WorkflowRun.ID > 0 {
		id = fmt.Sprintf("%s/run/%d", p.Repository.key(), p.WorkflowRun.ID)
	}
	return event.Target{Type: "deployment", ID: id, URL: p.WorkflowRun.HTMLURL, Title: environment + " (" + p.Repository.Name + ")"}
}

// deploymentReviewRequested asks the reviewers, people and teams. Any of them can answer for all.
func deploymentReviewRequested(p *payload) (events []source.Event) {
	environment := cmp.Or(p.Environment, p.WorkflowJobRun.Environment)
	e := says(p.does("deployment.approval_requested", first(p.Since), p.deployment(environment)), p.WorkflowRun.DisplayTitle)
	e.Instance = segment("", environment)
	var people []user
	var teams []team
	for _, r := range p.Reviewers {
		switch r.Type {
		case "User":
			people = append(people, user{ID: r.Reviewer.ID, Login: r.Reviewer.Login})
		case "Team":
			teams = append(teams, team{ID: r.Reviewer.ID, Slug: r.Reviewer.Slug})
		}
	}
	events = append(p.telling(e, people...), p.askingTeams(e, teams...)...)
	for i := range events {
		events[i].Instance = e.Instance
	}
	return events
}

// deploymentReviewed takes the requests back for the environments that were decided on, or for all where the payload names none.
func deploymentReviewed(p *payload) (events []source.Event) {
	names := []string{p.Environment, p.WorkflowJobRun.Environment}
	for _, job := range p.WorkflowJobRuns {
		names = append(names, job.Environment)
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
	for _, name := range names {
		events = append(events, undoesOne("deployment.approval_requested", p.deployment(name), segment("", name)))
	}
	if len(names) == 0 {
		events = append(events, undoes("deployment.approval_requested", p.deployment("")))
	}
	return events
}

// advised tells the watchers of security advisories.
func advised(p *payload) []source.Event {
	return p.SecurityAdvisory.published(advisoryWatchers)
}

// repositoryAdvised is the same for an advisory that a repository publishes itself.
func repositoryAdvised(p *payload) []source.Event {
	return p.RepositoryAdvisory.published(repositoryAdvisoryWatchers(p.Repository))
}

func withdrawn(p *payload) []source.Event {
	if p.SecurityAdvisory.GHSAID == "" {
		return nil
	}
	return []source.Event{undoes("advisory.published", p.SecurityAdvisory.target())}
}

func (a advisory) target() event.Target {
	return event.Target{Type: "advisory", ID: a.GHSAID, Title: a.Summary, URL: cmp.Or(a.HTMLURL, "https://github.com/advisories/"+a.GHSAID)}
}

func (a advisory) published(audience string) []source.Event {
	if a.GHSAID == "" {
		return nil
	}
	var affected []string
	for _, v := range a.Vulnerabilities {
		if name := v.Package.Ecosystem + ": " + v.Package.Name; !slices.Contains(affected, name) && v.Package.Name != "" {
			affected = append(affected, name)
		}
	}
	return []source.Event{{Event: event.Event{
		Type: "advisory.published", Audience: audience, Time: first(a.PublishedAt, a.UpdatedAt), Target: a.target(),
		Priority: map[string]event.Priority{"critical": event.Urgent, "high": event.High, "moderate": event.Medium, "medium": event.Medium, "low": event.Low}[a.Severity],
		Data:     map[string]any{"text": strings.Join(affected, ", "), "severity": a.Severity},
	}}}
}
