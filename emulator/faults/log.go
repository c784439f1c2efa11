//go:build unix

package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"tidings.dev/emulator/fcm"
	"tidings.dev/shared/event"
	"tidings.dev/shared/fact"
)

// The log is compared with what is so: for each event and each of its recipients there is one decision for each channel, and it is what the
// inbox and FCM say.
//
// Facts may be lost, by design: a process that is killed has not told what it did within the last second, and a message that it had
// answered by then does not come another time. The diary knows which those are. Of them nothing need be known, and what is known must be
// true all the same.

const factsSubscription = "facts-log"

var factsKey = fact.Key("the-key-of-the-faults-of-persons")

// gather takes in the facts that come, until ctx ends.
func (w *world) gather(ctx context.Context) {
	_ = w.pubsub.Subscriber(factsSubscription).Receive(ctx, func(_ context.Context, m *pubsub.Message) { // ends with ctx
		f, err := fact.Decode(m.Data)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil {
			w.bad = append(w.bad, err.Error())
		} else {
			w.told = append(w.told, f)
			life, _, _ := strings.Cut(f.Instance, "/")
			w.last[life] = later(w.last[life], m.PublishTime)
		}
		m.Ack()
	})
}

// gathered ends the subscribers, which tell what they have not told yet, and returns when no fact has come for a second.
func (w *world) gathered() {
	for _, s := range w.subscribers {
		s.end()
	}
	for quiet, before := 0, -1; quiet < 20; quiet++ {
		w.mu.Lock()
		now := len(w.told)
		w.mu.Unlock()
		if now != before {
			quiet, before = 0, now
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// diary notes which subscriber has answered for a message of an event, and when. The zero value is empty.
type diary struct {
	mu      sync.Mutex
	answers map[answered][]answer
}

// answered is of whom: "" of messages that name nobody. The few people of a walk's last step are told by such a message.
type answered struct{ event, uid string }

type answer struct {
	by   *subscriber
	life string
	at   time.Time
}

// note notes that one of the subscriber's lives since that one, the first that may have had the message, has answered. A life may have
// ended since.
func (d *diary) note(e event.Event, by *subscriber, since int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.answers == nil {
		d.answers = map[answered][]answer{}
	}
	uids := e.Recipients
	if len(uids) == 0 {
		uids = []string{""}
	}
	for _, uid := range uids {
		k := answered{e.ID, uid}
		for life := since; life <= by.life(); life++ {
			d.answers[k] = append(d.answers[k], answer{by, by.lifeName(life), time.Now()})
		}
	}
}

const (
	untold   = 10 * time.Second        // how long a fact may wait on a busy machine, with the time that publishing it takes when calls are refused
	underway = 2500 * time.Millisecond // how long what came was on its way at most: what came so soon may have been sent before
)

// doubt reports whether a process that had answered for the event was killed before it told all: it published nothing any more, and had no
// time to.
func (d *diary) doubt(w *world, eventID, uid string) bool {
	answers := d.answers[answered{eventID, uid}]
	if len(answers) == 0 {
		answers = d.answers[answered{eventID, ""}]
	}
	return slices.ContainsFunc(answers, func(a answer) bool {
		killed, was := a.by.killed[a.life]
		return was && killed.Before(a.at.Add(untold)) && w.last[a.life].Before(a.at.Add(underway))
	})
}

// shownOn is an item on a person's device.
type shownOn struct{ uid, item string }

// pushesOf are the states of items that FCM took for devices.
func pushesOf(attempts []fcm.Attempt) (map[shownOn][]int64, error) {
	taken := map[shownOn][]int64{}
	for _, a := range attempts {
		var m struct {
			Data struct{ ID, Revision, Withdraw string }
		}
		if err := json.Unmarshal(a.Message, &m); err != nil {
			return nil, fmt.Errorf("a push cannot be read: %w", err)
		}
		if a.Outcome != fcm.Accepted || m.Data.Withdraw != "" {
			continue
		}
		revision, err := strconv.ParseInt(m.Data.Revision, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a push cannot be read: %w", err)
		}
		at := shownOn{strings.TrimSuffix(a.Target, "-phone"), m.Data.ID}
		taken[at] = append(taken[at], revision)
	}
	return taken, nil
}

// compareLog fills in what is wrong with the log.
func compareLog(w *world, p *plan, d *diary, attempts []fcm.Attempt, r *Report) error {
	pushed, err := pushesOf(attempts)
	if err != nil {
		return err
	}
	r.Problems = append(r.Problems, w.bad...)
	known := map[string][]fact.Fact{} // by person
	for _, f := range w.told {
		known[f.Person] = append(known[f.Person], f)
	}
	doubtful := map[string]bool{} // persons
	back := takenBack(p)
	for _, m := range p.messages {
		if m.garbage != "" {
			continue
		}
		people := m.event.Recipients
		if m.event.Audience != "" {
			people = p.members
		}
		for _, uid := range people {
			person := factsKey.Person(uid)
			about := slices.Concat(known[person], known[""])
			e := fact.Explain(m.event.Source, m.event.ID, about, person)[0]
			l := logged{Explanation: e, uid: uid, m: m, back: !back[whose(uid, m.event)].Before(m.event.Time), pushed: pushed, known: about}
			l.doubtful = d.doubt(w, m.event.ID, uid)
			r.Explained++
			if l.doubtful {
				r.Doubtful++
				doubtful[uid] = true
			}
			for _, problem := range l.wrong() {
				r.Problems = append(r.Problems, fmt.Sprintf("log of %s %s for %s: %s; it says %s", m.event.Type, m.event.ID, uid, problem, l))
			}
		}
	}
	for at, revisions := range pushed {
		for _, revision := range revisions {
			if !doubtful[at.uid] && !told(known[factsKey.Person(at.uid)], at.item, revision) {
				r.Problems = append(r.Problems, fmt.Sprintf("log of %s: FCM has taken a push of item %s@%d, which nobody has told", at.uid, at.item, revision))
			}
		}
	}
	return nil
}

// told reports whether some fact says that the state was pushed.
func told(facts []fact.Fact, item string, revision int64) bool {
	return slices.ContainsFunc(facts, func(f fact.Fact) bool {
		return f.Stage == fact.Pushed && f.Reason == "" && f.Item == item && f.Revision == revision
	})
}

// logged is what the log says of an event to one person, with what is so.
type logged struct {
	fact.Explanation
	uid      string
	m        *message
	back     bool // the event was taken back
	doubtful bool // a process knew more of it, and was killed before it told
	pushed   map[shownOn][]int64
	known    []fact.Fact // of the person
}

func (l logged) String() string {
	var b strings.Builder
	for _, d := range l.Decisions {
		fmt.Fprintf(&b, "%s %s %s, ", d.Channel, d.Outcome, d.Reason)
	}
	b.WriteString("after")
	for _, s := range l.Steps {
		fmt.Fprintf(&b, "\n    %s %s %s %s %s, item %.6s@%d, of %s, attempt %d", s.At.Format(time.TimeOnly), s.Instance, s.Channel, s.Stage, s.Reason, s.Item, s.Revision, s.Event, s.Attempt)
	}
	return b.String()
}

// inApp are the outcomes that may be in the app.
func (l logged) inApp() []fact.Outcome {
	shown, withdrawn := fact.Outcome(fact.Shown), fact.Outcome(fact.Withdrawn)
	switch {
	case l.m.dies && (l.m.lostOnly == "" || l.m.lostOnly == l.uid):
		return []fact.Outcome{fact.Outcome(fact.DeadLettered)}
	case l.m.event.Retract:
		return []fact.Outcome{withdrawn}
	case l.back: // before it came, or after it was shown
		return []fact.Outcome{shown, withdrawn}
	}
	return []fact.Outcome{shown}
}

// wrong lists what the log says otherwise than it is.
func (l logged) wrong() (problems []string) {
	inApp, push := l.Decisions[0], l.Decisions[1]
	open := func(d fact.Decision) bool {
		return slices.Contains([]fact.Outcome{fact.Unknown, fact.Waiting, fact.Outcome(fact.Retried)}, d.Outcome)
	}
	for _, d := range l.Decisions {
		if open(d) && !l.doubtful {
			problems = append(problems, fmt.Sprintf("nothing is decided on %s", d.Channel))
		}
	}
	if !open(inApp) && !slices.Contains(l.inApp(), inApp.Outcome) {
		problems = append(problems, fmt.Sprintf("in the app %q, want one of %q", inApp.Outcome, l.inApp()))
	}
	first, reached := l.reached()
	switch is := push.Outcome == fact.Outcome(fact.Pushed); {
	case is && !reached:
		problems = append(problems, "FCM has taken no such push")
	case !is && first && !l.doubtful:
		problems = append(problems, "FCM has taken a push of it")
	}
	return problems
}

// reached reports whether FCM has taken a push of the very state in which the event was shown, and somebody has told, and whether it took one of that state or of a
// later one.
func (l logged) reached() (first, any bool) {
	for _, s := range l.Steps {
		if s.Event != l.m.event.ID || s.Item == "" {
			continue
		}
		for _, revision := range l.pushed[shownOn{l.uid, s.Item}] {
			any = any || revision >= s.Revision
			first = first || revision == s.Revision && s.Stage == fact.Shown && told(l.known, s.Item, revision)
		}
	}
	return first, any
}
