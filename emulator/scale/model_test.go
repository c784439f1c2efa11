package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// plain are the limits of limits.json, and round costs.
func plain(t *testing.T) (settings, costs) {
	t.Helper()
	_, s, err := readLimits(nil)
	if err != nil {
		t.Fatal(err)
	}
	one := operations{1, 1}
	return s, costs{publish: .001, message: .0002, commit: .001, person: .0001, push: .00005, start: .1, grouping: operations{3, 1}, alone: one, audience: operations{2, 1}, mixed: one}
}

// load puts a random load on the model and returns how many people it tells.
func load(m *model, rng *rand.Rand) (people int) {
	for range 1 + rng.IntN(4) {
		k := &kind{operations: operations{1, 1}, push: rng.Float64()}
		n, at, urgent := 1+rng.IntN(3000), rng.Float64()*20, rng.IntN(3) == 0
		people += n
		switch rng.IntN(4) {
		case 0:
			m.at(at, func() { m.begin(n, k, urgent) })
		case 1:
			m.at(at, func() { m.wakeAll(n, &kind{operations: k.operations, push: 1}) })
		case 2:
			m.at(at, func() { m.publish(&parcel{messages: n, people: 1, accepted: m.now, kind: k, urgent: urgent}) })
		default:
			inbox := &inboxOf{meter: meter{rate: m.Document}}
			m.at(at, func() { m.publish(&parcel{messages: n, people: 1, accepted: m.now, kind: k, inbox: inbox}) })
		}
	}
	return people
}

// random makes the limits of a random world, in which each of them can be the one that counts.
func random(s settings, rng *rand.Rand) settings {
	some := func(values ...float64) float64 { return values[rng.IntN(len(values))] }
	s.Instances, s.Kept = 1+rng.IntN(5), rng.IntN(3)
	s.Concurrency = int(some(1, 10, 500))
	s.WindowFree = some(3, 50, 3000)
	s.RampStart, s.Writes, s.Document = some(50, 500, 1e5), some(0, 100, 1e4), some(1, 10)
	s.FCMMinute = some(600, 6e5)
	s.PushBytes, s.PublishBytes = some(0, 1e5, 1e9), some(0, 1e5, 1e9)
	s.QueueWaiting, s.Room = int(some(100, 2000)), int(some(100, 1000))
	s.DuePages, s.DuePage = 1+rng.IntN(5), int(some(10, 500))
	return s
}

// Whatever the limits and the load are: at every moment each person is in exactly one place, no limit is exceeded, and in the end
// everybody was told once.
func TestEverybodyIsToldOnceWithinTheLimits(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 7))
			s, c := plain(t)
			s = random(s, rng)
			used := rng.Float64() * 200
			m := newModel(s, c, used, seed)
			m.warm(rng.IntN(3), 0)
			var written, pushed, sent []grant
			m.writes.log, m.fcm.log, m.sent.log = &written, &pushed, &sent
			want, begun, inFlight := load(m, rng), 0, [2]int{}
			m.probe = func() {
				if m.people.all() < begun {
					t.Fatalf("at %.3f s somebody is lost: %+v, %d were begun", m.now, m.people, begun)
				}
				begun = m.people.all()
				hold(t, m, &inFlight)
			}
			m.run(1e6, never)
			if m.people.told != want || !m.people.ready() || m.seen.n != want {
				t.Errorf("told %d, seen %d, want %d: %+v", m.people.told, m.seen.n, want, m.people)
			}
			if requests := m.normal.inFlight + m.urgent.inFlight; requests != 0 {
				t.Errorf("%d requests were never answered", requests)
			}
			rates(t, "fcm", pushed, s.FCMMinute/60)
			rates(t, "push bytes", sent, s.PushBytes)
			ramped(t, s, used, written)
		})
	}
}

// hold holds the model against its limits as it is now. before is how many requests of each subscription were in flight.
func hold(t *testing.T, m *model, before *[2]int) {
	t.Helper()
	p := m.people
	for _, n := range []int{p.listed, p.queued, p.delivering, p.waiting, p.committing, p.told, p.refused} {
		if n < 0 {
			t.Fatalf("at %.3f s: fewer than nobody: %+v", m.now, p)
		}
	}
	if len(m.instances)+m.starting > max(m.Instances, m.Kept) {
		t.Fatalf("%d instances and %d starting, want %d at most", len(m.instances), m.starting, m.Instances)
	}
	waiting, requests := 0, 0
	for _, i := range m.instances {
		if requests += i.requests; i.requests > m.Concurrency || i.requests < 0 {
			t.Fatalf("an instance has %d requests, want %d at most", i.requests, m.Concurrency)
		}
		for _, l := range i.queues {
			inQueue := 0
			for _, task := range l.tasks {
				inQueue += task.n
			}
			if waiting += inQueue; inQueue != l.works {
				t.Fatalf("a queue has %d jobs and counts %d", inQueue, l.works)
			}
		}
	}
	if waiting != p.waiting || requests != m.normal.inFlight+m.urgent.inFlight {
		t.Fatalf("%d wait in queues, %d are counted; %d requests, %d are counted", waiting, p.waiting, requests, m.normal.inFlight+m.urgent.inFlight)
	}
	for k, s := range []*subscription{m.normal, m.urgent} {
		if s.inFlight > before[k] && s.inFlight > int(s.window) { // it may have become smaller since they were sent
			t.Fatalf("the window is %.0f, %d are in flight", s.window, s.inFlight)
		}
		before[k] = s.inFlight
	}
}

// rates holds what a meter let through against its rate: in any span of time, no more than the rate allows and the last piece.
func rates(t *testing.T, what string, log []grant, rate float64) {
	t.Helper()
	for i := 1; i < len(log); i++ {
		if before := log[i-1]; log[i].begin < before.begin+before.units/rate-1e-9 {
			t.Fatalf("%s: %g at %g, after %g at %g: more than %g a second", what, log[i].units, log[i].begin, before.units, before.begin, rate)
		}
	}
}

// ramped holds what was written against 500/50/5, counted anew: in each period at most what that allows after the period before.
func ramped(t *testing.T, s settings, others float64, log []grant) {
	t.Helper()
	allowed := max(s.RampStart, s.RampGrowth*others)
	for i, g := range log {
		if g.rate+others > allowed+1.01 { // the least rate is one a second
			period, before := math.Floor(g.asked/s.RampEvery), 0.0
			for _, earlier := range log[:i] {
				if p := math.Floor(earlier.asked / s.RampEvery); p == period-1 {
					before += earlier.units
				}
			}
			if allowed = max(allowed, s.RampGrowth*(before/s.RampEvery+others)); g.rate+others > allowed+1.01 {
				t.Fatalf("%g writes a second at %g s, want at most %g", g.rate+others, g.asked, allowed)
			}
		}
		if i > 0 && g.begin < log[i-1].begin+log[i-1].units/log[i-1].rate-1e-9 {
			t.Fatalf("writes at %g s begin before those of %g s are through", g.begin, log[i-1].begin)
		}
	}
}

// finished is how long the last person waits for an event to so many people, under limits that were changed.
func finished(t *testing.T, people int, change func(s *settings)) *model {
	t.Helper()
	s, c := plain(t)
	if change != nil {
		change(&s)
	}
	m := newModel(s, c, 0, 1)
	m.warm(1, 0)
	m.begin(people, &kind{operations: c.audience, push: 1}, false)
	m.run(1e6, never)
	return m
}

// Queues and the size of commits are no capacity: more queues make smaller commits, each of which needs CPU.
func TestMoreCapacityIsNeverSlower(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *settings, times float64){
		"firestore_ramp_start": func(s *settings, times float64) { s.RampStart *= times },
		"firestore_writes":     func(s *settings, times float64) { s.Writes = 200 * times },
		"fcm_minute":           func(s *settings, times float64) { s.FCMMinute *= times },
		"pubsub_window_free":   func(s *settings, times float64) { s.WindowFree = 4 * times },
		"pubsub_push_bytes":    func(s *settings, times float64) { s.PushBytes = 1e5 * times },
		"run_instances, kept":  func(s *settings, times float64) { s.RampStart, s.Kept = 1e5, int(times) },
		"run_concurrency":      func(s *settings, times float64) { s.Concurrency = int(2 * times) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := math.Inf(1)
			for _, times := range []float64{1, 2, 4, 8, 16} {
				last := finished(t, 20_000, func(s *settings) { change(s, times) }).seen.last
				if last > before*1.001 {
					t.Errorf("%g times as much: the last one waits %.3f s, %.3f with less", times, last, before)
				}
				before = last
			}
		})
	}
}

func TestALimitThatIsTinyIsTheFirstOneMet(t *testing.T) {
	t.Parallel()
	for want, change := range map[constraint]func(s *settings){
		byWindow:       func(s *settings) { s.WindowStart, s.WindowFree = 1, 1 },
		byPublishBytes: func(s *settings) { s.PublishBytes = 2000 },
		byPushBytes:    func(s *settings) { s.PushBytes = 2000 },
		byInstances:    func(s *settings) { s.Instances, s.Concurrency = 1, 1 },
		byQueue:        func(s *settings) { s.Inboxes = 1 },
		byRamp:         func(s *settings) { s.RampStart = 1 },
		byDatabase:     func(s *settings) { s.Writes = 1 },
		byFCM:          func(s *settings) { s.FCMMinute = 60 },
		byWalk:         func(s *settings) { s.Stride, s.Share = 1, 1 },
	} {
		t.Run(want.String(), func(t *testing.T) {
			t.Parallel()
			m := finished(t, 5000, func(s *settings) {
				s.WindowStart, s.RampStart = 100, 1e6 // or they would be met first
				change(s)
			})
			if first, _ := m.waits.met(); first != want {
				t.Errorf("first met: %s, want %s; %v", first, want, m.waits.order)
			}
		})
	}
}

func TestTheSameSeedIsTheSameResult(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) string {
		s, c := plain(t)
		m := newModel(s, c, 10, seed)
		load(m, rand.New(rand.NewPCG(seed, 3)))
		m.run(1e6, never)
		return fmt.Sprintf("%v %v %v %+v", m.now, m.seen.at(.5), m.seen.last, m.used)
	}
	if a, b := run(1), run(1); a != b {
		t.Errorf("the same seed: %s and %s", a, b)
	}
	if a, b := run(1), run(2); a == b {
		t.Errorf("two seeds, one result: %s", a)
	}
}
