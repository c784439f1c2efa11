//go:build unix

// Package week has people live through days on the real stack, and accounts for all that they were told. A seed makes up people of several
// continents, what they have said about being told, what happens to them, and what they do about it (plan.go). The stack's clock goes from one instant
// at which something happens, or waits, to the next, with a tick of the scheduler at each, often two at once; publish, notify, due and mailer are killed between
// any two of their steps and started again, and what was under way is delivered again (crash.go, drive.go).
//
// # The account
//
// Each piece of news of each person ends in one way, once: told by a push or as a part of a catch-up, not wanted, over before
// it was told (seen, read, archived, taken back, expired, on the screen already), or still held, with its reason on the item (account.go). Mails and digests
// are accounted for likewise (mails.go). What must be is read from the plan alone: person.go says what holds back whom and until when. Of the product's code it uses
// [quiet.Schedule.Until], which has tests with properties of its own; whether a push, a mail or a digest is right follows from no other. Of an item it takes what happened
// to it (its revision, its marks) and the reason on it; a reason that it does not know is taken for one, as long as the item waits for a time.
//
// A push or mail may come a second time only where a crash fell between the provider's OK and our note of it: then it has the same collapse id and revision, or the
// same Message-ID, and is counted.
package week

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Options say how long and how hard.
type Options struct {
	Seed     uint64
	People   int
	Span     time.Duration // of the stack's clock
	Quiet    int           // steps without a crash between two crashes, at most
	Root     string        // the repository
	Progress io.Writer     // takes a line now and then; nil: none
}

// Report is what a run has done and found.
type Report struct {
	Steps, Ticks, Events, News int
	Ends                       map[string]int // how many news ended in which way
	Pushes, CatchUps, Mails    int
	Digests                    int
	Repeated                   int            // pushes and mails that came twice, after a crash
	Kills                      map[string]int // by the point
	Took                       time.Duration
	Problems                   []string // what is not as it must be, each with its story; empty is success
}

func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events in %d steps with %d ticks, %d news: %s; %d pushes, of these %d catch-ups; %d mails, %d digests; %d of all repeated after a crash; took %s;",
		r.Events, r.Steps, r.Ticks, r.News, list(r.Ends), r.Pushes, r.CatchUps, r.Mails, r.Digests, r.Repeated, r.Took.Round(time.Second))
	total := 0
	for _, n := range r.Kills {
		total += n
	}
	fmt.Fprintf(&b, " %d kills: %s", total, list(r.Kills))
	return b.String()
}

func list(counts map[string]int) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, fmt.Sprintf("%s %d", key, counts[key]))
	}
	return strings.Join(all, ", ")
}

// Run does it all. An error means that the run itself could not be carried out; what it finds is in the report.
func Run(ctx context.Context, o Options) (report Report, err error) {
	began := time.Now()
	p := makePlan(o)
	w, err := newWorld(ctx, o, p)
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.prepare(ctx); err != nil {
		return Report{}, err
	}
	end := p.begin.Add(o.Span)
	for err == nil && w.stack.Clock.Now().Before(end) && len(w.account.problems) == 0 {
		err = w.step(ctx)
	}
	w.account.finish()
	report = w.account.report
	report.Problems, report.Kills, report.Took = w.account.problems, w.crash.struck(), time.Since(began)
	return report, err
}
