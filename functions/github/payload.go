package github

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tidings.dev/shared/event"
)

// payload is what we read of a payload; each event has some of the fields.
type payload struct {
	Action     string
	Sender     user // who did it; absent from what GitHub itself tells
	Repository repository

	Issue       thread
	PullRequest thread `json:"pull_request"`
	Discussion  thread
	Comment     post
	Review      post
	Answer      post
	OldAnswer   post `json:"old_answer"`
	Changes     struct{ Body struct{ From *string } }

	Assignee          user
	RequestedReviewer user `json:"requested_reviewer"`
	RequestedTeam     team `json:"requested_team"`

	StarredAt stamp `json:"starred_at"`
	Forkee    struct {
		CreatedAt stamp `json:"created_at"`
	}
	Release     release
	Workflow    struct{ Name string }
	WorkflowRun workflowRun `json:"workflow_run"`

	Environment string // of a deployment review
	Since       stamp
	Requestor   user
	Reviewers   []struct {
		Type     string // User or Team
		Reviewer struct{ Login, Slug string }
	}

	SecurityAdvisory   advisory `json:"security_advisory"`
	RepositoryAdvisory advisory `json:"repository_advisory"`
}

type user struct {
	Login     string
	Type      string // User, Organization or Bot
	AvatarURL string `json:"avatar_url"`
}

func (u user) bot() bool { return u.Type == "Bot" || strings.HasSuffix(u.Login, "[bot]") }

// known reports whether u can be a person: a bot is nobody to tell.
func (u user) known() bool { return loginPattern.MatchString(u.Login) && !u.bot() }

type team struct{ Slug string }

type repository struct {
	Name     string
	FullName string `json:"full_name"`
	HTMLURL  string `json:"html_url"`
	Owner    user
}

// thread is an issue, a pull request or a discussion.
type thread struct {
	Number             int64
	Title              string
	Body               string
	HTMLURL            string `json:"html_url"`
	User               user
	Assignees          []user
	RequestedReviewers []user          `json:"requested_reviewers"`
	RequestedTeams     []team          `json:"requested_teams"`
	PullRequest        json.RawMessage `json:"pull_request"` // in an issue: it is a pull request
	Draft              bool
	CreatedAt          stamp `json:"created_at"`
	UpdatedAt          stamp `json:"updated_at"`
	AnswerChosenAt     stamp `json:"answer_chosen_at"`
}

// post is a comment, a review or an answer.
type post struct {
	Body        string
	HTMLURL     string `json:"html_url"`
	User        user
	State       string // of a review: approved, changes_requested, commented
	CommitID    string `json:"commit_id"`
	CreatedAt   stamp  `json:"created_at"`
	UpdatedAt   stamp  `json:"updated_at"`
	SubmittedAt stamp  `json:"submitted_at"`
}

type release struct {
	TagName     string `json:"tag_name"`
	Name        string
	Body        string
	HTMLURL     string `json:"html_url"`
	PublishedAt stamp  `json:"published_at"`
}

type workflowRun struct {
	Name            string
	DisplayTitle    string `json:"display_title"`
	HeadBranch      string `json:"head_branch"`
	WorkflowID      int64  `json:"workflow_id"`
	Conclusion      string
	HTMLURL         string `json:"html_url"`
	Actor           user
	TriggeringActor user  `json:"triggering_actor"` // of a run that was started again: who did that
	UpdatedAt       stamp `json:"updated_at"`
}

type advisory struct {
	GHSAID          string `json:"ghsa_id"`
	Summary         string
	Severity        string // low, moderate or medium, high, critical
	HTMLURL         string `json:"html_url"`
	PublishedAt     stamp  `json:"published_at"`
	UpdatedAt       stamp  `json:"updated_at"`
	WithdrawnAt     stamp  `json:"withdrawn_at"`
	Vulnerabilities []struct {
		Package struct{ Ecosystem, Name string }
	}
}

// stamp is a time as GitHub writes it. What is none is the zero time, "not known": it is never worth refusing a payload for.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if t, err := time.Parse(time.RFC3339, text); err == nil && t.Unix() >= 0 && t.Year() < 9999 {
			s.Time = t
		}
	}
	return nil
}

// first is the first of the times that is known.
func first(stamps ...stamp) time.Time { return cmp.Or(stamps...).Time }

// target is the thread as what something happened to. kind is "issue", "pull_request" or "discussion".
func (p *payload) target(kind string, t thread) event.Target {
	if kind == "issue" && len(t.PullRequest) > 0 && string(t.PullRequest) != "null" {
		kind = "pull_request"
	}
	return event.Target{
		Type: kind, ID: fmt.Sprintf("%s#%d", p.Repository.FullName, t.Number), URL: t.HTMLURL,
		Title: fmt.Sprintf("%s (#%d)", strings.TrimSuffix(strings.TrimSpace(t.Title), "."), t.Number),
	}
}

// repositoryTarget is the repository as what something happened to.
func (p *payload) repositoryTarget() event.Target {
	return event.Target{Type: "repository", ID: cmp.Or(p.Repository.FullName, "?"), Title: p.Repository.Name, URL: p.Repository.HTMLURL}
}
