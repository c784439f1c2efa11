package store

import (
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
)

// decodeSessions reads the leases of a person's open pages, which are a field of their profile: in any order, and those that are over, too.
func decodeSessions(leases wire.Fields) (sessions []profile.Session) {
	for id, v := range leases.All() {
		sessions = append(sessions, decodeSession(id, v.Map()))
	}
	return sessions
}

func decodeSession(id string, f wire.Fields) profile.Session {
	return profile.Session{
		ID: id, ExpiresAt: f.Get("expiresAt").Time(), Target: f.Get("target").Text(), Visible: f.Get("visible").Bool(),
	}
}

// decodeDeeds reads what pages say their person did. Where rules were not asked, there may be more.
func decodeDeeds(v wire.Value) (deeds []string) {
	for one := range v.List() {
		if len(deeds) == profile.MaxDeeds {
			break
		}
		deeds = append(deeds, one.Text())
	}
	return deeds
}
