package producers

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/limit"
)

var types = []string{"info", "order.placed", "order.shipped", "post.liked"}

func TestGrantsAreReadFromYAMLAndJSON(t *testing.T) {
	t.Parallel()
	want := &Grant{
		Name: "shop", Producers: []string{"serviceAccount:shop@p.iam", "uid:shop"}, Types: []string{"order.*"}, Sources: []string{"/shop"},
		Recipients: true, Audiences: []string{"a"}, Everybody: true, Priority: event.High, Actors: []string{"*"}, Rate: limit.Of(2.5), Settings: true, Erase: true, Insight: true,
	}
	for _, text := range []string{
		"shop:\n  producers: [\"serviceAccount:shop@p.iam\", \"uid:shop\"]\n  types: [order.*]\n  sources: [/shop]\n  recipients: true\n  audiences: [a]\n  everybody: true\n  priority: high\n  actors: [\"*\"]\n  rate: 2.5\n  settings: true\n  erase: true\n  insight: true\n",
		`{"shop": {"producers": ["serviceAccount:shop@p.iam", "uid:shop"], "types": ["order.*"], "sources": ["/shop"], "recipients": true, "audiences": ["a"], "everybody": true, "priority": "high", "actors": ["*"], "rate": 2.5, "settings": true, "erase": true, "insight": true}}`,
	} {
		grants, wrong := Parse(text, types)
		if len(wrong) > 0 {
			t.Fatal(wrong)
		}
		for kind, name := range map[string]string{serviceAccount: "shop@p.iam", firebaseUser: "shop"} {
			got, ok := grants.of(kind, name)
			if diff := cmp.Diff(&Producer{ID: kind + name, Name: name, Grant: want}, got); diff != "" || !ok {
				t.Errorf("%s%s: -want +got:\n%s", kind, name, diff)
			}
		}
		if _, ok := grants.of(firebaseUser, "shop@p.iam"); ok {
			t.Error("a user whose uid is an account's address has the account's grant")
		}
	}
}

func TestWithoutGrantsNobodyMayDoAnything(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", "# nobody yet\n"} {
		if grants, wrong := Parse(text, types); len(wrong) > 0 || len(grants.byProducer) > 0 {
			t.Errorf("%q: got %v, %q", text, grants, wrong)
		}
	}
	if _, ok := (Grants{}).of(firebaseUser, "bob"); ok {
		t.Error("the zero value has a grant")
	}
}

func TestAllThatIsWrongWithGrantsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	const ok = `producers: ["uid:a"], types: [info], recipients: true, priority: low`
	tests := []struct {
		name, text string
		want       []string // the beginning of each line
	}{
		{"no YAML", "{", []string{"is not an object of grants: "}},
		{"a list", "[]", []string{"is not an object of grants: "}},
		{"a grant that is a text", "{a: b}", []string{"is not an object of grants: "}},
		{"the same name twice", "a: {" + ok + "}\na: {" + ok + "}", []string{"is not an object of grants: "}},
		{"an empty grant", "{a: {}}", []string{"a.producers: is missing", "a.types: is missing"}},
		{"null", "{a: }", []string{"a.producers: is missing", "a.types: is missing"}},
		{"names that do not exist", `{a: {` + ok + `, typs: [], rate_: 1}}`, []string{"a.rate_: does not exist", `a.typs: does not exist; did you mean "types"?`}},
		{"values of another kind", `{a: {producers: "uid:a", types: [1], sources: {}, recipients: "yes", audiences: [""], priority: 3, actors: 1, settings: 1}}`, []string{
			"a.actors: is 1", "a.audiences: is []", "a.priority: is 3", "a.producers: is uid:a", "a.recipients: is yes", "a.settings: is 1", "a.sources: is map[]", "a.types: is [1]", "a.producers: is missing", "a.types: is missing",
		}},
		{"rates that nobody has", `{a: {` + ok + `, rate: 0}, b: {producers: ["uid:b"], settings: true, rate: 10001}, c: {producers: ["uid:c"], settings: true, rate: "20/s"}, d: {producers: ["uid:d"], settings: true, rate: -1}}`, []string{"a.rate: is 0;", "b.rate: is 10001", "c.rate: is 20/s", "d.rate: is -1"}},
		{"no producers", `{a: {producers: [bob, "uid:", "serviceAccount:shop", "user:bob@example.com"], settings: true}}`, slices.Repeat([]string{"a.producers: "}, 4)},
		{"a webhook's name", `{a: {producers: ["uid:github"], settings: true}}`, []string{`a.producers: "uid:github" speaks as "github"`}},
		{"a webhook's source", `{a: {` + ok + `, sources: [github, alertmanager, orders]}}`, []string{`a.sources: "github"`, `a.sources: "alertmanager"`}},
		{"types that are not there", `{a: {` + ok + `, actors: ["*"]}, b: {producers: ["uid:b"], types: [ordr.*, order.shiped], recipients: true, priority: low}}`, []string{`b.types: "ordr.*"`, `b.types: "order.shiped" stands for no type of the catalogue; did you mean "order.shipped"?`}},
		{"a star that is not at the end", `{a: {` + ok + `, sources: ["*/shop"], audiences: ["a*b*"]}}`, []string{"a.audiences: ", "a.sources: "}},
		{"no priority", `{a: {producers: ["uid:a"], types: [info], recipients: true}}`, []string{"a.priority: is missing"}},
		{"nobody can be told", `{a: {producers: ["uid:a"], types: [info], priority: low}}`, []string{"a.recipients: "}},
		{"everybody alone can be told", `{a: {producers: ["uid:a"], types: [info], everybody: true, priority: low}}`, nil},
		{"everybody as an audience", `{a: {` + ok + `, audiences: [everybody]}}`, []string{`a.audiences: "everybody" is no audience with members; to allow announcements to everybody, write "everybody: true"`}},
		{"two grants", `{a: {` + ok + `}, b: {` + ok + `}}`, []string{`b.producers: "uid:a" has the grant "a"`}},
		{"two grants in one", `{a: {producers: ["uid:a", "uid:a"], settings: true}}`, []string{`a.producers: "uid:a" has the grant "a"`}},
		{"a source with two grants", `{a: {` + ok + `, sources: [/s*]}, b: {producers: ["uid:b"], settings: true, sources: [/shop]}}`, []string{`a.sources: "/s*" overlaps with "/shop" of the grant "b"`}},
		{"another's own source", `{a: {` + ok + `, sources: [b]}, b: {producers: ["uid:b"], settings: true}}`, []string{`a.sources: "b" covers "b"`}},
		{"every source", `{a: {` + ok + `, sources: ["*"]}, b: {producers: ["uid:b"], settings: true}}`, []string{`a.sources: "*" covers "b"`}},
		{"every source, alone", `{a: {` + ok + `, sources: ["*"]}}`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, got := Parse(test.text, types)
			if len(got) != len(test.want) {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			for i, want := range test.want {
				if !strings.HasPrefix(got[i], want) || strings.Contains(got[i], "\n") {
					t.Errorf("got %q, want %q …", got[i], want)
				}
			}
		})
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b    string
		overlap bool
	}{
		{"/shop", "/shop", true}, {"/shop", "/shop/", false}, {"/shop*", "/shop", true}, {"/shop/*", "/shop", false}, {"*", "/shop", true},
		{"/s*", "/shop*", true}, {"/shop*", "/ship*", false}, {"*", "*", true}, {"/shop", "/sho", false}, {"/Shop", "/shop", false},
	} {
		if got := overlap(test.a, test.b); got != test.overlap || overlap(test.b, test.a) != got {
			t.Errorf("%q and %q: got %v", test.a, test.b, got)
		}
	}
}

// The webhooks are those of the table: the next one needs no line here to be nobody else's.
func TestTheSourcesOfWebhooks(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"github", "alertmanager"}, webhooks); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
