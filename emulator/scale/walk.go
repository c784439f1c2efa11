package main

// walk tells an audience, one step after the other.
type walk struct {
	m        *model
	left     int // people who are not in a message yet
	share    parcel
	accepted float64
	walked   float64 // seconds that its steps took, without waiting for room
}

// begin has an event for an audience of so many people.
func (m *model) begin(people int, k *kind, urgent bool) {
	m.people.listed += people
	w := &walk{m: m, left: people, accepted: m.now, share: parcel{people: m.Share, messages: 1, accepted: m.now, urgent: urgent, kind: k}}
	m.publish(&parcel{messages: 1, accepted: m.now, urgent: urgent, kind: k, walk: w})
}

// step lists the next people. What that is billed is part of what was measured for a person of an audience.
//
// It waits for room in its instance, hands them out in messages, and publishes the step after it.
func (w *walk) step(p *parcel) {
	m := w.m
	n := min(w.left, m.Stride)
	list := func(then func()) { m.at(m.now+m.QueryCall, then) }
	if m.local != nil {
		list = func(then func()) { m.local.firestore.run(m.local.perListed*float64(n), then) }
	}
	list(func() {
		i, since := p.on, m.now
		w.walked += m.now - p.since
		i.await(func() bool { return i.committing < m.Room }, func() {
			m.waits.add(m.waits.latest, m.now, m.now-since, w.left)
			since := m.now
			i.await(func() bool { return i.telling < m.Room }, func() {
				m.waits.add(byFCM, m.now, m.now-since, w.left)
				w.handOut(p, n)
			})
		})
	})
}

// await calls then once there is room, or after the longest wait.
func (i *instance) await(room func() bool, then func()) {
	if room() {
		then()
		return
	}
	went := false
	goesOn := func(now bool) bool {
		if went || !now {
			return went
		}
		went = true
		then()
		return true
	}
	i.walks = append(i.walks, func() bool { return goesOn(room()) })
	i.m.at(i.m.now+i.m.RoomWait, func() { goesOn(true) })
}

func (w *walk) handOut(p *parcel, n int) {
	m := w.m
	call := m.PublishCall
	if m.local != nil {
		call = 0
	}
	step := m.PushCall + m.QueryCall + call
	m.at(m.now+call, func() {
		w.left -= n
		m.people.listed -= n
		if w.walked += call; w.walked > 1 { // the first second is the ordinary course
			m.waits.add(byWalk, m.now, step, w.left)
		}
		for left := n; left > 0; left -= m.Share {
			share := w.share
			share.people = min(left, m.Share)
			m.publish(&share)
		}
		if n == m.Stride {
			m.publish(&parcel{messages: 1, accepted: w.accepted, urgent: p.urgent, kind: p.kind, walk: w})
		}
		m.answer(p, 1, true)
	})
}
