package github_test

import (
	"fmt"
	"strings"
	"testing"
)

// The author's item says what needs an answer, whatever is said after it.
func TestWhatNeedsAnAnswerOutranksWhatDoesNot(t *testing.T) {
	t.Parallel()
	review := func(who, state string, fields ...string) delivery {
		return delivery{"pull_request_review", reviewBy(who, state, fields...)}
	}
	dismissed := func(who, by string) delivery {
		return delivery{"pull_request_review", pull("dismissed", by, fmt.Sprintf(`"review": {"state": "dismissed", "user": %s}`, login(who)))}
	}
	remark := delivery{"pull_request_review_comment", pull("created", "bob", `"comment": {"body": "nit", "user": `+login("bob")+`}`)}
	closed := delivery{"pull_request", pull("closed", "ann", `"merged": true`)}
	const changes, approved, reviewed = "pull_request.changes_requested of 77#5", "pull_request.approved of 77#5", "pull_request.reviewed of 77#5"
	tests := []struct {
		name string
		do   []delivery
		want string
	}{
		{"somebody else remarks", []delivery{review("ann", "changes_requested"), review("bob", "commented")}, changes},
		{"somebody else comments on the code", []delivery{review("ann", "changes_requested"), remark}, changes},
		{"somebody else approves", []delivery{review("ann", "changes_requested"), review("bob", "approved")}, changes},
		{"the same remarks", []delivery{review("ann", "changes_requested"), review("ann", "commented")}, changes},
		{"the same approves", []delivery{review("ann", "changes_requested"), review("ann", "approved")}, approved},
		{"the same changes their mind", []delivery{review("ann", "approved"), review("ann", "changes_requested")}, changes},
		{"two want changes, and one approves", []delivery{review("ann", "changes_requested"), review("bob", "changes_requested"), review("ann", "approved")}, changes},
		{"dismissed", []delivery{review("ann", "changes_requested"), dismissed("ann", "zoe")}, ""},
		{"an approval dismissed", []delivery{review("ann", "approved"), dismissed("ann", "zoe")}, ""},
		{"another one's dismissed", []delivery{review("ann", "changes_requested"), review("bob", "changes_requested"), dismissed("bob", "zoe")}, changes},
		{"dismissed, and a remark is left", []delivery{review("bob", "commented"), review("ann", "changes_requested"), dismissed("ann", "zoe")}, reviewed},
		{"merged", []delivery{review("ann", "changes_requested"), closed}, ""},
		{"merged, and a remark is left", []delivery{review("ann", "changes_requested"), review("bob", "commented"), closed}, reviewed},
		{"of what is merged already", []delivery{review("ann", "changes_requested", `"state": "closed"`)}, reviewed},
		{"a bot wants changes", []delivery{{"pull_request_review", strings.ReplaceAll(reviewBy("ann", "changes_requested"), `"ann"`, `"lint[bot]"`)}}, changes},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := meet(t)
			for _, d := range test.do {
				b.post(t, d.event, d.body)
			}
			if got := strings.Join(b.shows("zoe"), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
