//go:build unix

package mailer

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"firebase.google.com/go/v4/auth"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/mailbox"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

func TestMain(m *testing.M) { firestoretest.Main(m) }

var seven = time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC)

// rig is the function in front of the official emulator and a mailbox. Everybody has a verified address but those whose uid begins with "x".
type rig struct {
	*store.Store
	*mailbox.Server
	http.Handler
	firestore *firestore.Client
	needs     Needs
	now       time.Time
	log       bytes.Buffer
}

func start(t *testing.T) *rig {
	t.Helper()
	r := &rig{Server: mailbox.New(nil, nil), now: seven.Add(digest.Spread)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() { _ = r.Server.Serve(l) }()
	env := map[string]string{
		"SMTP_ADDR": l.Addr().String(), "MAIL_FROM": "news@example.com", "MAIL_LINKS": "https://app.example.com", "MAIL_UNSUBSCRIBE": "https://mail.example.com",
		"UNSUBSCRIBE_KEYS": "0123456789abcdef0123456789abcdef",
	}
	config, wrong := mail.Read(func(name string) string { return env[name] })
	cat, err := catalog.New()
	if err != nil || wrong != nil {
		t.Fatal(err, wrong)
	}
	sender, err := mail.NewSender(config)
	if err != nil {
		t.Fatal(err)
	}
	project := firestoretest.Project(t)
	r.Store, err = store.Open(t.Context(), project)
	if err == nil {
		r.firestore, err = firestore.NewClient(t.Context(), project)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Store.Close(), r.firestore.Close() })
	r.needs = Needs{
		Catalog: cat, Store: r.Store, Composer: &mail.Composer{Catalog: cat, Config: config}, Sender: sender, Addresses: addresses,
		Now: func() time.Time { return r.now }, Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	}
	r.Handler = New(r.needs)
	return r
}

// tick calls the function and checks its answer.
func (r *rig) tick(t *testing.T, want int) {
	t.Helper()
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mailer", nil))
	if w.Code != want {
		t.Fatalf("got %d %s, want %d\n%s", w.Code, w.Body, want, r.log.String())
	}
}

// daily has a person get a digest each day at seven, from today on.
func (r *rig) daily(t *testing.T, uid string, more ...func(*profile.Settings)) {
	t.Helper()
	_, err := r.ChangeSettings(t.Context(), uid, seven, func(s *profile.Settings) error {
		s.Digest = profile.Digest{Every: profile.Daily}
		for _, change := range more {
			change(s)
		}
		return nil
	})
	if err == nil {
		err = r.ChangePlan(t.Context(), uid, func(p digest.Plan, s *profile.Settings) digest.Plan { return p.Arranged(s, uid, seven.Add(-time.Hour)) })
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) plan(t *testing.T, uid string) (plan digest.Plan) {
	t.Helper()
	if err := r.ChangePlan(t.Context(), uid, func(p digest.Plan, _ *profile.Settings) digest.Plan { plan = p; return p }); err != nil {
		t.Fatal(err)
	}
	return plan
}

// put writes an item of somebody's.
func (r *rig) put(t *testing.T, uid, id, kind string, priority event.Priority, changes ...func(*inbox.Notification)) {
	t.Helper()
	n := inbox.Notification{
		Type: kind, Category: map[string]string{"post.liked": "social", "payment.failed": "payments", "security.alert": "security"}[kind], Priority: priority, Title: "Item " + id, EventCount: 1, Revision: 1,
		CreatedAt: r.now, UpdatedAt: r.now, ExpireAt: r.now.Add(30 * 24 * time.Hour), Target: event.Target{Type: "post", ID: id},
	}
	for _, change := range changes {
		change(&n)
	}
	r.save(t, uid, &inbox.Item{ID: id, Notification: n})
}

func (r *rig) save(t *testing.T, uid string, item *inbox.Item) {
	t.Helper()
	if err := r.Save(t.Context(), []store.Write{{UID: uid, Item: item}})[0]; err != nil {
		t.Fatal(err)
	}
}

func (r *rig) item(t *testing.T, uid, id string) *inbox.Item {
	t.Helper()
	ref := store.Ref{UID: uid, ID: id}
	snap, err := r.Load(t.Context(), nil, []store.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	return snap.Items[ref]
}

// got checks the subjects of a person's mails.
func (r *rig) got(t *testing.T, uid string, want ...string) {
	t.Helper()
	var subjects []string
	for _, m := range r.Messages(uid + "@example.org") {
		subjects = append(subjects, m.Subject)
	}
	if fmt.Sprint(subjects) != fmt.Sprint(want) {
		t.Errorf("%s got %q, want %q", uid, subjects, want)
	}
}

func TestADigestOnceAPeriod(t *testing.T) {
	t.Parallel()
	r := start(t)
	for _, uid := range []string{"bob", "idle", "xavier"} {
		r.daily(t, uid)
	}
	r.put(t, "bob", "a", "post.liked", event.Medium)
	r.put(t, "bob", "b", "payment.failed", event.High)
	r.put(t, "bob", "read", "post.liked", event.Medium, func(n *inbox.Notification) { n.ReadAt = r.now })
	r.put(t, "bob", "archived", "post.liked", event.Medium, func(n *inbox.Notification) { n.ArchivedAt = r.now })
	r.put(t, "bob", "expired", "post.liked", event.Medium, func(n *inbox.Notification) { n.ExpireAt = r.now })
	r.put(t, "bob", "snoozed", "post.liked", event.Medium, func(n *inbox.Notification) { n.SnoozedUntil = r.now.Add(time.Hour) })
	r.put(t, "idle", "read", "post.liked", event.Medium, func(n *inbox.Notification) { n.ReadAt = r.now })
	r.put(t, "xavier", "a", "post.liked", event.Medium)
	for range 3 {
		r.tick(t, http.StatusOK)
		r.now = r.now.Add(time.Minute)
	}
	r.got(t, "bob", "2 unread notifications")
	if n := len(r.Messages("")); n != 1 {
		t.Errorf("%d mails, want bob's", n)
	}
	for _, uid := range []string{"bob", "idle", "xavier"} {
		if p := r.plan(t, uid); p.Last != "2026-11-26" || p.Sending != "" || p.At.Before(seven.Add(24*time.Hour)) || p.At.After(seven.Add(24*time.Hour+digest.Spread)) {
			t.Errorf("%s: %+v", uid, p)
		}
	}
	r.now = r.now.Add(24 * time.Hour)
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "2 unread notifications", "3 unread notifications") // the snooze is over
	if m := r.Messages(""); len(m) == 2 && m[0].ID == m[1].ID {
		t.Error("two periods are one mail")
	}
}

func TestWhatAPersonDoesNotWantInTheirDigest(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.daily(t, "bob", func(s *profile.Settings) {
		s.Preferences = profile.Preferences{event.Email: {"social": false}}
		s.Mutes = map[string]profile.Mute{"post/muted": {}}
	})
	r.put(t, "bob", "a", "post.liked", event.Medium)
	r.put(t, "bob", "muted", "payment.failed", event.High)
	r.put(t, "bob", "alert", "security.alert", event.Urgent)
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "1 unread notification")
	if m := r.Messages(""); len(m) == 1 && !strings.Contains(m[0].Text, "Item alert") {
		t.Errorf("got %s", m[0].Text)
	}
}

// Whoever dies after the server has taken the mail, and before that is written down, has it sent again: after the lease, with the same Message-ID, and it is told.
func TestACrashBeforeTheNote(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.daily(t, "bob")
	r.put(t, "bob", "a", "post.liked", event.Medium)
	before := r.plan(t, "bob")
	r.tick(t, http.StatusOK)
	err := r.ChangePlan(t.Context(), "bob", func(digest.Plan, *profile.Settings) digest.Plan { return before.Begun("2026-11-26", r.now) })
	if err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(digest.Lease - time.Second)
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "1 unread notification")
	r.now = r.now.Add(time.Second)
	r.tick(t, http.StatusOK)
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "1 unread notification", "1 unread notification")
	if m := r.Messages(""); len(m) == 2 && m[0].ID != m[1].ID {
		t.Errorf("%s and %s", m[0].ID, m[1].ID)
	}
	if !strings.Contains(r.log.String(), "it goes again") {
		t.Errorf("nobody is told:\n%s", r.log.String())
	}
}

func TestAServerThatDoesNotTakeIt(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.daily(t, "bob")
	r.put(t, "bob", "a", "post.liked", event.Medium)
	r.put(t, "carol", "i", "security.alert", event.Urgent, func(n *inbox.Notification) { n.MailAt = r.now })
	r.Refuse(451)
	r.tick(t, http.StatusServiceUnavailable) // carol's; bob's is not begun
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "1 unread notification")
	r.got(t, "carol")
	r.now = r.now.Add(inbox.MailLease)
	r.Refuse(550)
	r.tick(t, http.StatusOK)
	r.now = r.now.Add(inbox.MailLease)
	r.tick(t, http.StatusOK)
	r.got(t, "carol") // refused for good
	if i := r.item(t, "carol", "i"); !i.MailAt.IsZero() || i.Mail.At.IsZero() {
		t.Errorf("%+v at %s", i.Mail, i.MailAt)
	}
	if log := r.log.String(); strings.Contains(log, "carol") || strings.Contains(log, "it goes again") {
		t.Errorf("the log names somebody, or tells of a crash:\n%s", log)
	}
}

func TestMailsAboutItems(t *testing.T) {
	t.Parallel()
	r := start(t)
	due := func(n *inbox.Notification) { n.MailAt = r.now }
	r.put(t, "bob", "urgent", "security.alert", event.Urgent, due)
	r.put(t, "bob", "high", "payment.failed", event.High, due)
	r.put(t, "bob", "later", "payment.failed", event.High, func(n *inbox.Notification) { n.MailAt = r.now.Add(time.Minute) })
	r.put(t, "bob", "seen", "payment.failed", event.High, due, func(n *inbox.Notification) { n.SeenAt = r.now })
	r.put(t, "bob", "read", "payment.failed", event.High, due, func(n *inbox.Notification) { n.ReadAt = r.now })
	r.put(t, "bob", "old", "payment.failed", event.High, due, func(n *inbox.Notification) { n.UpdatedAt = r.now.Add(-25 * time.Hour) })
	r.put(t, "bob", "mailed", "payment.failed", event.High, due, func(n *inbox.Notification) { n.Mail, n.Revision = inbox.Mail{At: r.now, Revision: 1}, 2 })
	r.put(t, "bob", "again", "security.alert", event.Urgent, due, func(n *inbox.Notification) { n.Mail, n.Revision = inbox.Mail{At: r.now, Revision: 1}, 2 })
	r.put(t, "xavier", "a", "payment.failed", event.High, due)
	r.tick(t, http.StatusOK)
	r.tick(t, http.StatusOK)
	if n := len(r.Messages("bob@example.org")); n != 3 || len(r.Messages("")) != 3 {
		t.Errorf("%d mails, want those of urgent, high and again", n)
	}
	for _, m := range r.Messages("") {
		if m.Subject != "Item urgent" && m.Subject != "Item high" && m.Subject != "Item again" {
			t.Errorf("got %s", m.Subject)
		}
	}
	for _, id := range []string{"urgent", "high", "seen", "read", "old", "mailed", "again"} {
		if i := r.item(t, "bob", id); !i.MailAt.IsZero() || !i.Mail.Begun.IsZero() {
			t.Errorf("%s waits still: %s, %+v", id, i.MailAt, i.Mail)
		}
	}
	r.now = r.now.Add(time.Minute)
	r.tick(t, http.StatusOK)
	if n := len(r.Messages("")); n != 4 {
		t.Errorf("%d mails, want one more", n)
	}
}

// What a person has said meanwhile counts.
func TestAMailIsDecidedAnew(t *testing.T) {
	t.Parallel()
	r := start(t)
	says := func(uid string, change func(*profile.Settings)) {
		t.Helper()
		r.put(t, uid, "i", "payment.failed", event.High, func(n *inbox.Notification) { n.MailAt = r.now })
		if _, err := r.ChangeSettings(t.Context(), uid, r.now, func(s *profile.Settings) error { change(s); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	says("off", func(s *profile.Settings) { s.Preferences = profile.Preferences{event.Email: {"payments": false}} })
	says("muted", func(s *profile.Settings) { s.Mutes = map[string]profile.Mute{"post/i": {}} })
	says("quiet", func(s *profile.Settings) {
		s.DoNotDisturb = profile.DoNotDisturb{Enabled: true, Until: r.now.Add(time.Hour)}
	})
	says("bob", func(*profile.Settings) {})
	r.tick(t, http.StatusOK)
	r.got(t, "bob", "Item i")
	if n := len(r.Messages("")); n != 1 {
		t.Errorf("%d mails, want bob's", n)
	}
	if at := r.item(t, "quiet", "i").MailAt; !at.Equal(r.now.Add(time.Hour)) {
		t.Errorf("the quiet one's waits until %s", at)
	}
	r.now = r.now.Add(time.Hour)
	r.tick(t, http.StatusOK)
	r.got(t, "quiet", "Item i")
	r.got(t, "off")
	r.got(t, "muted")
}

// More than a page, and two calls at the same time: each has one mail.
func TestEverybodyAtSeven(t *testing.T) {
	t.Parallel()
	r := start(t)
	const many = page + 20
	for i := range many {
		uid := fmt.Sprintf("u%03d", i)
		r.daily(t, uid)
		r.put(t, uid, "a", "post.liked", event.Medium)
	}
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mailer", nil))
		})
	}
	calls.Wait()
	for range 3 { // those whom both calls have met
		r.tick(t, http.StatusOK)
	}
	for i := range many {
		r.got(t, fmt.Sprintf("u%03d", i), "1 unread notification")
	}
}

func TestMailIsOff(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	h := New(Needs{Log: slog.New(slog.NewTextHandler(&log, nil))})
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/mailer", nil))
		if w.Code != http.StatusOK {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	}
	if n := strings.Count(log.String(), "mail is off"); n != 1 {
		t.Errorf("said %d times, want once:\n%s", n, log.String())
	}
}

func TestVerified(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		user auth.UserRecord
		want string
	}{
		{"verified", auth.UserRecord{UserInfo: &auth.UserInfo{Email: "b@example.org"}, EmailVerified: true}, "b@example.org"},
		{"not verified", auth.UserRecord{UserInfo: &auth.UserInfo{Email: "b@example.org"}}, ""},
		{"disabled", auth.UserRecord{UserInfo: &auth.UserInfo{Email: "b@example.org"}, EmailVerified: true, Disabled: true}, ""},
		{"none", auth.UserRecord{UserInfo: &auth.UserInfo{}, EmailVerified: true}, ""},
		{"nothing", auth.UserRecord{}, ""},
	}
	for _, test := range tests {
		if got := verified(&test.user); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
