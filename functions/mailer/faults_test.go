package mailer

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
)

// TestAMailThatCannotBeWrittenIsDoneWith: it ends neither the process nor the others' mails, and does not come again.
func TestAMailThatCannotBeWrittenIsDoneWith(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.daily(t, "bob")
	r.put(t, "bob", "a", "post.liked", event.Medium)
	r.put(t, "carol", "i", "security.alert", event.Urgent, func(n *inbox.Notification) { n.MailAt = r.now })
	broken := r.needs
	broken.Composer = &mail.Composer{} // without a catalogue it ends the code
	r.Handler = New(broken)
	r.tick(t, http.StatusOK)
	if got := strings.Count(r.log.String(), "a mail cannot be written"); got != 2 {
		t.Errorf("the log has it %d times, want 2:\n%s", got, r.log.String())
	}
	r.Handler = New(r.needs)
	r.now = r.now.Add(time.Hour)
	r.tick(t, http.StatusOK)
	r.got(t, "bob")
	r.got(t, "carol")
}

func addresses(_ context.Context, uids []string) (map[string]string, error) {
	if len(uids) > page {
		return nil, fmt.Errorf("%d uids at once", len(uids))
	}
	found := map[string]string{}
	for _, uid := range uids {
		if !strings.HasPrefix(uid, "x") {
			found[uid] = uid + "@example.org"
		}
	}
	return found, nil
}
