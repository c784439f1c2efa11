package groupcommit

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnInboxToWhichMuchHappensPauses(t *testing.T) {
	q := &New(nil, nil, time.Now, nil).queues[0]
	start := time.Now()
	wait := func(after time.Duration, uids ...string) {
		t := &task{ctx: context.Background(), queue: q}
		for _, uid := range uids {
			t.works = append(t.works, &work{Job: Job{UID: uid}})
		}
		q.add(t, start.Add(after))
	}
	taken := func(after time.Duration, wantRest time.Duration, want ...string) {
		t.Helper()
		_, works, rest := q.take(start.Add(after))
		var uids []string
		for _, j := range works {
			uids = append(uids, j.UID)
		}
		if !slices.Equal(uids, want) || len(want) == 0 && rest != wantRest {
			t.Errorf("after %v: got %v and a pause of %v, want %v and %v", after, uids, rest, want, wantRest)
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
	taken(20*ms, quiet)
	wait(44*ms, "bob")
	taken(45*ms, 24*ms) // as long as more comes,
	wait(65*ms, "bob")
	wait(89*ms, "bob")
	taken(99*ms, 1*ms)
	taken(100*ms, 0, "bob", "ada", "bob", "bob", "bob", "bob") // but no longer than that
	wait(105*ms, "bob")
	taken(105*ms, quiet)
	taken(130*ms, 0, "bob") // nothing more has come: it need not wait
	wait(130*ms, "bob")
	taken(130*ms, 0, "bob") // it has calmed down
	wait(200*ms, "bob")
	wait(200*ms, "bob")
	taken(200*ms, 0, "bob", "bob")
	wait(200*ms, "ada", "bob")
	taken(200*ms, quiet)
	wait(224*ms, "ada")
	wait(224*ms, "ada")
	taken(224*ms, 0, "ada", "ada")
	for after := 230 * ms; after < 300*ms; after += 10 * ms {
		wait(after, "ada")
		taken(after, min(quiet, 300*ms-after))
	}
	taken(300*ms, 0, "ada", "bob") // although ada pauses: of many recipients, one always may
	if q.works != 7 || len(q.waiting) != 7 {
		t.Errorf("%d jobs and %d tasks are left, want 7", q.works, len(q.waiting))
	}
}

func TestUrgentEventsNeverPause(t *testing.T) {
	c := New(nil, nil, time.Now, nil)
	q := &c.queues[urgentQueue]
	for range 3 {
		for range 2 {
			q.waiting = append(q.waiting, &task{ctx: context.Background(), queue: q, works: []*work{{Job: Job{UID: "bob"}}}})
		}
		if tasks, _, _ := q.take(time.Now()); len(tasks) != 2 {
			t.Errorf("took %d of 2", len(tasks))
		}
	}
}

// TestAQueueTakesNoMoreThanItCanHold: what waits costs memory, and a refusal slows the subscription down.
func TestAQueueTakesNoMoreThanItCanHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, release := New(nil, nil, time.Now, nil), make(chan struct{})
		c.attempt = func(context.Context, []*work) ([]*work, error) {
			<-release
			return nil, nil
		}
		hundred := make([]Job, 100) // for one inbox, and so in one queue
		var applied, refused atomic.Int64
		apply := func() {
			go func() {
				switch _, err := c.Apply(t.Context(), hundred); {
				case errors.Is(err, ErrFull):
					refused.Add(1)
				case err == nil:
					applied.Add(1)
				}
			}()
			synctest.Wait()
		}
		for range 31 { // the first one is being committed, and does not wait
			apply()
		}
		if refused.Load() != 10 || applied.Load() != 0 {
			t.Errorf("while 2,000 jobs wait, %d of 10 requests were refused and %d answered", refused.Load(), applied.Load())
		}
		close(release)
		time.Sleep(time.Second) // a queue pauses between commits
		apply()
		time.Sleep(time.Second)
		if refused.Load() != 10 || applied.Load() != 22 {
			t.Errorf("after a pause %d requests were applied and %d refused, want 22 and 10", applied.Load(), refused.Load())
		}
	})
}

// TestTheOthersGiveWayToAlerts: an alert waits for whatever is under way in Firestore when it comes. So nobody begins while one is committed, and as long as
// more may come the others commit one at a time; but neither a stream of alerts nor a slow commit stops them.
func TestTheOthersGiveWayToAlerts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSlow(t)
		s.want(queues, "without alerts")
		go s.apply(true, 1)
		synctest.Wait()
		s.want(1, "after an alert has come")
		time.Sleep(alarm / 3)
		s.want(1, "while more may come")
		s.takes = 20 * time.Second
		s.want(queues, "beside commits that are slow, at last")
		s.takes = 200 * time.Millisecond
		go func() {
			for range 100 {
				s.apply(true, 1)
			}
		}()
		time.Sleep(s.takes / 2)
		begun := time.Now()
		s.apply(false, 1)
		if took := time.Since(begun); took > s.takes+2*courtesy {
			t.Errorf("beside a stream of alerts a commit is answered after %s, want %s", took, s.takes+2*courtesy)
		}
		time.Sleep(100*s.takes + alarm)
		s.want(queues, "when no more are expected")
	})
}

// slow is a committer whose commits take a while. It counts how many are made side by side.
type slow struct {
	*testing.T
	*Committer
	takes  time.Duration
	mu     sync.Mutex
	alerts int // that are being committed
	others int
	most   int // others that were there at once, and 100 more where one began beside an alert
}

func newSlow(t *testing.T) *slow {
	s := &slow{T: t, Committer: New(nil, nil, time.Now, nil), takes: 100 * time.Millisecond}
	s.attempt = func(_ context.Context, works []*work) ([]*work, error) {
		s.mu.Lock()
		count := &s.others
		if works[0].Urgent {
			count = &s.alerts
		}
		*count++
		if !works[0].Urgent {
			s.most = max(s.most, s.others+100*s.alerts)
		}
		s.mu.Unlock()
		time.Sleep(s.takes)
		s.mu.Lock()
		defer s.mu.Unlock()
		*count--
		return nil, nil
	}
	return s
}

func (s *slow) apply(urgent bool, jobs int) {
	all := make([]Job, jobs)
	for i := range all {
		all[i] = Job{UID: strconv.Itoa(i), Urgent: urgent}
	}
	if _, err := s.Apply(s.Context(), all); err != nil {
		s.Error(err)
	}
}

// want has some jobs for each queue committed.
func (s *slow) want(sideBySide int, when string) {
	s.Helper()
	s.most = 0
	if s.apply(false, 100); s.most != sideBySide {
		s.Errorf("%s, %d commits are made side by side (100 more: beside an alert), want %d", when, s.most, sideBySide)
	}
}

// TestWhatNobodyWaitsForIsNotCommitted: its request has ended, and Pub/Sub delivers the message another time.
func TestWhatNobodyWaitsForIsNotCommitted(t *testing.T) {
	t.Parallel()
	q := &New(nil, nil, time.Now, nil).queues[0]
	gone, cancel := context.WithCancel(context.Background())
	q.add(&task{ctx: gone, queue: q, works: []*work{{Job: Job{UID: "gone"}}}}, time.Now())
	q.add(&task{ctx: context.Background(), queue: q, works: []*work{{Job: Job{UID: "bob"}}}}, time.Now())
	cancel()
	if tasks, works, _ := q.take(time.Now()); len(tasks) != 1 || works[0].UID != "bob" || q.works != 0 {
		t.Errorf("took %d tasks, %d works are left; want only bob's, and none left", len(tasks), q.works)
	}
}

// TestAPanicIsOneJobsError: the others of its commit are committed, and the process goes on.
func TestAPanicIsOneJobsError(t *testing.T) {
	t.Parallel()
	works := []*work{{Job: Job{UID: "a"}}, {Job: Job{UID: "poison"}}, {Job: Job{UID: "b"}}, {Job: Job{UID: "c"}}}
	c := New(nil, nil, time.Now, nil)
	calls := 0
	c.attempt = func(_ context.Context, some []*work) ([]*work, error) {
		calls++
		for _, w := range some {
			if w.UID == "poison" {
				panic("nil dereference")
			}
			w.Result = Result{}
		}
		return nil, nil
	}
	works[0].Err, works[2].Err, works[3].Err = errUnset, errUnset, errUnset
	c.commit(nil, works)
	for _, w := range works {
		if poison := w.UID == "poison"; errors.Is(w.Err, ErrPanics) != poison || !poison && w.Err != nil {
			t.Errorf("%s: got %v", w.UID, w.Err)
		}
	}
	if calls > 5 {
		t.Errorf("%d attempts; halving takes 5", calls)
	}
}

// TestACommitOfPoisonEndsInTime: however many of its jobs fail, and however long each try takes, a commit is over before its messages could be
// delivered another time. What there was no time for is tried another time.
func TestACommitOfPoisonEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(nil, nil, time.Now, nil)
		c.attempt = func(ctx context.Context, _ []*work) ([]*work, error) {
			select {
			case <-time.After(3 * time.Second):
				return nil, errors.New("a document that Firestore refuses")
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		works := make([]*work, 64)
		for i := range works {
			works[i] = &work{}
		}
		begin := time.Now()
		c.commit(nil, works)
		if took := time.Since(begin); took > commitTime {
			t.Errorf("it took %s, want at most %s", took, commitTime)
		}
		if last := works[len(works)-1].Err; !errors.Is(last, ErrSlow) {
			t.Errorf("the last job: got %v, want that there was no time for it", last)
		}
	})
}

var errUnset = errors.New("not committed")

// TestNothingIsWrittenThatMayNoLongerHold: a job is written before its time ends or not at all, and a try of it has some time at least.
// Others are not held up.
func TestNothingIsWrittenThatMayNoLongerHold(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		until time.Duration // of one of two jobs; 0 is for ever
		takes time.Duration // a try
		slow  bool          // the job fails
		other bool          // the other one does
	}{
		{"no end", 0, 9 * time.Second, false, false},
		{"time enough", 8 * time.Second, 7 * time.Second, false, false},
		{"it waited too long", leastTime - 1, 0, true, false},
		{"a try takes too long", 8 * time.Second, 9 * time.Second, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := New(nil, nil, time.Now, nil)
				c.attempt = func(ctx context.Context, works []*work) ([]*work, error) {
					select {
					case <-time.After(test.takes):
					case <-ctx.Done():
						return nil, ctx.Err()
					}
					for _, w := range works {
						w.Result = Result{}
					}
					return nil, nil
				}
				works := []*work{{Job: Job{UID: "a"}}, {Job: Job{UID: "b"}}}
				if test.until > 0 {
					works[0].Until = time.Now().Add(test.until)
				}
				works[0].Err, works[1].Err = errUnset, errUnset
				begin := time.Now()
				c.commit(nil, works)
				if (works[0].Err != nil) != test.slow || (works[1].Err != nil) != test.other {
					t.Errorf("got %v and %v", works[0].Err, works[1].Err)
				}
				if took := time.Since(begin); test.until > 0 && took > test.until {
					t.Errorf("it was worked on for %v, want at most %v", took, test.until)
				}
			})
		})
	}
}

// TestARaceThatWasLostIsRunAgainInTime: each try has an end, and the pause between two does not.
func TestARaceThatWasLostIsRunAgainInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := New(nil, nil, time.Now, nil)
		var tries []time.Time
		c.attempt = func(_ context.Context, works []*work) ([]*work, error) {
			if tries = append(tries, time.Now()); len(tries) < 3 {
				return works, nil
			}
			return nil, nil
		}
		c.commit(nil, []*work{{Job: Job{UID: "a", Until: time.Now().Add(8 * time.Second)}}})
		if len(tries) != 3 || !tries[1].After(tries[0]) || !tries[2].After(tries[1]) {
			t.Errorf("tried at %v, want three times with pauses", tries)
		}
	})
}
