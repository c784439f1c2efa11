package catalog

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

func TestTheCatalogueShipsWithTheTypesOfTheDesign(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	want := []string{
		"advisory.published", "answer.accepted", "comment.created", "deployment.approval_requested", "discussion.commented", "error",
		"friend.requested", "incident.opened", "incident.resolved", "info", "issue.assigned", "issue.commented", "issue.reopened", "issue.transferred",
		"message.received", "order.cancelled", "order.delivered", "order.out_for_delivery", "order.paid", "order.placed", "order.shipped", "overflow",
		"payment.failed", "post.liked", "pull_request.approved", "pull_request.changes_requested", "pull_request.review_commented",
		"pull_request.reviewed", "release.published", "repository.forked", "repository.starred", "review.requested", "security.alert",
		"success", "system.announcement", "user.followed", "user.mentioned", "warning", "workflow.failed",
	}
	if diff := cmp.Diff(want, c.Names()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTypesAsTheyAreShipped(t *testing.T) {
	t.Parallel()
	inApp, push := []event.Channel{event.InApp}, []event.Channel{event.InApp, event.Push}
	mailed := []event.Channel{event.InApp, event.Push, event.Email}
	order := &event.Group{Key: "order", By: event.ByTarget, Counts: event.CountStates}
	want := map[string]event.Type{
		"post.liked":       {Category: "social", Priority: event.Medium, Icon: "heart", Channels: push, Mutable: true, Group: &event.Group{Key: "post.liked", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountActors}},
		"user.followed":    {Category: "social", Priority: event.Medium, Icon: "follow", Channels: push, Mutable: true, Group: &event.Group{Key: "user.followed", By: event.ByRecipient, Window: 5 * time.Minute, Counts: event.CountActors}},
		"message.received": {Category: "messages", Priority: event.High, Icon: "message", Channels: push, Mutable: true, Group: &event.Group{Key: "message.received", By: event.ByTarget, Window: 5 * time.Minute, Counts: event.CountEvents}},
		"order.placed":     {Category: "orders", Priority: event.Medium, Icon: "order", Channels: inApp, Mutable: true, Group: order},
		"order.cancelled":  {Category: "orders", Priority: event.High, Icon: "cancelled", Channels: push, Mutable: true, Group: order},
		"security.alert":   {Category: "security", Priority: event.Urgent, Icon: "shield", Channels: mailed, Mutable: false},
		"info":             {Category: "system", Priority: event.Low, Icon: "info", Channels: inApp, Mutable: true},
	}
	c := shipped(t)
	for name, w := range want {
		w.Name, w.PushInterval = name, time.Minute
		got, ok := c.Type(name)
		if diff := cmp.Diff(w, got); !ok || diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
	if _, ok := c.Type("post.like"); ok {
		t.Error("a type that is not there was found")
	}
}

func TestCheckNamesWhatTheTypeAsksFor(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	alice, post := event.Actor{ID: "alice"}, event.Target{Type: "post", ID: "42"}
	tests := []struct {
		name   string
		event  event.Event
		field  string
		detail string
	}{
		{"a like", event.Event{Type: "post.liked", Actor: alice, Target: post}, "", ""},
		{"unknown type, nearest", event.Event{Type: "post.like"}, "type", `did you mean "post.liked"?`},
		{"unknown type, other letters", event.Event{Type: "Comment.Created"}, "type", `did you mean "comment.created"?`},
		{"unknown type, hostile", event.Event{Type: strings.Repeat("x", 200)}, "type", "is not in the catalogue"},
		{"no type is Validate's to tell", event.Event{}, "", ""},
		{"what Tidings makes itself", event.Event{Type: "overflow", Target: post}, "type", "made by Tidings itself"},
		{"like without target", event.Event{Type: "post.liked", Actor: alice}, "target", "groups by what it happened to"},
		{"like without target, with a groupKey", event.Event{Type: "post.liked", Actor: alice, GroupKey: "k"}, "", ""},
		{"like without actor", event.Event{Type: "post.liked", Target: post}, "actor", "who did it"},
		{"like without actor, with a title", event.Event{Type: "post.liked", Target: post, Title: "T"}, "actor", "who did it"},
		{"follow needs no target", event.Event{Type: "user.followed", Actor: alice}, "", ""},
		{"comment without actor", event.Event{Type: "comment.created", Target: post}, "actor", "who did it"},
		{"comment without actor, with a title", event.Event{Type: "comment.created", Target: post, Title: "T"}, "", ""},
		{"order without target", event.Event{Type: "order.shipped"}, "target", "groups by"},
		{"order needs no actor", event.Event{Type: "order.shipped", Target: post}, "", ""},
		{"info without title", event.Event{Type: "info"}, "title", "no sentence of its own"},
		{"info with title", event.Event{Type: "info", Title: "T"}, "", ""},
		{"alert alone", event.Event{Type: "security.alert"}, "", ""},
		{"retracted mention without target", event.Event{Type: "user.mentioned", Actor: alice, Retract: true}, "target", "retraction"},
		{"retracted alert without actor", event.Event{Type: "security.alert", Target: post, Retract: true}, "actor", "who did it"},
		{"retracted assignment without actor", event.Event{Type: "issue.assigned", Target: post, Retract: true}, "", ""},
		{"assignment without actor", event.Event{Type: "issue.assigned", Target: post}, "actor", "who did it"},
		{"info to everybody", event.Event{Type: "info", Title: "T", Audience: event.Everybody}, "", ""},
		{"alert to everybody", event.Event{Type: "security.alert", Audience: event.Everybody}, "", ""},
		{"order to everybody", event.Event{Type: "order.shipped", Target: post, Audience: event.Everybody}, "type", "groups"},
		{"a request to everybody", event.Event{Type: "friend.requested", Title: "T", Audience: event.Everybody}, "type", "asks for an answer"},
		{"retracted info", event.Event{Type: "info", Actor: alice, Target: post, Retract: true}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.event.Type != "" && !test.event.ToEverybody() {
				test.event.Recipients = []string{"bob"}
			}
			f := c.Check(&test.event)
			if test.field == "" {
				if len(f) > 0 {
					t.Errorf("got %v, want nothing", f)
				}
				return
			}
			if len(f) != 1 || f[0].Field != test.field || !strings.Contains(f[0].Detail, test.detail) || len(f[0].Detail) > 300 {
				t.Errorf("got %v, want %s: … %s", f, test.field, test.detail)
			}
		})
	}
}

// tiny is a catalogue with one type that groups and has words.
const tiny = `
locales: [en, de]
categories: [{name: social, title: {en: People, de: Menschen}}]
people:
  en: {none: Somebody, two: "{first} and {second}", more: {one: "{first} and {n} other", other: "{first} and {n} others"}, unnamed: "{n} people"}
  de: {none: Jemand, two: "{first} und {second}", more: "{first} und {n} weitere", unnamed: "{n} Personen"}
catchUp: {en: "{n} while you were away", de: "{n} in deiner Abwesenheit"}
mail:
  en: {unread: "{n} new", more: "{n} more", open: o, day: d, week: w, list: "about {list}", always: a, unsubscribe: u, digest: s, ask: "{list}?", done: "no {list}", invalid: i}
  de: {unread: "{n} new", more: "{n} more", open: o, day: d, week: w, list: "about {list}", always: a, unsubscribe: u, digest: s, ask: "{list}?", done: "no {list}", invalid: i}
types:
  post.liked:
    category: social
    priority: medium
    icon: heart
    channels: [in_app, push]
    pushInterval: 30s
    group: {by: target, window: 5m, counts: actors}
    actions: [{id: open, style: primary, url: "{target.url}", label: {en: Open, de: Auf}}]
    text:
      en: {target: your post, title: "{actors} liked {target}", body: "{data.text}"}
      de: {target: dein Beitrag, title: "{target} gefällt {actors}", body: "{data.text}"}
`

func TestParseRefusesWhatCouldNotBeDeliveredOrSpoken(t *testing.T) {
	t.Parallel()
	if _, err := Parse([]byte(tiny)); err != nil {
		t.Fatalf("the catalogue that the cases start from is refused: %v", err)
	}
	tests := []struct {
		name, old, new string
		want           string // part of the error
	}{
		{"broken YAML", "locales: [en, de]", "locales: [en", "catalog:"},
		{"empty", tiny, "", "locales"},
		{"unknown field", "icon: heart", "icn: heart", "icn"},
		{"unknown field in a group", "counts: actors", "count: actors", "count"},
		{"the same type twice", "types:\n", "types:\n  post.liked: {category: social, priority: low, icon: x}\n", "post.liked"},
		{"no types", tiny[strings.Index(tiny, "types:"):], "types: {}", "types"},
		{"no locales", "locales: [en, de]", "locales: []", "locales"},
		{"bad locale", "locales: [en, de]", "locales: [en, de, '!!']", "locales"},
		{"words for people missing", "none: Jemand, ", "", "people.de"},
		{"words of mails missing", ", invalid: i}\ntypes", "}\ntypes", "mail.de"},
		{"a number of mails without its place", `unread: "{n} new"`, `unread: "{m} new"`, "mail.en"},
		{"a list of mails misspelt", `"about {list}"`, `"about {lst}"`, "mail.en"},
		{"a mail that comes too soon", "pushInterval: 30s", "mailAfter: 30s", "mailAfter"},
		{"misspelt placeholder for people", `"{first} und {second}"`, `"{first} und {secnd}"`, "people.de"},
		{"misspelt plural of people", "more: {one:", "more: {oen:", "people.en"},
		{"nothing to say of what was held back", `, de: "{n} in deiner Abwesenheit"}`, "}", "catchUp.de: is missing"},
		{"misspelt number of what was held back", "{n} in deiner", "{m} in deiner", "catchUp.de"},
		{"a category without a title in a language", "title: {en: People, de: Menschen}", "title: {en: People}", "needs a title in de"},
		{"a category twice", "categories: [", "categories: [{name: social, title: {en: People, de: Menschen}}, ", "twice"},
		{"a category that no preference can name", "name: social", "name: Social Media", "small letters"},
		{"unknown category", "category: social", "category: sozial", "post.liked.category"},
		{"unknown priority", "priority: medium", "priority: middle", "post.liked.priority"},
		{"no icon", "icon: heart", "icon: ''", "post.liked.icon"},
		{"unknown channel", "[in_app, push]", "[in_app, sms]", "post.liked.channels"},
		{"negative push interval", "pushInterval: 30s", "pushInterval: -30s", "post.liked.pushInterval"},
		{"unknown grouping", "by: target", "by: post", "post.liked.group"},
		{"unknown count", "counts: actors", "counts: likes", "post.liked.group"},
		{"short window", "window: 5m", "window: 4m59s", "post.liked.group"},
		{"no window", "window: 5m, ", "", "post.liked.group"},
		{"sharing a key with another window", "types:\n", "types:\n  post.loved: {category: social, priority: low, icon: x, group: {key: post.liked, by: target, window: 6m, counts: actors}}\n", "share"},
		{"sharing a key with another count", "types:\n", "types:\n  post.loved: {category: social, priority: low, icon: x, group: {key: post.liked, by: target, window: 5m, counts: events}}\n", "share"},
		{"a language missing", "      de: {target: dein Beitrag, title: \"{target} gefällt {actors}\", body: \"{data.text}\"}\n", "", "post.liked.text.de"},
		{"a body in one language only", `{actors}", body: "{data.text}"}`, `{actors}"}`, "post.liked.text.de"},
		{"words in an unknown language", "      de: {target", "      fr: {title: x}\n      de: {target", "post.liked.text.fr"},
		{"title without the form other", `"{target} gefällt {actors}"`, `{one: "{target} gefällt {actors}"}`, "post.liked.text.de"},
		{"body without the form other", `body: "{data.text}"}` + "\n      de", `body: {one: x}}` + "\n      de", "post.liked.text.en"},
		{"misspelt plural form", `"{target} gefällt {actors}"`, `{oen: a, other: b}`, "oen"},
		{"misspelt placeholder", "{actors} liked", "{actor} liked", "{actor}"},
		{"misspelt placeholder in a target", "target: your post", "target: your {post}", "{post}"},
		{"placeholder without end", "{actors} liked", "{actors liked", "post.liked.text.en"},
		{"placeholder never closed", "{actors} liked {target}", "{actors} liked {target", "post.liked.text.en"},
		{"misspelt placeholder in an action", "{target.url}", "{target.ulr}", "post.liked.actions"},
		{"unknown style", "style: primary", "style: bold", "post.liked.actions"},
		{"action without a label", ", de: Auf", "", "post.liked.actions"},
		{"action without an id", "id: open, ", "", "post.liked.actions"},
		{"the same action twice", "[{id: open,", "[{id: open, label: {en: O, de: A}}, {id: open,", "post.liked.actions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			raw := strings.Replace(tiny, test.old, test.new, 1)
			if raw == tiny {
				t.Fatal("the case changes nothing")
			}
			_, err := Parse([]byte(raw))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want … %s …", err, test.want)
			}
		})
	}
}

func TestParseTellsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte(strings.NewReplacer("icon: heart", "icon: ''", "priority: medium", "priority: x", "by: target", "by: x").Replace(tiny)))
	if err == nil {
		t.Fatal("it was taken")
	}
	if got := strings.Split(err.Error(), "\n"); len(got) != 3 {
		t.Errorf("got %d mistakes, want 3: %v", len(got), err)
	}
}

func TestDefaultsOfAType(t *testing.T) {
	t.Parallel()
	c, err := Parse([]byte(strings.Replace(tiny, "    channels: [in_app, push]\n    pushInterval: 30s\n", "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := c.Type("post.liked")
	if want := []event.Channel{event.InApp}; !slices.Equal(got.Channels, want) || got.PushInterval != time.Minute || !got.Mutable || got.Group.Key != "post.liked" {
		t.Errorf("got %+v", got)
	}
}

// Who is told is left out only where it is whoever was told.
func TestSomebodyIsTold(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		event event.Event
		want  bool
	}{
		{event.Event{Type: "info", Title: "T"}, true},
		{event.Event{Type: "info", Title: "T", Audience: "a"}, false},
		{event.Event{Type: "incident.opened", Target: event.Target{Type: "a", ID: "1"}}, true},
		{event.Event{Type: "incident.resolved", Target: event.Target{Type: "a", ID: "1"}}, false},
		{event.Event{Type: "incident.opened", Target: event.Target{Type: "a", ID: "1"}, Retract: true}, false},
	} {
		if f := c.Check(&test.event); (len(f) == 1 && f[0].Field == "recipients") != test.want || len(f) > 1 {
			t.Errorf("%s, retract %t: got %v", test.event.Type, test.event.Retract, f)
		}
	}
}

func TestTextOverWhichTheParserPanicsIsAMistakeLikeOthers(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("locales: !x\ny"))
	if err == nil || !strings.Contains(err.Error(), "no YAML") {
		t.Errorf("got %v", err)
	}
}
