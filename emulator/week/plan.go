//go:build unix

package week

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"tidings.dev/shared/quiet"
)

// burst is what happens to one person about one thing: one item, whose events come within its window.
type burst struct {
	key       string // is in the events' data, so that the item can be found
	to        *person
	kind      kind
	target    string      // the target's id
	times     []time.Time // of the events
	sendAt    time.Time   // zero: at once
	cancelled bool        // before sendAt
	retracted time.Time   // zero: never
	expires   time.Time   // zero: never
}

// told is when the first news of it comes.
func (b *burst) told() time.Time {
	if !b.sendAt.IsZero() {
		return b.sendAt
	}
	return b.times[0]
}

// What somebody does, or what is done to them.
const (
	post, cancel, retract              = "post", "cancel", "retract"
	see, read, archive, snooze         = "see", "read", "archive", "snooze"
	mute, disturbNot, disturb, unquiet = "mute", "do not disturb", "disturb again", "quiet hours off"
	open                               = "open a page"
)

// entry is one line of the plan.
type entry struct {
	at    time.Time
	what  string
	who   *person
	burst *burst        // of which, where it is about one
	n     int           // of post: which of its events
	lasts time.Duration // of snooze, mute, disturbNot and open; 0: without end
}

type plan struct {
	begin   time.Time
	people  []*person
	bursts  []*burst
	entries []entry // in order
}

type generator struct {
	plan
	rng *rand.Rand
	end time.Time
}

// beginning: Europe's clocks change in the second night, and a seed means the same for ever.
var beginning = time.Date(2100, time.March, 26, 18, 0, 0, 0, time.UTC)

const (
	burstsADay = 2.5              // to a person, and up to twice as many
	apart      = 20 * time.Minute // between two bursts about one thing, which is longer than a window and a burst
)

func makePlan(o Options) *plan {
	g := &generator{plan: plan{begin: beginning}, rng: rand.New(rand.NewPCG(o.Seed, 1)), end: beginning.Add(o.Span)}
	for i := range o.People {
		g.people = append(g.people, g.person(i))
	}
	for _, p := range g.people {
		for n := int(o.Span.Hours()/24*burstsADay + 0.5); n > 0; n-- {
			at := g.begin.Add(2*time.Minute + g.within(o.Span-4*time.Minute))
			if night := g.night(p, at); g.rng.IntN(3) == 0 && night.After(g.begin) && night.Before(g.end) {
				at = night
				g.happen(p, night.Add(g.within(time.Hour)))
				g.happen(p, night.Add(g.within(time.Hour)))
			}
			g.happen(p, at)
		}
		g.live(p, o.Span)
	}
	slices.SortStableFunc(g.entries, func(a, b entry) int { return a.at.Compare(b.at) })
	g.entries = slices.DeleteFunc(g.entries, func(e entry) bool { return e.at.After(g.end) })
	return &g.plan
}

var zones = []string{
	"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Auckland", "Africa/Cairo",
	"Europe/Lisbon", "Asia/Tokyo", "America/St_Johns", "America/Nuuk",
}

var nights = [][]quiet.Range{{"22:00-07:00"}, {"22:00-02:30"}, {"13:00-14:00", "23:00-06:30"}, {"21:30-23:59", "00:00-08:00"}, {"00:00-24:00"}}

// person makes somebody up. What kinds of people there are follows from their numbers, so that few people are of many kinds.
func (g *generator) person(i int) *person {
	p := &person{uid: fmt.Sprintf("p%02d", i), zone: zones[i%len(zones)], address: i%5 != 4, mutes: map[string]time.Time{}, choices: map[string]map[string]bool{}}
	p.where, _ = time.LoadLocation(p.zone) // each is one
	for d := range []int{1, 2, 1, 0, 1}[i%5] {
		p.devices = append(p.devices, fmt.Sprintf("%s-%d", p.uid, d))
	}
	if i%4 != 3 {
		p.quiet = quiet.Schedule{}
		usual := nights[g.rng.IntN(len(nights)-1)]
		for _, day := range quiet.Days {
			p.quiet[day] = usual
		}
		if g.rng.IntN(4) == 0 {
			p.quiet["sun"] = nights[len(nights)-1]
		}
	}
	choose := func(channel, category string, wanted bool) {
		if p.choices[channel] == nil {
			p.choices[channel] = map[string]bool{}
		}
		p.choices[channel][category] = wanted
	}
	switch i % 7 {
	case 1:
		choose("push", "social", false)
	case 2:
		choose("email", "social", true)
		choose("email", "messages", true)
	case 3:
		choose("email", "payments", false)
	case 5:
		choose("in_app", "social", false)
	case 6:
		choose("push", "system", true)
	}
	switch {
	case i%3 == 0:
		p.digest = &rhythm{hour: 6 + g.rng.IntN(14), minute: 15 * g.rng.IntN(4)}
	case i%6 == 1:
		p.digest = &rhythm{weekly: true, on: time.Weekday(g.rng.IntN(7)), hour: 6 + g.rng.IntN(14)}
	}
	return p
}

func (g *generator) within(d time.Duration) time.Duration {
	return time.Duration(g.rng.Int64N(int64(d)))
}

// happen makes up a burst for somebody at that time, and what becomes of it.
func (g *generator) happen(p *person, at time.Time) {
	at = at.Truncate(time.Second)
	b := &burst{key: fmt.Sprintf("b%03d", len(g.bursts)), to: p, kind: kinds[g.rng.IntN(len(kinds))]}
	b.target, b.times = p.uid+"-"+b.key, []time.Time{at}
	if b.kind.target == "chat" && g.rng.IntN(2) == 0 {
		if chat := p.uid + "-chat"; !slices.ContainsFunc(g.bursts, func(o *burst) bool { return o.target == chat && o.times[0].Sub(at).Abs() < apart }) {
			b.target = chat
		}
	}
	if b.kind.groups {
		for range g.rng.IntN(4) {
			at = at.Add(15*time.Second + g.within(60*time.Second)).Truncate(time.Second)
			b.times = append(b.times, at)
		}
	}
	add := func(what string, at time.Time) {
		g.entries = append(g.entries, entry{at: at, what: what, who: p, burst: b})
	}
	if !b.kind.groups {
		switch g.rng.IntN(8) {
		case 0:
			b.sendAt = at.Add(2*time.Minute + g.within(20*time.Hour)).Truncate(time.Second)
			if b.cancelled = g.rng.IntN(3) == 0; b.cancelled {
				add(cancel, b.sendAt.Add(-time.Minute))
			}
		case 1:
			b.retracted = at.Add(time.Minute + g.within(8*time.Hour))
			add(retract, b.retracted)
		case 2:
			b.expires = at.Add(5*time.Minute + g.within(8*time.Hour)).Truncate(time.Second)
		}
	}
	for i, at := range b.times {
		g.entries = append(g.entries, entry{at: at, what: post, who: p, burst: b, n: i})
	}
	g.bursts = append(g.bursts, b)
	after := b.told().Add(10*time.Second + g.within(time.Duration(1+g.rng.IntN(6))*time.Hour))
	switch n := g.rng.IntN(10); {
	case n < 2:
		add(see, after)
	case n < 4:
		add(read, after)
	case n < 5:
		add(archive, after)
	case n < 7 && !b.kind.urgent():
		g.entries = append(g.entries, entry{at: after, what: snooze, who: p, burst: b, lasts: 20*time.Minute + g.within(9*time.Hour)})
	}
}

// night is a moment of the night that follows a time, where the person is: what comes then is often held until the morning.
func (g *generator) night(p *person, at time.Time) time.Time {
	y, m, d := at.In(p.where).Date()
	return time.Date(y, m, d, 23, 0, 0, 0, p.where).Add(g.within(3 * time.Hour))
}

// live makes up what somebody does that is not about one thing.
func (g *generator) live(p *person, span time.Duration) {
	add := func(what string, b *burst, at time.Time, lasts time.Duration) {
		g.entries = append(g.entries, entry{at: at, what: what, who: p, burst: b, lasts: lasts})
	}
	anytime := func() time.Time { return g.begin.Add(2*time.Minute + g.within(span)) }
	for range int(span.Hours()/24) + 1 {
		add(open, nil, anytime(), 2*time.Minute+g.within(40*time.Minute))
	}
	for _, b := range g.bursts {
		if b.to == p && b.kind.target == "chat" && g.rng.IntN(3) == 0 {
			add(open, b, b.times[0].Add(-20*time.Second), time.Minute+g.within(3*time.Minute))
		}
	}
	if g.rng.IntN(2) == 0 {
		at := anytime()
		if lasts := 20*time.Minute + g.within(6*time.Hour); g.rng.IntN(2) == 0 {
			add(disturbNot, nil, at, lasts)
		} else {
			add(disturbNot, nil, at, 0)
			add(disturb, nil, at.Add(lasts), 0)
		}
	}
	if g.rng.IntN(3) == 0 {
		chat := &burst{to: p, kind: kinds[2], target: p.uid + "-chat"}
		add(mute, chat, anytime(), []time.Duration{0, 8 * time.Hour}[g.rng.IntN(2)])
	}
	if p.quiet != nil && g.rng.IntN(4) == 0 {
		add(unquiet, nil, anytime(), 0)
	}
}
