//go:build unix

package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every payload of GitHub's, as it is and signed as GitHub signs, goes through the running system: those told of it have an
// item with the sentence of the golden file, and everybody else hears why not. Each payload has people of its own.

var (
	githubTestdata = filepath.Join("..", "functions", "github", "testdata")
	examples       = filepath.Join("..", "..", "shared", "data", "github-webhooks") // all of them, where they are there
)

// expectation is what the golden file says of a payload.
type expectation struct {
	told  map[string][]string // by login or "audience ID": the titles
	taken []string            // from whom something is taken back
	why   string
}

func readGolden(t *testing.T) map[string]*expectation {
	t.Helper()
	file, err := os.Open(filepath.Join(githubTestdata, "golden.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := map[string]*expectation{}
	var current *expectation
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		text, indented := strings.CutPrefix(line, "    ")
		if !indented {
			current = &expectation{told: map[string][]string{}}
			all[line] = current
			continue
		}
		who, what, _ := strings.Cut(text, ": ")
		title, _, _ := strings.Cut(what, " | ")
		for _, one := range strings.Split(who, ", ") {
			switch {
			case one == "nobody":
				current.why = what
			case strings.Contains(what, " is taken back of "):
				current.taken = append(current.taken, one)
			default:
				current.told[one] = append(current.told[one], title)
			}
		}
	}
	return all
}

// postGitHub posts a delivery and returns status and answer.
func postGitHub(t *testing.T, event, delivery string, body []byte) (int, answer) {
	t.Helper()
	return notify(t, system.Addresses.GitHub, string(body), signed(event, delivery, body))
}

// signed are the headers of a delivery, signed as GitHub does.
func signed(event, delivery string, body []byte) map[string]string {
	mac := hmac.New(sha256.New, []byte(system.Addresses.GitHubSecret))
	mac.Write(body)
	return map[string]string{
		"X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
	}
}

// sender does everything in these tests, instead of Codertocat, who would not be told of what they do themselves.
const sender = "hubot"

func TestEveryPayloadOfGitHub(t *testing.T) {
	requireSystem(t)
	golden := readGolden(t)
	dir := examples
	if _, err := os.Stat(dir); err != nil {
		dir = filepath.Join(githubTestdata, "payloads")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no payloads in %s: %v", dir, err)
	}
	run := fresh("payload")
	again := bytes.Repeat([]byte(" "), payloadRuns) // behind each payload: the same bytes would be the same change
	payloadRuns++
	for i, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p := payload{run: fmt.Sprintf("%s-%d", run, i), event: filepath.Base(filepath.Dir(file)), body: append(body, again...), again: again}
		p.name = p.event + "/" + filepath.Base(file)
		if p.want = golden[p.name]; p.want == nil {
			t.Errorf("%s is not in the golden file", p.name)
			continue
		}
		p.asItIs(t)
		p.bySomebodyElse(t)
	}
}

// A payload of GitHub's, and what the golden file says of it.
type payload struct {
	run         string // in front of the uids of its people
	name, event string
	body        []byte
	again       []byte // what is behind it when the test runs again
	want        *expectation
}

var payloadRuns int

// uid is the person who stands for a login or an audience.
func (p *payload) uid(who string) string {
	return p.run + "-" + strings.ToLower(strings.TrimPrefix(who, "audience "))
}

// asItIs posts the payload as it came: the answer says what was done. An audience is walked later: its event must be through before
// others join.
func (p *payload) asItIs(t *testing.T) {
	t.Helper()
	var leave []func()
	var screens []<-chan []map[string]any
	for _, audience := range p.audiences() {
		uid := p.uid(audience) + "-first"
		leave = append(leave, join(t, audience, uid))
		screens = append(screens, listen(t, uid))
	}
	status, got := postGitHub(t, p.event, "1-"+p.run, p.body)
	if status != http.StatusAccepted || (len(p.want.told)+len(p.want.taken) == 0) != (got.Why == p.want.why && p.want.why != "") {
		t.Errorf("%s: got %d %+v, want 202 and %+v", p.name, status, got, p.want)
	}
	for _, screen := range screens {
		await(t, screen, p.name, func(items []map[string]any) bool { return len(items) > 0 })
		settle(t)
	}
	for _, undo := range leave {
		undo()
	}
}

// audiences are those that are told of it.
func (p *payload) audiences() (ids []string) {
	for one := range p.want.told {
		if id, ok := strings.CutPrefix(one, "audience "); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// bySomebodyElse posts the payload twice, done by the sender, with people of its own.
func (p *payload) bySomebodyElse(t *testing.T) {
	t.Helper()
	screens := map[string]<-chan []map[string]any{} // by login or audience
	var leave []func()                              // what is posted as it is must not reach them later
	for who := range p.want.told {
		screens[who] = listen(t, p.uid(who))
		if audience, ok := strings.CutPrefix(who, "audience "); ok {
			leave = append(leave, join(t, audience, p.uid(who)))
		} else {
			leave = append(leave, link(t, "identities/github/logins/"+strings.ToLower(who), map[string]any{"uid": p.uid(who)}))
		}
	}
	if len(screens) == 0 {
		return
	}
	before, body := p.withSender(t)
	for range 2 { // GitHub delivers again what somebody tells it to
		if status, got := postGitHub(t, p.event, "2-"+p.run, body); status != http.StatusAccepted || len(got.IDs) == 0 {
			t.Errorf("%s: got %d %+v, want it published", p.name, status, got)
		}
	}
	for who, screen := range screens {
		p.look(t, who, screen, before)
	}
	if len(p.audiences()) > 0 {
		settle(t) // the second delivery, too: it would find who joins next
	}
	for _, undo := range leave {
		undo()
	}
}

// withSender returns who did it, and the payload with the sender in their place.
func (p *payload) withSender(t *testing.T) (before string, body []byte) {
	t.Helper()
	var payload map[string]any
	if err := json.Unmarshal(p.body, &payload); err != nil {
		t.Fatal(err)
	}
	if person, ok := payload["sender"].(map[string]any); ok {
		before, _ = person["login"].(string)
		person["login"] = sender
	}
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return before, append(body, p.again...)
}

// look compares a screen with the golden sentences, in which the sender has taken the place of who did it before.
func (p *payload) look(t *testing.T, who string, screen <-chan []map[string]any, before string) {
	t.Helper()
	var titles []string
	for _, title := range p.want.told[who] {
		if rest, ok := strings.CutPrefix(title, before+" "); ok && before != "" {
			title = sender + " " + rest
		}
		titles = append(titles, title)
	}
	items := await(t, screen, p.name+" for "+who, func(items []map[string]any) bool { return len(items) >= len(titles) })
	var shown []string
	for _, item := range items {
		shown = append(shown, fmt.Sprint(item["title"]))
		if item["revision"] != int64(1) {
			t.Errorf("%s: revision %v after the same delivery twice, want 1", p.name, item["revision"])
		}
	}
	slices.Sort(titles)
	slices.Sort(shown)
	if diff := cmp.Diff(titles, shown); diff != "" {
		t.Errorf("%s: %s (-golden +inbox):\n%s", p.name, who, diff)
	}
}

func TestGitHubsOwnLifeOfAnIssue(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("assignee") // their login as well
	link(t, "identities/github/logins/"+uid, map[string]any{"uid": uid})
	screen := listen(t, uid)
	send := func(action, by string, minute int) {
		t.Helper()
		at := system.Clock.Now().Add(time.Duration(minute-60) * time.Minute).UTC().Format(time.RFC3339)
		person := `{"login": "` + uid + `"}`
		status, got := postGitHub(t, "issues", fresh(action), []byte(`{"action": "`+action+`", "sender": {"login": "`+by+`"}, "assignee": `+person+`,
			"repository": {"name": "hello", "full_name": "`+uid+`/hello", "owner": {"login": "octo"}},
			"issue": {"number": 1, "title": "Too slow", "updated_at": "`+at+`", "assignees": [`+person+`]}}`))
		if status != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("%s: got %d %+v", action, status, got)
		}
	}
	none := func(items []map[string]any) bool { return len(items) == 0 }
	send("assigned", "mona", 1)
	await(t, screen, "the assignment", titled("mona assigned you to Too slow (#1)"))
	send("unassigned", "hubot", 2) // by somebody else
	await(t, screen, "nothing", none)
	send("assigned", "hubot", 3)
	await(t, screen, "the second assignment", titled("hubot assigned you to Too slow (#1)"))
	send("closed", uid, 4) // by themselves
	await(t, screen, "nothing", none)
	send("reopened", "mona", 5)
	await(t, screen, "it again", titled("mona reopened Too slow (#1)"))
}

func TestStarsAreOneItemAndCanBeTakenBack(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("owner") // their login as well
	link(t, "identities/github/logins/"+uid, map[string]any{"uid": uid})
	screen := listen(t, uid)
	star := func(action, by string) {
		t.Helper()
		status, got := postGitHub(t, "star", fresh(action), []byte(`{"action": "`+action+`", "sender": {"login": "`+by+`"},
			"repository": {"name": "hello-world", "full_name": "`+uid+`/hello-world", "owner": {"login": "`+uid+`"}}}`))
		if status != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("got %d %+v", status, got)
		}
	}
	for i := range 12 {
		star("created", fmt.Sprintf("fan-%d", i))
	}
	star("created", "octocat")
	await(t, screen, "thirteen stars", titled("octocat and 12 others starred hello-world"))
	for i := range 12 {
		star("deleted", fmt.Sprintf("fan-%d", i))
	}
	await(t, screen, "one star", titled("octocat starred hello-world"))
}

func TestWhatGitHubDidNotSignIsRefused(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	for _, signature := range []string{"", "sha256=" + strings.Repeat("0", 64)} {
		status, got := notify(t, system.Addresses.GitHub, `{"zen": "x"}`, map[string]string{"X-GitHub-Event": "ping", "X-GitHub-Delivery": "d", "X-Hub-Signature-256": signature})
		if status != http.StatusUnauthorized || got.Detail == "" {
			t.Errorf("signature %q: got %d %+v, want a 401", signature, status, got)
		}
	}
}
