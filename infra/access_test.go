//go:build unix

package infra_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// operations on a document. Its content is right in every one, so that only who asks, and for what, decides.
var operations = []string{"get", "list", "create", "update", "delete"}

// places is the table of who may do what: the owner what is said here, everybody else nothing, functions everything.
// {uid} is the owner.
var places = []struct {
	name    string
	path    string
	content fields
	change  fields
	owner   string // what the owner may do
	all     string // what everybody who is signed in may do
}{
	{"profile", "users/{uid}", profile(), fields{"locale": "de"}, "get create update", ""},
	{"notification", "users/{uid}/notifications/n", item(), fields{"archivedAt": now}, "get list update", ""},
	{"notification that was taken back", "users/{uid}/notifications/n", tombstone(), fields{"archivedAt": now}, "get list", ""},
	{"below a notification", "users/{uid}/notifications/n/parts/members", fields{"set": "x"}, fields{"set": "y"}, "", ""},
	{"device", "users/{uid}/devices/d", device(), fields{"locale": "de", "lastSeenAt": serverTime}, "get list create update delete", ""},
	{"below a device", "users/{uid}/devices/d/more/m", device(), fields{"locale": "de"}, "", ""},
	{"mark on an announcement", "users/{uid}/announcements/" + announcementID, announcementMark(), fields{"readAt": nil}, "list create update", ""},
	{"lease of a page", "users/{uid}", fields{"sessions": fields{"tab": session()}}, fields{"sessions.tab": session()}, "get create update", ""},
	{"withdrawal", "users/{uid}/withdrawals/n-3", withdrawal(), withdrawal(), "create update delete", ""},
	{"below a withdrawal", "users/{uid}/withdrawals/n-3/more/n-3", withdrawal(), withdrawal(), "", ""},
	{"unknown collection of a person", "users/{uid}/secrets/x", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"announcement", "announcements/{uid}", announcement(), fields{"title": "Mine"}, "list", "list"},
	{"below an announcement", "announcements/a/more/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"membership of a topic", "audiences/topic-go/members/{uid}", membership(), fields{"since": now}, "get create delete", ""},
	{"membership of an audience", "audiences/staff/members/{uid}", membership(), fields{"since": now}, "get", ""},
	{"membership of an audience with topic- inside", "audiences/my-topic-go/members/{uid}", membership(), fields{"since": now}, "get", ""},
	{"list of an audience", "audiences/staff/lists/{uid}", audienceList("mallory"), audienceList("mallory", "eve"), "", ""},
	{"list of a topic", "audiences/topic-go/lists/{uid}", audienceList("mallory"), audienceList("mallory", "eve"), "", ""},
	{"below a list of an audience", "audiences/staff/lists/{uid}/more/m", audienceList("mallory"), audienceList("mallory", "eve"), "", ""},
	{"presence in an audience of others", "audiences/staff/presence/{uid}", presence(), fields{"typing": true}, "delete", ""},
	{"below a presence", "audiences/staff/presence/{uid}/more/m", presence(), fields{"typing": true}, "", ""},
	{"audience", "audiences/topic-{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"what a product is told", "outgoing/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"endpoint that is off", "endpoints/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"dead letter", "deadLetters/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"what is due", "due/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
	{"identity", "identities/github/logins/{uid}", fields{"uid": "x"}, fields{"uid": "y"}, "", ""},
	{"claim of a push target", "targets/{uid}", fields{"uid": "x"}, fields{"uid": "y"}, "", ""},
	{"retraction under way", "retractions/{uid}", fields{"content": "x"}, fields{"content": "y"}, "", ""},
	{"event that waits", "sendings/{uid}", fields{"content": "x"}, fields{"content": "y"}, "", ""},
	{"walk of an audience", "walks/{uid}", fields{"content": "x"}, fields{"content": "y"}, "", ""},
	{"receipt of an erasure", "erasures/{uid}", fields{"content": "x"}, fields{"content": "y"}, "", ""},
	{"receipt of an event", "accepted/{uid}", fields{"content": "x"}, fields{"content": "y"}, "", ""},
	{"count of a sender", "limits/{uid}", fields{"units": 1}, fields{"units": 2}, "", ""},
	{"unknown collection", "secrets/{uid}", fields{"a": 1}, fields{"a": 2}, "", ""},
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	for i, place := range places {
		for j, op := range operations {
			t.Run(place.name+"/"+op, func(t *testing.T) {
				t.Parallel()
				uid := person(fmt.Sprintf("owner-%d-%d", i, j))
				path := strings.ReplaceAll(place.path, "{uid}", string(uid))
				for _, who := range []struct {
					name string
					is   person
					want verdict
				}{
					{"owner", uid, verdictOf(slices.Contains(strings.Fields(place.owner), op))},
					{"somebody else", "mallory", verdictOf(slices.Contains(strings.Fields(place.all), op))},
					{"anonymous", anonymous, refused},
					{"functions", admin, allowed},
				} {
					if got := d.attempt(t, who.is, op, path, place.content, place.change); got != who.want {
						t.Errorf("%s as %s: got %s, want %s", path, who.name, got, who.want)
					}
				}
			})
		}
	}
}

// attempt prepares the document as the functions would and tries the operation on it.
func (d *database) attempt(t *testing.T, who person, op, path string, content, change fields) verdict {
	t.Helper()
	if op == "create" {
		if got := d.commit(t, admin, d.delete(path)); got != allowed {
			t.Fatalf("clearing %s: %s", path, got)
		}
		return d.commit(t, who, d.create(path, content))
	}
	d.seed(t, path, content)
	switch op {
	case "get":
		return d.get(t, who, path)
	case "list":
		cut := strings.LastIndex(path, "/")
		return d.query(t, who, path[:cut], fields{"limit": 10})
	case "update":
		return d.commit(t, who, d.update(path, change))
	default:
		return d.commit(t, who, d.delete(path))
	}
}

func verdictOf(ok bool) verdict {
	if ok {
		return allowed
	}
	return refused
}

// A rule's look-up of another document is billed on every update of every listener, and a recursive wildcard would open
// collections that nobody has thought about.
func TestRulesLookNowhereElse(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("firestore.rules")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`//.*`).ReplaceAllString(string(source), "")
	// Presence alone asks whether two people share an audience.
	const membership = "exists(/databases/$(database)/documents/audiences/$(audience)/members/$(request.auth.uid))"
	if got := strings.Count(code, membership); got != 1 {
		t.Errorf("the look-up of a membership stands there %d times, want once, in isMember", got)
	}
	code = strings.Replace(code, membership, "true", 1)
	if users := regexp.MustCompile(`allow[^;]*isMember\(`).FindAllStringIndex(code, -1); len(users) != 2 {
		t.Errorf("%d rules look up a membership, want the two of presence", len(users))
	}
	for _, rule := range regexp.MustCompile(`(?s)match (\S+) \{[^{}]*`).FindAllStringSubmatch(code, -1) {
		if strings.Contains(rule[0], "isMember(") && rule[1] != "/audiences/{audience}/presence/{uid}" {
			t.Errorf("%s looks up a membership", rule[1])
		}
	}
	for name, pattern := range map[string]string{
		"look-up of another document": `(^|[^.\w])(firestore\.)?(get|exists|getAfter|existsAfter)\s*\(`,
		"recursive wildcard":          `=\s*\*\*`,
		"rule without a condition":    `allow[^:;]*;|:\s*if\s+true`,
	} {
		if found := regexp.MustCompile(pattern).FindString(code); found != "" {
			t.Errorf("%s: %q", name, found)
		}
	}
}

// Every allow says why.
func TestEachRuleHasItsReason(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("firestore.rules")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), "allow ") && !strings.HasPrefix(strings.TrimSpace(lines[i-1]), "// ") {
			t.Errorf("line %d has no reason above it: %s", i+1, strings.TrimSpace(line))
		}
	}
}
