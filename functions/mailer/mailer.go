// Package mailer sends mails: each minute it looks for items whose mail's time has come, and for people whose digest is due. What is mailed, and when, package
// attention has decided with the item; here it is decided anew, since by now the item may have been seen.
//
// # Once
//
// Before a mail is sent, that is written down, on the item or in the profile, only if nobody has changed it since it was read: of two who want to send the same mail one
// does. Afterwards it is written down that it was sent. Whoever dies in between leaves a lease of five minutes, then the mail is sent again: with the same
// Message-ID, and counted as repeated. What the server refuses for good is done with; what it cannot take now is tried again after the lease.
//
// Who has no verified address in Firebase Auth gets no mail, and an address that bounced is left alone for a while ([profile.Bounce]). Addresses are looked up when a mail is sent, and kept nowhere.
package mailer

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/fact"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
)

// Needs are what the function works with. All but Facts and Telemetry are required; where mail is off, only Log is.
type Needs struct {
	Catalog   *catalog.Catalog
	Store     *store.Store
	Composer  *mail.Composer
	Sender    *mail.Sender // nil: mail is off
	Addresses Addresses
	Now       func() time.Time
	Log       *slog.Logger
	Facts     *topics.Teller // nil: nobody wants to know what became of items
	Telemetry *telemetry.Telemetry
}

// Addresses returns the addresses of those of at most page people who have a verified one.
type Addresses func(ctx context.Context, uids []string) (map[string]string, error)

// function is the mailer function.
type function struct{ Needs }

// New serves the function, for Cloud Scheduler.
func New(n Needs) http.Handler {
	fn := &function{n}
	if n.Sender == nil {
		n.Log.Info("mail is off: SMTP_ADDR is not set")
	}
	return problem.Serve(n.Log, problem.Routes{
		"POST /mailer": fn.tick, // scheduler: every minute
	})
}

const (
	page     = 100              // items or people at a time: Auth looks up so many
	sending  = 10               // mails at the same time
	workTime = 40 * time.Second // of a call, after which it begins no more: a mail takes up to 20 s, and the next call comes after a minute
	noteTime = 10 * time.Second // for writing down what was sent; it may run beside the next call
)

// round is what one call does.
type round struct {
	*function
	until time.Time    // when it begins nothing more
	sent  atomic.Int64 // mails
	away  atomic.Bool  // the server takes nothing: the rest waits for the next call
}

// tick sends what is due. What it cannot send now is still due in a minute, so a failure is only told.
func (fn *function) tick(w http.ResponseWriter, r *http.Request) error {
	now := &round{function: fn, until: time.Now().Add(workTime)}
	var err error
	if fn.Sender != nil {
		err = errors.Join(now.items(r.Context()), now.digests(r.Context()))
	}
	if err == nil && now.away.Load() {
		err = errors.New("the SMTP server takes no mails")
	}
	if err != nil {
		return problem.New(http.StatusServiceUnavailable, "a later call will send it").Because(err)
	}
	return problem.JSON(w, http.StatusOK, map[string]int64{"sent": now.sent.Load()})
}

// pages works page by page: work returns how many items or people it has found, and with how many it is done. These are due at another time, so the
// next page is found without a cursor. One that fails keeps nobody else waiting; its error is the first of all.
func (r *round) pages(work func() (found, done int, err error)) (failed error) {
	for !r.over() {
		found, done, err := work()
		if failed == nil {
			failed = err
		}
		if done == 0 || found < page {
			break
		}
	}
	return failed
}

// over reports whether the call should end.
func (r *round) over() bool { return r.away.Load() || time.Now().After(r.until) }

// What becomes of a mail that is handed over.
const (
	sent     = "sent"
	repeated = "repeated"
	refused  = "refused"
	bounced  = "bounced"
	later    = "later"
)

// send hands a letter over, and counts and returns what becomes of it: all but later is done with. again is that somebody has begun it before.
func (r *round) send(ctx context.Context, letter mail.Letter, again bool) string {
	outcome := sent
	if again {
		outcome = repeated
		r.Log.WarnContext(ctx, "a mail was begun before and not noted as sent; it goes again, with the same Message-ID")
	}
	err := r.Sender.Send(ctx, letter)
	switch {
	case errors.Is(err, mail.ErrRefused):
		if outcome = refused; errors.Is(err, mail.ErrBounced) {
			outcome = bounced
		}
		r.Log.WarnContext(ctx, "a mail was refused", "error", err)
	case err != nil:
		outcome = later
		r.away.Store(true)
		r.Log.WarnContext(ctx, "a mail could not be sent now", "error", err)
	default:
		r.sent.Add(1)
	}
	r.Telemetry.Mailed(ctx, outcome)
	return outcome
}

// write writes a letter. A fault of ours in that ends neither the process nor the others' mails, and does not come again each minute: the
// log has it, and this mail is done with.
func (r *round) write(ctx context.Context, compose func() (mail.Letter, error)) (letter mail.Letter, ok bool) {
	var err error
	defer func() {
		if cause := recover(); cause != nil {
			err = tasks.Panic(cause)
		}
		if ok = err == nil; !ok {
			r.Telemetry.Mailed(ctx, "failed")
			r.Log.ErrorContext(ctx, "a mail cannot be written", "error", err)
		}
	}()
	letter, err = compose()
	return letter, ok
}

// tellOf tells, of each item that a letter names, what became of the letter. What is tried again is told when that is done: a mail that goes a second
// time is the same fact.
func (r *round) tellOf(uid string, letter mail.Letter, outcome string) {
	if r.Facts == nil {
		return
	}
	stage, reason := fact.Mailed, ""
	switch outcome {
	case later:
		return
	case refused:
		stage, reason = fact.Held, refused
	case bounced:
		stage = fact.Bounced
	}
	if reason == "" && letter.List == mail.DigestList {
		reason = inDigest
	}
	facts := make([]fact.Fact, len(letter.Names))
	for i, item := range letter.Names {
		facts[i] = stepOf(item, stage, reason, r.Now())
	}
	r.Facts.Tell(uid, facts...)
}

// inDigest is the reason of a fact about an item that a digest names: it is another mail than the item's own.
const inDigest = "digest"

// noting is a context for writing down what was sent, also where the call has been given up.
func noting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), noteTime)
}
