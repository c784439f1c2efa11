//go:build unix

package mailer

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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

// TestAnItemThatCannotBeReadKeepsNobodyWaiting: a newer version may have written it, which was rolled back. It comes again when that is back.
func TestAnItemThatCannotBeReadKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	r := start(t)
	mailed := func(n *inbox.Notification) { n.MailAt, n.Mail.Begun = r.now, r.now.Add(-time.Hour) }
	r.put(t, "alice", "a", "security.alert", event.Urgent, mailed) // the first of all
	r.put(t, "carol", "i", "security.alert", event.Urgent, mailed)
	memory := func(form any) {
		if _, err := r.firestore.Doc("users/alice/notifications/a").Update(t.Context(), []firestore.Update{{Path: "memory", Value: form}}); err != nil {
			t.Fatal(err)
		}
	}
	memory([]byte{99})
	r.tick(t, http.StatusOK)
	r.got(t, "alice")
	r.got(t, "carol", "Item i")
	if !strings.Contains(r.log.String(), "users/alice/notifications/a") {
		t.Errorf("the log does not name the item:\n%s", r.log.String())
	}
	r.log.Reset()
	memory(firestore.Delete)
	r.tick(t, http.StatusOK)
	r.got(t, "alice")
	r.now = r.now.Add(time.Hour)
	r.tick(t, http.StatusOK)
	r.got(t, "alice", "Item a")
	if !strings.Contains(r.log.String(), "begun before") {
		t.Errorf("what was known of its mail is lost:\n%s", r.log.String())
	}
}

// TestADigestThatFailsKeepsNobodyWaiting: those on later pages get theirs in the same call.
func TestADigestThatFailsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	r := start(t)
	for i := range page + 1 {
		uid := fmt.Sprintf("p%03d", i)
		r.daily(t, uid)
		r.put(t, uid, "a", "post.liked", event.Medium)
	}
	refuse := func(ctx context.Context, method string, request, reply any, to *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if r, ok := request.(*pb.CommitRequest); ok && strings.HasSuffix(r.Writes[0].GetUpdate().GetName(), "/p000") {
			return status.Error(codes.InvalidArgument, "the document is too large")
		}
		return next(ctx, method, request, reply, to, opts...)
	}
	r.needs.Store = r.through(t, refuse)
	r.Handler = New(r.needs)
	r.tick(t, http.StatusServiceUnavailable)
	r.got(t, "p000")
	for i := range page {
		r.got(t, fmt.Sprintf("p%03d", i+1), "1 unread notification")
	}
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
