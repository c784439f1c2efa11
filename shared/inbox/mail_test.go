package inbox

import (
	"testing"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

// An item waits for its mail by a field that is written with its news. Until its person has seen it, it is mailed once, and each time it is urgent.
func TestWhenAnItemIsMailed(t *testing.T) {
	t.Parallel()
	mailed := liked
	mailed.Channels, mailed.Priority = []event.Channel{event.InApp, event.Email}, event.High
	tests := []struct {
		name   string
		before func(*Notification) // what has become of the first event's item
		urgent bool                // the second event, five minutes after the first
		want   time.Duration       // since t0; 0 is not
	}{
		{"ten minutes after the first news, whatever follows", func(*Notification) {}, false, 10 * time.Minute},
		{"urgent news goes at once", func(*Notification) {}, true, 5 * time.Minute},
		{"it was mailed", func(n *Notification) { n.MailAt, n.Mail = time.Time{}, Mail{At: t0, Revision: n.Revision} }, false, 0},
		{"it was mailed, and is urgent now", func(n *Notification) { n.MailAt, n.Mail = time.Time{}, Mail{At: t0, Revision: n.Revision} }, true, 5 * time.Minute},
		{"it was mailed and seen: the next news is another one", func(n *Notification) {
			n.MailAt, n.Mail, n.SeenAt = time.Time{}, Mail{At: t0, Revision: n.Revision}, t0
		}, false, 15 * time.Minute},
		{"it was seen before its mail: the next news waits for itself", func(n *Notification) { n.SeenAt = t0 }, false, 15 * time.Minute},
		{"its mail is on its way", func(n *Notification) { n.BeginMail(t0.Add(4 * time.Minute)) }, false, 9 * time.Minute},
	}
	for _, test := range tests {
		b, e := new(Box), like("alice", 0)
		if _, err := b.Fold(Locate(mailed, e, t0), Op{Event: &e, Type: &mailed, Message: "1"}, t0, say); err != nil {
			t.Fatal(err)
		}
		n := b.Changed()[0]
		if !n.MailAt.Equal(t0.Add(10 * time.Minute)) {
			t.Fatalf("the first event: its mail goes at %s", n.MailAt)
		}
		test.before(&n.Notification)
		b, e = new(Box), like("bob", 1)
		b.Put(n)
		if test.urgent {
			e.Priority = event.Urgent
		}
		later := t0.Add(5 * time.Minute)
		if _, err := b.Fold(Locate(mailed, e, later), Op{Event: &e, Type: &mailed, Message: "2"}, later, say); err != nil {
			t.Fatal(err)
		}
		var got time.Duration
		if !n.MailAt.IsZero() {
			got = n.MailAt.Sub(t0)
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestTypesWithoutMailWaitForNone(t *testing.T) {
	t.Parallel()
	b, e := new(Box), like("alice", 0)
	if _, err := b.Fold(Locate(liked, e, t0), Op{Event: &e, Type: &liked, Message: "1"}, t0, say); err != nil {
		t.Fatal(err)
	}
	if n := b.Changed()[0]; !n.MailAt.IsZero() || n.Mail != (Mail{}) {
		t.Errorf("got %s, %+v", n.MailAt, n.Mail)
	}
}

// Urgent news that comes while a mail is on its way stands when that one is noted; and what the person has seen meanwhile is another item's mail.
func TestEndMail(t *testing.T) {
	t.Parallel()
	n := Notification{EventCount: 1, Revision: 1, Priority: event.Urgent, UpdatedAt: t0, MailAt: t0}
	n.BeginMail(t0)
	n.Revision, n.UpdatedAt = 2, t0.Add(time.Second)
	n.planMail(attention.Choice{When: attention.Now}, t0.Add(time.Second))
	n.EndMail(t0, 1, t0.Add(2*time.Second))
	if !n.MailAt.Equal(t0.Add(time.Second)) || !n.DecideMail(attention.Choice{When: attention.Now}, t0.Add(time.Minute)) {
		t.Errorf("the second state is not mailed: %+v at %s", n.Mail, n.MailAt)
	}
	n.BeginMail(t0.Add(time.Minute))
	n.EndMail(t0.Add(time.Minute), 2, t0.Add(time.Minute))
	if !n.MailAt.IsZero() || n.Mail.Revision != 2 || !n.Mail.Begun.IsZero() {
		t.Errorf("after the second: %+v at %s", n.Mail, n.MailAt)
	}
	n.BeginMail(t0.Add(time.Hour))
	n.SeenAt = t0.Add(time.Hour)
	n.anewForMail()
	n.MailAt = t0.Add(2 * time.Hour)
	n.EndMail(t0.Add(time.Hour), 2, t0.Add(time.Hour))
	if n.Mail != (Mail{}) || !n.MailAt.Equal(t0.Add(2*time.Hour)) {
		t.Errorf("seen meanwhile: %+v at %s", n.Mail, n.MailAt)
	}
}
