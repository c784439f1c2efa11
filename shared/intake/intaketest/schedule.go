package intaketest

import (
	"context"
	"sync"
	"time"

	"tidings.dev/shared/event"
)

// Schedule is what is known of the sending of events, in memory. It does what [store.Store.Schedule] and [store.Store.Cancel] do.
type Schedule struct {
	mu        sync.Mutex
	kept      map[[2]string]event.Scheduled
	order     [][2]string
	cancelled map[[2]string]event.Cancellation
}

// NewSchedule returns an empty one.
func NewSchedule() *Schedule {
	return &Schedule{kept: map[[2]string]event.Scheduled{}, cancelled: map[[2]string]event.Cancellation{}}
}

// Keep is what [intake.Intake] wants as Schedule.
func (s *Schedule) Keep(_ context.Context, events []event.Scheduled) ([]error, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused, bad := make([]error, len(events)), false
	for i, e := range events {
		k := [2]string{e.Event.Source, e.Event.ID}
		if _, ok := s.cancelled[k]; ok {
			refused[i], bad = event.ErrCancelled, true
		} else if was, ok := s.kept[k]; ok && was.Content != e.Content {
			refused[i], bad = event.ErrOtherContent, true
		}
	}
	for i := 0; i < len(events) && !bad; i++ {
		k := [2]string{events[i].Event.Source, events[i].Event.ID}
		if _, ok := s.kept[k]; !ok {
			s.kept[k], s.order = events[i], append(s.order, k)
		}
	}
	return refused, nil
}

// Cancel is what publish wants as Cancel.
func (s *Schedule) Cancel(_ context.Context, source, id string, now time.Time) (event.Cancellation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := [2]string{source, id}
	c, again := s.cancelled[k]
	if !again {
		c.SendAt = s.kept[k].Event.SendAt
		c.InTime = c.SendAt.Sub(now) >= event.CancelAhead
	}
	s.cancelled[k] = c
	delete(s.kept, k)
	return c, nil
}

// Kept lists the events that wait, in the order in which they came.
func (s *Schedule) Kept() (events []event.Scheduled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.order {
		if e, ok := s.kept[k]; ok {
			events = append(events, e)
		}
	}
	return events
}
