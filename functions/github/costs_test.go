package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/hostile"
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

// A list of as many entries as a body may have costs a few kilobytes for each, and not more the longer it is.
func TestLongListsCostLittle(t *testing.T) {
	list := func(entry func(i int) string) string {
		all := make([]string, 5_000)
		for i := range all {
			all[i] = entry(i)
		}
		return "[" + strings.Join(all, ",") + "]"
	}
	inOneName := func(i int) string { // "aAaa…": names that differ by capitals alone are one
		return fmt.Sprintf(`{"environment": %q}`, strings.NewReplacer("0", "a", "1", "A").Replace(fmt.Sprintf("%013b", i)))
	}
	for event, payload := range map[string]string{
		"deployment_review": `{"action": "approved", "workflow_run": {"id": 1}, "workflow_job_runs": ` + list(inOneName) + `}`,
		"issue_comment": `{"action": "created", "sender": {"id": 1, "login": "octo"}, "issue": {"number": 1, "assignees": ` +
			list(func(i int) string { return fmt.Sprintf(`{"login": "user%d"}`, i) }) + `}}`,
	} {
		header := deliver(event, "d", payload).Header
		hostile.Costs(t, 16<<20, map[string][]byte{event: []byte(payload)}, func(body []byte) {
			if mapped, err := newSource().Map(header, body); err != nil || len(mapped.Events) == 0 {
				t.Errorf("%s: got %d events, %v", event, len(mapped.Events), err)
			}
		})
	}
}
