package alertmanagertest

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
)

// sender is an Alertmanager with one route and one receiver.
type sender struct {
	groupBy      []string // labels; "..." is all of them
	wait         int      // minutes from a group's first alert to its first flush
	interval     int      // minutes between two flushes of a group
	repeat       int      // minutes after which what still fires is said again
	maxAlerts    int      // how many a message has; 0 is all
	sendResolved bool
	inhibits     bool // ClusterDown mutes the warnings of its cluster

	silences []map[string]string // labels that must all be equal
	groups   map[string]*group
	log      map[string]entry // of what was said, by group: it outlives the group
}

// group is alerts that are told of together.
type group struct {
	labels map[string]string
	alerts map[string]*alert // by fingerprint
	next   int               // the minute of its next flush
}

// alert is what the sender knows of one.
type alert struct {
	condition
	fires bool // by what Prometheus said last
}

// entry is which alerts a message listed, and when.
type entry struct {
	firing, resolved map[string]bool
	at               int
}

func newSender(r *rand.Rand) sender {
	one := func(of ...int) int { return of[r.IntN(len(of))] }
	return sender{
		groupBy:  [][]string{{"alertname"}, {"alertname", "cluster"}, {"alertname", "team"}, {"cluster"}, {}, {"..."}}[r.IntN(6)],
		interval: one(1, 3, 5, 10), wait: one(0, 1, 2), repeat: one(12, 30, 240), maxAlerts: one(0, 0, 0, 1, 2, 4),
		sendResolved: r.IntN(20) > 0, inhibits: r.IntN(2) > 0,
		groups: map[string]*group{}, log: map[string]entry{},
	}
}

// receive takes in what Prometheus says of a condition. What begins before the last occurrence has ended goes on with its start.
func (s *sender) receive(w *world, c *condition) {
	labels := map[string]string{}
	for name, value := range c.labels {
		if slices.Contains(s.groupBy, name) || slices.Contains(s.groupBy, "...") {
			labels[name] = value
		}
	}
	key := written(labels)
	g := s.groups[key]
	if g == nil {
		g = &group{labels: labels, alerts: map[string]*alert{}, next: w.minute + s.wait}
		s.groups[key] = g
	}
	a := &alert{*c, c.burns}
	if old := g.alerts[c.fingerprint]; old != nil && (old.fires || old.ends >= a.starts) {
		a.starts = min(a.starts, old.starts)
	}
	g.alerts[c.fingerprint] = a
}

func (s *sender) silence(w *world, labels map[string]string) {
	m := map[string]string{}
	for _, name := range []string{"alertname", "instance", "cluster", "team"} {
		if value, ok := labels[name]; ok && w.chance(60) {
			m[name] = value
		}
	}
	if len(m) > 0 {
		s.silences = append(s.silences, m)
		w.note("silence %v", m)
	}
}

func (s *sender) unsilence(w *world) {
	if len(s.silences) > 0 {
		w.note("no more silence %v", s.silences[0])
		s.silences = s.silences[1:]
	}
}

// restart loses the alerts, which come again from Prometheus, and mostly what was said and is silenced too.
func (s *sender) restart(w *world) {
	s.groups = map[string]*group{}
	if w.chance(70) {
		s.log, s.silences = map[string]entry{}, nil
		w.note("restart without any state")
	} else {
		w.note("restart with the log of notifications")
	}
}

// muted reports whether the alert is left out of messages. It may fire all the same.
func (s *sender) muted(a *alert) bool {
	for _, m := range s.silences {
		if matches(m, a.labels) {
			return true
		}
	}
	if !s.inhibits || a.labels["severity"] != "warning" || a.labels["cluster"] == "" {
		return false
	}
	for _, g := range s.groups {
		for _, other := range g.alerts {
			if other.fires && other.labels["alertname"] == "ClusterDown" && other.labels["cluster"] == a.labels["cluster"] {
				return true
			}
		}
	}
	return false
}

func matches(silence, labels map[string]string) bool {
	for name, value := range silence {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// due reports whether a message is to go out, given what the last one listed.
func (s *sender) due(last entry, known bool, now entry) bool {
	subset := func(some, all map[string]bool) bool {
		for one := range some {
			if !all[one] {
				return false
			}
		}
		return true
	}
	switch {
	case !known, !subset(now.firing, last.firing):
		return len(now.firing) > 0
	case len(now.firing) == 0:
		return len(last.firing) > 0
	case s.sendResolved && !subset(now.resolved, last.resolved):
		return true
	}
	return now.at-last.at > s.repeat
}

// flush lets the groups whose time has come say what there is to say.
func (w *world) flush() {
	s := &w.sender
	for _, key := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[key]
		if g.next > w.minute {
			continue
		}
		g.next = w.minute + s.interval
		if w.tell(key, g) {
			maps.DeleteFunc(g.alerts, func(_ string, a *alert) bool { return !a.fires })
		}
		if len(g.alerts) == 0 {
			delete(s.groups, key)
		}
	}
}

// tell posts what the group has to say, if anything, and reports whether it may forget what is resolved.
func (w *world) tell(key string, g *group) bool {
	s := &w.sender
	var visible []*alert
	for _, a := range g.alerts {
		if !s.muted(a) {
			visible = append(visible, a)
		}
	}
	slices.SortFunc(visible, func(a, b *alert) int { return cmp.Compare(a.name, b.name) })
	now := entry{firing: map[string]bool{}, resolved: map[string]bool{}, at: w.minute}
	for _, a := range visible {
		if a.fires {
			now.firing[a.fingerprint] = true
		} else {
			now.resolved[a.fingerprint] = true
		}
	}
	last, known := s.log[key]
	if len(visible) == 0 || !s.due(last, known, now) {
		return true
	}
	if !s.sendResolved {
		visible = slices.DeleteFunc(visible, func(a *alert) bool { return !a.fires })
	}
	if len(visible) > 0 {
		if w.chance(4) {
			w.note("a message gets lost")
			return false // it is said at the next flush
		}
		w.post(g, visible)
	}
	s.log[key] = now
	return true
}
