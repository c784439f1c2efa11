package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/shared/profile"
)

// maxSessions is how many pages of one person count. Of more, those whose leases end last do.
const maxSessions = 20

// MirrorSession brings the copy of a lease in its owner's profile in line with the lease's own document: taken, renewed, given
// back or over. It may be called at any time, any number of times. Leases that were over before, because their page died, are
// deleted with it.
func (s *Store) MirrorSession(ctx context.Context, uid, id string, now time.Time) error {
	err := s.client.RunTransaction(ctx, func(ctx context.Context, tx *firestore.Transaction) error {
		return s.mirrorSession(tx, uid, id, now)
	})
	if err := sentinel(err); err != nil {
		return fmt.Errorf("store: mirror session %s of %s: %w", id, uid, err)
	}
	return nil
}

func (s *Store) mirrorSession(tx *firestore.Transaction, uid, id string, now time.Time) error {
	user := s.user(uid)
	docs, err := tx.GetAll([]*firestore.DocumentRef{user})
	if err != nil {
		return err
	}
	var before struct {
		Sessions map[string]profile.Session `firestore:"sessions"`
	}
	if docs[0].Exists() {
		if err := docs[0].DataTo(&before); err != nil {
			return err
		}
	}
	refs := []*firestore.DocumentRef{user.Collection("sessions").Doc(id)}
	for other, lease := range before.Sessions {
		if other != id && !lease.ExpiresAt.After(now) {
			refs = append(refs, user.Collection("sessions").Doc(other))
		}
	}
	if docs, err = tx.GetAll(refs); err != nil {
		return err
	}
	after := maps.Clone(before.Sessions)
	if after == nil {
		after = map[string]profile.Session{}
	}
	for _, doc := range docs {
		var lease profile.Session
		switch {
		case doc.Exists() && doc.DataTo(&lease) == nil && lease.ExpiresAt.After(now):
			after[doc.Ref.ID] = lease
			continue
		case doc.Exists():
			if err := tx.Delete(doc.Ref); err != nil {
				return err
			}
		}
		delete(after, doc.Ref.ID)
	}
	if byEnd := slices.SortedFunc(maps.Keys(after), func(a, b string) int {
		return cmp.Or(after[b].ExpiresAt.Compare(after[a].ExpiresAt), cmp.Compare(a, b))
	}); len(byEnd) > maxSessions {
		for _, id := range byEnd[maxSessions:] {
			delete(after, id)
		}
	}
	change := map[string]any{}
	for id := range before.Sessions {
		change[id] = firestore.Delete
	}
	maps.DeleteFunc(change, func(id string, _ any) bool { return after[id] == before.Sessions[id] })
	for id, lease := range after {
		if lease != before.Sessions[id] {
			change[id] = lease
		}
	}
	if len(change) == 0 {
		return nil
	}
	return tx.Set(user, map[string]any{"sessions": change}, firestore.MergeAll)
}

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
