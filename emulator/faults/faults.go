//go:build unix

// Package faults tries to break Tidings' promises about the inbox: nothing lost, nothing twice, exact counts (DESIGN §2, 1
// to 4). It makes up events from a seed (plan.go), reads plainly from them what every inbox must say in the end
// (model.go), and delivers them in the worst way that Pub/Sub allows (deliver.go): each one to five times, in random order,
// side by side to two processes of the deployed binary, while those are killed between any two of their steps and
// Firestore, Pub/Sub and FCM refuse calls, lose answers and are restarted (chaos.go). Then it compares (inboxes.go).
//
// Time is part of it. The functions' clock goes from burst to burst of events, which lie an hour apart, so that events come
// early, in time and hours late. Which item an event belongs to must not depend on the order in which events come, or no
// model could say what is right. It does not as long as the events of a burst fall under one index of their window
// (shared/inbox, window.go). The "edge" events do not keep to that: their bursts go across the border of two
// windows, and the model knows only the sums over both items. All copies of an edge event go to one process: the one thing that
// is known not to be exact is two copies handled at the same moment by two processes while a third event opens the
// earlier one of two windows (shared/inbox, TestRacesAcrossWindows).
//
// A run is a function of its seed, as far as processes that run side by side allow: the events, their copies, the times of
// the kills and which calls are disturbed are the same each time; how calls and kills interleave is not.
package faults

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// Options say how hard to try.
type Options struct {
	Seed       uint64
	Events     int       // how many events are made up; at least 300, and fewer than a million
	Recipients int       // to how many people; at least 10
	Kills      int       // how often a process is killed
	Dir        string    // an empty folder for logs and the like
	Root       string    // the repository
	Progress   io.Writer // takes a line now and then; nil: none
}

// Report is what a run has done and found.
type Report struct {
	Messages   int
	Deliveries int            // acknowledged, of messages that were made up; the rest is redelivery
	Refused    int            // not acknowledged, and so delivered again
	Kills      map[string]int // by what the process was doing
	Disturbed  int            // calls that were refused, or whose answer was lost
	Retried    int            // messages that went by the retry topic
	Letters    int            // dead letters, all of them expected
	Items      int            // visible in the end
	Pushes     int
	Overtaken  int // of the pushes, those that came after one of a newer state
	Explained  int // for how many people, event by event, the log was compared with what is so
	Doubtful   int // of these, those of whom a process knew that was killed before it could tell
	Took       time.Duration
	Problems   []string // what is not as it must be; empty is success
}

func (r Report) String() string {
	var b strings.Builder
	total := 0
	for _, n := range r.Kills {
		total += n
	}
	fmt.Fprintf(&b, "%d messages, %d deliveries and %d refusals, %d by the retry topic, %d dead letters, %d items, %d pushes (%d overtaken), %d decisions (%d of them doubtful), %d disturbed calls in %s; %d kills:",
		r.Messages, r.Deliveries, r.Refused, r.Retried, r.Letters, r.Items, r.Pushes, r.Overtaken, r.Explained, r.Doubtful, r.Disturbed, r.Took.Round(time.Second), total)
	for _, p := range append(points, anytime) {
		if n := r.Kills[p.String()]; n > 0 {
			fmt.Fprintf(&b, " %s %d,", p, n)
		}
	}
	return strings.TrimSuffix(b.String(), ",")
}

// Run does it all. An error means that the run itself could not be carried out; what it finds is in the report.
func Run(ctx context.Context, o Options) (Report, error) {
	began := time.Now()
	plan := makePlan(o)
	w, err := newWorld(ctx, o)
	if err != nil {
		return Report{}, err
	}
	defer w.close()
	if err := w.prepare(ctx, plan); err != nil {
		return Report{}, err
	}
	c := newChaos(w, o, plan)
	d := newDeliverer(w, c, o)
	if err := w.startPushes(ctx, d); err != nil {
		return Report{}, err
	}
	wreck := make(chan error, 1)
	go func() { wreck <- c.run(ctx) }()
	err = d.run(ctx, plan)
	c.stop()
	if wrecked := <-wreck; err == nil {
		err = wrecked
	}
	if err != nil {
		return Report{}, err
	}
	d.say("all delivered; waiting for the retry topic")
	report := Report{Messages: len(plan.messages), Kills: c.kills}
	if err := settle(ctx, w, plan, &d.diary, &report); err != nil {
		return report, err
	}
	report.Deliveries, report.Refused = int(d.delivered.Load()), int(d.refused.Load())
	report.Disturbed, report.Took = int(c.disturbed.Load()), time.Since(began)
	return report, nil
}
