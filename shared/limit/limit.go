// Package limit says how much a sender may bring in, right over many instances and for next to nothing.
//
// Each sender has a bucket: it holds Burst units, every event takes some, and Rate comes back each second. Whoever finds at least one unit is let
// in and takes all that they need; what is too much is paid back first. Each instance has the bucket as it knows it, and decides at once, alone. What
// it has let in, it tells a counter that all share, some units at a time, and hears how much the others have let in since. So a look costs
// nothing, and a write stands for many events (see [chunk]).
//
// Between two looks an instance does not know what the others let in, and corrects that at the next look: what was too much is paid back. So over any
// longer time all instances together let in what the bucket says, and at any moment at most a chunk more for each of them. An instance that is new
// to a sender takes their bucket for full until it has looked, which it does after a chunk.
//
// Where the counter is away, each instance goes on by what it knows, and nobody is refused because of that.
package limit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tidings.dev/shared/tasks"
)

// Rate is how much a sender may bring in. Both are positive.
type Rate struct {
	PerSecond float64 // units that come back each second
	Burst     int     // units that a full bucket holds
}

// Of is the rate of a sender who may bring in so much a second. Their bucket holds five seconds of it, and 100 at least: instances hear of each other
// a chunk late, and a sender below their rate is not to be refused because of that.
func Of(perSecond float64) Rate { return Rate{perSecond, max(100, int(5*perSecond))} }

// Limiter has the buckets of all senders, and is safe for concurrent use. All fields but Add are required.
type Limiter struct {
	Now func() time.Time
	Log *slog.Logger

	// Add adds units to what all instances have let in of a sender, and returns the sum; and the latest time that any of them has named as the one when
	// the sender's bucket is full again, as this one sees it fullAt. [store.Store.CountUnits] does. nil: this is the only instance.
	Add func(ctx context.Context, sender string, units int64, fullAt time.Time) (total int64, latest time.Time, err error)

	mu      sync.Mutex
	buckets map[string]*bucket
}

// patience is how long a look at the counter may take: the request that pays for it is answered by then.
const patience = time.Second

// Verdict is what a sender is told.
type Verdict struct {
	OK   bool
	Left int           // whole units that are left, as far as is known here
	Next time.Duration // how long until there is one; 0 where there is
	Rate Rate

	telling tasks.Group
}

// Take asks for units of a sender who has that rate; for none, to know whether it would get one. Call [Verdict.Wait] before the request ends.
func (l *Limiter) Take(ctx context.Context, sender string, rate Rate, units int) *Verdict {
	b := l.bucket(sender)
	now := l.Now()
	v := &Verdict{Rate: rate}
	v.OK = b.take(now, rate, units)
	v.Left, v.Next = b.left(rate)
	if l.Add == nil {
		return v
	}
	if owed, fullAt := b.begin(now, rate); owed > 0 {
		v.telling.Go(func() error {
			l.tell(ctx, sender, b, rate, owed, fullAt)
			return nil
		})
	}
	return v
}

// Wait returns when the counter was told what there was to tell. It runs beside whatever the request does meanwhile: on Cloud Run nothing
// runs after the answer.
func (v *Verdict) Wait() { _ = v.telling.Wait() } // a panic there is as good as a counter that is away

func (l *Limiter) bucket(sender string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.buckets == nil {
		l.buckets = map[string]*bucket{}
	}
	if l.buckets[sender] == nil {
		l.buckets[sender] = &bucket{}
	}
	return l.buckets[sender]
}

// tell adds to the counter what is owed, and corrects the bucket by what the others did. The request may be given up meanwhile.
func (l *Limiter) tell(ctx context.Context, sender string, b *bucket, rate Rate, owed int64, fullAt time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	total, latest, err := l.Add(ctx, sender, owed, fullAt)
	if err != nil {
		l.Log.WarnContext(ctx, "the counter of a rate limit cannot be reached; this instance limits by what it knows", "error", err.Error())
	}
	b.end(l.Now(), rate, owed, total, latest, err == nil)
}
