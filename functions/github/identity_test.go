package github_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github"
	"tidings.dev/functions/internal/door/sourcetest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/source"
)

// mapped are the events of a body.
func mapped(t *testing.T, name, body string) []source.Event {
	t.Helper()
	got, err := (&github.Source{}).Map(header(name), []byte(body))
	if err != nil {
		t.Fatalf("%s %s: %v", name, body, err)
	}
	return got.Events
}

func TestThePrivateStaysAmongThoseWhoWereLetIn(t *testing.T) {
	t.Parallel()
	const release = `"action": "published", "release": {"tag_name": "v2"}`
	const advisory = `"action": "published", "repository_advisory": {"ghsa_id": "GHSA-1", "summary": "Open door"}`
	tests := []struct{ name, event, repository, body, want string }{
		{"a public release", "release", `"private": false, "visibility": "public"`, release, "topic-releases-octo.hello"},
		{"as older GitHubs say it", "release", `"private": false`, release, "topic-releases-octo.hello"},
		{"a private one", "release", `"private": true, "visibility": "private"`, release, "github-releases-octo.hello"},
		{"an internal one", "release", `"private": true, "visibility": "internal"`, release, "github-releases-octo.hello"},
		{"internal, and called public", "release", `"private": false, "visibility": "internal"`, release, "github-releases-octo.hello"},
		{"private, and called public", "release", `"private": true, "visibility": "public"`, release, "github-releases-octo.hello"},
		{"it does not say", "release", `"id": 7`, release, "github-releases-octo.hello"},
		{"it says half", "release", `"visibility": "public"`, release, "github-releases-octo.hello"},
		{"it says something else", "release", `"private": "no"`, release, "github-releases-octo.hello"},
		{"a public advisory", "repository_advisory", `"private": false`, advisory, "topic-security-advisories"},
		{"a private one's", "repository_advisory", `"private": true`, advisory, "github-advisories-octo.hello"},
		{"one that does not say", "repository_advisory", `"id": 7`, advisory, "github-advisories-octo.hello"},
	}
	for _, test := range tests {
		body := `{"sender": {"login": "hubot"}, "repository": {"name": "hello", "full_name": "octo/hello", "owner": {"login": "octo"}, ` + test.repository + `}, ` + test.body + `}`
		if got := mapped(t, test.event, body)[0].Audience; got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// Whatever the table makes of a private repository's events, no audience hears of it that people let themselves into. GitHub's examples have no
// release and no repository's advisory, of which such an audience would hear.
func TestNoTopicHearsOfAPrivateRepository(t *testing.T) {
	t.Parallel()
	all := payloads(t, selection)
	maps.Copy(all, payloads(t, beside))
	const where = `"sender": {"login": "hubot"}, "repository": {"name": "hello", "full_name": "octo/hello", "owner": {"login": "octo"}}`
	all["release/ours"] = []byte(`{"action": "published", "release": {"tag_name": "v2"}, ` + where + `}`)
	all["repository_advisory/ours"] = []byte(`{"action": "published", "repository_advisory": {"ghsa_id": "GHSA-1", "summary": "Open door"}, ` + where + `}`)
	public := map[string]bool{}
	for name, raw := range all {
		event, _, _ := strings.Cut(name, "/")
		for _, seen := range []struct {
			private    bool
			visibility string
		}{{true, "private"}, {true, "internal"}, {false, "public"}} {
			var body map[string]any
			if err := json.Unmarshal(raw, &body); err != nil {
				t.Fatal(err)
			}
			repository, ok := body["repository"].(map[string]any)
			if !ok {
				continue // GitHub's own advisories
			}
			repository["private"], repository["visibility"] = seen.private, seen.visibility
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range mapped(t, event, string(raw)) {
				switch open := strings.HasPrefix(e.Audience, "topic-"); {
				case open && !seen.private:
					public[event] = true
				case open:
					t.Errorf("%s, %s: %s goes to %s", name, seen.visibility, e.Type, e.Audience)
				}
			}
		}
	}
	if !public["release"] || !public["repository_advisory"] {
		t.Errorf("public ones go to topics in %v: the test shows nothing", slices.Sorted(maps.Keys(public)))
	}
}

func TestLongNamesShareNoAudience(t *testing.T) {
	t.Parallel()
	audience := func(name string) string {
		return mapped(t, "release", `{"action": "published", "release": {"tag_name": "v2"}, "sender": {"login": "hubot"}, "repository": {"full_name": "octo/`+name+`"}}`)[0].Audience
	}
	a, b := audience(strings.Repeat("x", 120)+"a"), audience(strings.Repeat("x", 120)+"b")
	if a == b || len(a) > event.MaxUID || len(b) > event.MaxUID {
		t.Errorf("got %q and %q", a, b)
	}
	if a, b := audience("é"), audience("è"); a == b {
		t.Errorf("got %q for two names", a)
	}
}

func TestTheSameBytesAreTheSameChange(t *testing.T) {
	t.Parallel()
	body := example(t, "pull_request/03-closed")
	ids := func(delivery, body string) (ids []string) {
		h := header("pull_request")
		h.Set("X-GitHub-Delivery", delivery)
		got, err := newSource().Map(h, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got.Events {
			ids = append(ids, e.ID)
		}
		return ids
	}
	first := ids("1", body)
	if got := ids("2", body); !cmp.Equal(first, got) {
		t.Errorf("under another delivery id: got %v and %v", first, got)
	}
	if got := ids("3", url.Values{"payload": {body}}.Encode()); !cmp.Equal(first, got) {
		t.Errorf("as a form: got %v and %v", first, got)
	}
	other := ids("1", strings.Replace(body, `"number": 2`, `"number": 3`, 1))
	if len(first) < 2 || slices.ContainsFunc(other, func(id string) bool { return slices.Contains(first, id) }) {
		t.Errorf("another payload under the same delivery id: got %v and %v", first, other)
	}
}

// The header that names the event is not signed either.
func TestAPayloadIsNotPassedOffAsAnotherEvents(t *testing.T) {
	t.Parallel()
	tests := []struct{ of, as string }{
		{"issue_comment/00-created", "issues"}, {"issue_comment/00-created", "discussion_comment"},
		{"pull_request_review_comment/00-created", "issue_comment"}, {"pull_request_review_comment/00-created", "commit_comment"},
		{"discussion/01-answered", "star"}, {"label/01-created", "star"}, {"push/00", "fork"},
		{"security_advisory/00-published", "repository_advisory"}, {"security_advisory/00-published", "release"},
	}
	for _, test := range tests {
		got, err := newSource().Map(header(test.as), []byte(example(t, test.of)))
		if err == nil && len(got.Events) > 0 {
			t.Errorf("%s as %s: got %d events", test.of, test.as, len(got.Events))
		}
	}
}

func TestAnAccountIsLinkedByItsNumber(t *testing.T) {
	t.Parallel()
	body := example(t, "pull_request/21-review_requested") // octocat is 5346
	for name, test := range map[string]struct {
		links map[string]string
		want  []string
	}{
		"by number":                             {map[string]string{"id:5346": "bob"}, []string{"bob"}},
		"by login":                              {map[string]string{"octocat": "bob"}, []string{"bob"}},
		"by number, and the login is another's": {map[string]string{"id:5346": "bob", "octocat": "eve"}, []string{"bob"}},
	} {
		s := sourcetest.Start(t, newSource(), test.links)
		s.Send(t, deliver("pull_request", "1", body))
		got := s.Published(t)
		if len(got) != 1 || !cmp.Equal(got[0].Recipients, test.want) || got[0].Actor.ID != "github:id:21031067" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	s := sourcetest.Start(t, newSource(), map[string]string{"id:5346": "bob", "id:21031067": "bob"})
	if got := s.Send(t, deliver("pull_request", "1", body)); len(got.IDs) > 0 {
		t.Errorf("one's own doing: got %+v", got)
	}
}

func TestNamesThatWereKnownStayKnown(t *testing.T) {
	t.Parallel()
	const where = `"repository": {"id": 7, "name": "hello"}, "action": "assigned", "assignee": {"login": "dan", "id": 4}, "issue": {"number": 1}`
	tests := []struct {
		name, sender string
		by           string
		want         event.Actor
	}{
		{"a login and a number", `{"login": "ann", "id": 3, "avatar_url": "https://x.test/a"}`, "ann", event.Actor{ID: "github:id:3", Name: "ann", ImageURL: "https://x.test/a"}},
		{"without a picture", `{"login": "ann", "id": 3}`, "ann", event.Actor{ID: "github:id:3", Name: "ann"}},
		{"a number only", `{"id": 3}`, "", event.Actor{ID: "github:id:3"}},
		{"a login only", `{"login": "ann"}`, "ann", event.Actor{Name: "ann"}},
		{"nobody", `null`, "ghost", event.Actor{Name: "ghost"}},
	}
	for _, test := range tests {
		e := mapped(t, "issues", `{"sender": `+test.sender+`, `+where+`}`)[0]
		if diff := cmp.Diff(test.want, e.Actor); diff != "" || e.By != test.by {
			t.Errorf("%s: by %q, -want +got:\n%s", test.name, e.By, diff)
		}
		if e.Target.Title != "(#1)" || len(e.Data) > 0 {
			t.Errorf("%s: says %q and %v of what it does not know", test.name, e.Target.Title, e.Data)
		}
	}
}
