package github_test

import (
	"net/http"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
)

func TestHostilePayloadsCostLittle(t *testing.T) {
	door := sourcetest.NewDoor(t, newSource())
	for _, at := range []struct{ event, before, after string }{
		{"star", "", ""}, {"star", `{"action":"created","sender":`, "}"}, {"deployment_review", `{"action":"requested","reviewers":`, "}"},
		{"deployment_review", `{"action":"approved","workflow_job_runs":`, "}"}, {"issue_comment", `{"action":"created","comment":{"body":`, "}}"},
	} {
		sourcetest.Costs(t, door, at.before, at.after, func(body []byte) *http.Request { return deliver(at.event, "d", string(body)) })
	}
}
