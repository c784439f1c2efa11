package github

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
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
	Changes     changes

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

	Environment     string   // of a deployment review that is requested
	WorkflowJobRun  jobRun   `json:"workflow_job_run"`
	WorkflowJobRuns []jobRun `json:"workflow_job_runs"` // of one that is given
	Since           stamp
	Reviewers       []struct {
		Type     string // User or Team
		Reviewer struct {
			ID          int64
			Login, Slug string
		}
	}

	SecurityAdvisory   advisory `json:"security_advisory"`
	RepositoryAdvisory advisory `json:"repository_advisory"`

	accounts map[string]string // as source.Mapped has them, of the people named so far
}

// changes is what an edit or a transfer says of before and after.
type changes struct {
	Body          struct{ From *string }
	OldIssue      *thread    `json:"old_issue"` // of an issue that was opened by a transfer
	OldRepository repository `json:"old_repository"`
	NewIssue      thread     `json:"new_issue"` // of an issue that was transferred
	NewRepository repository `json:"new_repository"`
}

type user struct {
	ID        int64 // stays when the login changes; 0 where the payload does not say it
	Login     string
	Type      string // User, Organization or Bot
	AvatarURL string `json:"avatar_url"`
}

func (u user) bot() bool { return u.Type == "Bot" || strings.HasSuffix(u.Login, "[bot]") }

// known reports whether u can be a person: a bot is nobody to tell.
func (u user) known() bool { return loginPattern.MatchString(u.Login) && !u.bot() }

type team struct {
	ID   int64
	Slug string
}

type repository struct {
	ID         int64
	Name       string
	FullName   string `json:"full_name"`
	HTMLURL    string `json:"html_url"`
	Owner      user
	Private    json.RawMessage // true or false; something else is as good as absent
	Visibility string          // public, private or internal
}

// public reports whether everybody may see the repository. A payload that does not say so is about a private one.
func (r repository) public() bool {
	return string(r.Private) == "false" && (r.Visibility == "" || r.Visibility == "public")
}

// thread is an issue, a pull request or a discussion.
type thread struct {
	Number             int64
	Title              string
	Body               string
	HTMLURL            string `json:"html_url"`
	User               user
	Assignees          []user
	RequestedReviewers []user `json:"requested_reviewers"` // nil where the payload does not say who
	RequestedTeams     []team `json:"requested_teams"`     // the same
	Draft              bool
	PullRequest        json.RawMessage `json:"pull_request"` // in an issue: it is a pull request
	State              string          // open or closed
	Association        string          `json:"author_association"`
	CreatedAt          stamp           `json:"created_at"`
	UpdatedAt          stamp           `json:"updated_at"`
	AnswerChosenAt     stamp           `json:"answer_chosen_at"`
}

// post is a comment, a review or an answer.
type post struct {
	Body        string
	HTMLURL     string `json:"html_url"`
	User        user
	State       string // of a review: approved, changes_requested, commented
	Association string `json:"author_association"`
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
	ID              int64
	Actor           user
	TriggeringActor user       `json:"triggering_actor"` // of a run that was started again: who did that
	HeadRepository  repository `json:"head_repository"`  // where the branch is: a fork has branches of the same names
	StartedAt       stamp      `json:"run_started_at"`   // of the latest attempt
	CreatedAt       stamp      `json:"created_at"`
	UpdatedAt       stamp      `json:"updated_at"`
}

type jobRun struct{ Environment string }

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

// stamp is a time as GitHub writes it. Anything else is the zero time, "not known": it is never worth refusing a payload for.
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
