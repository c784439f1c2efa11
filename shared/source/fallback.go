package source

import (
	"context"
	"fmt"
)

// Members reports whether anybody is in the audience.
type Members func(ctx context.Context, audience string) (bool, error)

// addressed is an event whose audience has been decided.
type addressed struct {
	Event
	said   *Event // as the source said it
	copied bool   // of another one, for its Fallback: the answer lists one id for each event of the source's
}

// address decides who is told where an audience may have no members. It returns what is not as the source wrote it, in a
// sentence each.
func (fn *Function) address(ctx context.Context, events []Event) (all []addressed, notes []string, err error) {
	peopled := map[string]bool{}
	has := func(audience string) bool {
		known, ok := peopled[audience]
		if !ok && err == nil {
			known, err = fn.Members(ctx, audience)
			peopled[audience] = known
		}
		return known
	}
	noted := map[string]bool{}
	note := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !noted[s] {
			noted[s] = true
			notes = append(notes, s)
		}
	}
	for i := range events {
		e := addressed{Event: events[i], said: &events[i]}
		switch {
		case e.Fallback == "" || fn.Members == nil:
		case e.ToBoth:
			other := e
			other.Audience, other.copied = e.Fallback, true
			all = append(all, other)
		case has(e.Audience):
		case !has(e.Fallback):
			note("nobody is told: %s has no members", e.Fallback)
		default:
			note("%s has no members: %s is told", e.Audience, e.Fallback)
			e.Audience = e.Fallback
		}
		all = append(all, e)
	}
	return all, notes, err
}
