package limit

import (
	"math"
	"sync"
	"time"
)

// The least that is told at a time, in units. One write for so many is 0.04 for each.
const leastChunk = 25

// chunk is how many units are told at a time: at least leastChunk, and no more often than twice a second for all instances together, since
// Firestore takes about one write a second of one document for long.
func chunk(r Rate) int64 { return int64(math.Max(leastChunk, r.PerSecond/2)) }

// pause is how long the counter is left alone after it could not be reached.
const pause = 5 * time.Second

// bucket is a sender's, as this instance knows it.
type bucket struct {
	mu    sync.Mutex
	at    time.Time // when level was right; zero: nobody has asked yet, and the bucket is full
	level float64   // units that are left; below zero: what has to come back first

	owed    int64     // what was let in here since the last look at the counter
	telling int64     // how much of that is being told
	told    time.Time // when the last look was
	then    float64   // the level at that time
	total   int64     // what the counter said; -1: nothing yet
	notYet  time.Time // the next look is not before
}

// advance brings the level to now.
func (b *bucket) advance(now time.Time, r Rate) {
	if b.at.IsZero() {
		b.at, b.level, b.total = now, float64(r.Burst), -1
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.at, b.level = now, min(float64(r.Burst), b.level+passed*r.PerSecond)
	}
}

// almost is a whole unit, where so many additions of fractions do not meet it.
const almost = 1 - 1e-6

// take lets units in if one is left.
func (b *bucket) take(now time.Time, r Rate, units int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.advance(now, r)
	if b.level < almost {
		return false
	}
	b.level -= float64(units)
	b.owed += int64(units)
	return true
}

// left is how many whole units there are, and how long until there is one, as of the last take.
func (b *bucket) left(r Rate) (units int, next time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.level < almost {
		return 0, seconds((1 - b.level) / r.PerSecond)
	}
	return int(b.level + 1 - almost), 0
}

// begin returns what is to be told now, or 0, and when the bucket is full again as far as is known here. Until [bucket.end], nobody else tells.
func (b *bucket) begin(now time.Time, r Rate) (owed int64, fullAt time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.owed < chunk(r) || b.telling > 0 || now.Before(b.notYet) {
		return 0, time.Time{}
	}
	b.telling = b.owed
	missing := float64(r.Burst) - b.level
	if b.total < 0 { // nothing is known but what was let in here
		missing = float64(b.owed)
	}
	return b.telling, now.Add(seconds(missing / r.PerSecond))
}

// end corrects the bucket by what the counter said. Since the last look, the level has changed by what came back and by what all instances let
// in; in which order, nobody knows, and it does not matter for longer than a chunk. At the first look there is nothing to compare with: the level is
// what the others take it for, less what they have not heard of.
func (b *bucket) end(now time.Time, r Rate, told, total int64, latest time.Time, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.telling = 0
	if !ok {
		b.notYet = now.Add(pause)
		return
	}
	b.advance(now, r)
	b.owed -= told
	if b.total < 0 {
		missing := max(0, latest.Sub(now).Seconds()*r.PerSecond)
		if missing > float64(told) { // somebody else has let in more
			missing += float64(told)
		}
		b.then = float64(r.Burst) - missing
	} else {
		b.then = min(float64(r.Burst), b.then+now.Sub(b.told).Seconds()*r.PerSecond-float64(total-b.total))
	}
	b.level = b.then - float64(b.owed)
	b.told, b.total = now, total
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
