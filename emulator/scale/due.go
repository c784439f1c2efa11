package main

// due asks for what is held for people whose quiet ends now: every minute a call of the function due asks for some pages, one after the
// other, and no longer than its time. What is held for a person is asked for together, so it is one message and one push.
type due struct {
	m      *model
	people int // who are not asked for yet
	since  float64
	kind   *kind
}

// wakeAll has so many people's quiet end now. The next call comes half a minute later, on average.
func (m *model) wakeAll(people int, k *kind) {
	m.people.listed += people
	d := &due{m: m, people: people, since: m.now, kind: k}
	m.at(m.now+m.Every/2, func() { d.call(m.now) })
}

// call is one call. It began at a time and goes on with its next page.
func (d *due) call(began float64) {
	m := d.m
	m.at(began+m.Every, func() {
		if d.people > 0 {
			d.call(m.now)
		}
	})
	d.page(began, 0)
}

func (d *due) page(began float64, pages int) {
	m := d.m
	if d.people == 0 {
		return
	}
	if pages == m.DuePages || m.now-began >= m.DueTime {
		m.waits.add(byDue, m.now, began+m.Every-m.now, d.people)
		return
	}
	m.at(m.now+m.QueryCall+m.PublishCall, func() {
		n := min(d.people, max(1, int(float64(m.DuePage)/m.HeldItems)))
		d.people -= n
		m.people.listed -= n
		m.used.reads += float64(n) * m.HeldItems
		m.publish(&parcel{messages: n, people: 1, accepted: d.since, kind: d.kind})
		d.page(began, pages+1)
	})
}
