// Package githubtest makes up the life of an organisation at GitHub: people, teams and bots work on issues and pull requests of
// several repositories, and every webhook that GitHub would send of it is there, in order. The same seed makes the same life.
//
// It knows at the end who is asked for what, by GitHub's own rules and not by how we map them. So whoever plays the steps, to the
// mapping alone or to the whole system, can compare.
package githubtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Life is what happened, and what it comes to.
type Life struct {
	People []Person
	Steps  []Step
	Asked  map[string][]Request // by uid: what the person is asked for at the end, sorted
}

// Person is somebody with an account at GitHub, linked here by its number: logins change during the life.
type Person struct {
	UID     string
	Account int64
}

// Step is a delivery, or somebody's joining or leaving an audience. Whoever plays the steps to a system that works in the background
// waits until it is done before anybody joins or leaves.
type Step struct {
	Event, Delivery string // headers
	Body            []byte

	Audience, UID string // instead of a delivery
	Joins         bool   // else the person leaves
}

// Request is something that a person is asked for.
type Request struct {
	Asks   string // as [Asks] says it
	Target string // the id of the target
}

// Asks says what a type of event asks for; "" if for nothing that ends.
func Asks(eventType string) string {
	switch eventType {
	case "issue.assigned", "issue.reopened", "issue.transferred":
		return "assignment"
	case "review.requested":
		return "review"
	case "pull_request.changes_requested":
		return "changes"
	}
	return ""
}

// Compare orders requests.
func (r Request) Compare(o Request) int {
	return slices.Compare([]string{r.Asks, r.Target}, []string{o.Asks, o.Target})
}

// Threads is how many issues and pull requests a life has, and turns how many things happen to each on average.
const (
	Threads = 200
	turns   = 14
)

// New makes up a life that begins then and takes about an hour. All names and numbers in it are made from the name, so that two lives
// of different names do not meet.
func New(seed uint64, name string, start time.Time) Life {
	w := newWorld(rand.New(rand.NewPCG(seed, 1)), name, start) // it is to be the same again
	for n := range Threads * turns {
		if n%turns == 0 {
			w.open()
			continue
		}
		w.turn()
		if w.rnd.IntN(10) == 0 {
			w.redeliver()
		}
	}
	life := Life{Steps: w.steps, Asked: map[string][]Request{}}
	for _, a := range w.accounts {
		if a.bot {
			continue
		}
		life.People = append(life.People, Person{a.uid, a.id})
		for _, t := range w.threads {
			life.Asked[a.uid] = append(life.Asked[a.uid], t.asks(a)...)
		}
		slices.SortFunc(life.Asked[a.uid], Request.Compare)
	}
	return life
}

// redeliver sends one of the latest deliveries once more, under another delivery id. It leaves out those from before somebody joined a
// team: an audience is whoever is in it when an event is handled, so the new member would be told of what was asked before.
func (w *world) redeliver() {
	latest := w.steps[max(w.joined, len(w.steps)-40):]
	if len(latest) == 0 {
		return
	}
	if s := latest[w.rnd.IntN(len(latest))]; s.Body != nil {
		s.Delivery = w.delivery()
		w.steps = append(w.steps, s)
	}
}

func (w *world) delivery() string { return fmt.Sprintf("%s-%d", w.name, len(w.steps)) }
