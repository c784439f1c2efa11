//go:build unix

package week

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/emulator/fcm"
	"tidings.dev/emulator/mailbox"
)

// document is what the account reads of an item.
type document struct {
	Revision     int64      `firestore:"revision"`
	Held         string     `firestore:"held"`
	Muted        string     `firestore:"muted"`
	UpdatedAt    time.Time  `firestore:"updatedAt"`
	ExpireAt     time.Time  `firestore:"expireAt"`
	DueAt        *time.Time `firestore:"dueAt"`
	MailAt       *time.Time `firestore:"mailAt"`
	SeenAt       *time.Time `firestore:"seenAt"`
	ReadAt       *time.Time `firestore:"readAt"`
	ArchivedAt   *time.Time `firestore:"archivedAt"`
	RetractedAt  *time.Time `firestore:"retractedAt"`
	SnoozedUntil *time.Time `firestore:"snoozedUntil"`
	Push         struct {
		Revision  int64     `firestore:"revision"`
		Unreached int64     `firestore:"unreached"` // instead, where no device could get it
		At        time.Time `firestore:"at"`
	} `firestore:"push"`
	Withdrawn struct {
		Revision int64 `firestore:"revision"`
	} `firestore:"withdrawn"`
	Data map[string]any `firestore:"data"`
}

// decided is the revision of the last push that was decided, whether anybody was there to get it or not.
func (d *document) decided() int64 { return max(d.Push.Revision, d.Push.Unreached) }

// over is why nobody has to be told of the item any more; "" is where somebody has.
func (d *document) over(at time.Time) string {
	switch {
	case d.RetractedAt != nil:
		return "taken back"
	case d.ReadAt != nil:
		return "read"
	case d.ArchivedAt != nil:
		return "archived"
	case !d.ExpireAt.IsZero() && !d.ExpireAt.After(at):
		return "expired"
	case d.SeenAt != nil:
		return "seen"
	}
	return ""
}

// news is something new about an item: an event, or its return when a snooze is over.
type news struct {
	what     string
	revision int64  // of the item that tells of it
	end      string // how it ended; "" is not yet
	silenced bool   // the person has muted it meanwhile: whether it is told after that depends on when it is looked at
}

// item is a burst as it stands in its person's inbox.
type item struct {
	burst       *burst
	id          string // "": it has not come
	doc, before document
	news        []*news
	told        map[string]int64     // by device, the state that it knows
	pushedAt    map[string]time.Time // by device
	inCatchUp   bool                 // the last push of it was a catch-up
	marked      bool                 // its person has marked it since the last look
	mails       mailsOf
}

// observation is what there is at a moment, and what was done since another one.
type observation struct {
	from, until   time.Time
	ticked        bool            // the scheduler's jobs have run
	expected      map[*burst]bool // of which there was an event
	items, people []*firestore.DocumentSnapshot
	pushes        []fcm.Attempt     // all until now
	mails         []mailbox.Message // likewise
}

// account is the book. Its notes may be written at any time, all else by one at a time.
type account struct {
	plan     *plan
	crash    *crash
	now      func() time.Time
	items    map[*burst]*item
	byID     map[string]*item
	sent     map[string]bool   // pushes, each with its device, state and items
	heard    int               // of the pushes
	read     int               // of the mails
	letters  map[string]letter // by Message-ID
	digests  map[*person]*expectation
	changed  map[*person]time.Time // when they changed their quiet last
	died     time.Time             // when mailer was killed last
	next     time.Time             // when something waits for the scheduler
	report   Report
	problems []string

	mu    sync.Mutex
	story []line
}

type line struct {
	at   time.Time
	who  *person // nil: everybody's
	text string
}

func newAccount(p *plan, c *crash) *account {
	a := &account{
		plan: p, crash: c, now: time.Now, items: map[*burst]*item{}, byID: map[string]*item{}, sent: map[string]bool{}, letters: map[string]letter{},
		digests: map[*person]*expectation{}, changed: map[*person]time.Time{}, report: Report{Ends: map[string]int{}},
	}
	for _, b := range p.bursts {
		a.items[b] = &item{burst: b, told: map[string]int64{}, pushedAt: map[string]time.Time{}}
	}
	for _, p := range p.people {
		if p.digest != nil {
			a.digests[p] = a.expect(p, a.plan.begin)
		}
	}
	return a
}

// note tells the story of a person, or of all.
func (a *account) note(who *person, format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.story = append(a.story, line{a.now(), who, fmt.Sprintf(format, args...)})
}

// storied is how many of the last lines of a person's story stand with a problem.
const storied = 60

// problem notes what is not as it must be, with the person, the item and what happened to them.
func (a *account) problem(p *person, i *item, format string, args ...any) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", p.uid, fmt.Sprintf(format, args...))
	if i != nil {
		fmt.Fprintf(&b, "\n  item %s (%s, about %s), document %s: %s", i.burst.key, i.burst.kind.name, i.burst.target, i.id, i.doc)
		for _, n := range i.news {
			fmt.Fprintf(&b, "\n    %s, revision %d: %s", n.what, n.revision, orElse(n.end, "open"))
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	story := slices.DeleteFunc(slices.Clone(a.story), func(l line) bool { return l.who != p && l.who != nil })
	fmt.Fprintf(&b, "\n  what happened to %s (UTC):", p.uid)
	for _, l := range story[max(0, len(story)-storied):] {
		fmt.Fprintf(&b, "\n    %s %s", clockOf(l.at), l.text)
	}
	a.problems = append(a.problems, b.String())
}

func (d document) String() string {
	at := func(t *time.Time) string {
		if t == nil {
			return "-"
		}
		return clockOf(*t)
	}
	return fmt.Sprintf("revision %d, pushed %d at %s, held %q until %s, muted %q, updated %s, expires %s, seen %s, read %s, archived %s, retracted %s, snoozed until %s, mail at %s",
		d.Revision, d.decided(), clockOf(d.Push.At), d.Held, at(d.DueAt), d.Muted, clockOf(d.UpdatedAt), clockOf(d.ExpireAt),
		at(d.SeenAt), at(d.ReadAt), at(d.ArchivedAt), at(d.RetractedAt), at(d.SnoozedUntil), at(d.MailAt))
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// waits is when the scheduler is needed next; zero is where nothing waits.
func (a *account) waits() time.Time { return a.next }

// take accounts for what has happened since the last observation.
func (a *account) take(o observation) error {
	if err := a.inboxes(o); err != nil {
		return err
	}
	for _, b := range a.plan.bursts {
		a.happened(a.items[b], o)
	}
	a.pushes(o)
	for _, b := range a.plan.bursts {
		a.settle(a.items[b], o)
	}
	a.mailbox(o)
	a.schedule(o)
	return nil
}

// inboxes reads the items.
func (a *account) inboxes(o observation) error {
	for _, i := range a.items {
		i.before = i.doc
	}
	for _, snap := range o.items {
		var d document
		if err := snap.DataTo(&d); err != nil {
			return fmt.Errorf("%s: %w", snap.Ref.Path, err)
		}
		i := a.byID[snap.Ref.ID]
		if i == nil {
			i = a.find(d.Data["burst"], snap)
		}
		if i == nil {
			return fmt.Errorf("%s: belongs to nothing that was planned: %v", snap.Ref.Path, snap.Data())
		}
		i.doc = d
	}
	return nil
}

// find finds the burst of an item that is new.
func (a *account) find(key any, snap *firestore.DocumentSnapshot) *item {
	for b, i := range a.items {
		if b.key != key || b.to.uid != snap.Ref.Parent.Parent.ID {
			continue
		}
		if i.id != "" {
			a.problem(b.to, i, "has two items for what is one: %s", snap.Ref.ID)
		}
		i.id = snap.Ref.ID
		a.byID[i.id] = i
		return i
	}
	return nil
}

// happened finds out what is new about an item, and whether that is what the plan has.
func (a *account) happened(i *item, o observation) {
	b, d := i.burst, &i.doc
	sent := !b.sendAt.IsZero() && len(i.news) == 0 && !b.cancelled
	event := o.expected[b] || sent && d.Revision > 0 && !b.sendAt.After(o.until)
	rung := i.before.SnoozedUntil != nil && !i.before.SnoozedUntil.After(o.until) && d.SnoozedUntil == nil
	changed := d.Revision > i.before.Revision
	switch {
	case changed && event:
		a.hear(i, "event", o)
	case changed && rung && d.ArchivedAt == nil:
		a.hear(i, "return", o)
	case changed && b.retracted.IsZero():
		a.problem(b.to, i, "has a new state of an item that nothing has happened to")
	case !changed && event:
		a.problem(b.to, i, "has nothing of an event")
	case o.ticked && sent && !b.sendAt.After(o.from):
		a.problem(b.to, i, "was to be sent an event at %s", clockOf(b.sendAt))
	case o.ticked && d.SnoozedUntil != nil && !d.SnoozedUntil.After(o.from):
		a.problem(b.to, i, "has an item whose snooze is over, and that has not come back")
	case b.cancelled && d.Revision > 0:
		a.problem(b.to, i, "has an item of an event that was cancelled")
	}
	onScreen := b.to.hasOnScreen(b, o.from) || b.to.hasOnScreen(b, o.until)
	if d.SeenAt != nil && i.before.SeenAt == nil && !i.marked && !onScreen {
		a.problem(b.to, i, "has an item marked as seen that they have not seen")
	}
	if d.ArchivedAt != nil && i.before.ArchivedAt == nil && !i.marked && d.Muted == "" {
		a.problem(b.to, i, "has an item in the archive that they have not put there")
	}
	i.marked = false
}

// hear notes news.
func (a *account) hear(i *item, what string, o observation) {
	if len(i.news) == 0 || i.before.SeenAt != nil || i.before.ReadAt != nil {
		i.mails = mailsOf{since: o.from}
	}
	if what == "return" {
		i.mails.returned = o.from
	}
	i.news = append(i.news, &news{what: what, revision: i.doc.Revision})
	a.report.News++
	a.note(i.burst.to, "%s: %s, revision %d, held %q", i.burst.key, what, i.doc.Revision, i.doc.Held)
}

// schedule finds when the scheduler is needed next.
func (a *account) schedule(o observation) {
	a.next = time.Time{}
	wait := func(t *time.Time) {
		if t != nil && (a.next.IsZero() || t.Before(a.next)) {
			a.next = *t
		}
	}
	for b, i := range a.items {
		if !b.sendAt.IsZero() && i.id == "" && !b.cancelled {
			wait(&b.sendAt)
		}
		wait(i.doc.DueAt)
		wait(i.doc.MailAt)
		wait(i.doc.SnoozedUntil)
	}
	for _, p := range o.people {
		for _, field := range []string{"dueAt", "digestAt"} {
			if at, ok := p.Data()[field].(time.Time); ok {
				wait(&at)
			}
		}
	}
}
