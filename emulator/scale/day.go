package main

import "math"

// habits are what a person gets on an ordinary day.
type habits struct {
	grouping, alone, audience, audienceSize, itemsPerGrouping, pushes float64
}

func (d data) habits() habits {
	a := d.assumed
	return habits{a["grouping_per_day"], a["alone_per_day"], a["audience_per_day"], a["audience_size"], a["items_per_grouping"], a["pushes_per_day"]}
}

// told is how often a person is told something in a day.
func (h habits) told() float64 { return h.grouping + h.alone + h.audience }

const daySeconds = 24 * 60 * 60

// writesPerSecond is what so many people keep a database used to, on average.
func (h habits) writesPerSecond(people float64, c costs) float64 {
	return people / daySeconds * (h.grouping*c.grouping.writes + h.alone*c.alone.writes + h.audience*c.audience.writes)
}

// ordinary is an ordinary day of so many people. A slice of its busiest time is simulated, event by event; what the slice uses is then
// held against each limit, and a balance of the minutes of the day says what waits where a limit is too small.
func (e env) ordinary(people float64) outcome {
	h, c := e.data.habits(), e.costs
	peak := people / daySeconds * e.settings.PeakFactor // persons' days a second
	lone, audiences := peak*(h.grouping+h.alone), peak*h.audience/min(h.audienceSize, people)
	m := newModel(e.settings, c, h.writesPerSecond(people, c)*e.settings.PeakFactor, e.seed)
	m.writes = &ramp{} // the day's own traffic is what the database is used to: the ramp is looked at below
	cpu := lone*(c.message+c.person+c.commit/2) + audiences*min(h.audienceSize, people)*c.person
	m.warm(1+int(cpu/e.settings.Target), lone)
	length := min(daySeconds, max(20, e.events/lone)) // seconds
	const most = 50_000                               // parcels
	size := 1 + int(lone*length/most)
	share := h.pushes / h.told()
	kinds := []*kind{{operations: c.grouping, push: share}, {operations: c.alone, push: share}}
	m.stream(length, lone/float64(size), func() {
		k := kinds[0]
		if m.rng.Float64()*(h.grouping+h.alone) > h.grouping {
			k = kinds[1]
		}
		m.publish(&parcel{messages: size, people: 1, accepted: m.now, kind: k})
	})
	m.stream(length, audiences, func() {
		m.begin(int(min(h.audienceSize, people)), &kind{operations: c.audience, push: share}, false)
	})
	o := e.simulate(m)
	e.hold(m, &o, people, lone, length)
	return o
}

// stream calls do so many times a second, at random times.
func (m *model) stream(length, rate float64, do func()) {
	if rate <= 0 {
		return
	}
	var next func()
	next = func() {
		if gap := m.rng.ExpFloat64() / rate; m.now+gap < length {
			m.at(m.now+gap, func() {
				do()
				next()
			})
		}
	}
	next()
}

// hold holds the busiest time against the limits and adds what waits where one is too small. The bill becomes that of a day.
func (e env) hold(m *model, o *outcome, people, lone, length float64) {
	h, s := e.data.habits(), e.settings
	told := people * h.told() / daySeconds * s.PeakFactor
	shares := map[constraint]float64{
		byPublish:      lone * e.costs.publish / float64(s.Instances),
		byCPU:          m.busy() / length / float64(s.Instances),
		byWindow:       lone * m.normal.slowness / s.WindowFree,
		byRamp:         growth(s, h.writesPerSecond(people, e.costs)),
		byFCM:          people * h.pushes / daySeconds * s.PeakFactor / (s.FCMMinute / 60),
		byPublishBytes: lone * messageBytes / s.PublishBytes,
		byPushBytes:    lone * messageBytes / s.PushBytes,
	}
	nearest := byPublish
	for c := none; c < constraints; c++ {
		if shares[c] > shares[nearest] {
			nearest = c
		}
	}
	o.nearest, o.share = nearest, shares[nearest]
	if o.share > 1 {
		o.first, o.most, o.at = nearest, nearest, 0
	} else {
		o.first, o.most = none, none
	}
	if share := shares[byCPU]; share > 1 {
		o.delay(s, told, share)
	}
	day := people * h.told() / float64(max(m.people.told, 1)) // how many slices
	u := m.used
	u.created = float64(m.people.told) * (h.grouping*h.itemsPerGrouping + h.alone + h.audience) / h.told()
	posted := float64(m.people.told) * (h.grouping + h.alone + h.audience/h.audienceSize) / h.told()
	u.requests += posted
	u.instanceSeconds += posted * e.costs.publish / s.Target
	o.dollars = e.data.bill(u) * day
}

// growth is the steepest growth of a day's writes in a period of Firestore's ramp, as a share of what is allowed then.
func growth(s settings, average float64) (share float64) {
	at := func(seconds float64) float64 {
		return average * (1 + (s.PeakFactor-1)*math.Sin(seconds/daySeconds*2*math.Pi))
	}
	for t := 0.0; t < daySeconds; t += 60 {
		now, then := at(t), at(t+s.RampEvery)
		share = max(share, (then-now)/(max(s.RampStart, s.RampGrowth*now)-now))
	}
	return share
}

// delay adds the waiting of a day whose busiest time has so many people to tell in a second, which is share times as many as can be told.
func (o *outcome) delay(s settings, peak, share float64) {
	var waits dist
	backlog, capacity, amplitude := 0.0, peak/share, s.PeakFactor-1
	for minute := range 2 * 24 * 60 { // the second day begins with what the first one left
		rate := peak / s.PeakFactor * (1 + amplitude*math.Sin(float64(minute)/(24*60)*2*math.Pi))
		backlog = max(0, backlog+(rate-capacity)*60)
		if minute >= 24*60 {
			waits.add(backlog/capacity, int(rate*60))
		}
	}
	o.p50, o.p99, o.last = o.p50+waits.at(.5), o.p99+waits.at(.99), o.last+waits.last
}
