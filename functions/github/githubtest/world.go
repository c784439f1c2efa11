package githubtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// world is the organisation at one moment.
type world struct {
	rnd      *rand.Rand
	name     string
	base     int64 // all numbers begin here
	now      time.Time
	accounts []*account
	teams    []*team
	repos    []*repo
	threads  []*thread
	sent     map[string]bool // bodies
	steps    []Step
	joined   int // the steps until somebody joined a team last
}

type account struct {
	id    int64
	login string
	uid   string // of a person
	bot   bool
}

type team struct {
	id      int64
	slug    string
	members []*account
}

type repo struct {
	id      int64
	name    string
	private bool
	last    int64 // number of a thread
}

// thread is an issue or a pull request, with who was told of what it asks for. GitHub tells nobody of their own doing.
type thread struct {
	repo      *repo
	number    int64
	isPull    bool
	title     string
	author    *account
	assignees []*account
	reviewers []*account
	wanted    []*team
	closed    bool
	gone      bool
	draft     bool
	updated   time.Time

	assigned map[*account]bool         // told of their assignment
	asked    map[any]map[*account]bool // told of a request, by reviewer or team
	verdicts map[*account]string       // of reviewers: approved or changes_requested
}

func newWorld(rnd *rand.Rand, name string, start time.Time) *world {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	w := &world{rnd: rnd, name: name, base: int64(h.Sum32()) * 1000, now: start.UTC().Truncate(time.Second), sent: map[string]bool{}}
	for i := range 12 {
		login := fmt.Sprintf("%s-p%d", name, i)
		w.accounts = append(w.accounts, &account{id: w.id(i), login: login, uid: login})
	}
	for i := range 2 {
		w.accounts = append(w.accounts, &account{id: w.id(20 + i), login: fmt.Sprintf("%s-bot%d[bot]", name, i), bot: true})
	}
	for i := range 4 {
		t := &team{id: w.id(40 + i), slug: fmt.Sprintf("team%d", i)}
		w.teams = append(w.teams, t)
		for _, a := range w.people() {
			if rnd.IntN(3) == 0 {
				w.join(t, a)
			}
		}
	}
	for i := range 5 {
		w.repos = append(w.repos, &repo{id: w.id(60 + i), name: fmt.Sprintf("repo%d", i), private: i%2 == 0})
	}
	return w
}

func (w *world) id(n int) int64 { return w.base + int64(n) + 1 }

func (w *world) people() (all []*account) {
	return slices.DeleteFunc(slices.Clone(w.accounts), func(a *account) bool { return a.bot })
}

func pick[T any](w *world, of []T) T { return of[w.rnd.IntN(len(of))] }

// audience is where a team's members are.
func (w *world) audience(t *team) string { return "github-team-" + w.owner() + "." + t.slug }

func (w *world) owner() string { return w.name + "-org" }

func (w *world) join(t *team, a *account) {
	t.members = append(t.members, a)
	w.steps = append(w.steps, Step{Audience: w.audience(t), UID: a.uid, Joins: true})
	w.joined = len(w.steps)
}

func (w *world) leave(t *team, a *account) {
	t.members = without(t.members, a)
	w.steps = append(w.steps, Step{Audience: w.audience(t), UID: a.uid})
}

// open begins an issue or a pull request.
func (w *world) open() {
	r := pick(w, w.repos)
	r.last++
	t := &thread{
		repo: r, number: r.last, isPull: w.rnd.IntN(2) == 0, author: pick(w, w.accounts), title: fmt.Sprintf("Matter %d", len(w.threads)),
		assigned: map[*account]bool{}, asked: map[any]map[*account]bool{}, verdicts: map[*account]string{},
	}
	t.draft = t.isPull && w.rnd.IntN(6) == 0
	w.threads = append(w.threads, t)
	w.tell(t, t.author, "opened", nil)
}

// assign, and what follows, say what becomes of who was told. by did it, and is not told.

func (t *thread) assign(a, by *account) {
	t.assignees = append(t.assignees, a)
	t.assigned[a] = a != by && !t.closed
}

func (t *thread) ask(whom any, members []*account, by *account) {
	if t.asked[whom] == nil {
		t.asked[whom] = map[*account]bool{}
	}
	for _, a := range members { // whoever was told before is still asked
		t.asked[whom][a] = t.asked[whom][a] || a != by && !t.closed
	}
}

// askAll asks everybody again whose review is wanted.
func (t *thread) askAll(by *account) {
	for _, a := range t.reviewers {
		t.ask(a, []*account{a}, by)
	}
	for _, team := range t.wanted {
		t.ask(team, team.members, by)
	}
}

func (t *thread) assignAll(by *account) {
	for _, a := range t.assignees {
		t.assigned[a] = a != by && !t.closed
	}
}

// over ends all that is asked.
func (t *thread) over() { clear(t.assigned); clear(t.asked); clear(t.verdicts) }

// asks lists what the thread asks of somebody.
func (t *thread) asks(a *account) (all []Request) {
	target := fmt.Sprintf("%d#%d", t.repo.id, t.number)
	if t.assigned[a] {
		all = append(all, Request{"assignment", target})
	}
	for _, told := range t.asked {
		if told[a] {
			all = append(all, Request{"review", target})
			break
		}
	}
	for _, verdict := range t.verdicts {
		if verdict == "changes_requested" && t.author == a {
			all = append(all, Request{"changes", target})
			break
		}
	}
	return all
}

func without[T comparable](list []T, x T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(o T) bool { return o == x })
}
