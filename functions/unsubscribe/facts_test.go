//go:build unix

package unsubscribe_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/unsubscribe"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/topics/topicstest"
)

// Each mail whose link ends something is one fact, however often the link is used; looking at the page is none, nor is a link that does not say of
// which mail it is. No fact has the uid.
func TestWhoEndsMailsIsToldOnceForEachMail(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.seed(t)
	cat, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	server, _ := topicstest.Start(t)
	teller, told := topicstest.Telling(t, server)
	at := now
	r.Handler = unsubscribe.New(unsubscribe.Needs{
		Catalog: cat, Store: r.store, Keys: keys, Facts: teller, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { at = at.Add(time.Second); return at },
	})
	for _, of := range []mail.Subscription{
		{UID: "bob", List: "social"}, // of an earlier version
		{UID: "bob", List: "social", By: mail.By{Type: "post.liked", Item: "i1", Revision: 3}},
		{UID: "bob", List: "social", By: mail.By{Type: "post.liked", Item: "i1", Revision: 5}},
		{UID: "bob", By: mail.By{Item: "digest-2026-11-26"}},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPost, http.MethodGet} {
			if w := r.ask(method, keys.Token(of), oneClick); w.Code != http.StatusOK {
				t.Fatalf("%s: got %d %s", method, w.Code, w.Body)
			}
		}
	}
	if w := r.ask(http.MethodPost, "forged", oneClick); w.Code != http.StatusNotFound {
		t.Fatalf("a forged token: got %d", w.Code)
	}
	facts := fact.Once(told())
	slices.SortFunc(facts, func(a, b fact.Fact) int { return int(a.HappenedAt - b.HappenedAt) })
	var got []fact.Fact
	for _, f := range facts {
		if data, err := f.Encode(); err != nil || strings.Contains(string(data), "bob") {
			t.Errorf("%s (%v)", data, err)
		}
		got = append(got, fact.Fact{Person: f.Person, Type: f.Type, Item: f.Item, Revision: f.Revision, Stage: f.Stage, Channel: f.Channel, Reason: f.Reason})
	}
	bob := topicstest.Key.Person("bob")
	want := []fact.Fact{
		{Person: bob, Type: "post.liked", Item: "i1", Revision: 3, Stage: fact.Unsubscribed, Channel: fact.Email, Reason: "social"},
		{Person: bob, Type: "post.liked", Item: "i1", Revision: 5, Stage: fact.Unsubscribed, Channel: fact.Email, Reason: "social"},
		{Person: bob, Item: "digest-2026-11-26", Stage: fact.Unsubscribed, Channel: fact.Email, Reason: "digest"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
}
