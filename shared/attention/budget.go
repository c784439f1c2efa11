package attention

import (
	"cmp"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
)

// The attention budget: how many pushes a person gets.
//
// All priorities but urgent, which takes nothing, share one bucket per person. The bucket holds an hour. A push takes the time from it that it costs (of 30 an
// hour, each costs two minutes), and what was taken comes back as time passes. So somebody who was left alone for an hour can be told 30 things at
// once, and then one every two minutes. What costs more than there is waits, and comes out together with all else that waits, as one push.
//
// How many come in an hour: as many as the rate says, over any longer time. In a single hour at most twice as many and one more: a full bucket, what
// comes back meanwhile, and a push that took in advance (below).
//
// Nothing waits for ever. What has waited until its time has come may take in advance what is not back yet, and leaves nothing to others, as long as nobody else has
// taken in advance before. News cannot do that, so it never keeps what waits from its turn.
//
// An instance writes the bucket down when it has taken a third of one since it did so last ([Little]). So most pushes cost no write, and an instance that starts anew, or another one, may
// give almost a third of a bucket more: nine pushes of high. Who wants fewer pushes has each of them cost more, so their bucket is written sooner; from three an hour downwards at each push.
//
// The bucket is written without a look at whether somebody else has written it meanwhile, since a retry of the write would cost more than it saves. So two pushes
// that two instances decide at the same moment may count as one. And a push that could not be committed, or that was taken back in the same commit, may have been paid for in vain.

// rate is what a push of a priority costs.
type rate struct {
	perHour int           // pushes, where the person does not want fewer: each costs an hour divided by it
	leaves  time.Duration // how much of the bucket news leaves to what is more important
}

// rates are defaults for what a person bears of one product, and not measured: people got 63.5 notifications a day from all their apps in 2014 (Pielot, Church,
// de Oliveira: An in-situ study of mobile phone notifications). A lively conversation must not be held (messages are high, and the catalogue's interval lets each conversation push once a
// minute), a post that everybody likes may be. Medium leaves room for six of high, and low for fifteen.
var rates = map[event.Priority]rate{
	event.High:   {30, 0},
	event.Medium: {15, 12 * time.Minute},
	event.Low:    {6, 30 * time.Minute},
}

// bucketSize is what a full bucket holds.
const bucketSize = time.Hour

// Little reports whether that is so little to take from a bucket that an instance may keep it in mind and not write it down.
func Little(taken time.Duration) bool { return taken < bucketSize/3 }

// price is what one push costs, and what must be left in the bucket after it.
type price struct{ costs, leaves time.Duration }

// priceOf is the price of a push of that priority for somebody who wants so many an hour at most; nil is the default.
func priceOf(p event.Priority, most *int) price {
	r, ok := rates[p]
	if !ok {
		r = rates[event.Low]
	}
	if most != nil {
		r.perHour = max(min(r.perHour, *most), 1)
	}
	costs := bucketSize / time.Duration(r.perHour)
	return price{costs, min(r.leaves, bucketSize-costs)} // one push must always be possible
}

// take takes the price of a push out of a bucket that is full again at that time. If there is not enough in it, ok is false, and at is when there will be, if nobody
// takes anything before; otherwise at is when the bucket is full again after the push. A push whose turn it is may take in advance.
func (p price) take(fullAt, now time.Time, turn bool) (at time.Time, ok bool) {
	if fullAt.Before(now) {
		fullAt = now
	}
	earliest := fullAt.Add(p.costs + p.leaves - bucketSize)
	if turn {
		earliest = fullAt.Add(-bucketSize)
	}
	if earliest.After(now) {
		return earliest, false
	}
	return fullAt.Add(p.costs), true
}

// free reports whether a push takes nothing from the budget: urgent ones, those that nobody would see, and those that are part of one that has taken.
func (q *Question) free() bool {
	return q.urgent() || !q.Person.Reachable(q.Now) || q.Message != "" && q.Message == q.Budget.Message
}

// overBudget is until when the budget holds the push back; zero if it does not.
func (q *Question) overBudget() time.Time {
	if q.free() {
		return time.Time{}
	}
	if at, ok := priceOf(q.Priority, q.Person.PushesPerHour).take(q.Budget.FullAt, q.Now, q.Turn); !ok {
		return at
	}
	return time.Time{}
}

// Spend is the person's budget after a push that [Decide] lets go now.
func Spend(q Question) profile.Budget {
	q.Person = cmp.Or(q.Person, &profile.Profile{})
	if q.free() {
		return q.Budget
	}
	at, ok := priceOf(q.Priority, q.Person.PushesPerHour).take(q.Budget.FullAt, q.Now, q.Turn)
	if !ok {
		return q.Budget
	}
	return profile.Budget{FullAt: at, Message: q.Message}
}
