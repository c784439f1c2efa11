//go:build unix

package bill

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// visitors are two people with accounts and a phone: one for visits and marks, one for the day.
const visitor, dayPerson = "bob", "alice"

const inboxOfVisitor = "users/" + visitor + "/notifications"

// open opens the person's page, and waits until it shows what is stored.
func (s *system) open(ctx context.Context, uid string) error {
	offset := s.stack.Clock.Offset().Milliseconds()
	if _, err := s.page.do(order{Do: "open", Email: uid + "@tidings.example", Password: "tidings", Offset: offset}); err != nil {
		return err
	}
	s.page.isOpen = true
	return s.show(ctx, uid)
}

// linger lets seconds go by on the open page. What the page does again and again leads to what it leads to before it does so again, as it does where a second
// is a second.
func (s *system) linger(ctx context.Context, seconds int) error {
	const step = 10
	for range seconds / step {
		_, err := s.page.do(order{Do: "pass", Seconds: step})
		if err := errors.Join(err, s.settle(ctx)); err != nil {
			return err
		}
	}
	return nil
}

// leave closes the page, if one is open.
func (s *system) leave(ctx context.Context) error {
	if !s.page.isOpen {
		return nil
	}
	s.page.isOpen = false
	_, err := s.page.do(order{Do: "close"})
	return errors.Join(err, s.settle(ctx))
}

// show waits until nothing is on its way and the open page shows what is stored. Only then everything that it hears has been counted.
func (s *system) show(ctx context.Context, uid string) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	stored, err := s.db.Collection("users/"+uid+"/notifications").Where("archivedAt", "==", nil).Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	items := map[string]int64{}
	for _, d := range stored {
		items[d.Ref.ID], _ = d.Data()["revision"].(int64)
	}
	told, err := s.db.Collection("announcements").Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	for _, d := range told {
		items[d.Ref.ID] = 1 // an announcement never changes, and nobody archives one here
	}
	if _, err := s.page.do(order{Do: "show", Items: items}); err != nil {
		return err
	}
	return s.quiet(ctx)
}

// quiet waits until the page has heard nothing for a while: an own mark comes back to it, and no number says when.
func (s *system) quiet(ctx context.Context) error {
	const while = 250 * time.Millisecond
	last, since := s.firestore[pageTap].Counts(), time.Now()
	for time.Since(since) < while {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(10 * time.Millisecond)
		if now := s.firestore[pageTap].Counts(); now != last {
			last, since = now, time.Now()
		}
	}
	return nil
}

// visits are several visits of two minutes by somebody who has 20 items.
func visits(ctx context.Context, s *system) (happen, error) {
	const visits = 3
	if err := s.startPage(ctx); err != nil {
		return nil, err
	}
	if err := s.fill(ctx, "system.announcement", 20); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (int, error) {
		for range visits {
			if err := s.open(ctx, visitor); err != nil {
				return 0, err
			}
			if err := errors.Join(s.linger(ctx, 120), s.leave(ctx)); err != nil {
				return 0, err
			}
		}
		return visits, nil
	}, nil
}

// empty deletes all documents of a collection.
func (s *system) empty(ctx context.Context, collection string) error {
	if err := s.settle(ctx); err != nil {
		return err
	}
	old, err := s.db.Collection(collection).Documents(ctx).GetAll()
	if err != nil {
		return err
	}
	for _, d := range old {
		if _, err := d.Ref.Delete(ctx); err != nil {
			return err
		}
	}
	return s.settle(ctx)
}

// fill puts so many items of that type into the visitor's inbox, instead of what was there.
func (s *system) fill(ctx context.Context, kind string, items int) error {
	if err := s.empty(ctx, inboxOfVisitor); err != nil {
		return err
	}
	for i := range items {
		e := happened(s, kind, "alice", fmt.Sprintf("%s-%d", strings.ReplaceAll(kind, ".", "-"), i), visitor)
		e.Title = "News"
		if err := s.post(ctx, e); err != nil {
			return err
		}
	}
	return s.settle(ctx)
}

// marks: the visitor reads items one by one, on a page that is open already.
func marks(kind string) func(context.Context, *system) (happen, error) {
	const items = 5 // so few that each of them is pushed, where its type is
	return func(ctx context.Context, s *system) (happen, error) {
		if err := s.startPage(ctx); err != nil {
			return nil, err
		}
		if err := s.fill(ctx, kind, items); err != nil {
			return nil, err
		}
		if err := s.open(ctx, visitor); err != nil {
			return nil, err
		}
		return func(ctx context.Context) (int, error) {
			done, err := s.page.do(order{Do: "read", Count: items})
			return done, errors.Join(err, s.show(ctx, visitor))
		}, nil
	}
}
