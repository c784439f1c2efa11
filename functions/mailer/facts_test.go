//go:build unix

package mailer

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/topics/topicstest"
)

// telling has the rig tell facts. What it returns are they, without repeats, as "uid: stage reason type item revision", and how many there were with them.
func telling(t *testing.T, r *rig, uids ...string) func() (facts []string, told int) {
	t.Helper()
	server, _ := topicstest.Start(t)
	teller, told := topicstest.Telling(t, server)
	n := r.needs
	n.Facts, n.Store = teller, r.Store
	r.Handler = New(n)
	return func() (facts []string, count int) {
		all := told()
		for _, f := range fact.Once(all) {
			i := slices.IndexFunc(uids, func(uid string) bool { return f.Person == topicstest.Key.Person(uid) })
			if i < 0 || f.Channel != fact.Email {
				t.Fatalf("a fact of nobody, or of another channel: %+v", f)
			}
			facts = append(facts, fmt.Sprintf("%s: %s", uids[i], strings.Join(strings.Fields(fmt.Sprint(f.Stage, " ", f.Reason, " ", f.Type, " ", f.Item, " ", f.Revision)), " ")))
		}
		slices.Sort(facts)
		return facts, len(all)
	}
}

// A digest's mail is told of each item that it names, in the item's state. A digest that goes again, since nobody has noted that it went, tells the
// same facts. What it only counts is not told.
func TestADigestIsToldOfEachItemThatItNames(t *testing.T) {
	t.Parallel()
	r := start(t)
	told := telling(t, r, "bob")
	r.daily(t, "bob")
	for i := range 8 { // six are named of a category
		r.put(t, "bob", fmt.Sprint("like", i), "post.liked", event.Medium, func(n *inbox.Notification) {
			n.Revision, n.UpdatedAt = 3, n.UpdatedAt.Add(-1e9*60*60) // all of one moment: in the order of their ids
		})
	}
	r.put(t, "bob", "pay", "payment.failed", event.High)
	r.put(t, "bob", "read", "post.liked", event.Medium, func(n *inbox.Notification) { n.ReadAt = r.now })
	before := r.plan(t, "bob")
	r.tick(t, http.StatusOK)
	if err := r.ChangePlan(t.Context(), "bob", func(digest.Plan, *profile.Settings) digest.Plan { return before.Begun("2026-11-26", r.now) }); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(digest.Lease)
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "9 unread notifications", "9 unread notifications")
	facts, all := told()
	mails := r.Messages("bob@example.org")
	want := []string{"bob: mailed digest payment.failed pay 1"}
	for i := range 8 {
		if id := fmt.Sprint("like", i); strings.Contains(mails[0].Text, "Item "+id) {
			want = append(want, "bob: mailed digest post.liked "+id+" 3")
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, facts); diff != "" || len(want) != 7 || all != 14 {
		t.Errorf("%d facts with repeats, want 14; -want +told:\n%s", all, diff)
	}
}

// What a server refuses for the recipient's sake has bounced; what it refuses for another reason is held; what it cannot take now is not told before it is.
func TestWhatBecomesOfAMailIsTold(t *testing.T) {
	t.Parallel()
	r := start(t)
	told := telling(t, r, "bouncer", "carol", "dave")
	due := func(n *inbox.Notification) { n.MailAt = r.now }
	r.daily(t, "bouncer")
	r.put(t, "bouncer", "a", "post.liked", event.Medium)
	r.put(t, "bouncer", "i", "security.alert", event.Urgent, due)
	r.tick(t, http.StatusOK)
	r.put(t, "carol", "i", "security.alert", event.Urgent, due)
	r.Refuse(554)
	r.tick(t, http.StatusOK)
	r.put(t, "dave", "i", "security.alert", event.Urgent, due)
	r.Refuse(451)
	r.tick(t, http.StatusServiceUnavailable)
	r.now = r.now.Add(inbox.MailLease)
	r.tick(t, http.StatusOK)
	for range 3 {
		r.now = r.now.Add(inbox.MailLease)
		r.tick(t, http.StatusOK)
	}
	r.got(t, "bouncer")
	r.got(t, "dave", "Item i")
	facts, all := told()
	want := []string{
		"bouncer: bounced security.alert i 1", // the digest of the same minute does not go
		"carol: held refused security.alert i 1", "dave: mailed security.alert i 1",
	}
	if diff := cmp.Diff(want, facts); diff != "" || all != len(want) {
		t.Errorf("%d facts with repeats; -want +told:\n%s", all, diff)
	}
	if log := r.log.String(); strings.Contains(log, "bouncer") {
		t.Errorf("the log names somebody:\n%s", log)
	}
}

// Facts cost no operation of Firestore: the same mails cost the same with them and without.
func TestFactsOfMailsCostNoOperation(t *testing.T) { // not parallel: it sets the environment
	counts := map[bool]tap.Counts{}
	for _, tells := range []bool{false, true} {
		t.Run(fmt.Sprint("told: ", tells), func(t *testing.T) {
			r := start(t)
			wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { wire.Close() })
			t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
			if r.Store, err = store.Open(t.Context(), firestoretest.Project(t)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = r.Store.Close() })
			told := func() ([]string, int) { return nil, 0 }
			if tells {
				told = telling(t, r, "bob")
			} else {
				n := r.needs
				n.Store = r.Store
				r.Handler = New(n)
			}
			r.daily(t, "bob")
			r.put(t, "bob", "a", "post.liked", event.Medium)
			r.put(t, "bob", "i", "security.alert", event.Urgent, func(n *inbox.Notification) { n.MailAt = r.now })
			before := wire.Counts()
			r.tick(t, http.StatusOK)
			counts[tells] = wire.Counts().Sub(before)
			if facts, _ := told(); tells != (len(facts) == 3) {
				t.Errorf("told %q", facts)
			}
		})
	}
	with, without := counts[true], counts[false]
	if with.Reads != without.Reads || with.Writes != without.Writes || with.Deletes != without.Deletes || with.Writes == 0 {
		t.Errorf("with facts: %+v\nwithout:    %+v", with, without)
	}
}
