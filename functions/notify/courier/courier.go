// Package courier tells a person's devices of an item, and sees to what FCM answers.
//
//   - Taken: done.
//   - The device is gone, or is proven to be no target at all: its document is deleted.
//   - Not now (429, 5xx, no answer): the device is owed the push, not before FCM wants to be asked. It is tried up to MaxTries times,
//     with some two and a half hours of waiting, more where FCM asks for it. A push that is repeated although it had arrived has the same collapse id and revision, and replaces itself.
//   - The project is set up wrongly, or FCM refuses what we say: an error that names what to do.
//
// Until FCM wants to be asked again, nothing else is sent to that device either. Each instance knows the answers to its own requests. It
// tells a person of one item after the other, so that it has heard the last answer.
package courier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/push"
	"tidings.dev/shared/tasks"
	"tidings.dev/shared/telemetry"
)

// Needs are what a courier works with. All are required but Beacon, and Telemetry, which is nil where it is off.
type Needs struct {
	Catalog   *catalog.Catalog
	Sender    *push.Sender
	Enter     func(persons int) (leave func())            // called before a person is told, and leave after that
	Remove    func(context.Context, profile.Device) error // forgets a device that can no longer be reached
	Beacon    func(uid string, n *inbox.Item) string      // where a service worker says what became of a push; nil: nobody asks
	Now       func() time.Time
	Log       *slog.Logger
	Telemetry *telemetry.Telemetry
}

// Courier tells devices. It is safe for concurrent use.
type Courier struct {
	Needs
	quiet quiet
	turns turns
}

// New makes a courier.
func New(n Needs) *Courier { return &Courier{Needs: n} }

// Errand is what one person's devices are to be told.
type Errand struct {
	UID     string
	Effect  inbox.Effect
	With    []*inbox.Item // the other items of which the same push tells
	Devices []profile.Device
	Only    []string // the ids of those that are missing; nil is all
	Tries   int      // how often FCM has been asked for them
	Taken   int      // set by Tell: for how many of them FCM took it
}

// Owed are devices that are still to be told.
type Owed struct {
	Devices []string
	Tries   int
	Wait    time.Duration
	Cause   error
}

const (
	// MaxTries is how often FCM is asked to take a push.
	MaxTries = 20

	// startTime is how long after its beginning a round may begin with another person: with what FCM may take for them (20 s), and with the
	// commit before it (20 s), that is less than the acknowledgement deadline of 60 s. Waits in the queue and slow publishing are not in that: what takes
	// longer is delivered another time.
	startTime = 15 * time.Second

	// atOnce is how many persons of one round are told at a time: as many as a share of an audience has, so that it takes as long
	// as FCM takes for a push, and no longer.
	atOnce = 250
)

// ErrLater says that there was no time to begin with a person: nothing was sent to them.
var ErrLater = errors.New("courier: the others took all the time that there is")

// Tell runs the errands, each for a person of their own, and returns for each what is owed, or why it cannot be done. It notes in each
// how many devices were told.
func (c *Courier) Tell(ctx context.Context, errands []Errand) (owed [][]Owed, errs []error) {
	owed, errs = make([][]Owed, len(errands)), make([]error, len(errands))
	if len(errands) == 1 { // the usual case needs no goroutine
		owed[0], errs[0] = c.tell(ctx, &errands[0])
		return owed, errs
	}
	start := time.Now()
	var all tasks.Group
	all.Limit(atOnce)
	for i := range errands {
		all.Go(func() error {
			if time.Since(start) > startTime {
				errs[i] = ErrLater
				return nil
			}
			owed[i], errs[i] = c.tell(ctx, &errands[i])
			return nil
		})
	}
	_ = all.Wait() // each has its error
	return owed, errs
}

// tell sends what there is for a person's devices, each in its own language, and sees to the answers.
func (c *Courier) tell(ctx context.Context, e *Errand) (owed []Owed, err error) {
	defer tasks.Catch(&err) // a mistake of ours in what is sent is this person's error
	done, err := c.turns.wait(ctx, e.UID)
	if err != nil {
		return nil, err
	}
	defer done()
	defer c.Enter(1)()
	now := c.Now()
	owes := debts{}
	var pushes []push.Push
	for _, d := range e.Devices {
		switch until := c.quiet.until(d.Value); {
		case e.Only != nil && !slices.Contains(e.Only, d.ID), !d.Fresh(now):
		case until.After(now):
			owes.add(d, e.Tries, until.Sub(now), errQuiet)
		default:
			same := slices.IndexFunc(pushes, func(p push.Push) bool { return p.To.Locale == d.Locale })
			if same < 0 {
				pushes = append(pushes, c.compose(e, d))
				continue
			}
			p := pushes[same] // a summary may be of hundreds of items, and the person have a hundred devices
			p.To = d
			pushes = append(pushes, p)
		}
	}
	var failed []error
	for i, answer := range c.Sender.Send(ctx, pushes, now) {
		if err := c.hear(ctx, e, pushes[i].To, answer, owes, now); err != nil {
			failed = append(failed, err)
		}
	}
	return owes.list(), errors.Join(failed...)
}

// hear sees to one of FCM's answers.
func (c *Courier) hear(ctx context.Context, e *Errand, d profile.Device, answer error, owes debts, now time.Time) error {
	c.Telemetry.Pushed(ctx, outcome(answer))
	switch {
	case answer == nil:
		e.Taken++
	case errors.Is(answer, push.ErrGone):
		c.forget(ctx, d, answer)
	case errors.Is(answer, push.ErrTransient) && e.Tries+1 < MaxTries:
		wait := push.Delay(answer, e.Tries+1)
		c.quiet.set(d.Value, now.Add(wait), now)
		owes.add(d, e.Tries+1, wait, answer)
	case errors.Is(answer, push.ErrTransient):
		return fmt.Errorf("device %q: tried %d times: %v", d.ID, MaxTries, answer) // for good
	default:
		return fmt.Errorf("device %q: %w", d.ID, answer)
	}
	return nil
}

// forget deletes a device that FCM does not know. What it may not log is whose it was.
func (c *Courier) forget(ctx context.Context, d profile.Device, answer error) {
	if err := c.Remove(ctx, d); err != nil { // the next push will find it
		c.Log.WarnContext(ctx, "a device is gone but still listed", "error", err.Error())
		return
	}
	c.Telemetry.Deleted(ctx)
	c.Log.InfoContext(ctx, "device deleted", "code", push.Code(answer), "platform", platform(d))
}

// platform is one of the platforms that clients name; they may write anything.
func platform(d profile.Device) string {
	switch d.Platform {
	case "web", "android", "ios":
		return d.Platform
	}
	return "other"
}

// outcome is FCM's answer in a word.
func outcome(answer error) string {
	for _, o := range []struct {
		is   error
		word string
	}{{push.ErrGone, "gone"}, {push.ErrTransient, "later"}, {push.ErrConfig, "misconfigured"}, {push.ErrRefused, "refused"}} {
		if errors.Is(answer, o.is) {
			return o.word
		}
	}
	if answer != nil {
		return "failed"
	}
	return "taken"
}

var errQuiet = errors.New("courier: FCM does not want to be asked for this device yet")

// compose is the push for a device. It is the same for all of one language.
func (c *Courier) compose(e *Errand, d profile.Device) push.Push {
	item, of := c.words(e, d.Locale)
	p := push.Push{To: d, Item: item, Of: of, Withdraw: e.Effect.Kind == inbox.Withdraw}
	if c.Beacon != nil && of == nil && !p.Withdraw { // a summary is of no item
		p.Beacon = c.Beacon(e.UID, item)
	}
	return p
}

// words is what a device is shown, in its language: the item, or a summary of all of them with their ids.
func (c *Courier) words(e *Errand, locale string) (item *inbox.Item, of []string) {
	if len(e.With) == 0 {
		return c.inLocale(e.Effect.Item, locale), nil
	}
	var items []*inbox.Item
	for _, item := range append([]*inbox.Item{e.Effect.Item}, e.With...) {
		items, of = append(items, c.inLocale(item, locale)), append(of, item.ID)
	}
	return c.Catalog.CatchUp(locale, items), of
}

// inLocale is the item in the words of that language. Those that the producer wrote stay; "" is the recipient's language.
func (c *Courier) inLocale(item *inbox.Item, locale string) *inbox.Item {
	if locale == "" {
		return item
	}
	translated := *item
	translated.Speak(c.Catalog.Say(locale))
	return &translated
}

// debts are what is owed, by the time to wait.
type debts map[time.Duration]*Owed

func (o debts) add(d profile.Device, tries int, wait time.Duration, cause error) {
	if o[wait] == nil {
		o[wait] = &Owed{Tries: tries, Wait: wait, Cause: cause}
	}
	o[wait].Devices = append(o[wait].Devices, d.ID)
}

func (o debts) list() (all []Owed) {
	for _, wait := range slices.Sorted(maps.Keys(o)) {
		all = append(all, *o[wait])
	}
	return all
}
