//go:build unix

package bill

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"tidings.dev/emulator/google"
)

// A day has so many events, which come from half past seven on, in fifteen hours, and so many visits of two minutes, at each of which an event comes in.
const (
	dayEvents = 40
	dayVisits = 6
	daySeed   = 19
)

// moment is something that happens in a day.
type moment struct {
	at    time.Duration // since midnight
	visit bool
	kind  string // of the event that comes in; during a visit, half way through
	actor string
	on    string // what it is about
}

// plan makes a day up, always the same.
func plan() []moment {
	rng := rand.New(rand.NewPCG(daySeed, daySeed))
	const first, length = 7*time.Hour + 30*time.Minute, 15 * time.Hour
	var all []moment
	for i := range dayEvents {
		m := moment{at: first + time.Duration(rng.Int64N(int64(length))), actor: fmt.Sprint("friend", rng.IntN(30))}
		if i < dayVisits { // spread over the day, with some minutes more or less
			m.visit, m.at = true, first+length/(2*dayVisits)*time.Duration(2*i+1)+time.Duration(rng.IntN(30))*time.Minute
		}
		switch p := rng.IntN(20); {
		case p < 8:
			m.kind, m.on = "post.liked", fmt.Sprint("post", rng.IntN(3))
		case p < 12:
			m.kind, m.on = "comment.created", fmt.Sprint("post", rng.IntN(3))
		case p < 16:
			m.kind, m.on = "message.received", fmt.Sprint("talk", rng.IntN(2))
		case p < 19:
			m.kind, m.on = "user.mentioned", fmt.Sprint("comment", i)
		default:
			m.kind, m.on = "user.followed", dayPerson
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b moment) int { return int(a.at - b.at) })
	return all
}

// day lets the person live through the plan. They have a phone.
func day(ctx context.Context, s *system) (happen, error) {
	if err := s.startPage(ctx); err != nil {
		return nil, err
	}
	if err := s.empty(ctx, inboxOfVisitor); err != nil { // nothing of theirs is to come due in the day
		return nil, err
	}
	now := s.stack.Clock.Now().UTC()
	midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	if err := s.moveTo(ctx, midnight.Add(7*time.Hour)); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (int, error) {
		for _, m := range plan() {
			if err := s.pass(ctx, midnight.Add(m.at)); err != nil {
				return 0, err
			}
			live := s.event
			if m.visit {
				live = s.visit
			}
			if err := live(ctx, m); err != nil {
				return 0, fmt.Errorf("at %s: %w", m.at.Truncate(time.Minute), err)
			}
		}
		return 1, s.pass(ctx, midnight.Add(24*time.Hour))
	}, nil
}

func (s *system) event(ctx context.Context, m moment) error {
	if err := s.post(ctx, happened(s, m.kind, m.actor, m.on, dayPerson)); err != nil {
		return err
	}
	return s.settle(ctx)
}

// visit: the person opens the page, sees all that is listed, reads the two topmost items, archives another one, and is there when an event comes in.
func (s *system) visit(ctx context.Context, m moment) error {
	if err := s.open(ctx, dayPerson); err != nil {
		return err
	}
	mark := func(o order) error {
		marked, err := s.page.do(o)
		s.dayMarks += marked
		return errors.Join(err, s.show(ctx, dayPerson))
	}
	err := errors.Join(s.linger(ctx, 60), mark(order{Do: "see"}), s.event(ctx, m), s.show(ctx, dayPerson),
		mark(order{Do: "see"}), mark(order{Do: "read", Count: 2}), mark(order{Do: "archive", Count: 1}))
	if err != nil {
		return err
	}
	return errors.Join(s.linger(ctx, 60), s.leave(ctx))
}

// pass lets the time go by until then. What waits for a time, such as a push that is repeated or a mail, comes in between.
func (s *system) pass(ctx context.Context, until time.Time) error {
	for _, wait := range []time.Duration{2 * time.Minute, 11 * time.Minute, 0} {
		to := s.stack.Clock.Now().Add(wait)
		if wait == 0 || to.After(until) {
			to = until
		}
		if err := s.moveTo(ctx, to); err != nil {
			return err
		}
		if err := errors.Join(s.runJobs(ctx), s.settle(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// moveTo moves the stack's clock, and with it the time of the security rules.
func (s *system) moveTo(ctx context.Context, t time.Time) error {
	by := t.Sub(s.stack.Clock.Now())
	if by <= 0 {
		return nil
	}
	return google.Call(ctx, http.MethodPost, s.stack.Addresses.Clock+"/advance", map[string]string{"by": by.String()}, nil)
}

// ofTheDay takes from what was counted what the scheduler's calls cost with nothing to do, which is the project's and not the person's, and says what the
// floor of this day is: its events' own; what the person's page heard and marked; and one lease for each visit.
func ofTheDay(s *system, r *Result) {
	for i := range r.Parts {
		for _, empty := range s.idle.Parts {
			if p := &r.Parts[i]; p.What == empty.What && p.Price == empty.Price {
				p.Quantity = max(0, p.Quantity-empty.Quantity*float64(s.dayJobs))
			}
		}
	}
	for name, w := range s.idle.Functions {
		work := r.Functions[name]
		if work.Requests -= w.Requests * float64(s.dayJobs); work.Requests <= 0 { // nothing but empty calls
			delete(r.Functions, name)
			r.Parts = slices.DeleteFunc(r.Parts, func(p Part) bool { return p.What == "CPU of "+name || p.What == "memory of "+name })
			continue
		}
		work.CPU = max(0, work.CPU-w.CPU*float64(s.dayJobs))
		r.Functions[name] = work
	}
	r.Parts = slices.DeleteFunc(r.Parts, func(p Part) bool { return p.Quantity == 0 })
	grouping := 0.
	for _, m := range plan() {
		if m.kind != "user.mentioned" {
			grouping++
		}
	}
	heard, expiring := 0., 0.
	for _, p := range r.Parts {
		switch {
		case p.What == heardByScreens:
			heard = p.Quantity
		case p.Price == "firestore_deletes" && p.Computed != "":
			expiring = p.Quantity
		}
	}
	r.Marks = s.dayMarks
	r.Floor = floorOf(dayEvents+grouping+heard, dayEvents+float64(s.dayMarks)+dayVisits, expiring+dayVisits, dayEvents)
}
