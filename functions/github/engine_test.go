package github_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github"
	"tidings.dev/functions/github/githubtest"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/source"
)

// engine is people's inboxes as the real fold keeps them, without the way there.
type engine struct {
	*inboxes // who is who
	boxes    map[string]*inbox.Box
	first    map[string]time.Time // the door's ledger
	clock    time.Time
}

func (e *engine) post(t *testing.T, name, body string) {
	t.Helper()
	mapped, err := (&github.Source{}).Map(header(name), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	e.clock = e.clock.Add(time.Second)
	for i := range mapped.Events {
		ev := &mapped.Events[i]
		if e.accept(t, ev, mapped.Accounts, e.clock.Add(time.Duration(i)*time.Microsecond)); t.Failed() {
			return
		}
	}
}

func (e *engine) accept(t *testing.T, ev *source.Event, accounts map[string]string, at time.Time) {
	t.Helper()
	kind, _ := e.catalog.Type(ev.Type)
	accepted := event.Acceptance{At: at, OwnTime: !ev.Time.IsZero(), OwnID: true}
	if ev.Time.IsZero() {
		if e.first[ev.ID].IsZero() {
			e.first[ev.ID] = at
		}
		accepted.At = e.first[ev.ID]
	}
	ev.Source = "github"
	ev.Normalize(accepted.At)
	place := inbox.Locate(kind, ev.Event, at)
	told := e.told(*ev, accounts)
	if ev.Retract && len(ev.Tell) == 0 {
		for uid, box := range e.boxes {
			if len(box.Touched(place)) > 0 {
				told = append(told, uid)
			}
		}
	}
	ev.Actor.ID = cmp.Or(ev.Actor.ID, ev.By)
	for _, uid := range told {
		if e.boxes[uid] == nil {
			e.boxes[uid] = new(inbox.Box)
		}
		op := inbox.Op{Event: &ev.Event, Accepted: accepted, Type: &kind, Message: fmt.Sprint(at.UnixMicro()), Why: "recipient"}
		if _, err := e.boxes[uid].Fold(place, op, at, e.catalog.Say("en")); err != nil {
			t.Fatal(err)
		}
	}
}

// held lists what a person's visible items ask for.
func (e *engine) held(uid string) (all []githubtest.Request) {
	if e.boxes[uid] == nil {
		return nil
	}
	for _, item := range e.boxes[uid].Changed() {
		if asks := githubtest.Asks(item.Type); asks != "" && item.Visible() {
			all = append(all, githubtest.Request{Asks: asks, Target: item.Target.ID})
		}
	}
	slices.SortFunc(all, githubtest.Request.Compare)
	return all
}

// The real fold comes to what GitHub says, too.
func TestALifeOfARepositoryInTheRealFold(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			life := githubtest.New(100+seed, "real", lifeBegins)
			e := &engine{inboxes: newInboxes(t), boxes: map[string]*inbox.Box{}, first: map[string]time.Time{}, clock: lifeBegins.Add(2 * time.Hour)}
			e.play(life, func(name, body string) { e.post(t, name, body) })
			for _, p := range life.People {
				if diff := gocmp.Diff(life.Asked[p.UID], e.held(p.UID)); diff != "" {
					t.Errorf("%s (-asked +held):\n%s", p.UID, diff)
				}
			}
		})
	}
}

func TestGreenAgainEmptiesTheInbox(t *testing.T) {
	t.Parallel()
	const noon = "2026-11-21T12:00:00Z"
	for name, test := range map[string]struct {
		runs []string
		want []string // titles
	}{
		"red":                              {[]string{run("failure", nine)}, []string{"CI on main (app) failed"}},
		"red, then green":                  {[]string{run("failure", nine), run("success", ten)}, nil},
		"red, hours later green":           {[]string{run("failure", nine), run("success", noon)}, nil},
		"red twice, then green":            {[]string{run("failure", nine), run("failure", ten), run("success", noon)}, nil},
		"green, then red":                  {[]string{run("success", nine), run("failure", ten)}, []string{"CI on main (app) failed"}},
		"an older run is green afterwards": {[]string{run("failure", ten), run("success", nine)}, []string{"CI on main (app) failed"}},
		"red, green, red":                  {[]string{run("failure", nine), run("success", ten), run("failure", noon)}, []string{"CI on main (app) failed"}},
	} {
		e := &engine{inboxes: newInboxes(t), boxes: map[string]*inbox.Box{}, first: map[string]time.Time{}, clock: time.Date(2026, 11, 21, 13, 0, 0, 0, time.UTC)}
		e.uids["dan"] = "dan"
		for _, body := range test.runs {
			e.post(t, "workflow_run", body)
		}
		var got []string
		if e.boxes["dan"] != nil {
			for _, item := range e.boxes["dan"].Changed() {
				if item.Visible() {
					got = append(got, item.Title)
				}
			}
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
