package github_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/functions/github/githubtest"
	"tidings.dev/shared/source"
)

// live plays a life to inboxes of its own.
func live(t *testing.T, life githubtest.Life, lost func(source.Event) bool) *inboxes {
	t.Helper()
	b := newInboxes(t)
	b.lost = lost
	b.play(life, func(name, body string) { b.post(t, name, body) })
	return b
}

// play links the people, lets them join and leave, and posts the deliveries.
func (b *inboxes) play(life githubtest.Life, post func(name, body string)) {
	for _, p := range life.People {
		b.uids[fmt.Sprintf("id:%d", p.Account)] = p.UID
	}
	for _, s := range life.Steps {
		switch {
		case s.Body != nil:
			post(s.Event, string(s.Body))
		case s.Joins:
			if b.members[s.Audience] == nil {
				b.members[s.Audience] = map[string]bool{}
			}
			b.members[s.Audience][s.UID] = true
		default:
			delete(b.members[s.Audience], s.UID)
		}
	}
}

// differences lists what people hold at the end and should not, or the other way round.
func differences(life githubtest.Life, b *inboxes) (all []string) {
	for _, p := range life.People {
		if diff := cmp.Diff(life.Asked[p.UID], b.held(p.UID)); diff != "" {
			all = append(all, fmt.Sprintf("%s (-asked +held):\n%s", p.UID, diff))
		}
	}
	return all
}

var lifeBegins = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// At the end of a life, nobody holds a request that is over, and nobody misses one that stands.
func TestALifeOfARepository(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			life := githubtest.New(seed, fmt.Sprintf("life%d", seed), lifeBegins)
			asked := 0
			for _, requests := range life.Asked {
				asked += len(requests)
			}
			if asked < 50 {
				t.Errorf("only %d requests stand at the end: the life shows little", asked)
			}
			for _, d := range differences(life, live(t, life, nil)) {
				t.Error(d)
			}
		})
	}
}

// The life notices what is not taken back, or not told.
func TestALifeNoticesWhatIsLost(t *testing.T) {
	t.Parallel()
	var lives []githubtest.Life
	for seed := range uint64(3) {
		lives = append(lives, githubtest.New(seed, "lossy", lifeBegins))
	}
	tests := map[string]func(e source.Event) bool{
		"an assignment":                        func(e source.Event) bool { return e.Type == "issue.assigned" && !e.Retract },
		"its end":                              func(e source.Event) bool { return e.Type == "issue.assigned" && e.Retract },
		"what comes back":                      func(e source.Event) bool { return e.Type == "issue.reopened" },
		"a transfer":                           func(e source.Event) bool { return e.Type == "issue.transferred" },
		"a team's request":                     func(e source.Event) bool { return e.Type == "review.requested" && e.Audience != "" },
		"the end of what a review leaves":      func(e source.Event) bool { return len(e.Except) > 0 && e.Type == "review.requested" },
		"the end of one review's request":      func(e source.Event) bool { return e.Type == "review.requested" && e.Retract && e.Instance != "" },
		"the end of verdicts":                  func(e source.Event) bool { return e.Type == "pull_request.changes_requested" && e.Retract },
		"an approval in the place of a demand": func(e source.Event) bool { return e.Type == "pull_request.approved" },
	}
	for name, lost := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, life := range lives {
				if len(differences(life, live(t, life, lost))) > 0 {
					return
				}
			}
			t.Error("nobody noticed")
		})
	}
}

func TestTheSameSeedMakesTheSameLife(t *testing.T) {
	t.Parallel()
	a, b := githubtest.New(3, "x", lifeBegins), githubtest.New(3, "x", lifeBegins)
	if !reflect.DeepEqual(a, b) {
		t.Error("it is another one")
	}
}
