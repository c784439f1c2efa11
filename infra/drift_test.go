//go:build unix

package infra_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store"
)

// The rules name fields that Go code writes. These tests fail when the two drift apart.

// An item as the store writes it has the fields that these tests know, and its owner can mark it; also one that lacks all that may be
// empty.
func TestItemOfTheStore(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	stored, err := store.Open(t.Context(), d.project)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stored.Close() })
	n := inbox.Notification{
		Type: "friend.requested", Category: "social", Priority: event.High, Icon: "person", Title: "Alice wants to be your friend", Body: "Hello", URL: "/alice",
		Why: "recipient", Held: "interval", Muted: "mute", GroupID: "g1",
		Actors:     []inbox.Actor{{Actor: event.Actor{ID: "alice", Name: "Alice"}, At: now}},
		ActorCount: 1, EventCount: 1, EntryCount: 1, PartCount: 1, Revision: 3, CreatedAt: now, UpdatedAt: now, LatestAt: now, OpenedAt: now, ExpireAt: now.Add(day),
		Actions: []event.Action{{ID: "accept", Label: "Accept"}}, Own: inbox.Own{Title: true}, DueAt: now, MailAt: now, Mail: inbox.Mail{At: now, Revision: 2}, Withdrawn: inbox.Withdrawal{Revision: 2, Message: "m0"}, Data: map[string]any{"reason": "work"},
	}
	n.Memory.Said = []uint64{1}
	if err := n.Members.UnmarshalBinary(someMembers); err != nil {
		t.Fatal(err)
	}
	least := inbox.Notification{Type: "info", Priority: event.Low, Revision: 3}
	writes := []store.Write{{UID: "bob", Item: &inbox.Item{ID: "n", Notification: n}}, {UID: "bob", Item: &inbox.Item{ID: "least", Notification: least}}}
	for _, err := range stored.Save(t.Context(), writes) {
		if err != nil {
			t.Fatal(err)
		}
	}

	_, answer := d.call(t, "GET", "/v1/"+d.root()+"/users/bob/notifications/n", admin, nil)
	var document struct{ Fields fields }
	if err := json.Unmarshal(answer, &document); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(item())), slices.Sorted(maps.Keys(document.Fields))); diff != "" {
		t.Errorf("fields of an item (-here +store):\n%s", diff)
	}
	mark := fields{
		"seenAt": serverTime, "readAt": serverTime, "archivedAt": serverTime,
		"snoozedUntil": ahead(time.Hour), "doneAction": "accept", "doneAt": serverTime, "followedAt": serverTime, "revision": 3,
	}
	if got, want := d.commit(t, "bob", d.update("users/bob/notifications/n", mark)), allowed; got != want {
		t.Errorf("all marks at once: got %s, want %s", got, want)
	}
	mark["doneAction"] = nil // it has no actions
	delete(mark, "doneAt")
	if got, want := d.commit(t, "bob", d.update("users/bob/notifications/least", mark)), allowed; got != want {
		t.Errorf("an item that lacks what may be empty: got %s, want %s", got, want)
	}
}

// A person can have a preference about every category that a type belongs to.
func TestCategoriesOfTheCatalogue(t *testing.T) {
	t.Parallel()
	types, err := catalog.New()
	if err != nil {
		t.Fatal(err)
	}
	choice := fields{}
	for _, name := range types.Names() {
		is, _ := types.Type(name)
		choice[is.Category] = false
	}
	d := newDatabase(t)
	preferences := fields{"preferences": fields{"in_app": choice, "push": choice, "email": choice}}
	if got, want := d.commit(t, "bob", d.create("users/bob", preferences)), allowed; got != want {
		t.Errorf("a choice about each category of the catalogue: got %s, want %s", got, want)
	}
}

// someMembers is one like, in the stored form of package inbox.
var someMembers = []byte{3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0}
