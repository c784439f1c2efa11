package groupcommit

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// inflow counts the items that each stream makes for each person, so that [inbox.MaxItemsPerHour] holds. The profile has the count of all instances, but is written
// only for every [countStep] items. So few items cost nothing, many a hundredth of a write each, and the bound is exceeded by a step for each instance at most.
type inflow struct {
	mu   sync.Mutex
	hour int64
	made map[stream]int // in this hour, since the profile was last written
}

// stream is what is counted, for one person.
type stream struct{ uid, id string }

const (
	countStep  = 100    // a tenth of the bound
	maxStreams = 50_000 // that are counted, at about 200 bytes; one more, and all start anew
)

// of is how many items of the stream were made in the hour and are not in the profile yet.
func (f *inflow) of(s stream, hour int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hour != hour {
		return 0
	}
	return f.made[s]
}

// add counts another one, and returns how many are to be written now; 0: none.
func (f *inflow) add(s stream, hour int64) (write int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hour != hour || f.made == nil || len(f.made) >= maxStreams {
		f.hour, f.made = hour, map[stream]int{}
	}
	f.made[s]++
	if write = f.made[s]; write < countStep {
		return 0
	}
	delete(f.made, s)
	return write
}

// bound finds what is more than a person gets of a stream, and has it folded into the item for what is more. It returns, by person, what is to be added to their count.
// An event that was folded before and comes again is no more than it was.
func (c *Committer) bound(ctx context.Context, works []*work, profiles map[string]profile.Profile, in boxes, now time.Time) (map[string]*store.Counted, error) {
	overflow, ok := c.catalog.Type(inbox.OverflowType)
	if !ok {
		return nil, nil
	}
	hour, counted := profile.HourOf(now), map[string]*store.Counted{}
	var over []*work
	items := map[stream]int{}      // so many with those of this try
	opened := map[store.Ref]bool{} // what one work opens, the next one finds open
	for _, w := range works {
		if w.Item != "" || !in[w.UID].Opens(w.at, w.op()) || opened[w.own()] {
			continue
		}
		p, known := profiles[w.UID]
		s := stream{w.UID, inbox.StreamOf(w.Event.Source, w.Urgent)}
		if items[s] == 0 {
			items[s] = p.Received.In(hour, s.id) + c.inflow.of(s, hour)
		}
		if items[s] >= inbox.MaxItemsPerHour {
			over = append(over, w)
			continue
		}
		items[s]++
		opened[w.own()] = true
		if n := c.inflow.add(s, hour); n > 0 && known {
			if counted[w.UID] == nil {
				counted[w.UID] = &store.Counted{Hour: hour, Items: map[string]int{}, First: p.Received.Hour != hour}
			}
			counted[w.UID].Items[s.id] += n
		}
	}
	return counted, c.overflow(ctx, over, overflow, in, now)
}

// own is the item that the work opens, if none is open.
func (w *work) own() store.Ref { return store.Ref{UID: w.UID, ID: w.at.IDs[len(w.at.IDs)-1]} }

// overflow has each of the works folded into the item for what is more.
func (c *Committer) overflow(ctx context.Context, works []*work, kind event.Type, in boxes, now time.Time) error {
	if len(works) == 0 {
		return nil
	}
	asked := map[store.Ref]bool{}
	for _, w := range works {
		asked[w.own()] = true // what stands alone was not looked for yet
		for _, id := range inbox.Locate(kind, inbox.Overflow(*w.Event, w.Accepted), now).IDs {
			asked[store.Ref{UID: w.UID, ID: id}] = true
		}
	}
	snap, err := c.store.Load(ctx, nil, slices.Collect(maps.Keys(asked)))
	if err != nil {
		return err
	}
	for ref, item := range snap.Items {
		if in[ref.UID].Item(ref.ID) == nil {
			in[ref.UID].Put(item)
		}
	}
	for _, w := range works {
		if in[w.UID].Opens(w.at, w.op()) {
			e := inbox.Overflow(*w.Event, w.Accepted)
			w.event, w.kind = &e, &kind
			w.at = inbox.Locate(kind, e, now)
			w.at.Since, w.at.Traces = nil, nil // nobody takes back what is counted there
		}
	}
	return nil
}
