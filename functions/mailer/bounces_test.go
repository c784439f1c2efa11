package mailer

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
)

// TestAnAddressThatBouncedIsLeftAlone, for a day, then for two; a mail that is taken ends that.
func TestAnAddressThatBouncedIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := start(t)
	told := telling(t, r, "bouncer", "bob")
	hours := func(n int) { r.now = r.now.Add(time.Duration(n) * time.Hour) }
	alert := func(uid, id string) {
		t.Helper()
		r.put(t, uid, id, "security.alert", event.Urgent, func(n *inbox.Notification) { n.MailAt = r.now })
		r.tick(t, http.StatusOK)
		if i := r.item(t, uid, id); !i.MailAt.IsZero() {
			t.Errorf("the mail about %s still waits", id)
		}
	}
	bounce := func(uid string) profile.Bounce {
		t.Helper()
		snap, err := r.Load(t.Context(), []string{uid}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return snap.Profiles[uid].Bounce
	}
	alert("bouncer", "1")
	hours(23)
	alert("bouncer", "2")
	hours(2)
	alert("bouncer", "3")
	hours(47)
	alert("bouncer", "4")
	hours(2)
	alert("bouncer", "5")
	if got := bounce("bouncer"); got.Times != 3 || !got.At.Equal(r.now) {
		t.Errorf("%d bounces, the last at %s; want 3, the last now", got.Times, got.At)
	}
	if err := r.KeepBounce(t.Context(), "bob", profile.Bounce{}.Another("bob", "bob@example.org", r.now.Add(-25*time.Hour))); err != nil {
		t.Fatal(err)
	}
	alert("bob", "6")
	r.got(t, "bob", "Item 6")
	if got := bounce("bob"); got != (profile.Bounce{}) {
		t.Errorf("after a mail was taken, %+v is left", got)
	}
	facts, _ := told()
	want := []string{
		"bob: mailed security.alert 6 1", "bouncer: bounced security.alert 1 1", "bouncer: bounced security.alert 3 1", "bouncer: bounced security.alert 5 1",
		"bouncer: held bounced_before security.alert 2 1", "bouncer: held bounced_before security.alert 4 1",
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("-want +told:\n%s", diff)
	}
}
