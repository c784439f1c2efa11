package event

import (
	"errors"
	"time"
)

// MaxSchedule is how far ahead an event may be scheduled.
const MaxSchedule = 30 * 24 * time.Hour

// Scheduled is an event that waits for its sendAt.
type Scheduled struct {
	Event    Event      // as it will be published
	Accepted Acceptance // as it will be published: the acceptance is at sendAt, so that the event counts as one of that moment
	Priority Priority   // which decides its lane
	Content  string     // a hash of what the sender said; "" where the id is ours, and nobody can send the same again
}

// Why an event cannot be scheduled.
var (
	ErrOtherContent = errors.New("event: another event is scheduled under this source and id")
	ErrCancelled    = errors.New("event: this source and id was cancelled")
)

// How an event is cancelled that may be under way. Whoever is about to write it into inboxes looks for a cancellation first, and writes
// nothing any more once LookHolds has passed since. Whoever cancels waits for CancelTakes after the cancellation is stored, before they
// answer: by then, all who looked before have written what they write. Both are durations of the real clock.
const (
	LookHolds   = 8 * time.Second
	CancelTakes = LookHolds + 2*time.Second // the rest is for a write that Firestore carries out just after its caller has given up
	CancelAhead = 5 * time.Second           // a cancellation that comes so long before sendAt comes in time, though clocks differ
)

// Cancellation is what became of an event by being cancelled.
type Cancellation struct {
	InTime bool      // it was scheduled and nobody gets it; else it was sent, may just have been sent, or was never posted
	SendAt time.Time // when it would have been sent; zero where it was not scheduled
}

// ValidateSendAt returns what is wrong with the time at which the event is to be sent. Where it is up to [MaxAhead] ago, the event is
// sent at once, since clocks differ.
func (e *Event) ValidateSendAt(now time.Time) FieldErrors {
	var f FieldErrors
	ahead := e.SendAt.Sub(now)
	switch {
	case e.SendAt.IsZero():
	case ahead > MaxSchedule:
		f.Add("sendAt", "lies more than %d days ahead (%s); name an earlier time, or post the event later", MaxSchedule/(24*time.Hour), e.SendAt.Format(time.RFC3339))
	case ahead < -MaxAhead:
		f.Add("sendAt", "is past (%s); leave it out to send the event now, or name a later time", e.SendAt.Format(time.RFC3339))
	}
	return f
}

// ValidateIdentity returns what is wrong with the source and id by which somebody speaks of an event.
func ValidateIdentity(source, id string) FieldErrors {
	var f FieldErrors
	f.text("source", source, required|inBytes, MaxID)
	f.text("id", id, required|inBytes, MaxID)
	return f
}
