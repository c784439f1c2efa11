package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// Cancel notes that the event is cancelled: an event that waits is not sent, and one that was sent goes to nobody who looks from now on.
// An announcement to everybody ends. Cancelling again is the same. It costs one read and one write, and one more for an announcement.
func (s *Store) Cancel(ctx context.Context, source, id string, now time.Time) (event.Cancellation, error) {
	name := s.sending(source, id)
	for range maxTurns {
		found, err := s.sendingStates(ctx, []string{name})
		if err != nil {
			return event.Cancellation{}, fmt.Errorf("store: cancel: %w", err)
		}
		was := found[name]
		c := event.Cancellation{SendAt: was.sendAt, InTime: was.inTime || was.cancelled.IsZero() && was.sendAt.Sub(now) >= event.CancelAhead}
		until := now
		if was.sendAt.After(until) {
			until = was.sendAt
		}
		err = s.commit(ctx, []*pb.Write{{
			Operation: &pb.Write_Update{Update: &pb.Document{Name: name, Fields: fields{
				"content":  object(field{"cancelledAt", moment(now)}, field{"sendAt", moment(was.sendAt)}, field{"inTime", boolean(c.InTime)}),
				"expireAt": moment(until.Add(keepCancelled)),
			}}},
			CurrentDocument: unchanged(was.read),
		}})
		if err == nil {
			return c, s.EndAnnouncement(ctx, inbox.AnnouncementID(source, id), now)
		}
		if !errors.Is(err, ErrConflict) {
			return event.Cancellation{}, fmt.Errorf("store: cancel: %w", err)
		}
	}
	return event.Cancellation{}, fmt.Errorf("store: cancel: %w: others write the same one", ErrTransient)
}

// Cancelled returns when the event was cancelled last; zero where it was not. It is billed as one read.
func (s *Store) Cancelled(ctx context.Context, source, id string) (time.Time, error) {
	name := s.sending(source, id)
	found, err := s.sendingStates(ctx, []string{name})
	if err != nil {
		return time.Time{}, fmt.Errorf("store: cancelled: %w", err)
	}
	return found[name].cancelled, nil
}
