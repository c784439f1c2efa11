//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
)

func TestPushReachesTheDevice(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("carrier")
	register(t, uid)
	screen := listen(t, uid)
	event := map[string]any{"id": uid, "type": "user.mentioned", "recipients": []string{uid}, "actor": map[string]any{"id": "alice", "name": "Alice"}}
	publish(t, event)
	publish(t, event)                                                                        // the producer sends it again
	publish(t, map[string]any{"type": "info", "title": "last", "recipients": []string{uid}}) // not pushed
	await(t, screen, "two items", func(items []map[string]any) bool { return len(items) == 2 })
	awaitPushes(t, uid, "Alice mentioned you in a post")
}

// register gives a person a device, whose address is its owner's uid and "-tab", and waits until the functions know of it.
func register(t *testing.T, uid string) {
	t.Helper()
	set(t, "users/"+uid+"/devices/tab", map[string]any{"kind": "token", "value": uid + "-tab", "platform": "web", "locale": "en", "lastSeenAt": system.Clock.Now()})
	awaitDevice(t, uid)
}

// awaitDevice waits until the profile has a copy of a device.
func awaitDevice(t *testing.T, uid string) {
	t.Helper()
	eventually(t, "the copy of the device of "+uid, func() (any, bool) {
		doc, err := database.Doc("users/" + uid).Get(t.Context())
		return err, err == nil && doc.Data()["devices"] != nil
	})
}

func set(t *testing.T, path string, data map[string]any) {
	t.Helper()
	if _, err := database.Doc(path).Set(t.Context(), data, firestore.MergeAll); err != nil {
		t.Fatal(err)
	}
}

// awaitPushes waits until a device was sent exactly that: titles, and "withdraw" for a withdrawal.
func awaitPushes(t *testing.T, uid string, want ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the pushes %q to %s", want, uid), func() (any, bool) {
		got := pushedTo(t, uid+"-tab")
		if len(got) > len(want) {
			t.Fatalf("got pushes %q, want %q", got, want)
		}
		return fmt.Sprintf("%q", got), slices.Equal(got, want)
	})
}

func TestReadingWithdrawsThePush(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("reader")
	register(t, uid)
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	began := time.Now()
	markAs(t, uid, "post.liked", "readAt")
	awaitPushes(t, uid, "Alice liked A walk", "withdraw")
	t.Logf("gone from the other device after %s", time.Since(began).Round(time.Millisecond))
}

// markAs sets a mark on the person's item of that type, as a client does: with it, that devices show its push, if they do.
func markAs(t *testing.T, uid, kind, field string) {
	t.Helper()
	item := awaitItem(t, uid, kind)
	revision := func(of string) int64 {
		fields, _ := item.Data()[of].(map[string]any)
		n, _ := fields["revision"].(int64)
		return n
	}
	shown := revision("push")
	marks := []firestore.Update{{Path: field, Value: firestore.ServerTimestamp}}
	err := database.RunTransaction(t.Context(), func(_ context.Context, tx *firestore.Transaction) error {
		if shown > revision("withdrawn") {
			said := database.Doc(fmt.Sprintf("users/%s/withdrawals/%s-%d", uid, item.Ref.ID, shown))
			if err := tx.Set(said, map[string]any{"expireAt": firestore.ServerTimestamp}); err != nil {
				return err
			}
		}
		return tx.Update(item.Ref, marks)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// awaitItem waits until the person has an item of that type.
func awaitItem(t *testing.T, uid, kind string) (item *firestore.DocumentSnapshot) {
	t.Helper()
	eventually(t, fmt.Sprintf("an item of the type %s for %s", kind, uid), func() (any, bool) {
		items, err := database.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).Documents(t.Context()).GetAll()
		i := slices.IndexFunc(items, func(item *firestore.DocumentSnapshot) bool { return item.Data()["type"] == kind })
		if i >= 0 {
			item = items[i]
		}
		return fmt.Sprintf("%d items, %v", len(items), err), i >= 0
	})
	return item
}

// TestOnlyWhatDevicesShowCallsWithdraw: new items, news of them, what is taken back, and marks on what was never pushed call nothing. What was
// pushed calls once, however often it is said.
func TestOnlyWhatDevicesShowCallsWithdraw(t *testing.T) {
	requireSystem(t)
	t.Parallel()
	uid := fresh("thrifty")
	alone := uid + "-without-devices"
	register(t, uid)
	back := func(actor string) map[string]any {
		e := like(actor, uid)
		e["retract"] = true
		return e
	}
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	publish(t, like("Dave", uid)) // a fold
	publish(t, back("Alice"))
	publish(t, back("Dave"))
	awaitPushes(t, uid, "Alice liked A walk", "withdraw") // by the subscriber itself
	publish(t, map[string]any{"type": "info", "title": "not pushed", "recipients": []string{uid}})
	publish(t, map[string]any{"type": "user.mentioned", "recipients": []string{alone}, "actor": map[string]any{"id": "alice", "name": "Alice"}})
	for who, kind := range map[string]string{uid: "info", alone: "user.mentioned"} {
		markAs(t, who, kind, "seenAt")
		markAs(t, who, kind, "readAt")
	}

	publish(t, map[string]any{"type": "user.mentioned", "recipients": []string{uid}, "actor": map[string]any{"id": "alice", "name": "Alice"}})
	awaitPushes(t, uid, "Alice liked A walk", "withdraw", "Alice mentioned you in a post")
	markAs(t, uid, "user.mentioned", "readAt")
	awaitPushes(t, uid, "Alice liked A walk", "withdraw", "Alice mentioned you in a post", "withdraw")
	said, err := database.Collection("users/" + uid + "/withdrawals").Documents(t.Context()).GetAll()
	if err != nil || len(said) != 1 {
		t.Fatalf("got %d withdrawals and %v, want one", len(said), err)
	}
	set(t, said[0].Ref.Path[strings.Index(said[0].Ref.Path, "users/"):], map[string]any{"expireAt": system.Clock.Now()}) // another device
	if _, err := said[0].Ref.Delete(t.Context()); err != nil {                                                           // TTL
		t.Fatal(err)
	}
	register(t, alone) // which calls mirror, so that what was called before is known
	if got, want := []int{system.Triggered("withdraw", uid), system.Triggered("withdraw", alone)}, []int{1, 0}; !slices.Equal(got, want) {
		t.Errorf("withdraw was called %d times for who has a device and for who has none, want %d", got, want)
	}
}

// These move the clock, so they run while no other test does.
func TestTheLastStateArrivesAfterTheInterval(t *testing.T) {
	requireSystem(t)
	uid := fresh("waiter")
	register(t, uid)
	screen := listen(t, uid)
	publish(t, like("Alice", uid))
	awaitPushes(t, uid, "Alice liked A walk")
	publish(t, like("Dave", uid))
	publish(t, like("Carol", uid))
	await(t, screen, "three people", titled("Carol and 2 others liked A walk"))
	if err := system.Clock.Advance(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	awaitPushes(t, uid, "Alice liked A walk", "Carol and 2 others liked A walk")
}

// A page is in view, and then dies without a word. (Its lease is longer than the rules would have it: this machine may be slow.)
func TestPresenceHoldsThePushAndThenItComes(t *testing.T) {
	requireSystem(t)
	uid := fresh("gazer")
	register(t, uid)
	set(t, "users/"+uid, map[string]any{"sessions": map[string]any{"tab": map[string]any{"expiresAt": system.Clock.Now().Add(10 * time.Minute), "target": nil, "visible": true}}})
	screen := listen(t, uid)
	publish(t, like("Alice", uid))
	items := await(t, screen, "the like", titled("Alice liked A walk"))
	if got := items[0]["held"]; got != "presence" {
		t.Errorf("held %q, want presence", got)
	}
	awaitPushes(t, uid)
	if err := system.Clock.Advance(11 * time.Minute); err != nil {
		t.Fatal(err)
	}
	awaitPushes(t, uid, "Alice liked A walk")
}

// pushedTo asks the fake FCM what a device was sent, as the README's curl line does.
func pushedTo(t *testing.T, token string) (titles []string) {
	t.Helper()
	res, err := patientClient.Get(system.Addresses.FCM + "/messages?token=" + token)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var messages []struct {
		Message struct{ Data map[string]string }
	}
	if err := json.NewDecoder(res.Body).Decode(&messages); err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		title := m.Message.Data["title"]
		if m.Message.Data["withdraw"] == "true" {
			title = "withdraw"
		}
		titles = append(titles, title)
	}
	return titles
}
