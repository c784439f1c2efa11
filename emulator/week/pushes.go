//go:build unix

package week

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidings.dev/emulator/fcm"
)

// push is what a device was sent.
type push struct {
	at       time.Time
	device   string
	id       string
	revision int64
	of       []*item // one, or those of a catch-up
	catchUp  bool
}

// pushes accounts for what FCM has taken: each push tells of news, once, to somebody whom nothing keeps from it.
func (a *account) pushes(o observation) {
	bursts := map[string]int{} // by device, pushes of what was held while their person was away
	for _, attempt := range o.pushes[a.heard:] {
		p := a.parse(attempt, o)
		if p == nil {
			continue
		}
		to := p.of[0].burst.to
		a.note(to, "push to %s: %s", p.device, p)
		key := fmt.Sprint(p.device, p)
		crashed := a.crash.now("notify")
		if a.sent[key] && crashed {
			a.report.Repeated++
			continue
		}
		if a.sent[key] {
			a.problem(to, p.of[0], "was sent the same push twice, and nothing had crashed: %s", p)
			continue
		}
		a.sent[key] = true
		a.report.Pushes++
		if p.catchUp {
			a.report.CatchUps++
		}
		for _, i := range p.of {
			a.pushed(i, p, o, crashed)
		}
		wasAway := slices.ContainsFunc(p.of, func(i *item) bool {
			return slices.Contains([]string{quietHours, doNotDisturb, presence}, i.before.Held)
		})
		if o.ticked && wasAway {
			if bursts[p.device]++; bursts[p.device] == 2 && !crashed {
				a.problem(to, p.of[0], "was told of what was held by several pushes at once, not by one catch-up")
			}
		}
	}
	a.heard = len(o.pushes)
}

func (p *push) String() string {
	var of []string
	for _, i := range p.of {
		of = append(of, i.burst.key)
	}
	return fmt.Sprintf("%s revision %d of %s", p.id, p.revision, strings.Join(of, " "))
}

// parse reads what was sent; nil is what tells of nothing: a refusal, or a withdrawal, which must be of what is over.
func (a *account) parse(attempt fcm.Attempt, o observation) *push {
	var m struct {
		Data struct{ ID, Revision, Of, Withdraw string }
	}
	if attempt.Outcome != fcm.Accepted || json.Unmarshal(attempt.Message, &m) != nil {
		return nil
	}
	p := &push{at: attempt.At, device: attempt.Target, id: m.Data.ID, catchUp: m.Data.Of != ""}
	p.revision, _ = strconv.ParseInt(m.Data.Revision, 10, 64) // 0 is none, and found to be wrong
	ids := []string{p.id}
	if p.catchUp {
		ids = strings.Fields(m.Data.Of)
	}
	for _, id := range ids {
		i := a.byID[id]
		if i == nil || !slices.Contains(i.burst.to.devices, p.device) {
			a.problems = append(a.problems, fmt.Sprintf("device %s was sent a push of %s, which is not its person's", p.device, id))
			return nil
		}
		p.of = append(p.of, i)
	}
	if m.Data.Withdraw != "" {
		a.note(p.of[0].burst.to, "withdrawal at %s: %s", p.device, p)
		if i := p.of[0]; i.doc.over(o.until) == "" && i.before.over(o.until) == "" {
			a.problem(i.burst.to, i, "was taken away the push of what is not over")
		}
		return nil
	}
	return p
}

// pushed accounts for one item of a push.
func (a *account) pushed(i *item, p *push, o observation, crashed bool) {
	b, to, revision := i.burst, i.burst.to, p.revision
	if p.catchUp {
		revision = i.doc.decided()
	}
	fresh := func(n *news) bool { return n.revision > i.told[p.device] && n.revision <= revision }
	silentFrom, _ := to.silences(b, o.from)
	silentUntil, _ := to.silences(b, o.until)
	both := intersection(withoutInterval(to.holds(&item{burst: b, doc: i.before}, o.from)), withoutInterval(to.holds(i, o.until)))
	switch {
	case crashed && revision <= i.told[p.device]:
		a.report.Repeated++ // as a part of another catch-up than before
	case !slices.ContainsFunc(i.news, fresh):
		a.problem(to, i, "was told at %s of an item without news: %s", p.device, p)
	case silentFrom && silentUntil || !to.wants("push", b.kind):
		a.problem(to, i, "was pushed what they do not want: %s", p)
	case len(both) > 0:
		a.problem(to, i, "was pushed an item in spite of %v: %s", both, p)
	case i.before.over(o.from) != "" && i.before.Revision == i.doc.Revision:
		a.problem(to, i, "was pushed what is over (%s): %s", i.before.over(o.from), p)
	case p.at.Sub(i.pushedAt[p.device]) < pushInterval-leeway:
		a.problem(to, i, "was pushed an item %s after the push before: %s", p.at.Sub(i.pushedAt[p.device]), p)
	}
	i.told[p.device], i.pushedAt[p.device], i.inCatchUp = max(i.told[p.device], revision), p.at, p.catchUp
}

// leeway is how long after its decision a push may be sent, on a machine with other work.
const leeway = 20 * time.Second

func withoutInterval(why []string) []string {
	return slices.DeleteFunc(why, func(s string) bool { return s == interval })
}

func intersection(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

// knows reports whether all devices know of a state; where there is none, whether it was decided to tell them.
func (i *item) knows(revision int64) bool {
	if len(i.burst.to.devices) == 0 {
		return i.doc.decided() >= revision
	}
	return !slices.ContainsFunc(i.burst.to.devices, func(d string) bool { return i.told[d] < revision })
}

// settle finds out how the news of an item have ended, and whether those that have not may wait.
func (a *account) settle(i *item, o observation) {
	to := i.burst.to
	for _, n := range i.news {
		if n.end != "" {
			continue
		}
		isNew := n.revision > i.before.Revision
		silenced, isMuted := to.silences(i.burst, o.until)
		if n.silenced = n.silenced || silenced; isNew && silenced {
			if n.end = "not wanted"; i.doc.Muted == "" || (i.doc.Muted == muted) != isMuted {
				a.problem(to, i, "has an item that they have silenced, for the reason %q", i.doc.Muted)
			}
			continue
		}
		over := i.doc.over(o.until)
		switch {
		case i.knows(n.revision) && len(to.devices) == 0:
			n.end = "told nobody, without a device"
		case i.knows(n.revision) && i.inCatchUp:
			n.end = "told in a catch-up"
		case i.knows(n.revision):
			n.end = "told by a push"
		case !to.wants("push", i.burst.kind):
			n.end = "not wanted as a push"
		case over != "":
			n.end = "over: " + over
		case isNew || o.ticked:
			a.open(i, n, isNew, o)
		}
	}
}

// open finds out whether news may wait.
func (a *account) open(i *item, n *news, isNew bool, o observation) {
	to := i.burst.to
	now := union(to.holds(i, o.from), to.holds(i, o.until))
	why := i.doc.Held
	isKnown := slices.Contains([]string{quietHours, doNotDisturb, snoozed, presence, interval, muted, unwanted}, why)
	switch {
	case n.silenced && len(now) == 0:
		n.end = "not wanted"
	case why == "":
		a.problem(to, i, "was not told of news, and the item does not say why; the plan has %v", now)
	case !isKnown && i.doc.DueAt != nil && i.doc.DueAt.After(o.from.Add(-time.Minute)): // the product's own reason, and it waits
	case len(union(now, to.holds(i, o.from.Add(-patience)))) == 0:
		a.problem(to, i, "was not told of news, and nothing holds it back any more")
	case isNew && isKnown && !slices.Contains(now, why):
		a.problem(to, i, "has an item held back for %q, where the plan has %v", why, now)
	}
}

// patience is how long after its time something may come: the scheduler's minute, and a moment.
const patience = time.Minute + time.Second

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// finish accounts for what is still open at the end.
func (a *account) finish() {
	for _, b := range a.plan.bursts {
		for _, n := range a.items[b].news {
			if n.end == "" {
				n.end = "held: " + a.items[b].doc.Held
			}
			a.report.Ends[n.end]++
		}
	}
}
