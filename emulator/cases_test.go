//go:build unix

package main

import (
	"net/http"
	"testing"
)

// What real senders send, and what is right. Each row stands for a kind: its file under testdata/cases holds what is posted, and the
// row says what people then see. The names in a file become names of the row's own (fill), so that rows do not meet.
type useCase struct {
	right  string            // in words
	file   string            // under testdata/cases
	fill   map[string]string // text in the file → what it becomes; $x is somebody, or something, called x
	logins []string          // who has a login at GitHub: it is the person's uid
	oncall []string          // who is on duty: the team has the person's name
	member map[string]string // person → an audience that the person is in
	posts  func(f []string) []sent
}

// sent is one request and what is right after it.
type sent struct {
	to     poster
	body   string
	before func(c *running)      // what else happens before
	status int                   // 0: 202
	field  string                // of a problem: the field that it must name
	then   map[string]inbox      // what the people see when it is through; nil: not looked at
	either func(status int) bool // accepts another status; then is looked at only after a 202
}

// inbox is what a person's screen must show: exactly so many items, in any order.
type inbox []shown

type shown struct {
	says     []string // all of them are in the title or the body
	not      []string // none of them is
	priority string   // "": any
}

var empty = inbox{}

// each posts a file's entries one by one.
func each(to poster, last map[string]inbox) func([]string) []sent {
	return func(f []string) (posts []sent) {
		for i, body := range f {
			posts = append(posts, sent{to: to, body: body})
			if i == len(f)-1 {
				posts[i].then = last
			}
		}
		return posts
	}
}

// one is what a single person sees who has a single item.
func one(who string, s shown) map[string]inbox { return map[string]inbox{who: {s}} }

// refused posts a file's entries one by one, and none may be accepted.
func refused(to poster, field string) func([]string) []sent {
	return func(f []string) (posts []sent) {
		for _, body := range f {
			posts = append(posts, sent{to: to, body: body, status: http.StatusBadRequest, field: field})
		}
		posts[len(posts)-1].then = map[string]inbox{"uid": empty}
		return posts
	}
}

var person = map[string]string{"UID": "$uid"}

var useCases = []useCase{
	// The API.
	{right: "in a list without times the later entry wins", file: "api-list-unlike-like.json", fill: person,
		posts: func(f []string) []sent {
			return []sent{{to: api, body: list(f...), then: one("uid", shown{says: []string{"A liked My trip"}})}}
		}},
	{right: "an item lives as long as what lives longest in it", file: "api-short-expiry-second.json", fill: person,
		posts: func(f []string) []sent {
			return []sent{{to: api, body: f[0]}, {to: api, body: f[1], then: one("uid", shown{says: []string{"Ben", "Ann"}})},
				{before: func(c *running) { c.advance("1m") }, then: one("uid", shown{says: []string{"Ann"}})}}
		}},
	{right: "an unread urgent event keeps the item urgent", file: "api-urgent-then-low.json", fill: person,
		posts: each(api, one("uid", shown{says: []string{"Ben and Ann"}, priority: "urgent"}))},
	{right: "data that Firestore cannot hold as it is sent is refused", file: "api-data-firestore-refuses.json", fill: person, posts: refused(api, "data")},
	{right: "an old time is refused, or the item lives from its acceptance on", file: "api-old-time.json", fill: person,
		posts: func(f []string) []sent {
			refused := func(status int) bool { return status == http.StatusBadRequest }
			return []sent{
				{to: api, body: f[0], either: refused, field: "time", then: one("uid", shown{says: []string{"Ann"}})},
				{to: api, body: f[1], either: refused, field: "time", then: map[string]inbox{"uid": {{says: []string{"Ann"}}, {says: []string{"Ann"}}}}},
			}
		}},
	{right: "the same id with other content is a conflict", file: "api-same-id-other-actor.json", fill: map[string]string{"UID": "$uid", `"id": "X"`: `"id": "$x"`},
		posts: func(f []string) []sent {
			return []sent{{to: api, body: f[0]}, {to: api, body: f[1], status: http.StatusConflict, then: one("uid", shown{says: []string{"A liked My trip"}, not: []string{"B"}})}}
		}},
	{right: "a name cannot turn a sentence around, and a blank one is nobody's", file: "api-name-bidi-blank.json", fill: person,
		posts: func(f []string) []sent {
			sane := one("uid", shown{says: []string{"Eve liked My trip"}, not: []string{"\u202e"}})
			return []sent{{to: api, body: f[0], then: sane}, {to: api, body: f[1], then: sane}, {to: api, body: f[2], then: sane}}
		}},
	{right: "blank from the beginning is somebody", file: "api-name-bidi-blank.json", fill: person,
		posts: func(f []string) []sent {
			somebody := one("uid", shown{says: []string{"Somebody liked My trip"}})
			return []sent{{to: api, body: f[1], then: somebody}, {to: api, body: f[2], then: somebody}}
		}},
	{right: "the order of a CloudEvent's members has no meaning", file: "ce-base64-member-order.json", fill: map[string]string{"UID": "$uid", `"id": "b1"`: `"id": "$b1"`},
		posts: each(cloudEvents, one("uid", shown{says: []string{"commented"}}))},

	// Orders.
	{right: "an order's number is its shop's own", file: "orders-two-shops-same-number.json",
		fill:  map[string]string{"bt-ord-b3ec3": "$uid", "ea402ce986d54edab25af7ac87a75312": "$de", "8e281aeaa18f499ba0f33b292bef9484": "$us"},
		posts: each(orders, map[string]inbox{"uid": {{says: []string{"has shipped"}}, {says: []string{"was placed"}}}})},

	// Alertmanager and Grafana.
	{right: "an alert that fires again is open again", file: "am-flap-same-startsAt.json", fill: map[string]string{"flap-6df6f5": "$team"}, oncall: []string{"team"},
		posts: func(f []string) []sent {
			burns := one("team", shown{says: []string{"Incident: DiskFull"}, not: []string{"Resolved"}, priority: "urgent"})
			return []sent{{to: alerts, body: f[0], then: burns}, {to: alerts, body: f[1], then: one("team", shown{says: []string{"Resolved: DiskFull"}})}, {to: alerts, body: f[2], then: burns}}
		}},
	{right: "an incident is as urgent as its worst alert", file: "am-mixed-severity.json", fill: map[string]string{"sev-6df6f5": "$team"}, oncall: []string{"team"},
		posts: each(alerts, one("team", shown{says: []string{"KubePersistentVolumeFillingUp"}, priority: "urgent"}))},
	{right: "an alert that was cut off is not over", file: "am-truncated-resolved.json", fill: map[string]string{"trunc-6df6f5": "$team"}, oncall: []string{"team"},
		posts: func(f []string) []sent {
			both := firing(f[0], "a", "b")
			return []sent{{to: alerts, body: both}, {to: alerts, body: f[0], then: one("team", shown{says: []string{"DiskFull"}, not: []string{"Resolved"}})}}
		}},
	{right: "each team's incident ends with its own alerts", file: "am-two-teams.json", fill: map[string]string{"teama-6df6f5": "$a", "teamb-6df6f5": "$b"}, oncall: []string{"a", "b"},
		posts: func(f []string) []sent {
			burns, over := inbox{{says: []string{"Incident: HighLatency"}}}, inbox{{says: []string{"Resolved: HighLatency"}}}
			return []sent{
				{to: alerts, body: f[0], then: map[string]inbox{"a": burns, "b": burns}},
				{to: alerts, body: f[1], then: map[string]inbox{"a": over, "b": burns}},
				{to: alerts, body: f[2], then: map[string]inbox{"a": over, "b": over}},
			}
		}},
	{right: "an incident names what still fires, and how many", file: "am-which-instance.json", fill: map[string]string{"which-5ab7": "$team", "(now)": "$now"}, oncall: []string{"team"},
		posts: func(f []string) []sent {
			return []sent{{to: alerts, body: f[0], then: one("team", shown{says: []string{"DiskFull", "2"}})},
				{to: alerts, body: f[1], then: one("team", shown{says: []string{"DiskFull", "db-a"}, not: []string{"db-b", "2"}})}}
		}},
	{right: "Grafana's alerts without data are named after their rules", file: "grafana-nodata-two-rules.json", fill: map[string]string{"nodata-6df6f5": "$team"}, oncall: []string{"team"},
		posts: each(alerts, map[string]inbox{"team": {{says: []string{"Checkout errors"}}, {says: []string{"Queue length"}}}})},

	// GitHub.
	{right: "a request for changes outranks a comment", file: "github-changes-requested-then-comment.json", logins: []string{"cat"},
		fill:  map[string]string{"cat-ce16": "$cat", "acme": "$acme"},
		posts: each(hook("pull_request_review"), one("cat", shown{says: []string{"ann requested changes"}}))},
	{right: "closed and reopened within a second is open", file: "github-closed-reopened-same-second.json", logins: []string{"dan"},
		fill:  map[string]string{`"dan"`: `"$dan"`, "acme": "$acme", "(T)": "$now"},
		posts: each(hook("issues"), one("dan", shown{says: []string{"Crash on save"}}))},
	{right: "mentions are found where GitHub shows them", file: "github-mentions-html-footnote.json", logins: []string{"w"}, fill: map[string]string{"@W": "@$w"},
		posts: func(f []string) (posts []sent) {
			seen := inbox{}
			for i, body := range f {
				seen = append(seen, shown{says: []string{"mentioned you"}})
				posts = append(posts, sent{to: hook("issue_comment"), body: commented(i, body), then: map[string]inbox{"w": seen}})
			}
			return posts
		}},
	// The file is short of the ids that GitHub sends with each of the two.
	{right: "a repository that was renamed is the same one", file: "github-repository-renamed.json", logins: []string{"dan"},
		fill: map[string]string{`"dan"`: `"$dan"`, "acme": "$acme", "(T)": "$now", "(T+3 s)": "$later", `"issue": {`: `"issue": {"id": 5001,`, `"repository": {`: `"repository": {"id": 771,`},
		posts: func(f []string) []sent {
			return []sent{{to: hook("issues"), body: f[0], then: one("dan", shown{says: []string{"Crash on save"}})}, {to: hook("issues"), body: f[1], then: map[string]inbox{"dan": empty}}}
		}},
	{right: "after the merge nobody is asked for a review, wherever they are by now", file: "github-two-teams-closed.json",
		fill:   map[string]string{"ann-ce16": "$ann", "acme": "$acme", "fe-ce16": "fe", "be-ce16": "be"},
		member: map[string]string{"fay": "github-team-$acme.fe", "bea": "github-team-$acme.be", "leo": "github-team-$acme.be"},
		posts: func(f []string) []sent {
			asked := inbox{{says: []string{"requested your review"}}}
			return []sent{
				{to: hook("pull_request"), body: requested(f[0], "fe")},
				{to: hook("pull_request"), body: requested(f[0], "be"), then: map[string]inbox{"fay": asked, "bea": asked, "leo": asked}},
				{before: func(c *running) { c.leave("leo") }, to: hook("pull_request"), body: f[0], then: map[string]inbox{"fay": empty, "bea": empty, "leo": empty}},
			}
		}},
}

// TestCases runs the rows one after the other, while no other test does: only so it is known when everything that a post has set off
// is through, and a row may move the clock.
func TestCases(t *testing.T) {
	requireSystem(t)
	for _, c := range useCases {
		t.Run(c.file+"/"+c.right, func(t *testing.T) {
			r := start(t, c)
			for i, post := range c.posts(r.entries()) {
				r.do(i, post)
			}
		})
	}
}
