//go:build unix

package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
)

func TestAPlanIsAFunctionOfItsSeed(t *testing.T) {
	t.Parallel()
	o := Options{Seed: 7, Events: 2000, Recipients: 50}
	compare := cmp.AllowUnexported(plan{}, message{})
	if diff := cmp.Diff(makePlan(o), makePlan(o), compare); diff != "" {
		t.Errorf("twice the same seed: %s", diff)
	}
	o.Seed = 8
	if cmp.Equal(makePlan(Options{Seed: 7, Events: 2000, Recipients: 50}), makePlan(o), compare) {
		t.Error("another seed gave the same plan")
	}
}

// TestAPlanIsWellDefined holds the generator to what makes the model right.
func TestAPlanIsWellDefined(t *testing.T) {
	t.Parallel()
	p := makePlan(Options{Seed: 1, Events: 100_000, Recipients: 500})
	times, kinds := map[time.Time]bool{}, map[string]int{}
	const orders = 720 * time.Hour
	for _, m := range p.messages {
		at := m.event.Time
		if times[at] && !m.event.Retract {
			t.Fatalf("two events at %s", at)
		}
		times[at] = true
		kinds[fmt.Sprint(m.event.Type, " ", m.event.Retract, isEdge(m.event.Target.ID))]++
		if at.UnixMicro()/orders.Microseconds() != beginning.UnixMicro()/orders.Microseconds() {
			t.Fatalf("%s is beyond the orders' window index", at)
		}
		if !isEdge(m.event.Target.ID) && at.Sub(beginning)%apart >= window {
			t.Fatalf("%s: %s is beyond its burst's window index", m.event.Type, at)
		}
		if len(m.stages) < 1 || len(m.stages) > 5 {
			t.Fatalf("%d copies", len(m.stages))
		}
		for _, s := range m.stages {
			if s < m.stages[0] || s >= p.stages || timeOf(s).Add(event.MaxAhead).Before(at) {
				t.Fatalf("event of %s: copies at stages %v", at, m.stages)
			}
		}
	}
	for _, kind := range []string{"post.liked false false", "post.liked true false", "post.liked false true", "post.liked true true",
		"comment.created true false", "comment.created true true", "message.received true false", "user.followed true false",
		"order.shipped true false", "user.mentioned true false", "friend.requested true false", "system.announcement false false"} {
		if kinds[kind] == 0 {
			t.Errorf("no %q among %v", kind, kinds)
		}
	}
}

// TestModelReadsPlainly is the model by example.
func TestModelReadsPlainly(t *testing.T) {
	t.Parallel()
	p := &plan{}
	post := func(kind, actor, target string, at time.Duration, retract bool) {
		e := event.Event{ID: fmt.Sprint(len(p.messages)), Type: kind, Time: beginning.Add(at), Actor: named(actor), Target: event.Target{ID: target}, Retract: retract, Recipients: []string{"bob"}}
		if strings.HasPrefix(kind, "order.") {
			e.Actor, e.Target.Title = event.Actor{}, "Order 1"
		}
		p.messages = append(p.messages, &message{event: e})
	}
	post("post.liked", "ann", "post", time.Second, false)
	post("post.liked", "ben", "post", 2*time.Second, false)
	post("post.liked", "cho", "post", 3*time.Second, false)
	post("post.liked", "cho", "post", 4*time.Second, true)
	post("post.liked", "dan", "post", time.Hour, false)
	post("comment.created", "ann", "post", time.Second, false)
	post("comment.created", "ann", "post", 2*time.Second, false)
	post("user.mentioned", "ann", "c1", 5*time.Second, false)
	post("user.mentioned", "ben", "c2", 5*time.Second, false)
	post("user.mentioned", "ben", "c2", time.Hour, true)
	post("order.placed", "shop", "o", time.Second, false)
	post("order.shipped", "shop", "o", 2*time.Hour, false)
	post("order.paid", "shop", "o", time.Hour, false)
	for _, target := range []string{"few", "many"} { // as many come after Ann and go as an item remembers, and one fewer
		post("comment.created", "ann", target, time.Second, false)
		for i, actor := range []string{"ben", "cho", "dan", "eve"} {
			if target == "many" || i > 0 {
				post("comment.created", actor, target, time.Duration(i+2)*time.Second, false)
				post("comment.created", actor, target, time.Hour+time.Duration(i)*time.Second, true)
			}
		}
	}
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	got := expect(p, cat.Say("en"))
	inboxes := map[string]wanted{"bob": {
		{"post.liked", "post", beginning}:                        {actors: 2, events: 2, title: "Ben and Ann liked your post", names: []string{"Ben", "Ann"}},
		{"post.liked", "post", beginning.Add(time.Hour)}:         {actors: 1, events: 1, title: "Dan liked your post", names: []string{"Dan"}},
		{"comment.created", "post", beginning}:                   {actors: 1, events: 2, title: "2 new comments on your post by Ann", names: []string{"Ann"}},
		{"comment.created", "few", beginning}:                    {actors: 1, events: 1, title: "Ann commented on your post", names: []string{"Ann"}},
		{"comment.created", "many", beginning}:                   {actors: 1, events: 1, title: "Ann commented on your post", forgotten: "Ann commented on your post", names: []string{"Ann"}},
		{"user.mentioned", "c1", beginning.Add(5 * time.Second)}: {actors: 1, events: 1, title: "Ann mentioned you in a post", names: []string{"Ann"}},
		{"order", "o", time.Time{}}:                              {actors: -1, events: 1, title: "Order 1 has shipped"},
	}}
	if diff := cmp.Diff(inboxes, got, cmp.AllowUnexported(want{}, place{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWordsMayBeForgottenOnlyTogether: where the item may have forgotten them, it has the catalogue's, and no others.
func TestWordsMayBeForgottenOnlyTogether(t *testing.T) {
	t.Parallel()
	remembers, forgets := &want{title: "Ann says", body: "hello"}, &want{title: "Ann says", body: "hello", forgotten: "Ann commented"}
	for _, test := range []struct {
		w           *want
		title, body string
		ok          bool
	}{
		{remembers, "Ann says", "hello", true}, {remembers, "Ann commented", "", false}, {remembers, "Ann says", "", false},
		{forgets, "Ann says", "hello", true}, {forgets, "Ann commented", "", true}, {forgets, "Ann says", "", false}, {forgets, "Ann commented", "hello", false},
	} {
		if got := test.w.says(test.title, test.body); got != test.ok {
			t.Errorf("%q, %q: got %v, want %v", test.title, test.body, got, test.ok)
		}
	}
}

// TestEveryDifferenceIsNamed: a comparison that cannot fail proves nothing.
func TestEveryDifferenceIsNamed(t *testing.T) {
	t.Parallel()
	at := beginning
	liked := func(change func(*document)) map[string]*document {
		d := &document{Type: "post.liked", Title: "Ben and Ann liked your post", ActorCount: 2, EventCount: 2, Revision: 2, OpenedAt: &at, LatestAt: &at}
		d.Target.ID = "post"
		change(d)
		return map[string]*document{"1": d}
	}
	expected := wanted{{"post.liked", "post", beginning}: {actors: 2, events: 2, title: "Ben and Ann liked your post", names: []string{"Ben", "Ann"}}}
	twice := liked(func(*document) {})
	twice["2"] = twice["1"]
	tests := map[string]struct {
		items map[string]*document
		want  string
	}{
		"as it should be":   {liked(func(*document) {}), ""},
		"missing":           {nil, "missing"},
		"twice":             {twice, "twice"},
		"one actor too few": {liked(func(d *document) { d.ActorCount = 1 }), "got 1 actors"},
		"an event too many": {liked(func(d *document) { d.EventCount = 3 }), "3 events"},
		"another title":     {liked(func(d *document) { d.Title = "?" }), `"?"`},
		"another target":    {liked(func(d *document) { d.Target.ID = "other" }), "should not be there"},
		"archived":          {liked(func(d *document) { d.ArchivedAt = &at }), "neither shown nor hidden"},
		"hidden in part":    {liked(func(d *document) { d.RetractedAt = &at }), "not all of it"},
		"a name too many": {liked(func(d *document) {
			d.Actors = append(d.Actors, struct {
				Name string    `firestore:"name"`
				At   time.Time `firestore:"at"`
			}{"Eve", at})
		}), "names"},
	}
	for name, tc := range tests {
		_, problems := compareInbox(tc.items, expected)
		if got := strings.Join(problems, "; "); tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q, want it to say %q", name, got, tc.want)
		}
	}
}
