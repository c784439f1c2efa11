//go:build unix

package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tidings.dev/emulator/google"
	"tidings.dev/emulator/mailbox"
)

// addressed gives people accounts with verified addresses.
func addressed(t *testing.T, uids ...string) {
	t.Helper()
	var users []map[string]any
	for _, uid := range uids {
		users = append(users, map[string]any{"localId": uid, "email": uid + "@tidings.example", "emailVerified": true})
	}
	url := fmt.Sprintf("http://%s/identitytoolkit.googleapis.com/v1/projects/%s/accounts:batchCreate", system.Addresses.Auth, system.Addresses.Project)
	if err := google.Call(t.Context(), http.MethodPost, url, map[string]any{"users": users}, nil); err != nil {
		t.Fatal(err)
	}
}

// awaitMails waits until a person has exactly these mails, by their subjects in any order.
func awaitMails(t *testing.T, uid string, want ...string) []mailbox.Message {
	t.Helper()
	slices.Sort(want)
	for w := waitFor(t, fmt.Sprintf("the mails %q for %s", want, uid)); ; {
		more, got := system.Mailbox.More(), system.Mailbox.Messages(uid+"@tidings.example")
		var subjects []string
		for _, m := range got {
			subjects = append(subjects, m.Subject)
		}
		slices.Sort(subjects)
		if slices.Equal(subjects, want) {
			return got
		}
		if len(got) > len(want) {
			t.Fatalf("%s has the mails %q, want %q", uid, subjects, want)
		}
		select {
		case <-more:
		case <-w.late:
			w.fail(subjects)
		case <-system.Done():
			w.fail(subjects)
		}
	}
}

// awaitDigest waits until the functions know when a person's digest is due, or that they want none.
func awaitDigest(t *testing.T, uid string, wanted bool) {
	t.Helper()
	eventually(t, "the digest of "+uid, func() (any, bool) {
		doc, err := database.Doc("users/" + uid).Get(t.Context())
		return fmt.Sprint(doc, err), err == nil && (doc.Data()["digestAt"] != nil) == wanted
	})
}

// awaitMailInLog waits until the log of one of the test's events says so of a person.
func awaitMailInLog(t *testing.T, id, uid, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the log of %s for %s says %s", id, uid, want), func() (any, bool) {
		_, body := call(t, http.MethodGet, system.Addresses.Insight+"/v1/events/%2Fmails/"+id+"/log?recipient="+uid, "", map[string]string{"Authorization": "Bearer " + system.Addresses.ProducerToken})
		return body, strings.Contains(body, want)
	})
}

// Mails from the event to the mailbox and back: the digest at the person's hour and not again, none where nothing is unread, urgent items at once, high ones
// only if they were not seen, and the one click that ends the digest; and what the log says of it. It moves the clock, so it runs while no other test does.
func TestMails(t *testing.T) {
	requireSystem(t)
	uid := fresh("mailee")
	idle, bounced := uid+"-idle", "bounced-"+uid // the last one's mailbox does not exist
	addressed(t, uid, idle, bounced)
	advance := func(d time.Duration) {
		t.Helper()
		if err := system.Clock.Advance(d); err != nil {
			t.Fatal(err)
		}
	}
	now := system.Clock.Now().UTC()
	hour := map[string]any{"every": "day", "at": now.Add(4 * time.Minute).Format("15:04")}
	for _, who := range []string{uid, idle, bounced} {
		set(t, "users/"+who, map[string]any{"digest": hour, "timeZone": "UTC", "dueAt": now})
	}
	screen := listen(t, uid)
	liked := like("Alice", uid)
	liked["id"], liked["source"], liked["recipients"] = "liked-"+uid, "/mails", []string{uid, bounced}
	publish(t, liked)
	await(t, screen, "the like", titled("Alice liked A walk"))
	advance(time.Minute)
	awaitDigest(t, uid, true)
	awaitDigest(t, idle, true)
	awaitDigest(t, bounced, true)

	advance(15 * time.Minute) // its hour, and the ten minutes over which the digests of one hour are spread
	digest := awaitMails(t, uid, "1 unread notification")[0]
	for _, name := range []string{"List-Unsubscribe", "List-Unsubscribe-Post", "From", "Message-ID"} {
		if !slices.ContainsFunc(digest.Signed, func(s string) bool { return strings.EqualFold(s, name) }) {
			t.Errorf("the signature covers %q, not %s: %s", digest.Signed, name, digest.Signature)
		}
	}
	if !strings.Contains(digest.Text, "Alice liked A walk") || !strings.Contains(digest.HTML, "Alice liked A walk") {
		t.Errorf("got %s", digest.Text)
	}

	awaitMailInLog(t, "liked-"+uid, uid, "A mail of it went out: as a line of the person's digest.")
	awaitMailInLog(t, "liked-"+uid, bounced, "A mail of it was refused for good, since there is no such mailbox, or it takes no mails: as a line of the person's digest.")

	alert := map[string]any{"type": "security.alert", "recipients": []string{uid}, "target": map[string]any{"type": "account", "id": "a", "title": "your account"}}
	failed := func(title string) map[string]any {
		return map[string]any{"id": title + "-" + uid, "source": "/mails", "type": "payment.failed", "recipients": []string{uid}, "target": map[string]any{"type": "subscription", "id": title, "title": title}}
	}
	publish(t, alert)
	publish(t, failed("Bread"))
	publish(t, failed("Butter"))
	await(t, screen, "four items", func(items []map[string]any) bool { return len(items) == 4 })
	advance(time.Minute)
	awaitMails(t, uid, "1 unread notification", "Security alert for your account")

	seen, err := database.Collection("users/"+uid+"/notifications").Where("title", "==", "Payment for Butter failed").Documents(t.Context()).GetAll()
	if err != nil || len(seen) != 1 {
		t.Fatalf("got %d items and %v", len(seen), err)
	}
	set(t, "users/"+uid+"/notifications/"+seen[0].Ref.ID, map[string]any{"seenAt": system.Clock.Now()})
	advance(11 * time.Minute)
	mails := awaitMails(t, uid, "1 unread notification", "Security alert for your account", "Payment for Bread failed")

	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, ends := range []mailbox.Message{digest, digest, mails[len(mails)-1]} {
		link := strings.Trim(strings.Join(ends.Headers["List-Unsubscribe"], ""), "<>")
		if status, body := postTo(t, link, "List-Unsubscribe=One-Click", form); status != http.StatusOK {
			t.Fatalf("one click: got %d %s", status, body)
		}
	}
	awaitMailInLog(t, "Bread-"+uid, uid, `"stage":"unsubscribed","reason":"payments"`)
	advance(time.Minute)
	awaitDigest(t, uid, false)
	awaitMails(t, uid, "1 unread notification", "Security alert for your account", "Payment for Bread failed")
	awaitMails(t, idle)
}
