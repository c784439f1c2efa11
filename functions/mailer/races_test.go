//go:build unix

package mailer

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/store"
)

// through is a store on the same database, whose calls go through a function.
func (r *rig) through(t *testing.T, calls grpc.UnaryClientInterceptor) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), strings.Split(r.firestore.Doc("users/bob").Path, "/")[1], option.WithGRPCDialOption(grpc.WithUnaryInterceptor(calls)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// atNote has a function whose mails are handed over, or not, and that comes to note what became of one: then wait is called, before it reads the item.
func (r *rig) atNote(t *testing.T, sends bool, wait func()) http.Handler {
	t.Helper()
	before := func(ctx context.Context, method string, request, reply any, to *grpc.ClientConn, next grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if r, ok := request.(*pb.GetDocumentRequest); ok && strings.Contains(r.Name, "/notifications/") {
			wait()
		}
		return next(ctx, method, request, reply, to, opts...)
	}
	needs := r.needs
	needs.Store, needs.Log = r.through(t, before), slog.New(slog.DiscardHandler)
	if !sends {
		config := needs.Composer.Config
		config.SMTP = "127.0.0.1:1" // where nobody listens
		var err error
		if needs.Sender, err = mail.NewSender(config); err != nil {
			t.Fatal(err)
		}
	}
	return New(needs)
}

// TestTwoMailsOfAnItemAtOnce: a mail is being sent when urgent news comes, of which the next call sends another one. The first one is noted before the second. Each is noted
// for itself: what was sent does not go another time, and what could not be sent does.
func TestTwoMailsOfAnItemAtOnce(t *testing.T) {
	t.Parallel()
	for name, sends := range map[string][2]bool{"the first one fails": {false, true}, "the second one fails": {true, false}, "both are sent": {true, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			r.now = r.now.Add(123 * time.Nanosecond) // Firestore has microseconds
			r.put(t, "bob", "a", "security.alert", event.Urgent, func(n *inbox.Notification) { n.MailAt = r.now })
			call := func(h http.Handler) {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/mailer", nil))
			}
			atNote, goOn, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
			first := r.atNote(t, sends[0], func() { close(atNote); <-goOn })
			go func() {
				defer close(done)
				call(first)
			}()
			<-atNote
			r.now = r.now.Add(time.Second)
			news := r.item(t, "bob", "a")
			news.Revision, news.Title, news.MailAt = 2, "More", r.now
			r.save(t, "bob", news)
			call(r.atNote(t, sends[1], func() { close(goOn); <-done }))
			var want []string
			if sends[0] {
				want = append(want, "Item a")
			}
			if sends[1] {
				want = append(want, "More")
			}
			r.got(t, "bob", want...)
			if !sends[1] {
				want = append(want, "More")
			}
			r.now = r.now.Add(time.Hour)
			r.tick(t, http.StatusOK)
			r.got(t, "bob", want...)
		})
	}
}
