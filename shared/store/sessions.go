package store

import (
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
)

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

// decodeDeeds reads what pages say their person did. Where rules were not asked, there may be more.
func decodeDeeds(v *pb.Value) []string {
	values := v.GetArrayValue().GetValues()
	if len(values) == 0 {
		return nil
	}
	deeds := make([]string, 0, min(len(values), profile.MaxDeeds))
	for _, one := range values[:cap(deeds)] {
		deeds = append(deeds, one.GetStringValue())
	}
	return deeds
}
