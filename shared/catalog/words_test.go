package catalog

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// shipped is the catalogue that is deployed.
func shipped(t *testing.T) *Catalog {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func actors(names ...string) []inbox.Actor {
	var all []inbox.Actor
	for _, name := range names {
		all = append(all, inbox.Actor{Actor: event.Actor{ID: "id-" + name, Name: name}})
	}
	return all
}

func TestSentences(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	post := event.Target{Type: "post", ID: "42"}
	tests := []struct {
		name   string
		item   inbox.Notification
		en, de string // titles
		body   string // the same in both
	}{
		{"one actor", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("Alice"), ActorCount: 1, EventCount: 1},
			"Alice liked your post", "Alice findet deinen Beitrag gut", ""},
		{"two actors", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("Bob", "Alice"), ActorCount: 2, EventCount: 2},
			"Bob and Alice liked your post", "Bob und Alice finden deinen Beitrag gut", ""},
		{"three actors", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("Carol", "Bob", "Alice"), ActorCount: 3, EventCount: 3},
			"Carol and 2 others liked your post", "Carol und noch 2 Personen finden deinen Beitrag gut", ""},
		{"two actors, one without a name", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("Bob", ""), ActorCount: 2, EventCount: 2},
			"Bob and 1 other liked your post", "Bob und noch 1 Person finden deinen Beitrag gut", ""},
		{"thousands, in the manner of the language", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("Carol", "Bob", "Alice"), ActorCount: 1235, EventCount: 1235},
			"Carol and 1,234 others liked your post", "Carol und noch 1.234 Personen finden deinen Beitrag gut", ""},
		{"an actor without a name", inbox.Notification{Type: "post.liked", Target: post, Actors: actors(""), ActorCount: 1, EventCount: 1},
			"Somebody liked your post", "Jemand findet deinen Beitrag gut", ""},
		{"actors that all left the item's memory", inbox.Notification{Type: "post.liked", Target: post, ActorCount: 5, EventCount: 5},
			"5 people liked your post", "5 Personen finden deinen Beitrag gut", ""},
		{"a titled target", inbox.Notification{Type: "post.liked", Target: event.Target{Type: "post", ID: "42", Title: "Holiday"}, Actors: actors("Alice"), ActorCount: 1, EventCount: 1},
			"Alice liked Holiday", "Alice findet Holiday gut", ""},

		{"one follower", inbox.Notification{Type: "user.followed", Actors: actors("Alice"), ActorCount: 1, EventCount: 4},
			"Alice followed you", "Alice folgt dir", ""},
		{"two followers", inbox.Notification{Type: "user.followed", Actors: actors("Bob", "Alice"), ActorCount: 2, EventCount: 2},
			"Bob and Alice followed you", "Bob und Alice folgen dir", ""},
		{"one comment", inbox.Notification{Type: "comment.created", Target: post, Actors: actors("Alice"), ActorCount: 1, EventCount: 1, Data: map[string]any{"text": "Nice!"}},
			"Alice commented on your post", "Kommentar von Alice zu deinem Beitrag", "Nice!"},
		{"three comments by one", inbox.Notification{Type: "comment.created", Target: post, Actors: actors("Alice"), ActorCount: 1, EventCount: 3},
			"3 new comments on your post by Alice", "3 neue Kommentare zu deinem Beitrag von Alice", ""},
		{"two messages", inbox.Notification{Type: "message.received", Actors: actors("Alice"), ActorCount: 1, EventCount: 2, Data: map[string]any{"text": "Hi"}},
			"2 new messages from Alice", "2 neue Nachrichten von Alice", "Hi"},
		{"an order's step", inbox.Notification{Type: "order.shipped", Target: event.Target{Title: "Order 7"}, EventCount: 2, Data: map[string]any{"carrier": "DHL"}},
			"Order 7 has shipped", "Order 7 ist unterwegs", "DHL"},
		{"a type without sentences", inbox.Notification{Type: "info", EventCount: 1}, "", "", ""},
		{"a type that has gone", inbox.Notification{Type: "nope", EventCount: 1}, "", "", ""},

		{"braces in a name are only letters", inbox.Notification{Type: "post.liked", Target: event.Target{Title: "{actors} {{.PluralCount}}"}, Actors: actors("{n}", "{target}"), ActorCount: 2, EventCount: 2},
			"{n} and {target} liked {actors} {{.PluralCount}}", "{n} und {target} finden {actors} {{.PluralCount}} gut", ""},
		{"braces in a name before others", inbox.Notification{Type: "post.liked", Target: post, Actors: actors("{n}}{", "B", "C"), ActorCount: 4, EventCount: 4},
			"{n}}{ and 3 others liked your post", "{n}}{ und noch 3 Personen finden deinen Beitrag gut", ""},
		{"braces in data", inbox.Notification{Type: "security.alert", Target: event.Target{Title: "you"}, EventCount: 1, Data: map[string]any{"summary": "{data.summary} {n"}},
			"Security alert for you", "Sicherheitswarnung für you", "{data.summary} {n"},
		{"a big number in data", inbox.Notification{Type: "security.alert", Target: event.Target{Title: "you"}, EventCount: 1, Data: map[string]any{"summary": 12345678.0}},
			"Security alert for you", "Sicherheitswarnung für you", "12345678"},
		{"a fraction in data", inbox.Notification{Type: "security.alert", Target: event.Target{Title: "you"}, EventCount: 1, Data: map[string]any{"summary": 0.25}},
			"Security alert for you", "Sicherheitswarnung für you", "0.25"},
		{"null in data", inbox.Notification{Type: "security.alert", Target: event.Target{Title: "you"}, EventCount: 1, Data: map[string]any{"summary": nil}},
			"Security alert for you", "Sicherheitswarnung für you", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for locale, want := range map[string]inbox.Words{"en": {Title: test.en, Body: test.body}, "de": {Title: test.de, Body: test.body}} {
				if diff := cmp.Diff(want, c.Say(locale)(&test.item)); diff != "" {
					t.Errorf("%s: -want +got:\n%s", locale, diff)
				}
			}
		})
	}
}

func TestActionsSpeakTheLanguageAndLeadToTheTarget(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	tests := []struct {
		typ, locale string
		want        []event.Action
	}{
		{"friend.requested", "de", []event.Action{{ID: "accept", Label: "Annehmen", Style: "primary"}, {ID: "decline", Label: "Ablehnen"}}},
		{"friend.requested", "en", []event.Action{{ID: "accept", Label: "Accept", Style: "primary"}, {ID: "decline", Label: "Decline"}}},
		{"payment.failed", "en", []event.Action{{ID: "update", Label: "Update payment method", Style: "primary", URL: "/pay?x={n}"}}},
	}
	for _, test := range tests {
		n := inbox.Notification{Type: test.typ, Actors: actors("Alice"), ActorCount: 1, EventCount: 1, Target: event.Target{URL: "/pay?x={n}"}}
		if diff := cmp.Diff(test.want, c.Say(test.locale)(&n).Actions); diff != "" {
			t.Errorf("%s in %s: -want +got:\n%s", test.typ, test.locale, diff)
		}
	}
}

func TestEveryLocaleIsServedByTheNearestLanguage(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	n := inbox.Notification{Type: "user.followed", Actors: actors("Alice"), ActorCount: 1, EventCount: 1}
	for locale, want := range map[string]string{
		"en": "Alice followed you", "en-GB": "Alice followed you", "de": "Alice folgt dir", "de-AT": "Alice folgt dir", "DE_ch": "Alice folgt dir", "de-DE-u-co-phonebk": "Alice folgt dir",
		"": "Alice followed you", "fr": "Alice followed you", "ja-JP": "Alice followed you", "xx-invalid-locale!": "Alice followed you", "und": "Alice followed you", "\x00": "Alice followed you",
	} {
		if got := c.Say(locale)(&n).Title; got != want {
			t.Errorf("%q: got %q, want %q", locale, got, want)
		}
	}
}

func TestEverySentenceOfEveryTypeIsComplete(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	for _, name := range c.Names() {
		for _, locale := range []string{"en", "de"} {
			for _, count := range []int{1, 2, 7} {
				n := inbox.Notification{Type: name, Actors: actors("Alice"), ActorCount: count, EventCount: count}
				typ, _ := c.Type(name)
				if got := c.Say(locale)(&n).Title; got == "" && typ.Category != "system" {
					t.Errorf("%s, %s, %d: it says nothing", name, locale, count)
				}
			}
		}
	}
}

func TestSpokenDataHasAllItsDigitsAndTurnsNothingAround(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value any
		want  string
	}{
		{json.Number("9007199254740993"), "9007199254740993"}, {json.Number("1e21"), "1000000000000000000000"}, {json.Number("1.10"), "1.1"},
		{int64(9007199254740993), "9007199254740993"}, {7, "7"}, {1.1, "1.1"}, {1e21, "1000000000000000000000"},
		{"invoice\u202efdp.exe", "invoicefdp.exe"}, {true, "true"}, {nil, ""}, {[]any{1.0}, ""}, {map[string]any{}, ""},
	} {
		if got := spoken(test.value); got != test.want {
			t.Errorf("%v: got %q, want %q", test.value, got, test.want)
		}
	}
}
