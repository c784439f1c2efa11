package github

import (
	"encoding/json"
	"slices"
	"strings"

	"tidings.dev/shared/source"
)

// rule says what becomes of one event of GitHub.
type rule struct {
	of  string         // the subjects that its payloads have, of those below
	on  map[string]act // by action; "" where the event has no actions
	why string         // why nobody is told of the other actions, or of the event at all
}

// subjects are what the payloads of different events are about, and tell them apart by.
var subjects = strings.Fields(`issue pull_request discussion comment review thread forkee release workflow_run workflow_job check_run
	check_suite deployment deployment_status reviewers security_advisory repository_advisory alert label milestone key rule team
	member membership installation_repositories hook package registry_package project project_card project_column projects_v2_item
	ref pages sha build starred_at sponsorship merge_group marketplace_purchase`)

// foreign is a subject in a payload that the event does not have, or "". The header that names the event is not signed: a payload is not to
// be passed off as another event's.
func (r rule) foreign(payload []byte) string {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(payload, &fields) // it was parsed before
	own := strings.Fields(r.of)
	for _, subject := range subjects {
		if _, has := fields[subject]; has && !slices.Contains(own, subject) {
			return subject
		}
	}
	return ""
}

// act makes the events of an action that people are told of.
type act struct {
	make   func(*payload) []source.Event // pure; none where it concerns nobody this time
	nobody string                        // then: why not
}

// Reasons that stand for many.
const (
	upkeep   = "it is the repository's upkeep and concerns no one person"
	setUp    = "it is about how things are set up, which administrators see at GitHub"
	machines = "it is a step of machines; workflow_run tells of a failed run, once"
	boards   = "cards move all day; people are told of the issue behind them"
	passive  = "it asks nobody to do anything"
	noOne    = "it mentions nobody"
)

// table has every event that GitHub can send (docs.github.com/en/webhooks/webhook-events-and-payloads, November 2026). One that
// is not here is answered as an unknown type.
var table = map[string]rule{
	// What people are told of.
	"issues": {of: "issue label milestone", on: map[string]act{
		"opened":      {opened("issue", issue), "it mentions nobody; whom it is assigned to is told by issues.assigned, which GitHub sends as well"},
		"edited":      {edited("issue", issue), "it mentions nobody new"},
		"assigned":    {assigned("issue", issue), "it is closed, or the one assigned is no person"},
		"unassigned":  {unassigned("issue", issue), "the one assigned was no person"},
		"closed":      {closed("issue", issue), ""},
		"deleted":     {closed("issue", issue), ""},
		"transferred": {transferred, ""},
		"reopened":    {reopened("issue", issue), "it is assigned to nobody"},
	}, why: passive},
	"pull_request": {of: "pull_request label milestone", on: map[string]act{
		"opened":                 {opened("pull_request", pullRequest), "it mentions nobody; reviewers and assignees are told by review_requested and assigned, which GitHub sends as well"},
		"edited":                 {edited("pull_request", pullRequest), "it mentions nobody new"},
		"assigned":               {assigned("pull_request", pullRequest), "it is closed, or the one assigned is no person"},
		"unassigned":             {unassigned("pull_request", pullRequest), "the one assigned was no person"},
		"review_requested":       {reviewRequested, "it is closed, or the one asked is no person"},
		"review_request_removed": {reviewRequestRemoved, "the one asked was no person"},
		"ready_for_review":       {asked, "nobody's review is requested"},
		"converted_to_draft":     {unasked, ""},
		"closed":                 {closed("pull_request", pullRequest), ""},
		"reopened":               {reopened("pull_request", pullRequest), "nobody is asked to do anything"},
	}, why: passive},
	"issue_comment": {of: "issue comment", on: map[string]act{
		"created": {commented("issue.commented", "issue", issue), "nobody wrote or works on what it comments"},
		"edited":  {postEdited("issue", issue, comment), "it mentions nobody new"},
	}, why: "what was told of it cannot be taken back alone: the item counts all comments of its author"},
	"pull_request_review": {of: "pull_request review", on: map[string]act{
		"submitted": {reviewed, ""},
		"dismissed": {dismissed, ""},
		"edited":    {postEdited("pull_request", pullRequest, review), "it mentions nobody new"},
	}, why: passive},
	"pull_request_review_comment": {of: "pull_request comment", on: map[string]act{
		"created": {codeCommented, "nobody wrote what it comments"},
		"edited":  {postEdited("pull_request", pullRequest, comment), "it mentions nobody new"},
	}, why: "the item says what was said last, and need not change"},
	"commit_comment": {of: "comment", on: map[string]act{"created": {commitCommented, noOne}}, why: passive},
	"discussion": {of: "discussion label", on: map[string]act{
		"created":    {opened("discussion", discussion), noOne},
		"edited":     {edited("discussion", discussion), "it mentions nobody new"},
		"answered":   {answered, "nobody wrote the answer"},
		"unanswered": {unanswered, ""},
		"deleted":    {unanswered, ""},
	}, why: passive},
	"discussion_comment": {of: "discussion comment", on: map[string]act{
		"created": {commented("discussion.commented", "discussion", discussion), "nobody wrote what it comments"},
		"edited":  {postEdited("discussion", discussion, comment), "it mentions nobody new"},
	}, why: "what was told of it cannot be taken back alone: the item counts all comments of its author"},
	"star": {of: "starred_at", on: map[string]act{
		"created": {starred, "the owner is no person"},
		"deleted": {unstarred, ""},
	}, why: passive},
	"fork":         {of: "forkee", on: map[string]act{"": {forked, "the owner is no person"}}},
	"release":      {of: "release", on: map[string]act{"published": {released, ""}}, why: "published tells of it, once"},
	"workflow_run": {of: "workflow_run", on: map[string]act{"completed": {workflowRan, "it neither failed nor succeeded, or whoever started it is no person"}}, why: "people are told of a failure when the run is complete; a success takes that back"},
	"deployment_review": {of: "workflow_run reviewers", on: map[string]act{
		"requested": {deploymentReviewRequested, "the reviewers are no persons"},
		"approved":  {deploymentReviewed, ""},
		"rejected":  {deploymentReviewed, ""},
	}, why: passive},
	"security_advisory": {of: "security_advisory", on: map[string]act{
		"published": {advised, "it has no number"},
		"withdrawn": {withdrawn, "it has no number"},
	}, why: "published told of it"},
	"repository_advisory": {of: "repository_advisory", on: map[string]act{"published": {repositoryAdvised, "it has no number"}}, why: "it is not public yet"},

	// What is not for people.
	"branch_protection_configuration": {why: setUp},
	"branch_protection_rule":          {why: setUp},
	"check_run":                       {why: machines},
	"check_suite":                     {why: machines},
	"code_scanning_alert":             {why: "scanners find many things; they are worked off on the repository's security page"},
	"create":                          {why: "whoever made the branch or tag knows it, and nobody else is asked to do anything"},
	"custom_property":                 {why: setUp},
	"custom_property_values":          {why: setUp},
	"delete":                          {why: "whoever deleted the branch or tag knows it, and nobody else is asked to do anything"},
	"dependabot_alert":                {why: "it names nobody; the advisory behind it is told by security_advisory"},
	"deploy_key":                      {why: setUp},
	"deployment":                      {why: machines},
	"deployment_protection_rule":      {why: "it asks an app, not a person"},
	"deployment_status":               {why: machines},
	"github_app_authorization":        {why: "whoever revokes an app's rights knows it"},
	"gollum":                          {why: "wiki pages are edited often, and nobody is asked to do anything"},
	"installation":                    {why: setUp},
	"installation_repositories":       {why: setUp},
	"installation_target":             {why: setUp},
	"issue_dependencies":              {why: upkeep},
	"label":                           {why: upkeep},
	"marketplace_purchase":            {why: "it is about money; GitHub itself writes to those concerned"},
	"member":                          {why: "GitHub itself invites people"},
	"membership":                      {why: "GitHub itself tells people of their teams"},
	"merge_group":                     {why: machines},
	"meta":                            {why: "the webhook itself was deleted"},
	"milestone":                       {why: upkeep},
	"org_block":                       {why: "GitHub does not tell people that they are blocked"},
	"organization":                    {why: "GitHub itself tells the members"},
	"package":                         {why: "its release tells of a published package"},
	"page_build":                      {why: machines},
	"personal_access_token_request":   {why: setUp},
	"ping":                            {why: "the webhook is set up and its secret is right"},
	"project":                         {why: boards},
	"project_card":                    {why: boards},
	"project_column":                  {why: boards},
	"projects_v2":                     {why: boards},
	"projects_v2_item":                {why: boards},
	"projects_v2_status_update":       {why: boards},
	"public":                          {why: setUp},
	"pull_request_review_thread":      {why: "people were told of the comments in it"},
	"push":                            {why: "people are told of what commits lead to: reviews, failed runs, releases"},
	"registry_package":                {why: "its release tells of a published package"},
	"repository":                      {why: setUp},
	"repository_dispatch":             {why: "it is one program's call to another"},
	"repository_import":               {why: "GitHub itself writes to whoever imports it"},
	"repository_ruleset":              {why: setUp},
	"repository_vulnerability_alert":  {why: "it names nobody; the advisory behind it is told by security_advisory"},
	"secret_scanning_alert":           {why: "scanners find many things; they are worked off on the repository's security page"},
	"secret_scanning_alert_location":  {why: "it adds a place to an alert"},
	"secret_scanning_scan":            {why: machines},
	"security_and_analysis":           {why: setUp},
	"sponsorship":                     {why: "it is about money; GitHub itself writes to those concerned"},
	"status":                          {why: machines},
	"sub_issues":                      {why: upkeep},
	"team":                            {why: setUp},
	"team_add":                        {why: setUp},
	"watch":                           {why: "it is the older name of a star; the event star tells of that, and can be taken back"},
	"workflow_dispatch":               {why: "whoever starts a workflow by hand knows it; if it fails, workflow_run tells them"},
	"workflow_job":                    {why: machines},
}
