package mailer

import (
	"context"
	"errors"
	"sync/atomic"

	"tidings.dev/shared/attention"
	"tidings.dev/shared/digest"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
	"tidings.dev/shared/tasks"
)

// digests sends the digests that are due.
func (r *round) digests(ctx context.Context) error {
	return r.pages(func() (int, int, error) {
		people, err := r.Store.DueDigests(ctx, r.Now(), page)
		if err != nil || len(people) == 0 {
			return 0, 0, err
		}
		moved, err := r.digestsOf(ctx, people)
		return len(people), moved, err
	})
}

// digestsOf sends the digests of some people, and returns how many of them are due no more.
func (r *round) digestsOf(ctx context.Context, people []store.DuePerson) (int, error) {
	uids := make([]string, len(people))
	for i, p := range people {
		uids[i] = p.UID
	}
	addresses, err := r.Addresses(ctx, uids)
	if err != nil {
		return 0, err
	}
	var moved atomic.Int64
	var calls tasks.Group
	calls.Limit(sending)
	for _, p := range people {
		calls.Go(func() error {
			if r.over() {
				return nil
			}
			err := r.digest(ctx, p, addresses[p.UID])
			switch {
			case err == nil:
				moved.Add(1)
			case !errors.Is(err, store.ErrConflict): // who lost the race has nothing to do, or is found again
				return err
			}
			return nil
		})
	}
	err = calls.Wait()
	return int(moved.Load()), err
}

// digest sends one person's digest, if one is due and there is something to tell.
func (r *round) digest(ctx context.Context, p store.DuePerson, address string) error {
	now := r.Now()
	period := p.Digests.Due(&p.Settings, now)
	if period == "" { // they have changed their mind, or their time zone
		p.Digests = p.Digests.Arranged(&p.Settings, p.UID, now)
		return r.Store.KeepPlan(ctx, p)
	}
	var items []*inbox.Item
	var more bool
	if r.unreachable(ctx, p.UID, address, p.Bounce) == "" {
		var err error
		if items, more, err = r.unread(ctx, p); err != nil {
			return err
		}
	}
	if len(items) == 0 {
		p.Digests = p.Digests.Done(period, &p.Settings, p.UID, now)
		return r.Store.KeepPlan(ctx, p)
	}
	letter, ok := r.write(ctx, func() (mail.Letter, error) {
		return r.Composer.Digest(p.UID, address, &p.Settings, period, items, more, now)
	})
	if !ok {
		p.Digests = p.Digests.Done(period, &p.Settings, p.UID, now)
		return r.Store.KeepPlan(ctx, p)
	}
	again := p.Digests.Sending == period
	p.Digests = p.Digests.Begun(period, now)
	if err := r.Store.KeepPlan(ctx, p); err != nil {
		return err
	}
	outcome := r.send(ctx, letter, again)
	r.tellOf(p.UID, letter, outcome)
	ctx, cancel := noting(ctx)
	defer cancel()
	r.learn(ctx, p.UID, address, p.Bounce, outcome)
	return r.Store.ChangePlan(ctx, p.UID, func(plan digest.Plan, s *profile.Settings) digest.Plan {
		if outcome == later {
			return plan.Failed()
		}
		return plan.Done(period, s, p.UID, r.Now())
	})
}

// mostItems is how many items a digest counts.
const mostItems = 100

// unread are the items that a person's digest tells of; more is that there are more.
func (r *round) unread(ctx context.Context, p store.DuePerson) (items []*inbox.Item, more bool, err error) {
	now := r.Now()
	all, err := r.Store.Unread(ctx, p.UID, mostItems+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(all) > mostItems; more {
		all = all[:mostItems]
	}
	person := &profile.Profile{Settings: p.Settings}
	for _, item := range all {
		kind, _ := r.Catalog.Type(item.Type)
		expired := !item.ExpireAt.IsZero() && !item.ExpireAt.After(now)
		if !expired && item.Visible() && attention.InDigest(attention.Question{Type: kind, Target: item.Target, Priority: item.Priority, Person: person, SnoozedUntil: item.SnoozedUntil, Now: now}) {
			items = append(items, item)
		}
	}
	return items, more, nil
}
