package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"tidings.dev/functions/notify"
	"tidings.dev/shared/archive"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/topics"
)

// Replay gives archived messages to the subscriber's own code, in the order of time.
//
// Into a shadow (another database) go all of them, at the time at which each was published: that is the clock that the subscriber sees, so windows end and events expire as they did. Into
// the live database go those of one type for one person, now: events that have come very late. In both cases the fold alone keeps twice from being more than once, so
// a replay that was killed goes on from its checkpoint, and does the messages of the last seconds again.
type Replay struct {
	Archive *archive.Archive
	Index   archive.Index
	Live    *store.Store // whose erasures, cancellations and audiences count
	Into    *store.Store // a shadow, or Live itself
	Catalog *catalog.Catalog
	Sender  *push.Sender // for Ring; else nil
	Person  string       // live: the recipient
	Type    string       // live: the type of the events
	Ring    bool         // live: push what was neither pushed nor noticed since it was accepted
	Now     func() time.Time
	Log     *slog.Logger
	Path    string // of the checkpoint: a file, or gs://BUCKET/NAME
}

const (
	maxBatch  = 400              // messages that are folded together
	batchSpan = 10 * time.Second // in which they were published: the subscriber's clock stands at the first one
	atOnce    = 64               // messages that the subscriber has at a time: with 100 recipients each, it is never full
	maxTries  = 8                // of a message that the subscriber cannot take
	maxRounds = 6                // at the end, of what the subscriber wants to look at once more
)

// run is a replay under way.
type run struct {
	*Replay
	kept   checkpoint
	notify *notify.Function
	queue  *queue
	state  *state
	people people
	clock  atomic.Int64 // a shadow's, in microseconds since 1970
}

func (r *Replay) isShadow() bool { return r.Into != r.Live }

// Run replays the index, from where the checkpoint ends. Whatever the error, the same call goes on from there.
func (r *Replay) Run(ctx context.Context) (Report, error) {
	if !r.isShadow() && (r.Person == "" || r.Type == "") {
		return Report{}, errors.New("a replay into live inboxes needs one person and one type")
	}
	kept, err := r.checkpoint()
	if err != nil {
		return Report{}, err
	}
	s, err := kept.read(ctx, r.job())
	if err != nil {
		return Report{}, err
	}
	if s.Done {
		return s.Report, nil
	}
	u := &run{Replay: r, kept: kept, queue: &queue{}, state: s, people: people{live: r.Live, known: map[string]time.Time{}}}
	u.queue.restore(s.Later)
	replay := inbox.Quietly
	if r.Ring {
		replay = inbox.Ringing
	}
	u.notify = notify.New(notify.Needs{Catalog: r.Catalog, Store: r.Into, Publisher: u.queue, Sender: r.Sender, Now: u.now, Log: r.Log, Replay: replay})
	if err := u.all(ctx); err != nil {
		return s.Report, err
	}
	if err := u.finish(ctx); err != nil {
		return s.Report, err
	}
	s.Done = true
	if !r.isShadow() { // the same repair may be needed once more; a rebuild is compared again without being done again
		return s.Report, kept.remove(ctx)
	}
	return s.Report, kept.write(ctx, s)
}

// job is what is replayed.
func (r *Replay) job() job {
	what := "rebuild"
	if !r.isShadow() {
		what = fmt.Sprintf("repair of %s for %s, ring %t", r.Type, r.Person, r.Ring)
	}
	return job{what, r.Index.From, r.Index.To}
}

// now is the subscriber's clock.
func (u *run) now() time.Time {
	if at := u.clock.Load(); u.isShadow() && at != 0 {
		return time.UnixMicro(at).UTC()
	}
	return u.Now()
}

// moveTo moves a shadow's clock, never back.
func (u *run) moveTo(t time.Time) {
	if at := t.UnixMicro(); at > u.clock.Load() {
		u.clock.Store(at)
	}
}

// all replays the messages behind the checkpoint, batch by batch.
func (u *run) all(ctx context.Context) error {
	var batch []archive.Message
	for m, err := range u.Archive.Messages(ctx, u.Index) {
		if err != nil {
			return err
		}
		if u.state.covers(m) {
			continue
		}
		if len(batch) == maxBatch || len(batch) > 0 && m.Published.Sub(batch[0].Published) > batchSpan {
			if err := u.batch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		batch = append(batch, m)
	}
	return u.batch(ctx, batch)
}

// batch replays some messages side by side, with what the subscriber makes of them, and writes the checkpoint behind them, if it is time: else a
// little more is done again.
func (u *run) batch(ctx context.Context, messages []archive.Message) error {
	if len(messages) == 0 {
		return nil
	}
	last := messages[len(messages)-1]
	u.moveTo(messages[0].Published) // not the last one: by then, another one of them may have expired
	var group tasks.Group
	group.Limit(atOnce)
	for _, m := range messages {
		group.Go(func() error { return u.message(ctx, m) })
	}
	err := errors.Join(group.Wait(), ctx.Err())
	if err == nil {
		err = u.drain(ctx, u.dueNow())
	}
	if err != nil {
		return err
	}
	u.state.After = &position{last.Published, last.Topic, last.ID}
	if time.Now().Before(u.state.writeAt) {
		return nil
	}
	u.state.Later = u.queue.later()
	return u.kept.write(ctx, u.state)
}

// dueNow takes what waits and may be looked at by a shadow's clock. Into live nothing waits for a time: it is looked at in the end.
func (u *run) dueNow() []topics.Envelope {
	if !u.isShadow() {
		return nil
	}
	return u.queue.due(u.now())
}

// drain gives the subscriber what it has left to other messages, until it leaves nothing.
func (u *run) drain(ctx context.Context, more []topics.Envelope) error {
	for more = append(more, u.queue.take()...); len(more) > 0; more = u.queue.take() {
		var group tasks.Group
		group.Limit(atOnce)
		for _, e := range more {
			group.Go(func() error { return u.give(ctx, e, "") })
		}
		if err := errors.Join(group.Wait(), ctx.Err()); err != nil {
			return err
		}
	}
	return nil
}

// finish sees to what the subscriber wants to look at once more: a retraction that came before its event, what Firestore or FCM could not take.
func (u *run) finish(ctx context.Context) error {
	for round := 0; ; round++ {
		waiting, until := u.queue.everything()
		if len(waiting) == 0 {
			return nil
		}
		if round == maxRounds {
			return fmt.Errorf("%d messages could not be done; the first: %s. Run the same command again to go on", len(waiting), waiting[0].Reason)
		}
		u.moveTo(until)
		if err := u.pause(ctx, round, waiting); err != nil {
			return err
		}
		for i := range waiting {
			waiting[i] = waiting[i].Later(time.Time{}, "")
		}
		if err := u.drain(ctx, waiting); err != nil {
			return err
		}
	}
}

// pause waits before another round: for FCM as long as it asks for, up to two minutes, and else a moment.
func (u *run) pause(ctx context.Context, round int, waiting []topics.Envelope) error {
	wait := time.Duration(0)
	if round > 0 {
		wait = time.Second << round
	}
	for _, e := range waiting {
		if e.Devices != nil {
			wait = max(wait, min(e.NotBefore().Sub(u.Now()), 2*time.Minute))
		}
	}
	select {
	case <-time.After(wait):
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give has the subscriber see to an envelope, as often as it takes. The id names it among all; "" makes one from what it says.
func (u *run) give(ctx context.Context, e topics.Envelope, id string) error {
	m, err := pushedOf(e, id, u.now())
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		err := u.notify.Receive(ctx, &m)
		if err == nil || try+1 == maxTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond << try):
		case <-ctx.Done():
		}
	}
}
