package inbox

import (
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/event"
)

// When is an item mailed?
//
// Once, until its person has seen it: more of the same (ten messages of one conversation) is no further mail. Urgent news is mailed each time. When
// it may go is on the item (MailAt), written with what is written anyway. By then everything is decided anew: the item may have been
// seen, or its person may not want mails any more.

// Mail is what was mailed of an item.
type Mail struct {
	At       time.Time // when it was sent, or given up; zero is not yet
	Revision int64     // the state that it tells of
	Begun    time.Time // when sending it was begun, which nobody has noted the end of; zero is not
}

const (
	// MailLease is how long nobody else begins to send a mail that was begun. It is longer than a call of the function may take.
	MailLease = 5 * time.Minute
	// MailFor is how old an item's last news may be when it is mailed. What could not go for so long is in the inbox, and in the next digest.
	MailFor = day
)

// planMail notes when the news may be mailed. What waits already goes at its own time.
func (n *Notification) planMail(c attention.Choice, now time.Time) {
	var at time.Time
	switch {
	case c.When == attention.Now:
		at = now
	case c.When != attention.Held || !n.Mail.At.IsZero():
		return
	case c.Until.IsZero(): // until the person ends their quiet
		at = now.Add(day)
	default:
		at = c.Until
	}
	if n.MailAt.IsZero() || at.Before(n.MailAt) {
		n.MailAt = at
	}
}

// anewForMail forgets the mail of what the person has seen: what comes now is another one.
func (n *Notification) anewForMail() {
	if !n.SeenAt.IsZero() || !n.ReadAt.IsZero() {
		n.Mail, n.MailAt = Mail{}, time.Time{}
	}
}

// DecideMail decides about an item whose MailAt has come, and reports whether it is to be mailed now. Otherwise MailAt is when to look again,
// or zero. d is the decision for an item that has waited.
func (n *Notification) DecideMail(d attention.Choice, now time.Time) (send bool) {
	told := !n.Mail.At.IsZero() && (n.Mail.Revision >= n.Revision || n.Priority != event.Urgent)
	switch {
	case told || !n.unnoticed(now) || now.Sub(n.UpdatedAt) > MailFor:
		n.MailAt = time.Time{}
	case d.When == attention.Now:
		return true
	case d.When == attention.Held && d.Until.IsZero():
		n.MailAt = now.Add(day)
	case d.When == attention.Held:
		n.MailAt = d.Until
	default:
		n.MailAt = time.Time{}
	}
	return false
}

// BeginMail notes that the item is about to be mailed, and reports whether somebody has begun that before and not come back. When it was begun (Mail.Begun) is
// by what its end is known.
func (n *Notification) BeginMail(now time.Time) (again bool) {
	again = !n.Mail.Begun.IsZero()
	n.Mail.Begun = now.Truncate(time.Microsecond) // as it is stored
	n.MailAt = n.Mail.Begun.Add(MailLease)
	return again
}

// FailMail notes that the mail that was begun then could not be sent. It is tried again when the lease is over.
func (n *Notification) FailMail(begun time.Time) {
	if n.Mail.Begun.Equal(begun) {
		n.Mail.Begun = time.Time{}
	}
}

// EndMail notes that the mail that was begun then is sent: that the state was mailed. News that came meanwhile and is to be mailed itself stands.
func (n *Notification) EndMail(begun time.Time, revision int64, now time.Time) {
	if !n.Mail.Begun.Equal(begun) {
		return // the person has seen it meanwhile, or another mail of it was begun: what came then is that one's
	}
	n.Mail = Mail{At: now, Revision: revision}
	if n.MailAt.Equal(begun.Add(MailLease)) {
		n.MailAt = time.Time{}
	}
}
