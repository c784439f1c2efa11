package notify

import (
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/store"
)

// errEarly is inbox.ErrEarly under this package's name for what passes by itself.
var errEarly = inbox.ErrEarly

// job is one event for one recipient, or an order to look at one of his items again.
type job struct {
	uid     string
	item    string // the item to look at again; "": there is an event
	event   event.Event
	kind    event.Type
	why     string
	urgent  bool
	repeat  bool   // it was done before, and only some devices were not reached
	message string // the message in which it first came

	at   inbox.Address    // where its items are; set by each attempt
	lost bool             // it has lost a race before
	err  error            // the outcome
	push *inbox.Item      // what to tell the devices of now, as it was committed; nil is nothing
	undo bool             // tell them that it is over
	to   []profile.Device // and where they are
}

// op is the job as the fold wants it, before the recipient's choices are known.
func (j *job) op() inbox.Op {
	return inbox.Op{Event: j.event, Type: j.kind, Message: j.message, Why: j.why}
}

// committer applies jobs to inboxes. It is a group commit: while one commit is under way, the jobs that come in wait, and
// the next commit takes all of them. So a lone event costs one read call and one write call, and a thousand likes of one post
// in a second cost a handful. That must not depend on how slow Firestore is: an inbox for which a commit has just taken
// several jobs rests for a moment, in which more of them gather. Nobody else waits for a timer.
//
// Recipients are divided among a few lanes that commit side by side. A recipient's jobs are in the same lane, so that an
// instance hardly ever competes with itself; against other instances every write carries a precondition. Urgent events
// have a lane of their own, where they never wait for a broadcast; and while it works, the others begin nothing new.
type committer struct {
	catalog *catalog.Catalog
	store   *store.Store
	now     func() time.Time
	seed    maphash.Seed
	lanes   [lanes + 1]lane
}

const (
	lanes       = 4
	urgentLane  = lanes            // one more
	maxJobs     = 400              // jobs of one commit
	maxInboxes  = 100              // inboxes of one commit: small ones, since an urgent event waits for those under way
	maxQueries  = 16               // of a commit that are under way at a time
	maxAttempts = 8                // tries of a job that loses races
	commitTime  = 20 * time.Second // for one commit, below the ack deadline
)

func newCommitter(c *catalog.Catalog, s *store.Store, now func() time.Time) *committer {
	made := &committer{catalog: c, store: s, now: now, seed: maphash.MakeSeed()}
	for i := range made.lanes {
		made.lanes[i].more = make(chan struct{}, 1)
		if i != urgentLane {
			made.lanes[i].resting = map[string]rest{}
		}
	}
	return made
}

// apply applies the jobs and sets each one's outcome. With an error, [errBusy] or the context's, the jobs must not be looked at:
// some may be applied yet.
func (c *committer) apply(ctx context.Context, jobs []*job) error {
	var open [lanes + 1]*task // by lane, the task that is being filled
	var tasks []*task
	for _, j := range jobs {
		i := maphash.String(c.seed, j.uid) % lanes
		if j.urgent {
			i = urgentLane
		}
		if open[i] == nil || len(open[i].jobs) == maxInboxes {
			open[i] = &task{ctx: ctx, lane: &c.lanes[i], done: make(chan struct{})}
			tasks = append(tasks, open[i])
		}
		open[i].jobs = append(open[i].jobs, j)
	}
	for _, t := range tasks {
		if !c.enqueue(t) {
			return errBusy
		}
	}
	for _, t := range tasks {
		select {
		case <-t.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// commit reads, folds and writes until every job has an outcome. Only what lost a race is read again. A call to Firestore
// that is refused as a whole does not say for whose sake, so those jobs are then committed one by one: a poisoned one fails
// alone.
func (c *committer) commit(jobs []*job) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTime)
	defer cancel()
	for attempt := 0; len(jobs) > 0; attempt++ {
		lost := c.try(ctx, jobs)
		for _, j := range jobs {
			if len(jobs) > 1 && j.err != nil && isPermanent(j.err) {
				c.commit([]*job{j})
			}
		}
		if attempt+1 == maxAttempts {
			return
		}
		if jobs = lost; len(jobs) > 0 {
			pause := time.Duration(1<<attempt) * 5 * time.Millisecond
			select {
			case <-time.After(pause/2 + rand.N(pause)):
			case <-ctx.Done():
				return
			}
		}
	}
}

// inboxes are the items that a try works on, by recipient and id.
type inboxes map[string]map[string]*inbox.Item

// try makes one attempt for all jobs and returns those that lost a race, or must look whether they did. Every job has its
// outcome afterwards; it stands if the job is not tried again.
func (c *committer) try(ctx context.Context, jobs []*job) (lost []*job) {
	now := c.now()
	snap, boxes, err := c.read(ctx, jobs, now)
	if err == nil {
		err = c.readParts(ctx, jobs, boxes)
	}
	if err != nil {
		for _, j := range jobs {
			j.err = err
		}
		return nil
	}
	for _, j := range jobs {
		p := snap.Profiles[j.uid]
		j.push, j.undo, j.to = nil, false, p.Devices
		if j.item != "" {
			j.err = nil
			c.wake(j, boxes[j.uid][j.item], &p, now)
			continue
		}
		choice := p.Decide(j.kind, j.kind.PriorityOf(&j.event), j.event.Target, now)
		op := j.op()
		op.Muted, op.Seen, op.Push = choice.Muted, choice.Seen, choice.Push
		j.err = inbox.Fold(boxes[j.uid], j.at, op, now, c.catalog.Say(p.Locale))
	}
	failed := c.write(ctx, boxes)
	for _, j := range jobs {
		for _, item := range boxes[j.uid] {
			switch err := failed[item]; {
			case item.GroupID != j.at.GroupID || j.err != nil:
			case err != nil:
				j.err = err
			case item.Due && item.Push.Message == j.message:
				j.push, item.Due, item.Repeat = item, false, false // one job answers for the push
			case item.Repeat && item.Push.Message == j.message: // of those for some devices, each has its own
				j.push, item.Repeat = item, j.repeat
			case item.Undo && item.Withdrawn.Message == j.message:
				j.push, j.undo, item.Undo = item, true, j.repeat
			}
		}
		switch {
		case errors.Is(j.err, store.ErrConflict):
			j.lost = true
			lost = append(lost, j)
		case j.err == nil && c.mustLookAgain(j, boxes[j.uid]):
			lost = append(lost, j)
		}
	}
	return lost
}

// wake has the job look at its item again, if it is still there.
func (c *committer) wake(j *job, item *inbox.Item, p *profile.Profile, now time.Time) {
	if item == nil {
		return
	}
	j.at.GroupID = item.GroupID
	kind, _ := c.catalog.Type(item.Type) // a type that is no longer there is not pushed
	choice := p.Decide(kind, item.Priority, item.Target, now)
	item.Wake(inbox.Again{Type: kind, Message: j.message, Repeat: j.repeat, Seen: choice.Seen, Push: choice.Push}, now)
}

// mustLookAgain reports whether the job has written something whose rival another subscriber may have written at the same
// time, into an item of another window: a retraction and an event that is late by now. No precondition guards
// two documents, so both look again, and whoever is later finds the other (inbox.Fold).
func (c *committer) mustLookAgain(j *job, items map[string]*inbox.Item) bool {
	if j.kind.Group == nil || !inbox.Locate(j.kind, j.event, c.now()).Late() {
		return false
	}
	for _, item := range items {
		if item.Dirty && item.GroupID == j.at.GroupID {
			return true
		}
	}
	return false
}

// read loads the profiles and the items at the jobs' addresses and, where an address asks for it, the whole group.
func (c *committer) read(ctx context.Context, jobs []*job, now time.Time) (store.Snapshot, inboxes, error) {
	boxes := inboxes{}
	var uids []string
	var refs []store.Ref
	type group struct{ uid, id string }
	asked, groups := map[store.Ref]bool{}, map[group]bool{}
	for _, j := range jobs {
		if boxes[j.uid] == nil {
			boxes[j.uid] = map[string]*inbox.Item{}
			uids = append(uids, j.uid)
		}
		if j.item != "" {
			j.at = inbox.Address{IDs: []string{j.item}}
		} else {
			j.at = inbox.Locate(j.kind, j.event, now)
		}
		if j.at.Whole {
			groups[group{j.uid, j.at.GroupID}] = true
		}
		if j.item == "" && j.kind.Group == nil && !j.at.Whole && !j.lost {
			continue // its document is created blindly: only a redelivery finds it there, and then reads it
		}
		for _, id := range slices.Concat(j.at.IDs, j.at.Since) {
			if ref := (store.Ref{UID: j.uid, ID: id}); !asked[ref] {
				asked[ref] = true
				refs = append(refs, ref)
			}
		}
	}
	snap, err := c.store.Load(ctx, uids, refs)
	if err != nil {
		return snap, nil, err
	}
	for ref, item := range snap.Items {
		boxes[ref.UID][ref.ID] = item
	}
	var mu sync.Mutex
	var queries errgroup.Group
	queries.SetLimit(maxQueries)
	for g := range groups {
		queries.Go(func() error {
			items, err := c.store.Group(ctx, g.uid, g.id)
			mu.Lock()
			defer mu.Unlock()
			for _, item := range items {
				boxes[g.uid][item.ID] = item
			}
			return err
		})
	}
	return snap, boxes, queries.Wait()
}

// readParts reads what the jobs need of the members of large items.
func (c *committer) readParts(ctx context.Context, jobs []*job, boxes inboxes) error {
	parts := map[store.PartRef]*inbox.Item{}
	for _, j := range jobs {
		for _, item := range boxes[j.uid] {
			if item.GroupID != j.at.GroupID || j.item != "" {
				continue
			}
			for _, n := range item.Needs(j.op()) {
				parts[store.PartRef{Ref: store.Ref{UID: j.uid, ID: item.ID}, Part: n}] = item
			}
		}
	}
	return c.store.LoadParts(ctx, parts)
}

// write saves what changed and returns the error of each item that was not saved.
func (c *committer) write(ctx context.Context, boxes inboxes) map[*inbox.Item]error {
	var writes []store.Write
	for uid, items := range boxes {
		for _, item := range items {
			if item.Dirty {
				writes = append(writes, store.Write{UID: uid, Item: item})
			}
		}
	}
	failed := map[*inbox.Item]error{}
	for i, err := range c.store.Save(ctx, writes) {
		if err != nil {
			failed[writes[i].Item] = err
		}
	}
	return failed
}
