package github_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github"
	"tidings.dev/functions/internal/door/sourcetest"
)

func example(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(selection, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// sign is what GitHub puts into X-Hub-Signature-256.
func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// deliver is a delivery of GitHub's, signed.
func deliver(event, delivery, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/github", strings.NewReader(body))
	r.Header = header(event)
	r.Header.Set("X-GitHub-Delivery", delivery)
	r.Header.Set("X-Hub-Signature-256", sign("new", body))
	return r
}

func newSource() *github.Source { return &github.Source{Secrets: []string{"new", "old"}} }

var links = map[string]string{"octocat": "bob"}

func TestGitHubIsASource(t *testing.T) {
	t.Parallel()
	body := example(t, "pull_request/21-review_requested")
	signature := func(value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set("X-Hub-Signature-256", value) }
	}
	sourcetest.Run(t, sourcetest.Case{
		Source: newSource(), Links: links, Body: body,
		Request: func(body io.Reader) *http.Request {
			raw, err := io.ReadAll(body)
			if err != nil {
				t.Error(err)
			}
			return deliver("pull_request", "72d3162e-cc78-11e3-81ab-4c9367dc0958", string(raw))
		},
		Forgeries: map[string]func(r *http.Request){
			"no signature":     func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") },
			"an empty one":     signature("sha256="),
			"another secret's": signature(sign("secret", body)), "no secret's": signature(sign("", body)),
			"another body's":   signature(sign("new", body+" ")),
			"one digit less":   signature(sign("new", body)[:70]),
			"without its name": signature(strings.TrimPrefix(sign("new", body), "sha256=")),
			"SHA-1's name":     signature(strings.Replace(sign("new", body), "sha256", "sha1", 1)),
			"no digits":        signature("sha256=" + strings.Repeat("z", 64)),
			"a changed body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(body + "\n")); r.ContentLength++ },
		},
	})
}

func TestTheSecretThatIsBeingReplacedStillHolds(t *testing.T) {
	t.Parallel()
	body := example(t, "ping/00")
	r := deliver("ping", "d", body)
	r.Header.Set("X-Hub-Signature-256", sign("old", body))
	if got := sourcetest.Start(t, newSource(), nil).Send(t, r); got.Why != "ping: the webhook is set up and its secret is right" {
		t.Errorf("got %+v", got)
	}
}

func TestWithoutASecretNothingIsVerified(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}} {
		r := deliver("ping", "d", "{}")
		r.Header.Set("X-Hub-Signature-256", sign("", "{}"))
		if (&github.Source{Secrets: secrets}).Verify(r, []byte("{}")) == nil {
			t.Errorf("%q verified", secrets)
		}
	}
}

func TestWhoIsBehindALogin(t *testing.T) {
	t.Parallel()
	s := sourcetest.Start(t, newSource(), links)
	got := s.Send(t, deliver("star", "2", example(t, "star/00-created")))
	if diff := cmp.Diff(sourcetest.Answer{IDs: []string{}, Unknown: []string{"Codertocat"}, Why: "nobody who is concerned is linked to a person here"}, got); diff != "" {
		t.Errorf("star: -want +got:\n%s", diff)
	}
	linked := sourcetest.Start(t, newSource(), map[string]string{"codertocat": "alice"})
	if got := linked.Send(t, deliver("star", "3", example(t, "star/00-created"))); got.Why != "nobody but whoever did it is concerned" {
		t.Errorf("one's own star: got %+v", got)
	}
	stranger := strings.Replace(example(t, "star/00-created"), `"sender": {`, `"sender": {"login": "hubot", "avatar_url": "javascript:alert(1)"}, "was": {`, 1)
	linked.Send(t, deliver("star", "4", stranger))
	e := linked.Published(t)[0]
	if e.Actor.ID != "github:hubot" || e.Actor.Name != "hubot" || e.Actor.ImageURL != "" || !cmp.Equal(e.Recipients, []string{"alice"}) {
		t.Errorf("a stranger's star: got %+v", e)
	}
}

func TestBotsAreLeftOutByConfiguration(t *testing.T) {
	t.Parallel()
	for name, sender := range map[string]string{"by type": `{"login": "renovate", "type": "Bot"}`, "by name": `{"login": "renovate[bot]"}`} {
		body := strings.Replace(example(t, "pull_request/21-review_requested"), `"sender": {`, `"sender": `+sender+`, "was": {`, 1)
		with, without := newSource(), newSource()
		without.SkipBots = true
		if got := sourcetest.Start(t, with, links).Send(t, deliver("pull_request", "1", body)); len(got.IDs) != 1 {
			t.Errorf("%s: got %+v, want it published", name, got)
		}
		if got := sourcetest.Start(t, without, links).Send(t, deliver("pull_request", "1", body)); !strings.Contains(got.Why, "bots are left out") {
			t.Errorf("%s: got %+v, want it left out", name, got)
		}
	}
	body := strings.Replace(example(t, "pull_request/21-review_requested"), `"login": "octocat"`, `"login": "octocat[bot]"`, -1)
	if got := sourcetest.Start(t, newSource(), links).Send(t, deliver("pull_request", "1", body)); got.Why != "pull_request.review_requested: it is closed, or the one asked is no person" {
		t.Errorf("a bot's review: got %+v", got)
	}
}

func TestFormsAreRead(t *testing.T) {
	t.Parallel()
	s := sourcetest.Start(t, newSource(), links)
	body := url.Values{"payload": {example(t, "pull_request/21-review_requested")}}.Encode()
	r := deliver("pull_request", "1", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if got := s.Send(t, r); len(got.IDs) != 1 {
		t.Errorf("got %+v", got)
	}
	r = deliver("pull_request", "2", example(t, "pull_request/21-review_requested"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // what curl says unless it is told otherwise
	if got := s.Send(t, r); len(got.IDs) != 1 {
		t.Errorf("JSON that is called a form: got %+v", got)
	}
}

func TestWhatWasNeverSeen(t *testing.T) {
	t.Parallel()
	s := sourcetest.Start(t, newSource(), nil)
	for _, test := range []struct{ event, body, why string }{
		{"teleport", `{"action": "beamed"}`, "unknown event type teleport"},
		{"issues", `{"action": "dreamt"}`, "issues.dreamt: it asks nobody to do anything"},
		{"issues", `{}`, "issues: it asks nobody to do anything"},
		{"issues", `{"action": "assigned", "issue": "7", "assignee": [], "sender": 3}`, "issues.assigned: it is closed, or the one assigned is no person"},
		{"star", `{"action": "created"}`, "star.created: the owner is no person"},
	} {
		if got := s.Send(t, deliver(test.event, "d", test.body)); got.Why != test.why {
			t.Errorf("%s %s: got %q, want %q", test.event, test.body, got.Why, test.why)
		}
	}
	r := deliver("ping", "d", "{}")
	r.Header.Del("X-GitHub-Event")
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest {
		t.Errorf("without X-GitHub-Event: got %d", w.Code)
	}
}

// The payloads beside the repository have no failed run, approval, release, fork or mention: these are made for the test.
func TestWhatTheExamplesDoNotShow(t *testing.T) {
	t.Parallel()
	const where = `"sender": {"login": "hubot"}, "repository": {"name": "hello", "full_name": "octo/hello", "owner": {"login": "octocat"}}`
	const pr = `"pull_request": {"number": 2, "title": "Faster start", "user": {"login": "octocat"}, "html_url": "https://github.com/octo/hello/pull/2"}`
	const issue = `"issue": {"number": 1, "title": "Too slow", "body": "Ask @dave.", "user": {"login": "octocat"}, "assignees": [{"login": "erin"}, {"login": "dependabot[bot]"}]}`
	tests := []struct{ name, event, body, want string }{
		{"a failed run", "workflow_run", `"action": "completed", "workflow_run": {"name": "CI", "head_branch": "main", "conclusion": "failure", "display_title": "Faster start", "actor": {"login": "octocat"}}`,
			"octocat: CI on main (hello) failed | Faster start"},
		{"a failed run that somebody started again", "workflow_run", `"action": "completed", "workflow_run": {"name": "CI", "head_branch": "main", "conclusion": "timed_out", "actor": {"login": "octocat"}, "triggering_actor": {"login": "erin"}}`,
			"erin: CI on main (hello) failed"},
		{"a run of an app's", "workflow_run", `"action": "completed", "workflow_run": {"conclusion": "failure", "actor": {"login": "renovate[bot]"}}`,
			"nobody: workflow_run.completed: it neither failed nor succeeded, or whoever started it is no person"},
		{"an approval", "pull_request_review", `"action": "submitted", "review": {"state": "approved", "body": "Nice, @dave!", "user": {"login": "hubot"}}, ` + pr,
			"octocat: hubot approved Faster start (#2) | Nice, @dave!\ndave: hubot mentioned you in Faster start (#2) | Nice, @dave!\nwhoever was told: review.requested of login/hubot is taken back of \"Faster start (#2)\""},
		{"a wish", "pull_request_review", `"action": "submitted", "review": {"state": "CHANGES_REQUESTED", "body": "Tests?", "user": {"login": "hubot"}}, ` + pr,
			"octocat: hubot requested changes to Faster start (#2) | Tests?\nwhoever was told: review.requested of login/hubot is taken back of \"Faster start (#2)\""},
		{"a comment that mentions the author", "issue_comment", `"action": "created", "comment": {"body": "@Octocat and @octocat: see @erin"}, ` + issue,
			"Octocat, erin: hubot mentioned you in Too slow (#1) | @Octocat and @octocat: see @erin"},
		{"a comment", "issue_comment", `"action": "created", "comment": {"body": "Really?"}, ` + issue,
			"octocat, erin: hubot commented on Too slow (#1) | Really?"},
		{"a member calls a team", "issue_comment", `"action": "created", "comment": {"body": "@octocat/core, @other/core?", "author_association": "MEMBER"}, ` + issue,
			"octocat, erin: hubot commented on Too slow (#1) | @octocat/core, @other/core?\naudience github-team-octocat.core: hubot mentioned you in Too slow (#1) | @octocat/core, @other/core?"},
		{"a stranger calls a team", "issue_comment", `"action": "created", "comment": {"body": "@octocat/core?", "author_association": "NONE"}, ` + issue,
			"octocat, erin: hubot commented on Too slow (#1) | @octocat/core?"},
		{"a team called in an edit", "issue_comment", `"action": "edited", "changes": {"body": {"from": "@octocat/core"}}, "comment": {"body": "@octocat/core @octocat/docs", "author_association": "OWNER"}, ` + issue,
			"audience github-team-octocat.docs: hubot mentioned you in Too slow (#1) | @octocat/core @octocat/docs"},
		{"a new issue", "issues", `"action": "opened", ` + issue, "dave: hubot mentioned you in Too slow (#1) | Ask @dave."},
		{"an issue edited", "issues", `"action": "edited", "changes": {"body": {"from": "Ask @erin."}}, ` + issue, "dave: hubot mentioned you in Too slow (#1) | Ask @dave."},
		{"an issue edited, but not its text", "issues", `"action": "edited", "changes": {"title": {"from": "Slow"}}, ` + issue, "nobody: issues.edited: it mentions nobody new"},
		{"an issue closed", "issues", `"action": "closed", ` + issue, "whoever was told: issue.assigned is taken back of \"Too slow (#1)\""},
		{"a star taken back", "star", `"action": "deleted"`, "whoever was told: repository.starred is taken back of \"hello\""},
		{"a fork", "fork", `"forkee": {"created_at": "2026-11-21T09:00:00Z"}`, "octocat: hubot forked hello"},
		{"a public release", "release", `"action": "published", "repository": {"name": "hello", "full_name": "octo/hello", "private": false}, "release": {"tag_name": "v1.2.0"}`,
			"audience topic-releases-octo.hello: hubot released hello v1.2.0"},
		{"a release", "release", `"action": "published", "release": {"tag_name": "v1.2.0", "body": "Thanks to @dave and @octo/core"}`,
			"audience github-releases-octo.hello: hubot released hello v1.2.0 | Thanks to @dave and @octo/core\ndave: hubot mentioned you in hello v1.2.0 | Thanks to @dave and @octo/core"},
		{"a team's review", "pull_request", `"action": "review_requested", "requested_team": {"slug": "core"}, ` + pr, "audience github-team-octocat.core: hubot requested your review of Faster start (#2) | octo/hello"},
		{"a deployment", "deployment_review", `"action": "requested", "environment": "production", "reviewers": [{"type": "User", "reviewer": {"login": "erin"}}], "workflow_run": {"display_title": "Release 7"}`,
			"erin: hubot waits for your approval to deploy to production (hello) | Release 7"},
		{"an answer in a discussion", "discussion_comment", `"action": "created", "comment": {"body": "Yes."}, "discussion": {"number": 4, "title": "Is it fast?", "user": {"login": "octocat"}}`,
			"octocat: hubot commented on Is it fast? (#4) | Yes."},
		{"a discussion deleted", "discussion", `"action": "deleted", "discussion": {"number": 4, "title": "Is it fast?"}`, "whoever was told: answer.accepted is taken back of \"Is it fast? (#4)\""},
		{"a run that is green", "workflow_run", `"action": "completed", "workflow_run": {"name": "CI", "head_branch": "main", "conclusion": "success"}`,
			"whoever was told: workflow.failed is taken back of \"CI on main (hello)\""},
		{"an advisory without its number", "repository_advisory", `"action": "published", "repository_advisory": {"summary": "Open door"}`, "nobody: repository_advisory.published: it has no number"},
		{"a commit's comment", "commit_comment", `"action": "created", "comment": {"body": "@erin why?", "commit_id": "6113728f27ae82c7b1a177c8d03f9e96e0adf246"}`,
			"erin: hubot mentioned you in commit 6113728 | @erin why?"},
		{"a repository's advisory", "repository_advisory", `"action": "published", "repository_advisory": {"ghsa_id": "GHSA-1", "summary": "Open door", "severity": "critical"}`,
			"audience github-advisories-octo.hello: Security advisory: Open door"},
		{"somebody GitHub no longer knows", "star", `"action": "created", "sender": null`, "octocat: ghost starred hello"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := []byte("{" + where + ", " + test.body + "}")
			if strings.Contains(test.body, "sender") {
				body = []byte(strings.Replace(string(body), `"sender": {"login": "hubot"}, `, "", 1))
			}
			sourcetest.Holds(t, newSource(), header(test.event), body)
			got := strings.TrimSpace(strings.ReplaceAll(told(t, test.event, body), "\n    ", "\n"))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// FuzzDelivery: whatever is signed with our secret, the mapping holds, and the function answers without a 5xx.
func FuzzDelivery(f *testing.F) {
	for name := range payloadsOf(f) {
		event, _, _ := strings.Cut(name, "/")
		f.Add(event, "application/json", "", []byte(example(f, strings.TrimSuffix(name, ".json"))))
	}
	f.Add("star", "application/x-www-form-urlencoded", sourcetest.Compress, []byte("payload="+url.QueryEscape(`{"action":"created","sender":{"login":"a","id":1}}`)))
	f.Add("star", "application/json; charset=latin1", "gzip", []byte("\x1f\x8b"))
	f.Add("\x00", ";", "br", []byte("{}"))
	door := sourcetest.NewDoor(f, newSource())
	f.Fuzz(func(t *testing.T, event, contentType, encoding string, body []byte) {
		sourcetest.Holds(t, newSource(), header(event), body)
		h := header(event)
		body = sourcetest.Coded(h, encoding, body)
		r := deliver(event, "d", string(body))
		r.Header.Set("Content-Type", contentType)
		r.Header["Content-Encoding"] = h["Content-Encoding"]
		door.Gets(t, r)
	})
}

func payloadsOf(f *testing.F) map[string]bool {
	f.Helper()
	files, err := filepath.Glob(filepath.Join(selection, "*", "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal(fmt.Errorf("no payloads: %w", err))
	}
	names := map[string]bool{}
	for _, file := range files {
		name, _ := filepath.Rel(selection, file)
		names[filepath.ToSlash(name)] = true
	}
	return names
}
