package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
)

// maxSessions is how many pages of one person count. Of more, those whose leases end last do.
const maxSessions = 20

// lease is a session as its own document says.
type lease struct {
	profile.Session
	name string
	read time.Time
}

// MirrorSessions brings the copies in a person's profile in line with the leases of their pages. It may be called at any time,
// any number of times. Leases that are over are deleted on the way; those of a person who never comes back go by
// their TTL. Where others change the profile all the time it returns [ErrConflict]: call again. It costs one read for the profile and one for each lease.
func (s *Store) MirrorSessions(ctx context.Context, uid string, now time.Time) error {
	err := settle(ctx, func() error {
		before, err := s.readCopies(ctx, uid, "sessions")
		if err != nil {
			return err
		}
		docs, err := s.documents(ctx, uid, "sessions", maxDocuments)
		if err != nil {
			return err
		}
		var found []lease
		for _, doc := range docs {
			found = append(found, lease{decodeSession(s.path(doc)[3], doc.Fields), doc.Name, doc.UpdateTime.AsTime()})
		}
		return s.commit(ctx, planSessions(before, found, now))
	})
	if err != nil {
		return fmt.Errorf("store: mirror the sessions of %q: %w", uid, err)
	}
	return nil
}

// planSessions returns what has to be written: leases that are over go, and the profile has copies of the others.
func planSessions(before copies, found []lease, now time.Time) (writes []*pb.Write) {
	var open []profile.Session
	for _, l := range found {
		if l.ExpiresAt.After(now) {
			open = append(open, l.Session)
			continue
		}
		writes = append(writes, remove(l.name, l.read))
	}
	slices.SortFunc(open, func(a, b profile.Session) int {
		return cmp.Or(b.ExpiresAt.Compare(a.ExpiresAt), cmp.Compare(a.ID, b.ID))
	})
	known, after, by := map[string]profile.Session{}, map[string]profile.Session{}, fields{}
	for id, v := range before.known {
		known[id] = decodeSession(id, inside(v))
	}
	for _, session := range open[:min(len(open), maxSessions)] {
		after[session.ID], by[session.ID] = session, encodeSession(session)
	}
	if !maps.Equal(known, after) {
		writes = append(writes, before.replace(by))
	}
	return writes
}

func encodeSession(s profile.Session) *pb.Value {
	return object(field{"expiresAt", moment(s.ExpiresAt)}, field{"target", text(s.Target)}, field{"visible", boolean(s.Visible)})
}

func decodeSession(id string, f fields) profile.Session {
	return profile.Session{
		ID: id, ExpiresAt: instant(f["expiresAt"]), Target: f["target"].GetStringValue(), Visible: f["visible"].GetBooleanValue(),
	}
}

// decodeSessions reads the copies in a profile, in any order.
func decodeSessions(copies fields) (sessions []profile.Session) {
	for id, v := range copies {
		sessions = append(sessions, decodeSession(id, inside(v)))
	}
	return sessions
}
