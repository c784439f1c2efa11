package store

import "tidings.dev/shared/profile"

// decodeSessions reads the leases of a person's open pages, which are a field of their profile: in any order, and those that are over, too.
func decodeSessions(leases fields) (sessions []profile.Session) {
	for id, v := range leases {
		sessions = append(sessions, decodeSession(id, inside(v)))
	}
	return sessions
}

func decodeSession(id string, f fields) profile.Session {
	return profile.Session{
		ID: id, ExpiresAt: instant(f["expiresAt"]), Target: f["target"].GetStringValue(), Visible: f["visible"].GetBooleanValue(),
	}
}
