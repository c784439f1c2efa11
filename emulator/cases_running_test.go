//go:build unix

package main

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
)

// running is a row while it runs.
type running struct {
	t     *testing.T
	c     useCase
	run   string            // in front of all names of this run
	leave func(who string)  // takes a person out of the audience
	undo  map[string]func() // by person
}

// A poster posts as one system does, and returns status and body of the answer.
type poster func(t *testing.T, body string) (int, string)

func api(t *testing.T, body string) (int, string) {
	return post(t, system.Addresses.ProducerToken, "application/json", body)
}

func cloudEvents(t *testing.T, body string) (int, string) {
	return post(t, system.Addresses.ProducerToken, "application/cloudevents+json", body)
}

func orders(t *testing.T, body string) (int, string) {
	return postTo(t, system.Addresses.Orders, body, map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken, "Content-Type": "application/cloudevents+json"})
}

func alerts(t *testing.T, body string) (int, string) {
	return postTo(t, system.Addresses.Alertmanager, body, map[string]string{"Authorization": "Bearer " + system.Addresses.AlertmanagerSecret})
}

func hook(event string) poster {
	return func(t *testing.T, body string) (int, string) {
		return postTo(t, system.Addresses.GitHub, body, signed(event, fresh("delivery"), []byte(body)))
	}
}

// start makes the people of a row.
func start(t *testing.T, c useCase) *running {
	r := &running{t: t, c: c, run: fresh("case"), undo: map[string]func(){}}
	for _, who := range c.oncall {
		join(t, "oncall-"+r.name(who), r.name(who))
	}
	for who, audience := range c.member {
		r.undo[who] = join(t, r.fill(audience), r.name(who))
	}
	for _, who := range c.logins {
		link(t, "identities/github/logins/"+r.name(who), map[string]any{"uid": r.name(who)})
	}
	r.leave = func(who string) { r.undo[who]() }
	return r
}

func (r *running) name(who string) string { return r.run + "-" + who }

var variable = regexp.MustCompile(`\$\w+`)

// fill replaces $x by a name of this run's own, or by a time.
func (r *running) fill(text string) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		now := system.Clock.Now().UTC().Truncate(time.Second)
		switch v {
		case "$now":
			return now.Format(time.RFC3339)
		case "$later":
			return now.Add(3 * time.Second).Format(time.RFC3339)
		}
		return r.name(v[1:])
	})
}

// entries reads the row's file: the entries of its list, or all of it, as JSON; texts as they are.
func (r *running) entries() (entries []string) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "cases", r.c.file))
	if err != nil {
		r.t.Fatal(err)
	}
	text := string(raw)
	// The longest first, so that "(T)" and "(T+3 s)", or a name within a name, do not get in each other's way.
	for _, old := range slices.SortedFunc(maps.Keys(r.c.fill), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) }) {
		text = strings.ReplaceAll(text, old, r.fill(r.c.fill[old]))
	}
	text = strings.ReplaceAll(text, "(now + 20 s)", system.Clock.Now().Add(20*time.Second).UTC().Format(time.RFC3339Nano))
	text = strings.ReplaceAll(text, `"(25 nested objects {\"a\":{\"a\":…}})"`, strings.Repeat(`{"a":`, 25)+"1"+strings.Repeat("}", 25))
	text = base64Data.ReplaceAllStringFunc(text, func(member string) string { return r.encode(member) })
	var all []json.RawMessage
	if json.Unmarshal([]byte(text), &all) != nil {
		all = []json.RawMessage{json.RawMessage(text)}
	}
	for _, entry := range all {
		var words string
		if json.Unmarshal(entry, &words) != nil {
			words = string(entry)
		}
		entries = append(entries, words)
	}
	return entries
}

var base64Data = regexp.MustCompile(`"data_base64": "[^"]*"`)

// encode fills in names within what is in base64.
func (r *running) encode(member string) string {
	quoted := strings.TrimPrefix(member, `"data_base64": `)
	data, err := base64.StdEncoding.DecodeString(strings.Trim(quoted, `"`))
	if err != nil {
		r.t.Fatal(err)
	}
	for old, value := range r.c.fill {
		data = []byte(strings.ReplaceAll(string(data), old, r.fill(value)))
	}
	return `"data_base64": "` + base64.StdEncoding.EncodeToString(data) + `"`
}

// do makes a request and looks at the answer, and at what people see.
func (r *running) do(i int, s sent) {
	r.t.Helper()
	if s.before != nil {
		s.before(r)
	}
	if s.to != nil {
		status, body := s.to(r.t, s.body)
		switch want := cmp.Or(s.status, http.StatusAccepted); {
		case s.either != nil && s.either(status):
			r.named(i, s.field, body)
			return
		case status != want:
			r.t.Errorf("post %d: got %d %s, want %d", i+1, status, body, want)
			return
		case status != http.StatusAccepted && s.field != "":
			r.named(i, s.field, body)
		}
	}
	if s.then == nil {
		return
	}
	settle(r.t)
	for who, want := range s.then { // what went by the retry topic comes later
		eventually(r.t, fmt.Sprintf("what is right for %s after post %d", who, i+1), func() (any, bool) {
			problem := want.differs(r.sees(who))
			return problem, problem == ""
		})
	}
}

// named checks that a problem names the field, or a part of it.
func (r *running) named(i int, field, body string) {
	r.t.Helper()
	if !strings.Contains(body, `"field":"`+field) {
		r.t.Errorf("post %d: got %s, want a problem that names %s", i+1, body, field)
	}
}

// sees returns what is on a person's screen: what the client asks for, without what is over.
func (r *running) sees(who string) (items []map[string]any) {
	r.t.Helper()
	docs, err := database.Collection("users/"+r.name(who)+"/notifications").Where("archivedAt", "==", nil).
		OrderBy("updatedAt", firestore.Desc).Limit(100).Documents(r.t.Context()).GetAll()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, doc := range docs {
		if expires, ok := doc.Data()["expireAt"].(time.Time); !ok || expires.After(system.Clock.Now()) {
			items = append(items, doc.Data())
		}
	}
	return items
}

// differs says how the items differ from what they must be, or "".
func (in inbox) differs(items []map[string]any) string {
	var texts []string
	for _, item := range items {
		texts = append(texts, fmt.Sprintf("%v | %v (%v)", item["title"], item["body"], item["priority"]))
	}
	if len(items) != len(in) {
		return fmt.Sprintf("%d items, want %d: %q", len(items), len(in), texts)
	}
	left := slices.Clone(items)
	for _, want := range in {
		i := slices.IndexFunc(left, want.is)
		if i < 0 {
			return fmt.Sprintf("%q, want one that says %q but not %q, %s", texts, want.says, want.not, cmp.Or(want.priority, "of any priority"))
		}
		left = slices.Delete(left, i, i+1)
	}
	return ""
}

func (s shown) is(item map[string]any) bool {
	text := fmt.Sprintf("%v | %v", item["title"], item["body"])
	in := func(part string) bool { return strings.Contains(text, part) }
	out := func(part string) bool { return !in(part) }
	return !slices.ContainsFunc(s.says, out) && !slices.ContainsFunc(s.not, in) && (s.priority == "" || item["priority"] == s.priority)
}

func (r *running) advance(by string) {
	d, err := time.ParseDuration(by)
	if err == nil {
		err = system.Clock.Advance(d)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// settle waits until what was posted before is through: two events that are posted now, one on each topic, have arrived, and no message
// is under way. Twice, because an audience's event goes round once more for each page. What waits for the retry topic's back-off
// is not waited for.
func settle(t *testing.T) {
	t.Helper()
	for range 2 {
		uid := fresh("settled")
		publish(t, map[string]any{"type": "info", "title": "through", "recipients": []string{uid}})
		publish(t, map[string]any{"type": "security.alert", "recipients": []string{uid}})
		eventually(t, "what was posted to be through", func() (any, bool) {
			docs, err := database.Collection("users/" + uid + "/notifications").Documents(t.Context()).GetAll()
			if err != nil {
				t.Fatal(err)
			}
			held := system.Pushes["events-notify"].Stats().Leased + system.Pushes["events-urgent-notify"].Stats().Leased + system.Pushes["events-retry-notify"].Stats().InFlight
			return fmt.Sprintf("%d of 2 events, and %d messages under way", len(docs), held), len(docs) == 2 && held == 0
		})
	}
}

// list is one body of several.
func list(bodies ...string) string { return "[" + strings.Join(bodies, ",") + "]" }

// edit changes a JSON object.
func edit(body string, change func(o map[string]any)) string {
	var o map[string]any
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		panic(err) // the file is in the repository
	}
	change(o)
	raw, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// firing is what came before "resolved": the same alert, firing on all those instances.
func firing(resolved string, instances ...string) string {
	return edit(resolved, func(o map[string]any) {
		o["status"], o["truncatedAlerts"] = "firing", 0
		var all []any
		for i, instance := range instances {
			raw := edit(`{}`, func(a map[string]any) { maps.Copy(a, o["alerts"].([]any)[0].(map[string]any)) })
			var alert map[string]any
			if err := json.Unmarshal([]byte(raw), &alert); err != nil {
				panic(err)
			}
			alert["status"], alert["endsAt"] = "firing", "0001-01-01T00:00:00Z"
			alert["labels"].(map[string]any)["instance"] = instance
			if i > 0 {
				alert["fingerprint"] = fmt.Sprintf("%s-%d", alert["fingerprint"], i)
			}
			all = append(all, alert)
		}
		o["alerts"] = all
	})
}

// requested is what came before the merge: a review was asked of a team.
func requested(closed, team string) string {
	return edit(closed, func(o map[string]any) {
		o["action"] = "review_requested"
		o["pull_request"].(map[string]any)["merged"] = false
		for _, one := range o["pull_request"].(map[string]any)["requested_teams"].([]any) {
			if one.(map[string]any)["slug"] == team {
				o["requested_team"] = one
			}
		}
	})
}

// commented is a comment on an issue of its own.
func commented(number int, text string) string {
	return edit(`{"action": "created", "repository": {"id": 9, "name": "app", "full_name": "acme/app", "owner": {"login": "acme"}}, "sender": {"login": "ann"}}`, func(o map[string]any) {
		now := system.Clock.Now().UTC().Format(time.RFC3339)
		o["issue"] = map[string]any{"id": 900 + number, "number": number, "title": fmt.Sprint("Issue ", number), "updated_at": now}
		o["comment"] = map[string]any{"id": 7000 + number, "body": text, "created_at": now, "updated_at": now, "user": map[string]any{"login": "ann"}}
	})
}
