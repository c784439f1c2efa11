//go:build unix

package week

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/emulator/mailbox"
)

// mailsOf is an item's mails since its person has seen it last.
type mailsOf struct {
	since    time.Time // the first news
	returned time.Time // from its last snooze
	sent     int
	revision int64 // that the last one tells of
}

// expectation is the next digest of a person.
type expectation struct {
	at         time.Time // by the clock on their wall
	period     string    // as it stands in the Message-ID
	begun      bool      // its time has come
	full, none bool      // at each look since, and at the last one before, there was something to tell, or nothing
	unread     []string  // at the last look
	mails      int
}

const (
	spread = 10 * time.Minute // within that the digests of one hour go
	again  = 6 * time.Minute  // what mailer died over is tried again after five
)

// hashed is how a Message-ID names a person, or an item.
func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:10])
}

// letter is a mail that has come.
type letter struct {
	step  int // in which it came first
	times int
}

// mailbox accounts for mails. One comes as often as mailer may have died over it, and once more.
func (a *account) mailbox(o observation) {
	if a.crash.now("mailer") {
		a.died = o.until
	}
	unread := map[*person][]string{}
	for p := range a.digests {
		unread[p] = a.unread(p, o.until)
	}
	for _, m := range o.mails[a.read:] {
		who, parts := a.addressee(m)
		if who == nil {
			a.problems = append(a.problems, fmt.Sprintf("a mail %s to %v is nobody's", m.ID, m.To))
			continue
		}
		a.note(who, "mail %s: %q", m.ID, m.Subject)
		l, known := a.letters[m.ID]
		if !known {
			l.step = a.report.Steps
		}
		l.times++
		a.letters[m.ID] = l
		if known {
			if a.report.Repeated++; l.times-1 > a.crash.deaths("mailer", l.step) {
				a.problem(who, nil, "was sent a mail %d times, and mailer had not crashed so often: %s", l.times, m.ID)
				break
			}
			continue
		}
		if parts[0] == "digest" {
			a.digest(who, parts[1], m, unread[who])
		} else {
			a.mail(who, parts, o)
		}
	}
	a.read = len(o.mails)
	for _, b := range a.plan.bursts {
		if o.ticked {
			a.unmailed(a.items[b], o)
		}
	}
	for p, e := range a.digests {
		a.follow(p, e, unread[p], o)
	}
}

// addressee is whose mail it is, and what its Message-ID says: "digest", its period and its person, or "item", a revision and an item.
func (a *account) addressee(m mailbox.Message) (*person, []string) {
	local, _, _ := strings.Cut(strings.Trim(m.ID, "<>"), "@")
	parts := strings.Split(local, ".")
	for _, p := range a.plan.people {
		if len(parts) == 3 && slices.Equal(m.To, []string{p.uid + "@tidings.example"}) {
			return p, parts
		}
	}
	return nil, nil
}

// mail accounts for the mail of an item.
func (a *account) mail(who *person, parts []string, o observation) {
	var i *item
	for id, other := range a.byID {
		if other.burst.to == who && hashed(who.uid+"/"+id) == parts[2] {
			i = other
		}
	}
	if i == nil {
		a.problem(who, nil, "was sent a mail of an item that they do not have: %v", parts)
		return
	}
	a.report.Mails++
	revision, _ := strconv.ParseInt(parts[1], 10, 64) // 0 is none, and found to be wrong
	urgent := i.burst.kind.urgent()
	kept := i.kept(o.from)
	if kept == "" {
		kept = i.kept(o.until)
	}
	switch {
	case !i.mailable(o.from) && !i.mailable(o.until):
		a.problem(who, i, "was mailed what they do not want by mail")
	case i.before.over(o.from) != "" && i.doc.over(o.until) != "":
		a.problem(who, i, "was mailed what is over: %s", i.doc.over(o.until))
	case i.kept(o.from) != "" && i.kept(o.until) != "":
		a.problem(who, i, "was mailed an item in spite of %s", kept)
	case i.mails.sent > 0 && (!urgent || revision <= i.mails.revision):
		a.problem(who, i, "was mailed an item for the second time, without having seen it")
	case !urgent && o.until.Sub(i.mails.since) < mailAfter-leeway:
		a.problem(who, i, "was mailed an item %s after its news", o.until.Sub(i.mails.since))
	}
	i.mails.sent, i.mails.revision = i.mails.sent+1, revision
}

// mailable reports whether the item is one for a mail of its own.
func (i *item) mailable(at time.Time) bool {
	p, k := i.burst.to, i.burst.kind
	silenced, isMuted := p.silences(i.burst, at)
	_, said := p.choices["email"][k.category]
	return p.address && p.wants("email", k) && (k.urgent() || k.priority == "high") && !isMuted && (!silenced || said)
}

// kept is what keeps a mail back at that time; "" is nothing.
func (i *item) kept(at time.Time) string {
	switch why := i.burst.to.undisturbed(at); {
	case i.burst.kind.urgent():
		return ""
	case len(why) > 0:
		return why[0]
	case i.doc.SnoozedUntil != nil && i.doc.SnoozedUntil.After(at):
		return snoozed
	}
	return ""
}

// unmailed finds an item whose mail should have gone. What was held back, or has come back, may take as long as news.
func (a *account) unmailed(i *item, o observation) {
	if len(i.news) == 0 || !i.mailable(o.from) || i.doc.over(o.until) != "" || i.doc.Muted != "" || o.from.Sub(a.died) < again {
		return
	}
	p, wait := i.burst.to, patience
	if !i.burst.kind.urgent() {
		wait += mailAfter
	}
	latest := i.news[len(i.news)-1]
	told := i.mails.sent > 0 && (!i.burst.kind.urgent() || i.mails.revision >= latest.revision)
	if told || o.from.Sub(i.doc.UpdatedAt) > 24*time.Hour-wait {
		return
	}
	for _, at := range []time.Time{i.mails.since, i.mails.returned, a.changed[p]} {
		if o.from.Sub(at) < wait {
			return
		}
	}
	for at := o.from.Add(-wait); !at.After(o.from); at = at.Add(30 * time.Second) {
		if i.kept(at) != "" || silencedAt(i, at) {
			return
		}
	}
	a.problem(p, i, "was not mailed an item that nothing keeps back")
}

func silencedAt(i *item, at time.Time) bool {
	silenced, _ := i.burst.to.silences(i.burst, at)
	return silenced
}

// unread are the items of which a digest would tell.
func (a *account) unread(p *person, at time.Time) (keys []string) {
	for _, b := range a.plan.bursts {
		i := a.items[b]
		silenced, isMuted := p.silences(b, at)
		wanted, said := p.choices["email"][b.kind.category]
		if said && b.kind.mutable {
			silenced = !wanted || isMuted
		}
		snoozed := i.doc.SnoozedUntil != nil && i.doc.SnoozedUntil.After(at) && !b.kind.urgent()
		over := i.doc.over(at)
		if b.to == p && i.id != "" && (over == "" || over == "seen") && !silenced && !snoozed {
			keys = append(keys, b.key)
		}
	}
	return keys
}

// expect is the person's first digest after a time.
func (a *account) expect(p *person, after time.Time) *expectation {
	local := after.In(p.where)
	for date := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC); ; date = date.AddDate(0, 0, 1) {
		at, ok := p.digest.goes(date, p.where)
		if !ok || !at.After(after) {
			continue
		}
		e := &expectation{at: at, period: date.Format(time.DateOnly)}
		if p.digest.weekly {
			year, week := date.ISOWeek()
			e.period = fmt.Sprintf("%d-W%02d", year, week)
		}
		return e
	}
}

// digest accounts for a digest.
func (a *account) digest(p *person, period string, m mailbox.Message, unread []string) {
	a.report.Digests++
	e := a.digests[p]
	if e == nil || e.period != period || a.now().Before(e.at) {
		a.problem(p, nil, "was sent the digest of %s; expected was %+v", period, e)
		return
	}
	e.mails++
	var n int
	if _, err := fmt.Sscanf(m.Subject, "%d", &n); err != nil || n != len(e.unread) && n != len(unread) {
		a.problem(p, nil, "was sent a digest that says %q; unread were %v before and %v after:\n%s", m.Subject, e.unread, unread, m.Text)
	}
	if !p.address {
		a.problem(p, nil, "was sent a digest without having an address")
	}
}

// follow looks whether the digest has come, once its time is over.
func (a *account) follow(p *person, e *expectation, unread []string, o observation) {
	if !e.begun {
		e.full, e.none, e.begun = len(e.unread) > 0, len(e.unread) == 0, !o.until.Before(e.at)
	}
	e.full, e.none, e.unread = e.full && len(unread) > 0, e.none && len(unread) == 0, unread
	if !e.begun || !o.ticked || o.from.Before(e.at.Add(spread+patience)) || o.from.Sub(a.died) < again {
		return
	}
	switch {
	case e.mails == 0 && e.full && p.address:
		a.problem(p, nil, "was not sent the digest of %s, due at %s, though something was unread all the time", e.period, clockOf(e.at))
	case e.mails > 0 && e.none:
		a.problem(p, nil, "was sent the digest of %s, though nothing was unread", e.period)
	}
	next := a.expect(p, e.at)
	next.unread = unread
	a.digests[p] = next
}
