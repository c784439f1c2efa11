//go:build unix

package infra_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The form of firestore.indexes.json, as the Firebase CLI takes it (firebase-tools, src/firestore/api-spec.ts).
type (
	indexFile struct {
		Indexes        []compositeIndex `json:"indexes"`
		FieldOverrides []fieldOverride  `json:"fieldOverrides"`
	}
	compositeIndex struct {
		CollectionGroup string       `json:"collectionGroup"`
		QueryScope      string       `json:"queryScope"`
		Fields          []indexField `json:"fields"`
	}
	indexField struct {
		FieldPath string `json:"fieldPath"`
		Order     string `json:"order"`
	}
	// fieldOverride replaces the automatic indexes of one field, and those of all fields inside it if it is a map.
	fieldOverride struct {
		CollectionGroup string        `json:"collectionGroup"`
		FieldPath       string        `json:"fieldPath"`
		TTL             bool          `json:"ttl,omitempty"`
		Indexes         []singleIndex `json:"indexes"`
	}
	singleIndex struct {
		QueryScope  string `json:"queryScope"`
		Order       string `json:"order,omitempty"`
		ArrayConfig string `json:"arrayConfig,omitempty"` // instead of an order: the index is of what is in a list
	}
)

// storedQuery is a query that functions or clients send, reduced to what an index must serve: fields compared for
// equality, then the order. (What is ordered by document id alone needs no index.)
type storedQuery struct {
	name       string
	collection string
	equal      []string
	order      []indexField
	everywhere bool // in all collections of that name
}

// inList is the order of a query for what a list contains.
const inList = "CONTAINS"

var storedQueries = []storedQuery{
	{"client: what is recent", "notifications", []string{"archivedAt"}, []indexField{{"updatedAt", "DESCENDING"}}, false},
	{"client: what is unread", "notifications", []string{"archivedAt", "readAt"}, []indexField{{"rank", "DESCENDING"}, {"updatedAt", "DESCENDING"}}, false},
	{"client: what is snoozed", "notifications", nil, []indexField{{"snoozedUntil", "ASCENDING"}}, false},
	{"client: what everybody is told", "announcements", nil, []indexField{{"createdAt", "DESCENDING"}}, false},
	{"notify: the announcements that are there", "announcements", nil, []indexField{{"createdAt", "ASCENDING"}}, false},
	{"client: the archived tab", "notifications", nil, []indexField{{"archivedAt", "DESCENDING"}}, false},
	{"notify: all items of a group, for a late retraction", "notifications", []string{"groupId"}, nil, false},
	{"notify: what was taken back of a group", "retractions", []string{"groupId"}, nil, false},
	{"notify: all who were told of a group", "notifications", []string{"groupId"}, nil, true},
	{"deadletters: the latest failures", "deadLetters", nil, []indexField{{"failedAt", "DESCENDING"}}, false},
	{"notify: whether a list of an audience has a person", "lists", nil, []indexField{{"uids", inList}}, false},
	{"people: lists that have a person", "lists", nil, []indexField{{"uids", inList}}, true},
	{"due: held back until now", "notifications", nil, []indexField{{"dueAt", "ASCENDING"}}, true},
	{"due: events of a shard that were scheduled until now", "sendings", []string{"shard"}, []indexField{{"sendAt", "ASCENDING"}}, false},
	{"due: people whose quiet has changed", "users", nil, []indexField{{"dueAt", "ASCENDING"}}, false},
	{"due: all that is held back for a person", "notifications", nil, []indexField{{"dueAt", "ASCENDING"}}, false},
	{"due: snoozed until now", "notifications", nil, []indexField{{"snoozedUntil", "ASCENDING"}}, true},
	{"mailer: items to be mailed now", "notifications", nil, []indexField{{"mailAt", "ASCENDING"}}, true},
	{"mailer: people whose digest is due", "users", nil, []indexField{{"digestAt", "ASCENDING"}}, false},
	{"mailer: what is unread", "notifications", []string{"archivedAt", "readAt"}, []indexField{{"rank", "DESCENDING"}, {"updatedAt", "DESCENDING"}}, false},
	{"mirror: devices that were not seen for long", "devices", nil, []indexField{{"lastSeenAt", "ASCENDING"}}, true},
	{"people: items that name a person", "notifications", nil, []indexField{{"named", inList}}, true},
	{"people: members that name a person", "parts", nil, []indexField{{"named", inList}}, true},
	{"people: scheduled events that name a person", "sendings", nil, []indexField{{"named", inList}}, false},
	{"people: retractions that name a person", "retractions", nil, []indexField{{"named", inList}}, false},
	{"people: a person's push targets", "targets", []string{"uid"}, nil, false},
	{"people: a person's logins", "logins", []string{"uid"}, nil, true},
	{"people: what products are told of a person", "outgoing", nil, []indexField{{"named", inList}}, false},
	{"webhooks: what is to be sent by now", "outgoing", []string{"endpoint"}, []indexField{{"nextAt", "ASCENDING"}}, false},
	{"webhooks: whether an endpoint has taken anything", "outgoing", []string{"endpoint"}, []indexField{{"deliveredAt", "ASCENDING"}}, false},
	{"webhooks: the log", "outgoing", nil, []indexField{{"toldAt", "DESCENDING"}}, false},
	{"webhooks: the log of one state", "outgoing", []string{"state"}, []indexField{{"toldAt", "DESCENDING"}}, false},
	{"due: erasures that go on", "erasures", nil, []indexField{{"dueAt", "ASCENDING"}}, false},
}

// exempt are the fields that nobody queries, by collection: each index entry would cost storage and time at every write,
// one of a growing time would hold a collection to some 500 writes a second, and one of a long text would not fit.
var exempt = map[string][]string{
	"parts":       {"members", "expireAt"}, // a TTL policy needs no index
	"users":       {"locale", "timeZone", "preferences", "mutes", "quietHours", "doNotDisturb", "digest", "digested", "digesting", "mailBounce", "pushesPerHour", "pushBudget", "received", "devices", "sessions", "deeds"},
	"devices":     {"kind", "value", "platform", "locale"},
	"targets":     {"device", "expireAt"},
	"withdrawals": {"expireAt"},
	"presence":    {"expiresAt", "typing"},
	"members":     {"since"},
	// What people have done about announcements. The announcements themselves are few, and written once.
	"announcements": {"seenAt", "readAt", "archivedAt", "snoozedUntil", "expireAt"},
	// What a function keeps for itself is one field, content: an exemption of a map is one of all that is in it. (An
	// exemption of "*" would do for a whole collection, but neither the Firebase CLI nor Terraform can deploy one:
	// firebase-tools issue 7294, terraform-provider-google issue 19598.)
	"retractions": {"content", "acceptedAt", "expireAt"},
	"sendings":    {"shard", "sendAt", "content", "expireAt"}, // the composite index has both
	"walks":       {"page", "expireAt"},
	"outgoing":    {"endpoint", "state", "nextAt", "deliveredAt", "content", "expireAt"}, // the composite indexes have the first four
	"erasures":    {"content", "expireAt"},
	"accepted":    {"content", "acceptedAt", "expireAt"},
	"limits":      {"units", "fullAt"},
	"deadLetters": {"reason", "attempts", "subscription", "data", "raw", "dataBytes", "cut", "recipients", "attributes", "moreAttributes", "publishedAt", "replayedAt"},
}

func readIndexes(t *testing.T) indexFile {
	t.Helper()
	var file indexFile
	readStrictly(t, "firestore.indexes.json", &file)
	return file
}

func readStrictly(t *testing.T, name string, into any) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// What `firebase deploy`, or Firestore behind it, would refuse.
func TestIndexFileIsValid(t *testing.T) {
	t.Parallel()
	file := readIndexes(t)
	orders := []string{"ASCENDING", "DESCENDING"}
	scopes := []string{"COLLECTION", "COLLECTION_GROUP"}
	for _, index := range file.Indexes {
		if index.CollectionGroup == "" || !slices.Contains(scopes, index.QueryScope) {
			t.Errorf("index without a collection or a scope: %+v", index)
		}
		if len(index.Fields) < 2 {
			t.Errorf("an index on one field is not composite, it belongs to fieldOverrides: %+v", index)
		}
		for _, f := range index.Fields {
			if f.FieldPath == "" || !slices.Contains(orders, f.Order) {
				t.Errorf("%s: wrong field %+v", index.CollectionGroup, f)
			}
		}
	}
	seen := map[string]bool{}
	for _, o := range file.FieldOverrides {
		at := o.CollectionGroup + "." + o.FieldPath
		if o.CollectionGroup == "" || o.FieldPath == "" || o.Indexes == nil {
			t.Errorf("override without collection, field or indexes: %+v", o)
		}
		if seen[at] {
			t.Errorf("%s is listed twice", at)
		}
		seen[at] = true
		for _, index := range o.Indexes {
			ofList := index.Order == "" && index.ArrayConfig == inList
			if !slices.Contains(scopes, index.QueryScope) || !ofList && (!slices.Contains(orders, index.Order) || index.ArrayConfig != "") {
				t.Errorf("%s: wrong index %+v", at, index)
			}
		}
	}
	if got, want := len(file.FieldOverrides), 200; got > want {
		t.Errorf("%d overrides; a database may have %d", got, want)
	}
}

func TestEveryQueryHasItsIndex(t *testing.T) {
	t.Parallel()
	file := readIndexes(t)
	for _, q := range storedQueries {
		if !file.serves(q) {
			t.Errorf("%s: no index serves it", q.name)
		}
	}
}

// An index costs something at every write, so each has a query that would fail without it.
func TestEveryIndexIsNeeded(t *testing.T) {
	t.Parallel()
	whole := readIndexes(t)
	check := func(what string, without indexFile) {
		t.Helper()
		if !slices.ContainsFunc(storedQueries, func(q storedQuery) bool { return !without.serves(q) }) {
			t.Errorf("no query needs the index on %s", what)
		}
	}
	for i, index := range whole.Indexes {
		without := whole
		without.Indexes = slices.Delete(slices.Clone(whole.Indexes), i, i+1)
		check(index.CollectionGroup, without)
	}
	for i, o := range whole.FieldOverrides {
		for k := range o.Indexes {
			without := whole
			without.FieldOverrides = slices.Clone(whole.FieldOverrides)
			without.FieldOverrides[i].Indexes = slices.Delete(slices.Clone(o.Indexes), k, k+1)
			check(o.CollectionGroup+"."+o.FieldPath, without)
		}
	}
}

func TestWhatNobodyQueriesIsExempt(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for collection, names := range exempt {
		for _, name := range names {
			want[collection+"."+name] = true
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(item())), markFields) { // a new field of an item is exempt unless a query by itself says otherwise
		if !slices.Contains([]string{"archivedAt", "groupId", "dueAt", "mailAt", "snoozedUntil", "named"}, name) {
			want["notifications."+name] = true
		}
	}
	got := map[string]bool{}
	for _, o := range readIndexes(t).FieldOverrides {
		if len(o.Indexes) == 0 {
			got[o.CollectionGroup+"."+o.FieldPath] = true
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exempt fields (-want +got):\n%s", diff)
	}
}

// What is over goes by itself, within a day. Leases end by the field that says how long they hold. Firestore allows one such
// field a collection.
func TestWhatIsOverIsRemoved(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"notifications": {"expireAt"}, "parts": {"expireAt"}, "targets": {"expireAt"},
		"retractions": {"expireAt"}, "sendings": {"expireAt"}, "walks": {"expireAt"}, "erasures": {"expireAt"}, "accepted": {"expireAt"},
		"announcements": {"expireAt"}, "presence": {"expiresAt"}, "withdrawals": {"expireAt"}, "outgoing": {"expireAt"},
	}
	got := map[string][]string{}
	for _, o := range readIndexes(t).FieldOverrides {
		if o.TTL {
			got[o.CollectionGroup] = append(got[o.CollectionGroup], o.FieldPath)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("TTL fields by collection (-want +got):\n%s", diff)
	}
}

// serves tells whether Firestore could answer the query: by the index of one field, or by a composite one that begins
// with the fields of equality in any order and goes on with the query's order.
func (file indexFile) serves(q storedQuery) bool {
	if len(q.equal)+len(q.order) == 1 {
		wanted := slices.Clone(q.order)
		for _, name := range q.equal {
			wanted = append(wanted, indexField{FieldPath: name})
		}
		return file.servesOne(q, wanted[0])
	}
	return slices.ContainsFunc(file.Indexes, func(index compositeIndex) bool {
		if index.CollectionGroup != q.collection || index.QueryScope != "COLLECTION" || len(index.Fields) != len(q.equal)+len(q.order) {
			return false
		}
		for _, f := range index.Fields[:len(q.equal)] {
			if !slices.Contains(q.equal, f.FieldPath) {
				return false
			}
		}
		return slices.Equal(index.Fields[len(q.equal):], q.order)
	})
}

// servesOne looks for the index of one field; every field has one in both directions until an override takes it away.
// Equality is served by either direction.
func (file indexFile) servesOne(q storedQuery, f indexField) bool {
	scope := "COLLECTION"
	if q.everywhere { // no field has that index of itself
		scope = "COLLECTION_GROUP"
	}
	for _, o := range file.FieldOverrides {
		if o.CollectionGroup == q.collection && o.FieldPath == f.FieldPath {
			return slices.ContainsFunc(o.Indexes, func(index singleIndex) bool {
				return index.QueryScope == scope && (f.Order == "" && index.Order != "" || f.Order == index.Order+index.ArrayConfig)
			})
		}
	}
	return !q.everywhere
}

// `firebase deploy` finds both files by this one.
func TestFirebaseFileNamesBoth(t *testing.T) {
	t.Parallel()
	var file struct {
		Firestore struct {
			Rules   string `json:"rules"`
			Indexes string `json:"indexes"`
		} `json:"firestore"`
	}
	readStrictly(t, "firebase.json", &file)
	for _, name := range []string{file.Firestore.Rules, file.Firestore.Indexes} {
		if _, err := os.Stat(name); err != nil || strings.Contains(name, "/") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
