//go:build unix

package faults

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// The model is a plain reading of the events. An event stands unless the same actor took back, at its time or later, what he
// had done to the same target. What stands and belongs together is an item. There is no order of arrival in it, and
// nothing that is delivered twice.

// place is where an item is found: all that tells it from the recipient's others, and does not depend on the order in which
// events came.
type place struct {
	kind   string    // the type; "order" for all steps of an order
	target string    // the target's id
	when   time.Time // the window's index, or the event's own time; zero for orders and edges
}

// want is what an item must say.
type want struct {
	actors, events int    // -1: not looked at
	title, body    string // "" where the order of arrival has a say
	forgotten      string // the title where the item may have forgotten what was said; its body is empty then
	names          []string
	unsaid         map[string]bool // bodies that nobody stands by any more
}

// wanted is what must be visible to one person, by place.
type wanted map[place]*want

// countsActors has the types that group, orders excepted, and whether they count actors or events.
var countsActors = map[string]bool{"post.liked": true, "user.followed": true, "comment.created": false, "message.received": false}

func placeOf(kind, target string, when time.Time) place {
	_, grouped := countsActors[kind]
	switch {
	case strings.HasPrefix(kind, "order."):
		return place{kind: "order", target: target}
	case isEdge(target):
		return place{kind: kind, target: target}
	case grouped:
		return place{kind: kind, target: target, when: when.Truncate(window)}
	}
	return place{kind: kind, target: target, when: when}
}

// expect reads the messages. say gives the catalogue's words, in the language of those who chose none.
func expect(p *plan, say inbox.Say) map[string]wanted {
	back := takenBack(p)
	type spot struct {
		to string
		place
	}
	all, gone, unsaid := map[spot][]event.Event{}, map[spot][]event.Event{}, map[spot]map[string]bool{}
	for _, m := range p.messages {
		e := m.event
		for _, to := range m.reaches(p) {
			if e.Retract {
				continue
			}
			s := spot{to, placeOf(e.Type, e.Target.ID, e.Time)}
			if back[whose(to, e)].Before(e.Time) {
				all[s] = append(all[s], e)
				continue
			}
			gone[s] = append(gone[s], e)
			if unsaid[s] == nil {
				unsaid[s] = map[string]bool{}
			}
			if text, ok := e.Data["text"].(string); ok {
				unsaid[s][text] = true
			}
		}
	}
	boxes := map[string]wanted{}
	for s, events := range all {
		if boxes[s.to] == nil {
			boxes[s.to] = wanted{}
		}
		boxes[s.to][s.place] = read(s.place, events, gone[s], say)
		boxes[s.to][s.place].unsaid = unsaid[s]
	}
	return boxes
}

// takenBack is until when what was done is taken back.
func takenBack(p *plan) map[doing]time.Time {
	back := map[doing]time.Time{}
	for _, m := range p.messages {
		for _, to := range m.reaches(p) {
			if who := whose(to, m.event); m.event.Retract && m.event.Time.After(back[who]) {
				back[who] = m.event.Time
			}
		}
	}
	return back
}

// doing is what one retraction takes back: what an actor did to a target. An order's steps are nobody's own.
type doing struct{ to, kind, target, actor string }

func whose(to string, e event.Event) doing {
	d := doing{to, placeOf(e.Type, e.Target.ID, e.Time).kind, e.Target.ID, e.Actor.ID}
	if d.kind == "order" {
		d.actor = ""
	}
	return d
}

// reaches are the people whom the message must reach.
func (m *message) reaches(p *plan) []string {
	switch {
	case m.dies && m.lostOnly == "":
		return nil
	case m.event.Audience != "":
		return p.members
	}
	return slices.DeleteFunc(slices.Clone(m.event.Recipients), func(to string) bool { return to == m.lostOnly })
}

// remembers is of how many an item keeps what they said: the newest ones (shared/README.md).
const remembers = 4

// read is the item of these events, when others have gone.
func read(p place, events, gone []event.Event, say inbox.Say) *want {
	slices.SortFunc(events, func(a, b event.Event) int { return b.Time.Compare(a.Time) }) // the newest first
	newest := events[0]
	var latest []inbox.Actor // each once, the newest first
	for _, e := range events {
		if !slices.ContainsFunc(latest, func(a inbox.Actor) bool { return a.ID == e.Actor.ID }) {
			latest = append(latest, inbox.Actor{Actor: e.Actor, At: e.Time})
		}
	}
	twice := false // doing it another time, before it was taken back, is no news: which of the two counts depends on which came first
	w := &want{actors: len(latest), events: len(events)}
	for _, a := range latest {
		w.names = append(w.names, a.Name)
	}
	switch {
	case p.kind == "order" || newest.Actor.ID == "":
		w.actors, w.names = -1, nil
		latest = nil
		if p.kind == "order" {
			w.events = 1 // it has one state
		}
	case countsActors[newest.Type]:
		w.events = len(latest)
		twice = slices.ContainsFunc(latest, func(a inbox.Actor) bool {
			by := func(e event.Event) bool { return e.Actor.ID == a.ID }
			return len(slices.DeleteFunc(slices.Concat(events, gone), func(e event.Event) bool { return !by(e) })) > 1
		})
	}
	if isEdge(p.target) {
		if !countsActors[newest.Type] {
			w.actors = -1 // who commented in both windows is in both items
		}
		return w
	}
	if twice && len(latest) > 1 {
		return w
	}
	item := inbox.Notification{
		Type: newest.Type, Target: newest.Target, Data: newest.Data,
		Actors: latest[:min(len(latest), inbox.MaxActors)], ActorCount: max(w.actors, 0), EventCount: w.events,
	}
	words := say(&item)
	w.title = cmp.Or(newest.Title, words.Title)
	w.body = words.Body
	newer := slices.DeleteFunc(slices.Clone(gone), func(e event.Event) bool { return e.Time.Before(newest.Time) })
	if len(newer) >= remembers {
		item.Data = nil
		w.forgotten = say(&item).Title
	}
	return w
}
