package beacon_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/beacon"
	"tidings.dev/shared/fact"
)

var (
	key   = fact.Key("0123456789abcdef0123456789abcdef")
	now   = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	of    = fact.Beacon{Person: key.Person("bob"), Item: "i-1", Revision: 3}
	token = key.Sign(of)
)

// said sends a body to the function, and returns its status, its answer and what it told.
func said(t *testing.T, method, token, body string) (status int, answer string, told []fact.Fact) {
	t.Helper()
	fn := beacon.New(beacon.Needs{
		Tell: func(person string, facts ...fact.Fact) {
			for _, f := range facts {
				f.Person = person
				told = append(told, f)
			}
		},
		Key: key, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	w := httptest.NewRecorder()
	fn.ServeHTTP(w, httptest.NewRequest(method, "/beacon?t="+token, strings.NewReader(body)))
	return w.Code, w.Body.String(), told
}

func TestWhatAWorkerSaysIsTold(t *testing.T) {
	t.Parallel()
	for _, stage := range []fact.Stage{fact.Displayed, fact.Dismissed} {
		status, answer, told := said(t, http.MethodPost, token, string(stage))
		want := []fact.Fact{{Person: of.Person, Item: "i-1", Revision: 3, Stage: stage, Channel: fact.Push, HappenedAt: fact.At(now), Attempt: 1}}
		if status != http.StatusNoContent || answer != "" {
			t.Errorf("%s: got %d %q, want a 204", stage, status, answer)
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%s: -want +told:\n%s", stage, diff)
		}
		f := told[0].Sealed()
		if err := f.Validate(); err != nil {
			t.Errorf("%s is no fact: %v", stage, err)
		}
	}
}

// Whoever has no push can say nothing, and whoever has one nothing else.
func TestNothingElseIsTold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method, token, body string
		status              int
		names               string
	}{
		"no token":            {http.MethodPost, "", "displayed", 400, "t is no token"},
		"a token made up":     {http.MethodPost, key.Person("bob") + "." + of.Person + ".3.i-1", "displayed", 400, "t is no token"},
		"of another revision": {http.MethodPost, strings.Replace(token, ".3.", ".4.", 1), "displayed", 400, "t is no token"},
		"nothing":             {http.MethodPost, token, "", 400, "body is no deed"},
		"another deed":        {http.MethodPost, token, "acted", 400, "body is no deed"},
		"a text":              {http.MethodPost, token, "Bob said: no", 400, "body is no deed"},
		"much":                {http.MethodPost, token, strings.Repeat("displayed", 100_000), 400, "body is no deed"},
		"a link":              {http.MethodGet, token, "", 405, ""},
	} {
		status, answer, told := said(t, tt.method, tt.token, tt.body)
		if status != tt.status || !strings.Contains(answer, tt.names) || len(told) > 0 {
			t.Errorf("%s: got %d %s and told %v; want %d with %q, and nothing told", name, status, answer, told, tt.status, tt.names)
		}
		if strings.Contains(answer, "Bob") {
			t.Errorf("%s: the answer repeats what was sent: %s", name, answer)
		}
	}
}
