package profile

import (
	"time"

	"tidings.dev/shared/event"
)

// Session is a lease on being present, one for each open page: an entry of the map sessions in the profile, which the page itself writes. It renews
// the lease while it is open, so one that has died stops counting when its lease ends. Its entry stays until another page needs the place.
type Session struct {
	ID        string
	ExpiresAt time.Time // it counts until then; the rules see to it that this is soon
	Target    string    // what is on the screen, as "type/id"; "" is nothing in particular
	Visible   bool      // the page is in view
}

// InViewUntil is when the last lease ends of those pages that are in view; in the past or zero if none is.
func (p *Profile) InViewUntil() (until time.Time) {
	for _, s := range p.Sessions {
		if s.Visible && s.ExpiresAt.After(until) {
			until = s.ExpiresAt
		}
	}
	return until
}

// Shows reports whether a page in view shows the target.
func (p *Profile) Shows(target event.Target, now time.Time) bool {
	if target.ID == "" {
		return false
	}
	for _, s := range p.Sessions {
		if s.Visible && s.ExpiresAt.After(now) && s.Target == target.Type+"/"+target.ID {
			return true
		}
	}
	return false
}
