package mailer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
)

// items decides about the items whose mail's time has come, and sends those mails. Whatever was decided moves an item's time, or takes it away.
func (r *round) items(ctx context.Context) error {
	return r.pages(func() (int, int, error) {
		found, err := r.Store.Mailables(ctx, r.Now(), page)
		if err != nil || len(found) == 0 {
			return 0, 0, err
		}
		moved, err := r.mailsOf(ctx, found)
		return len(found), moved, err
	})
}

// mailsOf decides about some items, and returns of how many.
func (r *round) mailsOf(ctx context.Context, found []store.Mailable) (int, error) {
	people, addresses, send, err := r.decide(ctx, found)
	if err != nil {
		return 0, err
	}
	var moved atomic.Int64
	var calls tasks.Group
	calls.Limit(sending)
	for i, m := range found {
		calls.Go(func() error {
			var err error
			switch {
			case r.over():
				return nil
			case m.Broken != nil:
				err = r.postpone(ctx, m)
			case send[i]:
				err = r.mail(ctx, m, people[m.UID], addresses[m.UID])
			default:
				if err = r.Store.KeepMail(ctx, m); err == nil {
					r.tellHeld(m)
				}
			}
			switch {
			case err == nil:
				moved.Add(1)
			case !errors.Is(err, store.ErrConflict): // news, or a mark of the person's: it is found again
				return err
			}
			return nil
		})
	}
	err = calls.Wait()
	return int(moved.Load()), err
}

// postpone looks at a broken item again in an hour: perhaps a newer version of this has written it, and comes back.
func (r *round) postpone(ctx context.Context, m store.Mailable) error {
	r.Telemetry.Mailed(ctx, later)
	r.Log.ErrorContext(ctx, "an item that is to be mailed cannot be read", "error", m.Broken)
	m.MailAt = r.Now().Add(time.Hour)
	return r.Store.KeepMail(ctx, m)
}

// decide finds out which of the items are to be mailed now, and where to. Of the others it changes when to look again.
func (r *round) decide(ctx context.Context, found []store.Mailable) (people map[string]profile.Profile, addresses map[string]string, send []bool, err error) {
	now := r.Now()
	var uids []string
	seen := map[string]bool{}
	for _, m := range found {
		if !seen[m.UID] {
			seen[m.UID], uids = true, append(uids, m.UID)
		}
	}
	snap, err := r.Store.Load(ctx, uids, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	var wanted []string
	send = make([]bool, len(found))
	for i, m := range found {
		if m.Broken != nil {
			continue
		}
		person := snap.Profiles[m.UID]
		kind, _ := r.Catalog.Type(m.Type)
		d := attention.Decide(attention.Question{
			Type: kind, Priority: m.Priority, Target: m.Target, Person: &person, SnoozedUntil: m.SnoozedUntil, PushedAt: m.Push.At, Waited: true, Now: now,
		})
		if send[i] = m.DecideMail(d.Email, now); send[i] && seen[m.UID] {
			seen[m.UID], wanted = false, append(wanted, m.UID)
		}
	}
	if len(wanted) > 0 {
		addresses, err = r.Addresses(ctx, wanted)
	}
	return snap.Profiles, addresses, send, err
}

// mail sends the mail of one item.
func (r *round) mail(ctx context.Context, m store.Mailable, person profile.Profile, address string) error {
	now := r.Now()
	if reason := r.unreachable(ctx, m.UID, address, person.Bounce); reason != "" {
		r.tell(m, fact.Held, reason)
		m.Mail, m.MailAt = inbox.Mail{At: now, Revision: m.Revision}, time.Time{}
		return r.Store.KeepMail(ctx, m)
	}
	kind, _ := r.Catalog.Type(m.Type)
	letter, ok := r.write(ctx, func() (mail.Letter, error) {
		return r.Composer.Item(m.UID, address, &person.Settings, m.Item, kind.Mutable, now)
	})
	if !ok {
		r.tell(m, fact.Held, "failed")
		m.Mail, m.MailAt = inbox.Mail{At: now, Revision: m.Revision}, time.Time{}
		return r.Store.KeepMail(ctx, m)
	}
	again := m.BeginMail(now)
	begun := m.Mail.Begun
	if err := r.Store.KeepMail(ctx, m); err != nil {
		return err
	}
	outcome := r.send(ctx, letter, again)
	r.tellOf(m.UID, letter, outcome)
	ctx, cancel := noting(ctx)
	defer cancel()
	r.learn(ctx, m.UID, address, person.Bounce, outcome)
	return r.Store.ChangeMail(ctx, store.Ref{UID: m.UID, ID: m.ID}, func(n *inbox.Notification) {
		if outcome == later {
			n.FailMail(begun)
			return
		}
		n.EndMail(begun, m.Revision, r.Now())
	})
}

// tellHeld tells that an item is not mailed now, and until when, or no more.
func (r *round) tellHeld(m store.Mailable) {
	f := stepOf(m.Item, fact.Held, "not_wanted", r.Now())
	if !m.MailAt.IsZero() {
		f.Reason, f.HeldUntil = "unseen", fact.At(m.MailAt)
	}
	r.Facts.Tell(m.UID, f)
}

// tell tells of an item's mail that is not even sent.
func (r *round) tell(m store.Mailable, stage fact.Stage, reason string) {
	r.Facts.Tell(m.UID, stepOf(m.Item, stage, reason, r.Now()))
}

// stepOf is a step of a mail about the item, in the state of which the mail tells.
func stepOf(item *inbox.Item, stage fact.Stage, reason string, now time.Time) fact.Fact {
	return fact.Fact{
		Type: item.Type, Item: item.ID, Revision: item.Revision, Stage: stage, Channel: fact.Email, Reason: reason, HappenedAt: fact.At(now), Attempt: 1,
	}
}
