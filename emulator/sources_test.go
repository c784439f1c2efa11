//go:build unix

package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
	mac := hmac.New(sha256.New, []byte(system.Addresses.GitHubSecret))
	mac.Write(body)
	return notify(t, system.Addresses.GitHub, string(body), map[string]string{
		"X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)),
	})
}

type answer struct {
	IDs     []string
	Unknown []string
	Why     string
	Detail  string // of a problem
}

// notify sends what a source would, and returns status and answer.
func notify(t *testing.T, url, body string, header map[string]string) (int, answer) {
	t.Helper()
	status, raw := postTo(t, url, body, header)
	var a answer
	if err := json.Unmarshal([]byte(raw), &a); err != nil {
		t.Fatalf("got %d %s", status, raw)
	}
	return status, a
}

// link writes a document, and returns how to delete it.
func link(t *testing.T, path string, fields map[string]any) (undo func()) {
	t.Helper()
	if _, err := database.Doc(path).Set(context.Background(), fields); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if _, err := database.Doc(path).Delete(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func join(t *testing.T, audience, uid string) (leave func()) {
	t.Helper()
	return link(t, "audiences/"+audience+"/members/"+uid, map[string]any{"since": time.Now()})
}

// fresh is a name that no other test has, nor this one when it runs again.
func fresh(name string) string { return name + "-" + strconv.FormatInt(time.Now().UnixNano(), 36) }

// sender is who does everything in these tests, instead of Codertocat: he would not be told of what he does himself.
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
	for i, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		event := filepath.Base(filepath.Dir(file))
		name := event + "/" + filepath.Base(file)
		want := golden[name]
		if want == nil {
			t.Errorf("%s is not in the golden file", name)
			continue
		}
		// As it is: the answer says what was done. An audience is walked later: its event must be through before others join.
		through := func() {}
		for one := range want.told {
			if audience, ok := strings.CutPrefix(one, "audience "); ok {
				uid := fmt.Sprintf("%s-%d-first", run, i)
				leave := join(t, audience, uid)
				screen := listen(t, uid)
				through = func() {
					t.Helper()
					await(t, screen, name, func(items []map[string]any) bool { return len(items) > 0 })
					leave()
				}
			}
		}
		status, got := postGitHub(t, event, "1-"+strconv.Itoa(i)+run, body)
		if status != http.StatusAccepted || (len(want.told)+len(want.taken) == 0) != (got.Why == want.why && want.why != "") {
			t.Errorf("%s: got %d %+v, want 202 and %+v", name, status, got, want)
		}
		through()
		// By somebody else, with people of its own.
		screens := map[string]<-chan []map[string]any{} // by login or audience
		var leave []func()                              // what is posted as it is must not reach them later
		for login := range want.told {
			uid := fmt.Sprintf("%s-%d-%s", run, i, strings.ToLower(strings.TrimPrefix(login, "audience ")))
			screens[login] = listen(t, uid)
			if audience, ok := strings.CutPrefix(login, "audience "); ok {
				leave = append(leave, join(t, audience, uid))
			} else {
				leave = append(leave, link(t, "identities/github/logins/"+strings.ToLower(login), map[string]any{"uid": uid}))
			}
		}
		if len(screens) == 0 {
			continue
		}
		var payload map[string]any
		if err := json.Unmarshal(body, &payload); err != nil {
			t.Fatal(err)
		}
		before := ""
		if person, ok := payload["sender"].(map[string]any); ok {
			before, _ = person["login"].(string)
			person["login"] = sender
		}
		if body, err = json.Marshal(payload); err != nil {
			t.Fatal(err)
		}
		for range 2 { // GitHub delivers again what somebody tells it to
			if status, got = postGitHub(t, event, "2-"+strconv.Itoa(i)+run, body); status != http.StatusAccepted || len(got.IDs) == 0 {
				t.Errorf("%s: got %d %+v, want it published", name, status, got)
			}
		}
		for login, screen := range screens {
			var titles []string
			for _, title := range want.told[login] {
				if rest, ok := strings.CutPrefix(title, before+" "); ok && before != "" {
					title = sender + " " + rest
				}
				titles = append(titles, title)
			}
			items := await(t, screen, name+" for "+login, func(items []map[string]any) bool { return len(items) >= len(titles) })
			var shown []string
			for _, item := range items {
				shown = append(shown, fmt.Sprint(item["title"]))
				// The delivery of another payload for the same audience may still be under way.
				if item["revision"] != int64(1) && !strings.HasPrefix(login, "audience ") {
					t.Errorf("%s: revision %v after the same delivery twice, want 1", name, item["revision"])
				}
			}
			slices.Sort(titles)
			slices.Sort(shown)
			if diff := cmp.Diff(titles, shown); diff != "" {
				t.Errorf("%s: %s (-golden +inbox):\n%s", name, login, diff)
			}
		}
		for _, undo := range leave {
			undo()
		}
	}
}

func TestGitHubsOwnLifeOfAnIssue(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("assignee") // his login as well
	link(t, "identities/github/logins/"+uid, map[string]any{"uid": uid})
	screen := listen(t, uid)
	send := func(action, by string, minute int) {
		t.Helper()
		at := time.Now().Add(time.Duration(minute-60) * time.Minute).UTC().Format(time.RFC3339)
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
	send("closed", uid, 4) // by himself
	await(t, screen, "nothing", none)
	send("reopened", "mona", 5)
	await(t, screen, "it again", titled("mona reopened Too slow (#1)"))
}

func TestStarsAreOneItemAndCanBeTakenBack(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("owner") // his login as well
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

// A body of 25 MB is answered before it was sent.
func TestALargeBodyIsNotRead(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	const size = 25 << 20
	body := &tap{left: size}
	req, err := http.NewRequest(http.MethodPost, system.Addresses.GitHub, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	req.Header.Set("Expect", "100-continue") // as curl and GitHub's client do for a large body
	res, err := (&http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge || body.read > 0 {
		t.Errorf("got %d after %d bytes, want 413 after none", res.StatusCode, body.read)
	}
}

// tap is a body that knows how much of it was sent.
type tap struct{ left, read int }

func (b *tap) Read(p []byte) (int, error) {
	n := min(len(p), b.left)
	if n == 0 {
		return 0, io.EOF
	}
	b.left, b.read = b.left-n, b.read+n
	return n, nil
}

func TestAnIncidentIsOneItem(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("night shift") // his team as well
	join(t, "oncall-"+strings.ReplaceAll(uid, " ", "-"), uid)
	screen := listen(t, uid)
	starts := time.Now().Add(-time.Hour).UTC()
	send := func(status, severity string, ends time.Time) {
		t.Helper()
		code, got := notify(t, system.Addresses.Alertmanager, fmt.Sprintf(`{"version": "4", "status": %[1]q, "groupLabels": {"alertname": "HighErrorRate"}, "alerts": [{"status": %[1]q,
			"labels": {"alertname": "HighErrorRate", "severity": %[2]q, "team": %[5]q}, "annotations": {"summary": "Checkout fails"},
			"startsAt": %[3]q, "endsAt": %[4]q, "fingerprint": "f"}]}`, status, severity, starts.Format(time.RFC3339Nano), ends.Format(time.RFC3339Nano), uid),
			map[string]string{"Authorization": "Bearer " + system.Addresses.AlertmanagerSecret})
		if code != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("got %d %+v", code, got)
		}
	}
	for range 3 { // Alertmanager repeats itself
		send("firing", "critical", time.Time{})
	}
	items := await(t, screen, "the incident", titled("Incident: HighErrorRate"))
	if items[0]["priority"] != "urgent" || items[0]["body"] != "Checkout fails" {
		t.Errorf("got %v", items[0])
	}
	send("resolved", "critical", starts.Add(time.Minute))
	items = await(t, screen, "its end", titled("Resolved: HighErrorRate"))
	if items[0]["priority"] != "medium" || items[0]["revision"] != int64(2) {
		t.Errorf("got priority %v and revision %v, want medium and 2", items[0]["priority"], items[0]["revision"])
	}
	if status, _ := notify(t, system.Addresses.Alertmanager, `{"alerts": []}`, nil); status != http.StatusUnauthorized {
		t.Errorf("without the secret: got %d, want 401", status)
	}
}

func TestAnOrderIsOneItemThatMovesOn(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("customer")
	screen := listen(t, uid)
	raw, err := os.ReadFile(filepath.Join("..", "functions", "examples", "orders", "testdata", "way.json"))
	if err != nil {
		t.Fatal(err)
	}
	var way []map[string]any
	if err := json.Unmarshal(raw, &way); err != nil {
		t.Fatal(err)
	}
	ce := map[string]string{"Content-Type": "application/cloudevents+json", "Authorization": "Bearer " + system.Addresses.ProducerToken}
	titles := []string{"was placed", "was paid", "has shipped", "is out for delivery", "was delivered"}
	for i, step := range way {
		step["data"].(map[string]any)["customer"] = uid
		step["id"] = fmt.Sprint(uid, i)
		body, err := json.Marshal(step)
		if err != nil {
			t.Fatal(err)
		}
		if status, got := notify(t, system.Addresses.Orders, string(body), ce); status != http.StatusAccepted || len(got.IDs) != 1 {
			t.Fatalf("got %d %+v", status, got)
		}
		items := await(t, screen, titles[i], titled("Your order of a tent "+titles[i]))
		data, _ := items[0]["data"].(map[string]any)
		if got, want := data["progress"], []int64{10, 30, 60, 85, 100}[i]; got != want {
			t.Errorf("%s: progress %v, want %v", titles[i], got, want)
		}
	}
	ce["Authorization"] = "Bearer " + system.Addresses.People[0].IDToken
	if status, _ := notify(t, system.Addresses.Orders, "{}", ce); status != http.StatusForbidden {
		t.Errorf("a person: got %d, want 403", status)
	}
}

// The demo's buttons.
func TestReplaysReachWhoeverLooksOn(t *testing.T) {
	requireSystem(t)
	screen := listen(t, "erin")
	for _, step := range []struct{ source, title string }{
		{"github", "Codertocat requested your review of Update the README with new information (#2)"},
		{"github", "Codertocat accepted your answer to TEST edit (#4)"},
		{"github", "Security advisory: Moderate severity vulnerability that affects django"},
		{"alertmanager", "Incident: HighErrorRate"},
		{"alertmanager", "Resolved: HighErrorRate"},
		{"orders", "Your order of a tent was placed"},
		{"orders", "Your order of a tent was paid"},
	} {
		status, got := notify(t, system.Addresses.Web+"/replay/"+step.source+"?uid=erin", "", nil)
		if status != http.StatusOK {
			t.Fatalf("%s: got %d %+v", step.source, status, got)
		}
		await(t, screen, step.title, func(items []map[string]any) bool {
			return slices.ContainsFunc(items, func(item map[string]any) bool { return item["title"] == step.title })
		})
	}
	for path, want := range map[string]int{"/replay/gitlab": http.StatusNotFound, "/replay/github?uid=nobody": http.StatusBadRequest} {
		res, err := http.Post(system.Addresses.Web+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, res.StatusCode, want)
		}
	}
}
