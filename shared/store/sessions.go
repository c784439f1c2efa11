package store

import (
	"tidings.dev/shared/profile"
)

// decodeSessions reads the copies in a profile, in any order.
func decodeSessions(copies fields) []profile.Session {
	var sessions []profile.Session
	for id, v := range copies {
		s := inside(v)
		sessions = append(sessions, profile.Session{
			ID: id, ExpiresAt: s["expiresAt"].GetTimestampValue().AsTime(), Target: s["target"].GetStringValue(), Visible: s["visible"].GetBooleanValue(),
		})
	}
	return sessions
}
