package notify

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestAnInboxToWhichMuchHappensRests(t *testing.T) {
	l := &newCommitter(nil, nil, time.Now).lanes[0]
	wait := func(uids ...string) {
		t := &task{ctx: context.Background(), lane: l}
		for _, uid := range uids {
			t.jobs = append(t.jobs, &job{uid: uid})
		}
		l.waiting = append(l.waiting, t)
		l.jobs += len(t.jobs)
	}
	start := time.Now()
	taken := func(after time.Duration, wantPause time.Duration, want ...string) {
		t.Helper()
		_, jobs, pause := l.take(start.Add(after))
		var uids []string
		for _, j := range jobs {
			uids = append(uids, j.uid)
		}
		if !slices.Equal(uids, want) || len(want) == 0 && pause != wantPause {
			t.Errorf("after %v: got %v and a pause of %v, want %v and %v", after, uids, pause, want, wantPause)
		}
	}
	wait("bob")
	taken(0, 0, "bob") // a lone one goes at once,
	wait("bob")
	taken(0, 0, "bob") // and the next one
	wait("bob")
	wait("bob")
	wait("ada")
	taken(0, 0, "bob", "bob", "ada") // of several, all at once
	wait("bob")
	wait("ada", "bob")
	wait("ada")
	taken(0, 0, "ada") // and then others only
	taken(0, restTime)
	taken(restTime-1, 1)
	taken(restTime, 0, "bob", "ada", "bob")
	wait("bob")
	taken(restTime, restTime)
	taken(2*restTime, 0, "bob")
	wait("bob")
	taken(2*restTime, 0, "bob") // it has calmed down
	wait("bob")
	wait("bob")
	taken(3*restTime, 0, "bob", "bob")
	wait("ada", "bob")
	taken(3*restTime, restTime)
	wait("ada")
	wait("ada")
	taken(4*restTime-1, 0, "ada", "ada")
	taken(4*restTime, 0, "ada", "bob") // although ada rests: with many recipients, somebody always would
	if l.jobs != 0 || len(l.waiting) != 0 {
		t.Errorf("%d jobs and %d tasks are left", l.jobs, len(l.waiting))
	}
}

func TestUrgentEventsNeverRest(t *testing.T) {
	c := newCommitter(nil, nil, time.Now)
	l := &c.lanes[urgentLane]
	for range 3 {
		for range 2 {
			l.waiting = append(l.waiting, &task{ctx: context.Background(), lane: l, jobs: []*job{{uid: "bob"}}})
		}
		if tasks, _, _ := l.take(time.Now()); len(tasks) != 2 {
			t.Errorf("took %d of 2", len(tasks))
		}
	}
}
