package door

import (
	"context"
	"fmt"
	"maps"

	"tidings.dev/shared/source"
)

// Members reports whether anybody is in the audience.
type Members func(ctx context.Context, audience string) (bool, error)

// address gives an event the audience that is told in its audience's place where that has no members. It returns what is not as
// the source said it, in a sentence each.
func (h *Webhook) address(ctx context.Context, events []source.Event) (audiences []string, notes []string, err error) {
	peopled := map[string]bool{}
	has := func(audience string) bool {
		known, ok := peopled[audience]
		if !ok && err == nil {
			known, err = h.Members(ctx, audience)
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
	audiences = make([]string, len(events))
	for i := range events {
		e := &events[i]
		audiences[i] = e.Audience
		switch {
		case e.Fallback == "" || e.Audience == "" || h.Members == nil || has(e.Audience):
		case !has(e.Fallback):
			note("nobody is told: %s has no members", e.Fallback)
		default:
			note("%s has no members: %s is told", e.Audience, e.Fallback)
			audiences[i] = e.Fallback
		}
	}
	return audiences, notes, err
}

// byAccount prefers the link of an account to the link of its login, which may have been another account's.
func byAccount(uids, accounts map[string]string) map[string]string {
	linked := maps.Clone(uids)
	for login, account := range accounts {
		if uid := uids[account]; uid != "" {
			linked[login] = uid
		}
	}
	return linked
}
