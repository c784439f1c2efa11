package webhook

import (
	"net/http"
	"time"
)

// delays are the specification's example: what is waited after each attempt that failed. The first attempt is at once, the last one 75 hours and 35
// minutes later, and up to a tenth more by what is added at random.
var delays = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// MaxAttempts is how often a message is sent before nobody tries any more.
var MaxAttempts = len(delays) + 1

// maxAsked is how long a receiver can have us wait by Retry-After.
const maxAsked = 24 * time.Hour

// Answer is what came of an attempt.
type Answer struct {
	Status     int           // of HTTP; 0 is no answer
	RetryAfter time.Duration // what the receiver asks for; 0 is nothing
}

// Taken reports whether the receiver has taken the message. Nothing but 2xx says so: a redirect is followed by nobody.
func (a Answer) Taken() bool { return a.Status >= 200 && a.Status < 300 }

// Gone reports whether the receiver wants no more messages at all.
func (a Answer) Gone() bool { return a.Status == http.StatusGone }

// Pause is how long the receiver is to be left alone, whatever else there is for it; 0 is not at all. It asks for that itself, is overloaded, or does not answer.
func (a Answer) Pause() time.Duration {
	switch a.Status {
	case 0, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return min(max(a.RetryAfter, time.Minute), maxAsked)
	}
	return 0
}

// Next is when to try again after so many attempts, the last of which had this answer; false is never. share, from 0 to 1, is chosen at random: up to a tenth is
// added, so that what failed together does not come back together.
func (a Answer) Next(attempts int, now time.Time, share float64) (time.Time, bool) {
	if attempts >= MaxAttempts {
		return time.Time{}, false
	}
	delay := delays[max(attempts, 1)-1]
	if a.Pause() > 0 && a.RetryAfter > 0 {
		delay = max(delay, min(a.RetryAfter, maxAsked))
	}
	return now.Add(delay + time.Duration(share*float64(delay)/10)), true
}
