package attention

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// phone gives the person a device that was just seen.
func phone(q *Question) { q.Person.Devices = []profile.Device{{ID: "phone", LastSeenAt: now}} }

// spent is a bucket that is full again after that time.
func spent(d time.Duration) change {
	return func(q *Question) { phone(q); q.Budget.FullAt = in(d) }
}

func atMost(pushesPerHour int) change {
	return func(q *Question) { q.Person.PushesPerHour = new(pushesPerHour) }
}

func turn(q *Question) { q.Turn = true }

func sameMessage(q *Question) { q.Message, q.Budget.Message = "m1", "m1" }

func overBudget(minutes int) Choice { return held(ByBudget, in(time.Duration(minutes)*time.Minute)) }

var budgets = []decisionCase{
	{"full", liked, []change{spent(-time.Hour)}, Decision{shown, sent, none, false}},
	{"never used", liked, []change{phone}, Decision{shown, sent, none, false}},
	{"medium, just enough", liked, []change{spent(44 * time.Minute)}, Decision{shown, sent, none, false}},
	{"medium leaves something to high", liked, []change{spent(45 * time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"high takes what medium leaves", message, []change{spent(58 * time.Minute)}, Decision{shown, sent, none, false}},
	{"high, empty", message, []change{spent(time.Hour)}, Decision{shown, overBudget(2), none, false}},
	{"low, just enough", info, []change{doPush("system"), spent(20 * time.Minute)}, Decision{shown, chosen, none, false}},
	{"low leaves half of it", info, []change{doPush("system"), spent(21 * time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"urgent", opened, []change{spent(2 * time.Hour)}, Decision{shown, sent, sent, false}},
	{"made urgent", liked, []change{spent(2 * time.Hour), made(event.Urgent)}, Decision{shown, sent, none, false}},
	{"made high", liked, []change{spent(50 * time.Minute), made(event.High)}, Decision{shown, sent, none, false}},
	{"what may not be muted is held, too", unmuted, []change{spent(time.Hour)}, Decision{shown, overBudget(2), later, false}},
	{"mail knows no budget", failed, []change{spent(time.Hour), waited}, Decision{shown, overBudget(2), sent, false}},

	{"nobody to push to", liked, []change{spent(time.Hour), func(q *Question) { q.Person.Devices = nil }}, Decision{shown, sent, none, false}},
	{"nobody who was seen lately", liked, []change{spent(time.Hour), func(q *Question) { q.Person.Devices[0].LastSeenAt = in(-profile.Stale) }}, Decision{shown, sent, none, false}},
	{"not pushed anyway", placed, []change{spent(time.Hour)}, Decision{shown, none, none, false}},
	{"not wanted", liked, []change{spent(time.Hour), noPush("social")}, Decision{shown, declined, none, false}},
	{"muted", liked, []change{spent(time.Hour), muted}, Decision{silent, silent, none, false}},
	{"at night", liked, []change{spent(time.Hour), night}, Decision{shown, held(ByQuietHours, at(7, 0)), none, false}},
	{"in view", liked, []change{spent(time.Hour), here}, Decision{shown, held(ByPresence, in(time.Minute)), none, false}},
	{"pushed a moment ago", liked, []change{spent(time.Hour), wasPushed(20 * time.Second)}, Decision{shown, held(ByInterval, in(40*time.Second)), none, false}},

	{"six an hour, just enough", message, []change{atMost(6), spent(50 * time.Minute)}, Decision{shown, sent, none, false}},
	{"six an hour, empty", message, []change{atMost(6), spent(time.Hour)}, Decision{shown, overBudget(10), none, false}},
	{"six an hour, medium", liked, []change{atMost(6), spent(39 * time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"more than the default is the default", liked, []change{atMost(60), spent(45 * time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"one an hour", liked, []change{atMost(1), spent(0)}, Decision{shown, sent, none, false}},
	{"one an hour, and it was had", liked, []change{atMost(1), spent(time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"one an hour, urgent", opened, []change{atMost(1), spent(time.Hour)}, Decision{shown, sent, sent, false}},

	{"its turn: it takes in advance", liked, []change{turn, spent(time.Hour)}, Decision{shown, sent, none, false}},
	{"its turn, but another has taken in advance", liked, []change{turn, spent(61 * time.Minute)}, Decision{shown, overBudget(1), none, false}},
	{"part of a push that has taken", liked, []change{sameMessage, spent(2 * time.Hour)}, Decision{shown, sent, none, false}},
	{"another message", liked, []change{sameMessage, spent(time.Hour), func(q *Question) { q.Message = "m2" }}, Decision{shown, overBudget(16), none, false}},
	{"no message", liked, []change{spent(time.Hour), func(q *Question) { q.Message = "" }}, Decision{shown, overBudget(16), none, false}},
}

func TestTake(t *testing.T) {
	t.Parallel()
	most := func(n int) *int { return &n }
	tests := []struct {
		name     string
		priority event.Priority
		perHour  *int
		left     time.Duration // until the bucket is full
		turn     bool
		ok       bool
		at       time.Duration // from now on
	}{
		{"full", event.High, nil, 0, false, true, 2 * time.Minute},
		{"full for long", event.High, nil, -24 * time.Hour, false, true, 2 * time.Minute},
		{"half empty", event.High, nil, 30 * time.Minute, false, true, 32 * time.Minute},
		{"the last one", event.High, nil, 58 * time.Minute, false, true, time.Hour},
		{"empty", event.High, nil, time.Hour, false, false, 2 * time.Minute},
		{"a moment too early", event.High, nil, 58*time.Minute + time.Second, false, false, time.Second},
		{"medium", event.Medium, nil, 44 * time.Minute, false, true, 48 * time.Minute},
		{"medium, empty for it", event.Medium, nil, 48 * time.Minute, false, false, 4 * time.Minute},
		{"low", event.Low, nil, 20 * time.Minute, false, true, 30 * time.Minute},
		{"no priority is low", "", nil, 21 * time.Minute, false, false, time.Minute},
		{"twelve an hour", event.High, most(12), 0, false, true, 5 * time.Minute},
		{"one an hour", event.Low, most(1), 0, false, true, time.Hour},
		{"what the rules would refuse", event.High, most(0), time.Minute, false, false, time.Minute},
		{"its turn", event.Low, nil, time.Hour, true, true, 70 * time.Minute},
		{"its turn, and it was taken in advance", event.Low, nil, 70 * time.Minute, true, false, 10 * time.Minute},
	}
	for _, test := range tests {
		at, ok := priceOf(test.priority, test.perHour).take(in(test.left), now, test.turn)
		if ok != test.ok || !at.Equal(in(test.at)) {
			t.Errorf("%s: got %s from now, %t; want %s, %t", test.name, at.Sub(now), ok, test.at, test.ok)
		}
	}
}

func TestSpend(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		kind    event.Type
		changes []change
		want    time.Duration // from now on; 0 is as before
	}{
		{"medium", liked, []change{spent(0)}, 4 * time.Minute},
		{"high", message, []change{spent(10 * time.Minute)}, 12 * time.Minute},
		{"urgent", opened, []change{spent(0)}, 0},
		{"nobody to push to", liked, nil, 0},
		{"the same message", liked, []change{spent(0), sameMessage}, 0},
		{"in advance", liked, []change{spent(time.Hour), turn}, 64 * time.Minute},
	}
	for _, test := range tests {
		q := Question{Type: test.kind, Priority: test.kind.Priority, Person: &profile.Profile{}, Message: "m1", Now: now}
		for _, change := range test.changes {
			change(&q)
		}
		want := profile.Budget{FullAt: in(test.want), Message: "m1"}
		if test.want == 0 {
			want = q.Budget
		}
		if got := Spend(q); got != want {
			t.Errorf("%s: got %v, want %v", test.name, got, want)
		}
	}
	if got := Spend(Question{Type: liked, Now: now}); got != (profile.Budget{}) {
		t.Errorf("nobody is known: got %v", got)
	}
}

// A day is one person's: what was pushed when, and what waits.
type day struct {
	person *profile.Profile
	budget profile.Budget
	pushes []push
	waits  []waiting
}

type push struct {
	at    time.Time
	costs time.Duration
}

type waiting struct {
	Question
	since, until time.Time
}

// ask decides about news, or about what waits, and notes the push. It returns until when it is held.
func (d *day) ask(q Question) (until time.Time) {
	q.Person, q.Budget = d.person, d.budget
	if c := Decide(q).Push; c.When == Held {
		return c.Until
	}
	if after := Spend(q); after != d.budget {
		d.pushes = append(d.pushes, push{q.Now, priceOf(q.Priority, d.person.PushesPerHour).costs})
		d.budget = after
	}
	return time.Time{}
}

// tick looks at what waits and whose time has come, in one message, as the function due does. It returns the longest that something has waited for its push.
func (d *day) tick(at time.Time) (longest time.Duration) {
	var left []waiting
	look := fmt.Sprint("look ", at.Unix())
	for _, w := range d.waits {
		if !w.until.After(at) {
			w.Now, w.Turn, w.Message = at, true, look
			if w.until = d.ask(w.Question); w.until.IsZero() {
				longest = max(longest, at.Sub(w.since))
				continue
			}
		}
		left = append(left, w)
	}
	d.waits = left
	return longest
}

// TestAnyDay: whatever comes at whatever rate, in no hour there are more pushes than a full bucket, an hour's and one; over the day there are no more than an hour's in an hour; and
// all that waits has its turn, however much comes.
func TestAnyDay(t *testing.T) {
	t.Parallel()
	kinds := []event.Type{liked, message, {Name: "note", Category: "system", Priority: event.Low, Channels: pushed, Mutable: true}}
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 1))
		d := &day{person: &profile.Profile{Devices: []profile.Device{{LastSeenAt: now.Add(24 * time.Hour)}}}}
		if random.IntN(3) > 0 {
			d.person.PushesPerHour = new(1 + random.IntN(profile.MaxPushesPerHour))
		}
		some := kinds[:1+random.IntN(len(kinds))]
		dearest, mostLeft := time.Duration(0), time.Duration(0)
		for _, kind := range some {
			p := priceOf(kind.Priority, d.person.PushesPerHour)
			dearest, mostLeft = max(dearest, p.costs), max(mostLeft, p.leaves)
		}
		pause, longest := time.Duration(20+random.IntN(600))*time.Second, time.Duration(0) // on average between two
		next := now
		for minute := range 24 * 60 {
			tick := now.Add(time.Duration(minute) * time.Minute)
			for ; next.Before(tick); next = next.Add(time.Duration(1 + random.Int64N(int64(2*pause)))) {
				kind := some[random.IntN(len(some))]
				q := Question{Type: kind, Priority: kind.Priority, Message: fmt.Sprint(next.Unix()), Now: next}
				if until := d.ask(q); !until.IsZero() {
					d.waits = append(d.waits, waiting{q, next, until})
				}
			}
			longest = max(longest, d.tick(tick))
		}
		if most := 3*dearest + mostLeft + 3*time.Minute; longest > most {
			t.Errorf("seed %d: something waited for %s, want at most %s", seed, longest, most)
		}
		if n := len(d.waits); n > 0 && d.waits[0].since.Before(now.Add(20*time.Hour)) {
			t.Errorf("seed %d: what came at %s waits at the end of the day", seed, d.waits[0].since)
		}
		d.check(t, seed, dearest)
	}
}

// check looks at every hour that begins with a push, and at the day.
func (d *day) check(t *testing.T, seed uint64, dearest time.Duration) {
	t.Helper()
	sum, first := time.Duration(0), 0
	for _, p := range d.pushes {
		sum += p.costs
		for p.at.Sub(d.pushes[first].at) >= time.Hour {
			sum -= d.pushes[first].costs
			first++
		}
		if most := 2*bucketSize + dearest; sum > most {
			t.Errorf("seed %d: the pushes of the hour before %s cost %s, want at most %s", seed, p.at, sum, most)
			return
		}
	}
	all := time.Duration(0)
	for _, p := range d.pushes {
		all += p.costs
	}
	if most := 25*bucketSize + dearest; all > most {
		t.Errorf("seed %d: the pushes of the day cost %s, want at most %s", seed, all, most)
	}
}
