package github_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github"
	"tidings.dev/functions/github/githubtest"
)

// Small payloads: only what matters.

func login(name string) string {
	return fmt.Sprintf(`{"login": %q, "id": %d}`, name, 100+int(name[0]))
}

func logins(names ...string) string {
	for i := range names {
		names[i] = login(names[i])
	}
	return "[" + strings.Join(names, ", ") + "]"
}

const (
	frontend = `{"id": 1, "slug": "fe"}`
	backend  = `{"id": 2, "slug": "be"}`
	app      = `"repository": {"id": 77, "name": "app", "full_name": "acme/app", "owner": {"login": "acme"}}`
)

// pull is a pull request of zoe's.
func pull(action, by, more string, fields ...string) string {
	thread := strings.Join(append([]string{`"number": 5, "title": "Crash on save", "user": ` + login("zoe")}, fields...), ", ")
	if more != "" {
		more = ", " + more
	}
	return fmt.Sprintf(`{"action": %q, "sender": %s, %s, "pull_request": {%s}%s}`, action, login(by), app, thread, more)
}

func reviewBy(who, state string, fields ...string) string {
	return pull("submitted", who, fmt.Sprintf(`"review": {"state": %q, "body": "nit", "user": %s}`, state, login(who)), fields...)
}

func issueOf(action, by, more string, fields ...string) string {
	return strings.Replace(pull(action, by, more, fields...), `"pull_request"`, `"issue"`, 1)
}

// delivery is an event's name and a payload.
type delivery struct{ event, body string }

func teamsWanted(teams ...string) string {
	return `"requested_reviewers": [], "requested_teams": [` + strings.Join(teams, ", ") + `]`
}

func askTeam(team, by string) delivery {
	return delivery{"pull_request", pull("review_requested", by, `"requested_team": `+team)}
}

func ask(who, by string) delivery {
	return delivery{"pull_request", pull("review_requested", by, `"requested_reviewer": `+login(who))}
}

func assign(who, by string) delivery {
	return delivery{"issues", issueOf("assigned", by, `"assignee": `+login(who))}
}

// meet is the inboxes of some people; fay and fred are in the team fe, bea in be.
func meet(t *testing.T) *inboxes {
	t.Helper()
	b := newInboxes(t)
	for _, name := range []string{"ann", "bob", "dan", "erin", "zoe"} {
		b.uids[name] = name
	}
	b.members["github-team-acme.fe"] = map[string]bool{"fay": true, "fred": true}
	b.members["github-team-acme.be"] = map[string]bool{"bea": true}
	for uid := range map[string]bool{"fay": true, "fred": true, "bea": true} {
		b.uids[uid] = uid
	}
	return b
}

// Each row is a list of deliveries, and who is asked for something at its end.
func TestWhatIsOverIsTakenBackFromWhoeverWasTold(t *testing.T) {
	t.Parallel()
	both := []delivery{askTeam(frontend, "zoe"), askTeam(backend, "zoe")}
	after := func(ds ...delivery) []delivery { return append(append([]delivery{}, both...), ds...) }
	pr := func(action, by, more string, fields ...string) delivery {
		return delivery{"pull_request", pull(action, by, more, fields...)}
	}
	reviewed := func(who, state string, fields ...string) delivery {
		return delivery{"pull_request_review", reviewBy(who, state, fields...)}
	}
	tests := []struct {
		name string
		do   []delivery
		want string // who, in order
	}{
		{"two teams are asked", both, "bea fay fred"},
		{"merged, and the payload names both", after(pr("closed", "zoe", "", teamsWanted(frontend, backend))), ""},
		{"closed, and the payload names nobody", after(pr("closed", "zoe", "", teamsWanted())), ""},
		{"made a draft", after(pr("converted_to_draft", "zoe", "", teamsWanted(frontend, backend))), ""},
		{"ready again", after(pr("converted_to_draft", "zoe", "", teamsWanted(frontend, backend)), pr("ready_for_review", "zoe", "", teamsWanted(frontend, backend))), "bea fay"},
		{"one of a team approves", after(reviewed("fay", "approved", teamsWanted(backend))), "bea"},
		{"one wants changes", after(reviewed("fay", "changes_requested", teamsWanted(backend))), "bea zoe"},
		{"one only remarks, and the team is still asked", after(reviewed("fay", "commented", teamsWanted(frontend, backend))), "bea fay fred"},
		{"a reviewer remarks, and is still asked", []delivery{ask("ann", "zoe"), reviewed("ann", "commented", `"requested_reviewers": `+logins("ann")+`, "requested_teams": []`)}, "ann"},
		{"a reviewer remarks, and is no longer asked", []delivery{ask("ann", "zoe"), reviewed("ann", "commented", teamsWanted())}, ""},
		{"a reviewer decides, and the payload still has them", []delivery{ask("ann", "zoe"), ask("bob", "zoe"), reviewed("ann", "approved", `"requested_reviewers": `+logins("ann", "bob")+`, "requested_teams": []`)}, "bob"},
		{"a payload without lists", []delivery{ask("ann", "zoe"), ask("bob", "zoe"), reviewed("ann", "approved")}, "bob"},
		{"one team is asked no more", after(pr("review_request_removed", "zoe", `"requested_team": `+frontend)), "bea"},
		{"under a new name", after(pr("review_request_removed", "zoe", `"requested_team": {"id": 1, "slug": "web"}`)), "bea"},
		{"one person is asked no more", []delivery{ask("ann", "zoe"), ask("bob", "zoe"), pr("review_request_removed", "zoe", `"requested_reviewer": `+login("ann"))}, "bob"},
		{"asked as a person and in a team, and no more as a person", []delivery{askTeam(frontend, "zoe"), ask("fay", "zoe"), pr("review_request_removed", "zoe", `"requested_reviewer": `+login("fay"))}, "fay fred"},
		{"closed and reopened", after(pr("closed", "zoe", "", teamsWanted(frontend)), pr("reopened", "zoe", "", teamsWanted(frontend))), "fay"},
		{"asked of what is closed", []delivery{pr("review_requested", "zoe", `"requested_reviewer": `+login("ann"), `"state": "closed"`)}, ""},
		{"two assignees", []delivery{assign("dan", "ann"), assign("erin", "ann")}, "dan erin"},
		{"one is taken off", []delivery{assign("dan", "ann"), assign("erin", "ann"), {"issues", issueOf("unassigned", "ann", `"assignee": `+login("dan"))}}, "erin"},
		{"closed", []delivery{assign("dan", "ann"), {"issues", issueOf("closed", "bob", "", `"assignees": []`)}}, ""},
		{"deleted", []delivery{assign("dan", "ann"), {"issues", issueOf("deleted", "bob", "")}}, ""},
		{"closed and reopened in one second", []delivery{assign("dan", "ann"), {"issues", issueOf("closed", "ann", "")}, {"issues", issueOf("reopened", "ann", "", `"assignees": `+logins("dan"))}}, "dan"},
		{"reopened, then taken off", []delivery{assign("dan", "ann"), {"issues", issueOf("closed", "ann", "")}, {"issues", issueOf("reopened", "ann", "", `"assignees": `+logins("dan", "erin"))}, {"issues", issueOf("unassigned", "ann", `"assignee": `+login("dan"))}}, "erin"},
		{"assigned to what is closed", []delivery{{"issues", issueOf("assigned", "ann", `"assignee": `+login("dan"), `"state": "closed"`)}}, ""},
		{"closed, and that delivered again after it was reopened and somebody else was asked",
			[]delivery{ask("ann", "zoe"), pr("closed", "zoe", ""), pr("reopened", "zoe", ""), ask("bob", "zoe"), pr("closed", "zoe", "")}, "bob"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := meet(t)
			for i, d := range test.do {
				b.post(t, d.event, d.body)
				if i == 1 {
					delete(b.members["github-team-acme.fe"], "fred") // who leaves is no longer in the team, but was told
				}
			}
			if got := strings.Join(b.asked(), " "); got != test.want {
				t.Errorf("asked: %q, want %q", got, test.want)
			}
		})
	}
}

// asked lists the people who are asked for something.
func (b *inboxes) asked() (uids []string) {
	for _, uid := range []string{"ann", "bea", "bob", "dan", "erin", "fay", "fred", "zoe"} {
		if len(b.held(uid)) > 0 {
			uids = append(uids, uid)
		}
	}
	return uids
}

// One retraction for each type, whatever the payload names.
func TestWhatIsClosedIsTakenBackOnce(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"two teams":  pull("closed", "zoe", "", teamsWanted(frontend, backend), `"assignees": `+logins("dan", "erin")),
		"only names": `{"action": "closed", "pull_request": {"number": 5}}`,
	} {
		var got []string
		for _, e := range mapped(t, "pull_request", body) {
			if !e.Retract || len(e.Tell) > 0 || e.Audience != "" || e.Actor.ID != "" || e.By != "" || !e.Time.IsZero() {
				t.Errorf("%s: got %+v, want nobody's retraction from whoever was told", name, e)
			}
			got = append(got, what(e.Event))
		}
		if diff := cmp.Diff([]string{"issue.assigned", "review.requested", "pull_request.changes_requested but of remarks"}, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestNamesAreNoIdentity(t *testing.T) {
	t.Parallel()
	assigned := assign("dan", "ann").body
	closedBody := issueOf("closed", "ann", "")
	renamed := func(body string, what ...string) string { return strings.NewReplacer(what...).Replace(body) }
	noIDs := func(body string) string {
		return renamed(body, `"id": 77, `, `"html_url": "https://github.com/acme/app", `)
	}
	tests := []struct{ name, first, then string }{
		{"the repository", assigned, renamed(closedBody, "acme/app", "acme/new", `"name": "app"`, `"name": "new"`)},
		{"its owner", assigned, renamed(closedBody, "acme/app", "acne/app", `"acme"`, `"acne"`)},
		{"its spelling", assigned, renamed(closedBody, "acme/app", "Acme/App")},
		{"the repository, known by its address", noIDs(assigned), renamed(noIDs(closedBody), `"full_name": "acme/app"`, `"full_name": "acme/new"`)},
		{"the assignee's login", assigned, renamed(issueOf("unassigned", "ann", `"assignee": `+login("dan")), `"dan"`, `"danny"`)},
		{"the title", assigned, renamed(closedBody, "Crash on save", "Crash")},
	}
	for _, test := range tests {
		b := meet(t)
		b.post(t, "issues", test.first)
		if got := b.asked(); len(got) != 1 {
			t.Errorf("%s: %v are asked at first", test.name, got)
		}
		b.post(t, "issues", test.then)
		if got := b.asked(); len(got) != 0 {
			t.Errorf("%s: %v are still asked", test.name, got)
		}
	}
	first := mapped(t, "star", `{"action": "created", "sender": {"login": "ann", "id": 3}, "repository": {"id": 7, "name": "app", "owner": {"login": "zoe"}}}`)[0]
	then := mapped(t, "star", `{"action": "deleted", "sender": {"login": "anna", "id": 3}, "repository": {"id": 7, "name": "new", "owner": {"login": "zoe"}}}`)[0]
	if first.Actor.ID != then.Actor.ID || first.Target.ID != then.Target.ID || first.Target.Title != "app" || then.Target.Title != "new" {
		t.Errorf("a star and its end: got %+v and %+v", first, then)
	}
}

func TestATransferredIssueAsksInItsNewPlace(t *testing.T) {
	t.Parallel()
	const into = `{"id": 88, "name": "web", "full_name": "acme/web", "owner": {"login": "acme"}}`
	moved := `{"number": 9, "title": "Crash on save", "assignees": ` + logins("dan", "erin") + `}`
	transferred := issueOf("transferred", "ann", `"changes": {"new_issue": `+moved+`, "new_repository": `+into+`}`, `"assignees": []`)
	opened := fmt.Sprintf(`{"action": "opened", "sender": %s, "repository": %s, "issue": %s, "changes": {"old_issue": {"number": 5}, "old_repository": {"id": 77}}}`, login("ann"), into, moved)
	here, there := []githubtest.Request{{Asks: "assignment", Target: "77#5"}}, []githubtest.Request{{Asks: "assignment", Target: "88#9"}}
	for name, bodies := range map[string][]string{"both tell": {transferred, opened}, "the other way round": {opened, transferred}, "the old one": {transferred}, "the new one": {opened}} {
		b := meet(t)
		b.post(t, "issues", assign("dan", "bob").body)
		if diff := cmp.Diff(here, b.held("dan")); diff != "" {
			t.Fatalf("%s, before: %s", name, diff)
		}
		for _, body := range bodies {
			b.post(t, "issues", body)
		}
		for _, uid := range []string{"dan", "erin"} {
			if diff := cmp.Diff(there, b.held(uid)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", name, uid, diff)
			}
			for _, it := range b.items[uid] {
				if len(it.states) > 0 && len(it.said) != len(map[string]bool{it.said[0]: true}) {
					t.Errorf("%s: %s hears of it %d times", name, uid, len(it.said))
				}
			}
		}
	}
	private := strings.Replace(opened, `"Crash on save"`, `"Crash on save", "body": "@bob"`, 1)
	for _, e := range mapped(t, "issues", private) {
		if e.Type == "user.mentioned" {
			t.Error("whom it mentions was told when it was written")
		}
	}
}

// What a bot closes is closed, also where bots are left out.
func TestBotsThatAreLeftOutStillEndRequests(t *testing.T) {
	t.Parallel()
	s := &github.Source{SkipBots: true}
	var body map[string]any
	if err := json.Unmarshal([]byte(issueOf("closed", "ann", "")), &body); err != nil {
		t.Fatal(err)
	}
	body["sender"] = map[string]any{"login": "stale[bot]", "type": "Bot"}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Map(header("issues"), raw); err != nil || len(got.Events) != 1 || !got.Events[0].Retract {
		t.Errorf("got %+v %v", got, err)
	}
}
