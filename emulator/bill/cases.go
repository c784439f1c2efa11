//go:build unix

package bill

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings.dev/emulator/tap"
	"tidings.dev/shared/event"
)

// happen lets a case happen, and returns how many units that were.
type happen = func(ctx context.Context) (units int, err error)

// Case is something that happens, and what it may cost.
type Case struct {
	Key    string  // in flags and in measured.json
	Name   string  // for people
	Unit   string  // what is counted for one of: "event"
	Target float64 // dollars for a million units; 0: none is set

	// Prepare makes what the case needs, on nobody's bill, and returns what is counted: when that returns, screens must have heard
	// what they are going to hear.
	Prepare func(ctx context.Context, s *system) (happen, error)

	Floor    []Part                     // what even the ideal system must pay Google for one unit
	Computed []Part                     // what is added to what was counted
	Finish   func(s *system, r *Result) // what is to be done with what was counted; nil: nothing
}

// emptyKey is the case of which the day knows what the scheduler's calls cost by themselves.
const emptyKey = "minute"

// cases is the table, in the order in which they happen: the empty minute before there is anything that could be due, the day before others have what
// could be, and announcements after all pages, which would list them. A new one is an entry here.
var cases = []Case{
	{Key: emptyKey, Name: "a minute in which nothing is due", Unit: "minute", Prepare: emptyMinutes},
	{Key: "visit", Name: "a visit of two minutes to a list of 20", Unit: "visit", Prepare: visits, Floor: floorOf(20, 1, 1, 0)},
	{Key: "mark", Name: "an item is read", Unit: "mark", Prepare: marks("success"), Floor: floorOf(1, 1, 0, 0)},
	{Key: "markPushed", Name: "an item that was pushed is read", Unit: "mark", Prepare: marks("user.mentioned"), Floor: append(floorOf(2, 1, 0, 0), Part{What: "requests", Price: "run_requests", Quantity: 1})},
	{Key: "day", Name: "a person's day: 40 events, 6 visits, marks, presence", Unit: "day", Prepare: day, Finish: ofTheDay, Computed: []Part{{What: "read by the page: what time it is", Price: "firestore_reads", Quantity: dayVisits, Computed: "one a visit; here the page is given the moved clock"}}},
	{Key: "alone", Name: "a lone event that stands alone", Unit: "event", Target: 2.0, Prepare: loneEvents(mention, 200), Floor: floorOf(2, 1, 1, 1)},
	{Key: "groups", Name: "a lone event that groups", Unit: "event", Target: 2.6, Prepare: loneEvents(like, 200), Floor: floorOf(3, 1, 1, 1)},
	{Key: "storm", Name: "a storm: 1,000 people like one post at once", Unit: "event", Target: 0.1, Prepare: storm, Floor: floorOf(3./1000, 1./1000, 1./1000, 1)},
	{Key: "audience", Name: "an audience of 10,000 members", Unit: "recipient", Target: 1.8, Prepare: members, Floor: floorOf(1, 1, 1, 1./10_000)},
	{Key: "listed", Name: "an audience of 10,000 in lists of 1,000", Unit: "recipient", Target: 1.8, Prepare: listed, Floor: floorOf(1, 1, 1, 1./10_000)},
	{Key: "announcement", Name: "an announcement to everybody, for each of 60 who are there", Unit: "person", Target: 0.4, Prepare: announcement(peopleThere), Floor: floorOf(1, 1./peopleThere, 1./peopleThere, 1./peopleThere)},
	{Key: "markAnnouncement", Name: "an announcement is read", Unit: "mark", Prepare: announcementMarks, Floor: floorOf(1, 1, 1, 0)},
}

// floorOf is the floor of a case in which a unit takes so many reads, writes and deletions, and messages: each message is one request in and one
// out, and is published and pushed once. For a mark it is the write, and that the page hears of it; that a push is withdrawn takes a request and the profile,
// and a mark on an announcement is a document, which expires. A visit reads what is listed, and says once that somebody is there and once that they have gone.
func floorOf(reads, writes, deletes, messages float64) []Part {
	all := []Part{
		{What: "reads", Price: "firestore_reads", Quantity: reads},
		{What: "writes", Price: "firestore_writes", Quantity: writes},
		{What: "deletions", Price: "firestore_deletes", Quantity: deletes},
		{What: "messages, in and out", Price: "pubsub", Quantity: messages * 2 * tap.MinimumBytes / (1 << 30)},
		{What: "requests", Price: "run_requests", Quantity: messages * 2},
	}
	return slices.DeleteFunc(all, func(p Part) bool { return p.Quantity == 0 })
}

// happened is an event of that type, which no other is the same as.
func happened(s *system, kind, actor, target string, recipients ...string) event.Event {
	s.events++
	return event.Event{
		ID: fmt.Sprintf("e%d", s.events), Source: "bill", Type: kind, Time: s.stack.Clock.Now().UTC().Truncate(time.Microsecond),
		Actor: event.Actor{ID: actor, Name: actor}, Target: event.Target{Type: "post", ID: target, Title: "A post"}, Recipients: recipients,
	}
}

func mention(s *system, uid string) event.Event {
	return happened(s, "user.mentioned", "alice", "post-of-"+uid, uid)
}
func like(s *system, uid string) event.Event {
	return happened(s, "post.liked", "alice", "post-of-"+uid, uid)
}

// loneEvents: one event after the other, each to somebody else, who has a phone and one open screen.
func loneEvents(of func(s *system, uid string) event.Event, events int) func(context.Context, *system) (happen, error) {
	return func(ctx context.Context, s *system) (happen, error) {
		var people []string
		kind := of(s, "").Type
		for i := range events {
			people = append(people, fmt.Sprintf("%s-%d", kind, i))
		}
		if err := s.populate(ctx, people...); err != nil {
			return nil, err
		}
		screens, err := s.look(ctx, people...)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context) (int, error) {
			defer screens.close()
			for _, uid := range people {
				if err := s.post(ctx, of(s, uid)); err != nil {
					return 0, err
				}
				if err := s.settle(ctx); err != nil {
					return 0, err
				}
				if err := screens.await(ctx, uid, 1); err != nil {
					return 0, err
				}
			}
			return events, nil
		}, nil
	}
}

// storm: how many commits a thousand likes take depends on how they arrive, so this case alone is not the same in each run.
func storm(ctx context.Context, s *system) (happen, error) {
	const events = 1000
	if err := s.populate(ctx, "star"); err != nil {
		return nil, err
	}
	screens, err := s.look(ctx, "star")
	if err != nil {
		return nil, err
	}
	likes := make([]event.Event, events)
	for i := range likes {
		likes[i] = happened(s, "post.liked", fmt.Sprint("fan", i), "hit", "star")
	}
	return func(ctx context.Context) (int, error) {
		defer screens.close()
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(128)
		for _, e := range likes {
			g.Go(func() error { return s.post(gctx, e) })
		}
		if err := g.Wait(); err != nil {
			return 0, err
		}
		return events, screens.await(ctx, "star", events)
	}, nil
}

// crowd is how many an audience has. Nobody looks.
const crowd = 10_000

func members(ctx context.Context, s *system) (happen, error) {
	return toAudience(ctx, s, "all", func(set func(path string, fields map[string]any)) {
		for i := range crowd {
			set(fmt.Sprintf("members/m%05d", i), map[string]any{})
		}
	})
}

func listed(ctx context.Context, s *system) (happen, error) {
	return toAudience(ctx, s, "listed", func(set func(path string, fields map[string]any)) {
		var uids []string
		for i := range crowd {
			uids = append(uids, fmt.Sprintf("l%05d", i))
		}
		for list := range slices.Chunk(uids, 1000) {
			set("lists/"+list[0], map[string]any{"uids": list})
		}
	})
}

func toAudience(ctx context.Context, s *system, audience string, fill func(set func(path string, fields map[string]any))) (happen, error) {
	bulk := s.db.BulkWriter(ctx)
	var failed error
	fill(func(path string, fields map[string]any) {
		if _, err := bulk.Set(s.db.Doc("audiences/"+audience+"/"+path), fields); err != nil {
			failed = err
		}
	})
	bulk.End()
	return func(ctx context.Context) (int, error) {
		e := happened(s, "system.announcement", "", "news")
		e.Actor, e.Title, e.Audience = event.Actor{}, "Hello", audience
		return crowd, s.post(ctx, e)
	}, failed
}

// emptyMinutes: the scheduler calls its functions, and there is nothing to do.
func emptyMinutes(_ context.Context, s *system) (happen, error) {
	const minutes = 10
	return func(ctx context.Context) (int, error) {
		for range minutes {
			if err := s.runJobs(ctx); err != nil {
				return 0, err
			}
		}
		return minutes, nil
	}, nil
}
