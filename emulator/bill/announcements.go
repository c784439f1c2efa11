//go:build unix

package bill

import (
	"context"
	"errors"
	"fmt"

	"tidings.dev/shared/event"
)

// peopleThere is how many people listen when an announcement comes. What the announcement takes by itself is divided among them. Each
// has three listeners, and the official emulator, which answers 200 at a time, did not answer 600.
const peopleThere = 60

// announce tells everybody something.
func (s *system) announce(ctx context.Context) error {
	e := happened(s, "system.announcement", "", "news")
	e.Actor, e.Title, e.Audience = event.Actor{}, "Hello", event.Everybody
	return s.post(ctx, e)
}

// announcement: so many people are there, each with all that a page listens to.
func announcement(people int) func(context.Context, *system) (happen, error) {
	return func(ctx context.Context, s *system) (happen, error) {
		var uids []string
		for i := range people {
			uids = append(uids, fmt.Sprint("there", i))
		}
		if err := errors.Join(s.populate(ctx, uids...), s.empty(ctx, "announcements")); err != nil {
			return nil, err
		}
		screens, err := s.lookAtAll(ctx, uids...)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (int, error) {
			defer screens.close()
			if err := s.announce(ctx); err != nil {
				return 0, err
			}
			for _, uid := range uids {
				if err := screens.await(ctx, uid, 1); err != nil {
					return 0, err
				}
			}
			return people, nil
		}, nil
	}
}

// announcementMarks: the visitor reads announcements one by one, on a page that is open already.
func announcementMarks(ctx context.Context, s *system) (happen, error) {
	const marks = 5
	err := s.startPage(ctx)
	for _, collection := range []string{inboxOfVisitor, "announcements", "users/" + visitor + "/announcements"} {
		err = errors.Join(err, s.empty(ctx, collection))
	}
	for range marks {
		err = errors.Join(err, s.announce(ctx))
	}
	if err = errors.Join(err, s.settle(ctx)); err != nil {
		return nil, err
	}
	if err := s.open(ctx, visitor); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (int, error) {
		done, err := s.page.do(order{Do: "read", Count: marks})
		return done, errors.Join(err, s.show(ctx, visitor))
	}, nil
}
