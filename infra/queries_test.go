//go:build unix

package infra_test

import (
	"encoding/json"
	"fmt"
	"path"
	"testing"
	"time"
)

// query runs a structured query below the parent of the collection. more is its limit, order and filter.
func (d *database) query(t *testing.T, who person, collection string, more fields) verdict {
	t.Helper()
	return d.try(t, who, "POST", below(collection)+":runQuery", fields{"structuredQuery": from(collection, more)})
}

// count asks for the number of documents, which rules treat as a list.
func (d *database) count(t *testing.T, who person, collection string, more fields) verdict {
	t.Helper()
	return d.try(t, who, "POST", below(collection)+":runAggregationQuery", fields{
		"structuredAggregationQuery": fields{
			"structuredQuery": from(collection, more),
			"aggregations":    []any{fields{"alias": "n", "count": fields{}}},
		}})
}

func below(collection string) string {
	if parent := path.Dir(collection); parent != "." {
		return "/" + parent
	}
	return ""
}

func from(collection string, more fields) fields {
	return with(more, fields{"from": []any{fields{"collectionId": path.Base(collection)}}})
}

// feed and unread are the bounded listeners of the client; archived and snoozed are the tabs of those names.
func feed(limit int) fields {
	return fields{"where": isNull("archivedAt"), "orderBy": []any{descending("updatedAt")}, "limit": limit}
}

func unread(limit int) fields {
	return fields{
		"where": fields{"compositeFilter": fields{
			"op": "AND", "filters": []any{isNull("archivedAt"), isNull("readAt")},
		}},
		"orderBy": []any{descending("rank"), descending("updatedAt")},
		"limit":   limit,
	}
}

func snoozed(limit int) fields {
	return fields{
		"where": fields{"fieldFilter": fields{
			"field": field("snoozedUntil"), "op": "GREATER_THAN", "value": encode(time.Now()),
		}},
		"orderBy": []any{fields{"field": field("snoozedUntil"), "direction": "ASCENDING"}},
		"limit":   limit,
	}
}

func isNull(path string) fields {
	return fields{"unaryFilter": fields{"field": field(path), "op": "IS_NULL"}}
}

func archived(limit int) fields {
	return fields{
		"where": fields{"fieldFilter": fields{
			"field": field("archivedAt"), "op": "GREATER_THAN", "value": encode(time.Unix(0, 0)),
		}},
		"orderBy": []any{descending("archivedAt")},
		"limit":   limit,
	}
}

// listed are the lists that have a person.
func listed(uid person) fields {
	return fields{"where": fields{"fieldFilter": fields{"field": field("uids"), "op": "ARRAY_CONTAINS", "value": encode(string(uid))}}, "limit": 1}
}

func field(path string) fields { return fields{"fieldPath": path} }

func descending(path string) fields {
	return fields{"field": field(path), "direction": "DESCENDING"}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	const owner = person("bob")
	inbox := "users/bob/notifications"
	d.seed(t, inbox+"/new", item())
	d.seed(t, inbox+"/old", with(item(), fields{"archivedAt": ago(time.Minute)}))
	nextPage := with(feed(100), fields{"startAt": fields{
		"values": []any{encode(ago(time.Hour))}, "before": false,
	}})
	everywhere := func(collection string) fields {
		return fields{"from": []any{fields{"collectionId": collection, "allDescendants": true}}, "limit": 10}
	}
	run := func(collection string, more fields) func(*testing.T, person) verdict {
		return func(t *testing.T, who person) verdict { return d.query(t, who, collection, more) }
	}
	group := func(collection string) func(*testing.T, person) verdict {
		return func(t *testing.T, who person) verdict {
			return d.try(t, who, "POST", ":runQuery", fields{"structuredQuery": everywhere(collection)})
		}
	}
	for _, tc := range []struct {
		name string
		try  func(*testing.T, person) verdict
		want verdict
	}{
		{"the feed", run(inbox, feed(100)), allowed},
		{"the feed, smaller", run(inbox, feed(1)), allowed},
		{"the feed, larger", run(inbox, feed(101)), refused},
		{"the feed without a limit", run(inbox, with(feed(0), fields{"limit": removed})), refused},
		{"the next page of the feed", run(inbox, nextPage), allowed},
		{"what is unread", run(inbox, unread(100)), allowed},
		{"what is unread, larger", run(inbox, unread(101)), refused},
		{"the snoozed tab", run(inbox, snoozed(100)), allowed},
		{"the archived tab", run(inbox, archived(100)), allowed},
		{"the archived tab, larger", run(inbox, archived(101)), refused},
		{"all of the inbox", run(inbox, fields{}), refused},
		{"a count with a limit", func(t *testing.T, who person) verdict { return d.count(t, who, inbox, feed(100)) }, allowed},
		{"a count without a limit", func(t *testing.T, who person) verdict { return d.count(t, who, inbox, fields{}) }, refused},
		{"a plain listing", func(t *testing.T, who person) verdict {
			return d.try(t, who, "GET", "/"+inbox+"?pageSize=100", nil)
		}, allowed},
		{"a plain listing, larger", func(t *testing.T, who person) verdict {
			return d.try(t, who, "GET", "/"+inbox+"?pageSize=101", nil)
		}, refused},
		{"devices", run("users/bob/devices", fields{"limit": 100}), allowed},
		{"devices, more", run("users/bob/devices", fields{"limit": 101}), refused},
		{"withdrawals", run("users/bob/withdrawals", fields{"limit": 1}), refused},
		{"withdrawals of everybody", group("withdrawals"), refused},
		{"marks on announcements", run("users/bob/announcements", fields{"limit": 100}), allowed},
		{"marks on the announcements that stand", func(t *testing.T, who person) verdict {
			marks := "users/bob/announcements"
			id := fields{"referenceValue": d.root() + "/" + marks + "/a"}
			named := fields{"field": field("__name__"), "op": "IN", "value": fields{"arrayValue": fields{"values": []any{id}}}}
			return d.query(t, who, marks, fields{"where": fields{"fieldFilter": named}, "limit": 100})
		}, allowed},
		{"marks on announcements, more", run("users/bob/announcements", fields{"limit": 101}), refused},
		{"marks on announcements of everybody", group("announcements"), refused},
		{"people", run("users", fields{"limit": 1}), refused},
		{"members of a topic", run("audiences/topic-go/members", fields{"limit": 1}), refused},
		{"notifications of everybody", group("notifications"), refused},
		{"devices of everybody", group("devices"), refused},
		{"members of everything", group("members"), refused},
		{"lists of a topic", run("audiences/topic-go/lists", fields{"limit": 1}), refused},
		{"lists of a topic with oneself", run("audiences/topic-go/lists", listed("bob")), refused},
		{"lists of everything", group("lists"), refused},
		{"lists of everything with oneself", func(t *testing.T, who person) verdict {
			return d.try(t, who, "POST", ":runQuery", fields{"structuredQuery": with(everywhere("lists"), listed("bob"))})
		}, refused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := tc.try(t, owner); got != tc.want {
				t.Errorf("as the owner: got %s, want %s", got, tc.want)
			}
			if got := tc.try(t, "mallory"); got != refused {
				t.Errorf("as somebody else: got %s, want %s", got, refused)
			}
			if got := tc.try(t, anonymous); got != refused {
				t.Errorf("anonymous: got %s, want %s", got, refused)
			}
			if got := tc.try(t, admin); got != allowed {
				t.Errorf("as a function: got %s, want %s", got, allowed)
			}
		})
	}
}

// What everybody is told, everybody who is signed in may list, as far as there can be any.
func TestAnnouncementsAreForEverybody(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.seed(t, "announcements/a", announcement())
	newest := func(limit int) fields {
		return fields{"orderBy": []any{descending("createdAt")}, "limit": limit}
	}
	for _, tc := range []struct {
		name  string
		who   person
		query fields
		want  verdict
	}{
		{"all of them", "bob", newest(20), allowed},
		{"more", "bob", newest(21), refused},
		{"without a limit", "bob", fields{}, refused},
		{"nobody in particular", anonymous, newest(20), refused},
	} {
		if got := d.query(t, tc.who, "announcements", tc.query); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, got, tc.want)
		}
	}
}

// What was taken back is in neither of the client's queries, however much of it there is.
func TestWhatWasTakenBackIsInNeitherQuery(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	const inbox = "users/bob/notifications"
	d.seed(t, inbox+"/new", item())
	d.seed(t, inbox+"/old", with(item(), fields{"archivedAt": ago(time.Hour)}))
	var taken []fields
	for i := range 100 {
		taken = append(taken, d.set(fmt.Sprintf("%s/t%d", inbox, i), tombstone()))
	}
	d.commit(t, admin, taken...)
	for _, tc := range []struct {
		name  string
		query fields
		want  string
	}{
		{"the feed", feed(100), "new"},
		{"the archive", archived(100), "old"},
	} {
		status, answer := d.call(t, "POST", "/v1/"+d.root()+"/users/bob:runQuery", "bob", fields{"structuredQuery": from(inbox, tc.query)})
		var found []struct{ Document struct{ Name string } }
		if err := json.Unmarshal(answer, &found); err != nil || status != 200 {
			t.Fatalf("%s: status %d, %v: %.200s", tc.name, status, err, answer)
		}
		if len(found) != 1 || path.Base(found[0].Document.Name) != tc.want {
			t.Errorf("%s: got %d items, the first one %s; want %s alone", tc.name, len(found), found[0].Document.Name, tc.want)
		}
	}
}

// Rules are evaluated for each write of a commit, within limits: the whole feed can be marked at once, and one wrong mark
// stops all.
func TestMarkAllInOneCommit(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	var seeds, marks []fields
	for i := range 100 {
		path := fmt.Sprintf("users/bob/notifications/n%d", i)
		seeds = append(seeds, d.set(path, item()))
		marks = append(marks, d.update(path, fields{"seenAt": serverTime, "readAt": serverTime, "revision": 3}))
	}
	d.commit(t, admin, seeds...)
	stale := d.update("users/bob/notifications/n50", fields{"archivedAt": serverTime, "revision": 2})
	if got, want := d.commit(t, "bob", append(marks[:99:99], stale)...), refused; got != want {
		t.Errorf("with a stale mark: got %s, want %s", got, want)
	}
	if got, want := d.commit(t, "bob", marks...), allowed; got != want {
		t.Errorf("100 marks: got %s, want %s", got, want)
	}
}
