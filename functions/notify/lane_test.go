package notify

import (
	"context"
	"slices"
	"testing"
	"time"
)

func TestAnInboxToWhichMuchHappensRests(t *testing.T) {
	l := &newCommitter(nil, nil, time.Now).lanes[0]
	start := time.Now()
	wait := func(after time.Duration, uids ...string) {
		t := &task{ctx: context.Background(), lane: l}
		for _, uid := range uids {
			t.jobs = append(t.jobs, &job{uid: uid})
		}
		l.add(t, start.Add(after))
	}
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
	const ms = time.Millisecond
	wait(0, "bob")
	taken(0, 0, "bob") // a lone one goes at once,
	wait(0, "bob")
	taken(0, 0, "bob") // and the next one
	wait(0, "bob")
	wait(0, "bob")
	wait(0, "ada")
	taken(0, 0, "bob", "bob", "ada") // of several, all at once
	wait(20*ms, "bob")
	wait(20*ms, "ada", "bob")
	wait(20*ms, "ada")
	taken(20*ms, 0, "ada") // and then others only,
	taken(20*ms, quietTime)
	wait(44*ms, "bob")
	taken(45*ms, 24*ms) // as long as more comes,
	wait(65*ms, "bob")
	wait(89*ms, "bob")
	taken(99*ms, 1*ms)
	taken(100*ms, 0, "bob", "ada", "bob", "bob", "bob", "bob") // but no longer than that
	wait(105*ms, "bob")
	taken(105*ms, quietTime)
	taken(130*ms, 0, "bob") // nothing more has come: it need not wait
	wait(130*ms, "bob")
	taken(130*ms, 0, "bob") // it has calmed down
	wait(200*ms, "bob")
	wait(200*ms, "bob")
	taken(200*ms, 0, "bob", "bob")
	wait(200*ms, "ada", "bob")
	taken(200*ms, quietTime)
	wait(224*ms, "ada")
	wait(224*ms, "ada")
	taken(224*ms, 0, "ada", "ada")
	for after := 230 * ms; after < 300*ms; after += 10 * ms {
		wait(after, "ada")
		taken(after, min(quietTime, 300*ms-after))
	}
	taken(300*ms, 0, "ada", "bob") // although ada rests: of many recipients, one always may
	if l.jobs != 7 || len(l.waiting) != 7 {
		t.Errorf("%d jobs and %d tasks are left, want 7", l.jobs, len(l.waiting))
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
