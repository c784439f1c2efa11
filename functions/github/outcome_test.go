package github_test

import (
	"fmt"
	"strings"
	"testing"

	"tidings.dev/shared/event"
)

// run is a workflow's run that is complete.
func run(conclusion, started string, fields ...string) string {
	fields = append([]string{fmt.Sprintf(`"id": 4, "workflow_id": 9, "name": "CI", "head_branch": "main", "conclusion": %q, "run_started_at": %q, "actor": %s`, conclusion, started, login("dan"))}, fields...)
	return fmt.Sprintf(`{"action": "completed", "sender": %s, %s, "workflow_run": {%s}}`, login("ann"), app, strings.Join(fields, ", "))
}

const (
	nine = "2026-11-21T09:00:00Z"
	ten  = "2026-11-21T10:00:00Z"
)

// takesBack reports whether a retraction takes the event back: it is by the same actor, of the same type and target, and not before it.
func takesBack(back, e event.Event) bool {
	return back.Retract && back.Type == e.Type && back.Actor == e.Actor && back.Target.Type == e.Target.Type && back.Target.ID == e.Target.ID && !back.Time.Before(e.Time)
}

func TestGreenAgainTakesFailedBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, red, green string
		want             bool
	}{
		{"the next push", run("failure", nine), run("success", ten), true},
		{"by somebody else", run("failure", nine), run("success", ten, `"actor": `+login("bob")), true},
		{"a re-run of it", run("timed_out", nine, `"run_attempt": 1`), run("success", ten, `"run_attempt": 2, "triggering_actor": `+login("bob")), true},
		{"in the same second", run("startup_failure", nine), run("success", nine), true},
		{"under a new name", run("failure", nine), strings.ReplaceAll(strings.ReplaceAll(run("success", ten), "acme/app", "acme/new"), `"CI"`, `"Tests"`), true},
		{"an older run that ends late", run("failure", ten), run("success", nine), false},
		{"another branch", run("failure", nine), run("success", ten, `"head_branch": "next"`), false},
		{"another workflow", run("failure", nine), run("success", ten, `"workflow_id": 10`), false},
		{"a fork's branch of that name", run("failure", nine, `"head_repository": {"id": 99}`), run("success", ten, `"head_repository": {"id": 77}`), false},
		{"skipped", run("failure", nine), run("skipped", ten), false},
		{"cancelled", run("failure", nine), run("cancelled", ten), false},
		{"neutral", run("failure", nine), run("neutral", ten), false},
	}
	for _, test := range tests {
		red, back := mapped(t, "workflow_run", test.red), mapped(t, "workflow_run", test.green)
		got := len(back) == 1 && takesBack(back[0].Event, red[0].Event)
		if got != test.want {
			t.Errorf("%s: %+v takes back %+v: %t, want %t", test.name, back, red[0], got, test.want)
		}
		for _, e := range back {
			if len(e.Tell) > 0 || e.Audience != "" {
				t.Errorf("%s: got %+v, want it from whoever was told", test.name, e)
			}
		}
	}
}

// deployment is a review that a run asks for, or that was given.
func deployment(action string, id int, more string) string {
	return fmt.Sprintf(`{"action": %q, "sender": %s, %s, "workflow_run": {"id": %d}, %s}`, action, login("zoe"), app, id, more)
}

func TestADeploymentIsDecidedOnceForAll(t *testing.T) {
	t.Parallel()
	reviewers := fmt.Sprintf(`"reviewers": [{"type": "User", "reviewer": %s}, {"type": "Team", "reviewer": %s}, {"type": "Team", "reviewer": %s}]`, login("dan"), frontend, backend)
	request := func(id int, environment string) delivery {
		return delivery{"deployment_review", deployment("requested", id, fmt.Sprintf(`"environment": %q, `, environment)+reviewers)}
	}
	decided := func(action string, id int, environments ...string) delivery {
		var jobs []string
		for _, environment := range environments {
			jobs = append(jobs, fmt.Sprintf(`{"environment": %q}`, environment))
		}
		return delivery{"deployment_review", deployment(action, id, `"reviewers": [], "workflow_job_runs": [`+strings.Join(jobs, ", ")+`]`)}
	}
	const all = "bea dan fay fred"
	tests := []struct {
		name string
		do   []delivery
		want string
	}{
		{"a person and two teams are asked", []delivery{request(1, "prod")}, all},
		{"approved", []delivery{request(1, "prod"), decided("approved", 1, "prod")}, ""},
		{"rejected", []delivery{request(1, "prod"), decided("rejected", 1, "Prod")}, ""},
		{"it does not say which", []delivery{request(1, "prod"), decided("approved", 1)}, ""},
		{"another environment's", []delivery{request(1, "prod"), request(1, "test"), decided("approved", 1, "test")}, all},
		{"both", []delivery{request(1, "prod"), request(1, "test"), decided("approved", 1, "test", "prod")}, ""},
		{"another run's", []delivery{request(1, "prod"), request(2, "prod"), decided("approved", 2, "prod")}, all},
		{"the run is cancelled", []delivery{request(4, "prod"), {"workflow_run", run("cancelled", ten)}}, ""},
	}
	for _, test := range tests {
		b := meet(t)
		for _, d := range test.do {
			b.post(t, d.event, d.body)
		}
		var waiting []string
		for _, uid := range []string{"bea", "dan", "fay", "fred", "zoe"} {
			if len(b.shows(uid)) > 0 {
				waiting = append(waiting, uid)
			}
		}
		if got := strings.Join(waiting, " "); got != test.want {
			t.Errorf("%s: %q wait, want %q", test.name, got, test.want)
		}
	}
}
