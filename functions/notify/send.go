package notify

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/push"
	"tidings.dev/shared/topics"
)

// What becomes of a push, by FCM's answer:
//
//   - Taken: done.
//   - The device is gone, or is proven to be no target at all: its document is deleted.
//   - Not now (429, 5xx, no answer): the message goes to the retry topic for that device only, not to be tried before FCM wants it.
//     It is tried up to maxTries times, over about two hours, then it is a dead letter. A push that is repeated although it had
//     arrived has the same collapse id and revision, and replaces itself.
//   - The project is set up wrongly, or FCM refuses what we say: a dead letter that names the mend, and an ERROR in the log. Once it
//     is mended, the letter can be replayed.
//
// A device that FCM does not want to be asked for rests: nothing else is sent to it either until then. Each instance knows of
// those it has asked for itself, and tells a person of one item after the other, so that it has heard the answer.

// outcome is what became of a job.
type outcome struct {
	err  error  // why it failed; transient ones are to be tried again as a whole
	owed []owed // the devices that are still to be told, where everything else is done
}

// owed are devices that are still to be told of an item.
type owed struct {
	devices []string
	tries   int
	wait    time.Duration
	cause   error
}

// maxTries is how often FCM is asked to take a push.
const maxTries = 20

// missing says of a retried push which devices it is for, and how often that was tried; nil devices are all.
type missing struct {
	devices []string
	tries   int
}

func missingOf(m *topics.PushedMessage) (of missing) {
	of.tries, _ = strconv.Atoi(m.Attributes[topics.AttrTries])
	if ids := m.Attributes[topics.AttrDevices]; ids != "" {
		of.devices = strings.Split(ids, "/")
	}
	return of
}

// tellAll tells the devices of each recipient for whom there is something to tell. The outcomes are in the order of the jobs.
func (fn *Function) tellAll(ctx context.Context, jobs []*job, m *topics.PushedMessage) []outcome {
	outcomes := make([]outcome, len(jobs))
	missing := missingOf(m)
	var pushes sync.WaitGroup
	slots := make(chan struct{}, maxPushes)
	for i, j := range jobs {
		outcomes[i].err = j.err
		if j.err != nil || j.push == nil || len(j.to) == 0 {
			continue
		}
		if i == len(jobs)-1 { // the usual case, a single recipient, needs no goroutine
			outcomes[i] = fn.tell(ctx, j, missing)
			continue
		}
		slots <- struct{}{}
		pushes.Go(func() {
			outcomes[i] = fn.tell(ctx, j, missing)
			<-slots
		})
	}
	pushes.Wait()
	return outcomes
}

// maxPushes is how many recipients of one message are pushed to at a time.
const maxPushes = 16

// tell sends what the job has for its recipient's devices, each in its own language, and sees to the answers.
func (fn *Function) tell(ctx context.Context, j *job, of missing) (o outcome) {
	done, err := fn.turns.wait(ctx, j.uid)
	if err != nil {
		return outcome{err: err}
	}
	defer done()
	now := fn.Now()
	waits := map[time.Duration]*owed{}
	owe := func(d profile.Device, tries int, wait time.Duration, cause error) {
		if waits[wait] == nil {
			waits[wait] = &owed{tries: tries, wait: wait, cause: cause}
		}
		waits[wait].devices = append(waits[wait].devices, d.ID)
	}
	var pushes []push.Push
	for _, d := range j.to {
		switch until := fn.resting.until(d.Value); {
		case of.devices != nil && !slices.Contains(of.devices, d.ID), !d.Fresh(now):
		case until.After(now):
			owe(d, of.tries, until.Sub(now), errResting)
		default:
			pushes = append(pushes, push.Push{To: d, Item: fn.inLocale(j.push, d.Locale), Withdraw: j.undo})
		}
	}
	for i, err := range fn.Sender.Send(ctx, pushes, now) {
		d := pushes[i].To
		switch {
		case err == nil:
		case errors.Is(err, push.ErrGone):
			if err := fn.Store.RemoveDevice(ctx, d); err != nil { // the next push will find it again
				fn.Log.WarnContext(ctx, "a device is gone but still listed", "uid", d.UID, "device", d.ID, "error", err.Error())
			}
		case errors.Is(err, push.ErrTransient) && of.tries+1 < maxTries:
			wait := push.Delay(err, of.tries+1)
			fn.resting.set(d.Value, now.Add(wait), now)
			owe(d, of.tries+1, wait, err)
		case errors.Is(err, push.ErrTransient):
			o.err = errors.Join(o.err, fmt.Errorf("device %s: tried %d times: %v", d.ID, maxTries, err))
		default:
			o.err = errors.Join(o.err, fmt.Errorf("device %s: %w", d.ID, err))
		}
	}
	for _, wait := range slices.Sorted(maps.Keys(waits)) {
		o.owed = append(o.owed, *waits[wait])
	}
	return o
}

var errResting = errors.New("notify: FCM does not want to be asked for this device yet")

// inLocale is the item in the words of that language. Those that the producer wrote himself stay; "" is the recipient's language.
func (fn *Function) inLocale(item *inbox.Item, locale string) *inbox.Item {
	if locale == "" {
		return item
	}
	translated := *item
	translated.Speak(fn.Catalog.Say(locale))
	return &translated
}

// owe hands the message over to the retry topic for the devices of one recipient. A little more than the wait, and not the same
// for all, so that they do not come back all at once.
func (fn *Function) owe(ctx context.Context, pushed *topics.Pushed, e *event.Event, uid string, o owed) error {
	wait := o.wait + rand.N(max(o.wait/4, 1))
	fn.Log.WarnContext(ctx, "push owed", "message_id", pushed.Message.MessageID, "uid", uid, "devices", len(o.devices), "wait", wait.String(), "reason", o.cause.Error())
	for _, ids := range chunks(o.devices) {
		err := fn.handOver(ctx, pushed, e, []string{uid}, map[string]string{
			topics.AttrDevices: ids, topics.AttrTries: strconv.Itoa(o.tries), topics.AttrReason: clip(o.cause.Error()),
			topics.AttrNotBefore: fn.Now().Add(wait).UTC().Format(time.RFC3339Nano),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// chunks joins ids by slashes, which no id contains, in texts that fit into an attribute.
func chunks(ids []string) (out []string) {
	for _, id := range ids {
		if last := len(out) - 1; last >= 0 && len(out[last])+1+len(id) <= 1000 {
			out[last] += "/" + id
		} else {
			out = append(out, id)
		}
	}
	return out
}

// resting remembers which targets FCM does not want to be asked for until when.
type resting struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// maxResting is how many targets are remembered, at about 250 bytes. More than that only rest when all of FCM does.
const maxResting = 20_000

func (r *resting) until(target string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ends[target]
}

func (r *resting) set(target string, end, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ends) >= maxResting {
		maps.DeleteFunc(r.ends, func(_ string, end time.Time) bool { return !end.After(now) })
	}
	if len(r.ends) >= maxResting {
		clear(r.ends)
	}
	if r.ends == nil {
		r.ends = map[string]time.Time{}
	}
	r.ends[target] = end
}

// turns lets what is told to one person go one after the other.
type turns struct {
	mu      sync.Mutex
	persons map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token while nobody has the turn
	users int
}

// wait waits for the person's turn. Unless it fails, because ctx has ended, done must be called.
func (t *turns) wait(ctx context.Context, uid string) (done func(), err error) {
	t.mu.Lock()
	if t.persons == nil {
		t.persons = map[string]*turn{}
	}
	mine := t.persons[uid]
	if mine == nil {
		mine = &turn{free: make(chan struct{}, 1)}
		mine.free <- struct{}{}
		t.persons[uid] = mine
	}
	mine.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if mine.users--; mine.users == 0 {
			delete(t.persons, uid)
		}
	}
	select {
	case <-mine.free:
		return func() { mine.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
