//go:build unix

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"tidings.dev/emulator/stack"
)

// fanOut sends one event to an audience of 10,000, beside what the emulator needs for as many documents by itself.
func (b *bench) fanOut(ctx context.Context, r *run) error {
	const n = 10_000
	b.say("%s: an audience of %d", r.system, n)
	wire, err := stack.OpenFirestore(ctx, r.tap.Address)
	if err != nil {
		return err
	}
	defer wire.Close()
	members := r.db.BulkWriter(ctx)
	for i := range n {
		if _, err := members.Set(r.db.Doc(fmt.Sprintf("audiences/all/members/m%05d", i)), map[string]any{}); err != nil {
			return err
		}
	}
	members.End()

	bulk := wire.BulkWriter(ctx)
	start := time.Now()
	for i := range n {
		if _, err := bulk.Set(wire.Doc(fmt.Sprintf("users/b%05d/notifications/n", i)), item(like(i, "a", "p", "u"), 1)); err != nil {
			return err
		}
	}
	bulk.End()
	b.add("audience of 10,000", "BulkWriter", map[string]float64{"writes_per_s": n / time.Since(start).Seconds(), "writes_per_event": 1})

	before, used := r.tap.Counts(), r.usage()
	e := like(-60_000, "a", "p", "")
	e.Type, e.Title, e.Recipients, e.Audience = "system.announcement", "Hello", nil, "all"
	start = time.Now()
	if _, err := r.accept(ctx, e); err != nil {
		return err
	}
	for r.tap.Counts().Sub(before).Writes < n {
		if time.Since(start) > time.Minute {
			return fmt.Errorf("wrote %d of %d in a minute", r.tap.Counts().Sub(before).Writes, n)
		}
		time.Sleep(2 * time.Millisecond)
	}
	took := time.Since(start)
	for last := -1; last != r.stack.Pushes["events-notify"].Stats().Delivered; time.Sleep(300 * time.Millisecond) {
		last = r.stack.Pushes["events-notify"].Stats().Delivered
	}
	c, after := r.tap.Counts().Sub(before), r.usage()
	b.add("audience of 10,000", r.system, map[string]float64{
		"writes_per_s": n / took.Seconds(), "writes_per_event": float64(c.Writes) / n, "reads_per_event": float64(c.Reads) / n,
		"peak_rss_mb": float64(after.PeakRSS) / (1 << 20), "cpu_s_per_1000": (after.CPU - used.CPU).Seconds() * 1000 / n,
	})
	return b.bareReads(ctx, r, n)
}

// bareReads measures what the emulator needs to list n members page by page, and to read as many profiles by name.
func (b *bench) bareReads(ctx context.Context, r *run, n int) error {
	const page, commit = 1000, 100 // as notify asks
	list := r.db.Collection("audiences/all/members").OrderBy(firestore.DocumentID, firestore.Asc).Select().Limit(page)
	var profiles []*firestore.DocumentRef
	start := time.Now()
	for q := list; len(profiles) < n; {
		members, err := q.Documents(ctx).GetAll()
		if err != nil {
			return err
		}
		if len(members) == 0 {
			return fmt.Errorf("the audience has %d members, want %d", len(profiles), n)
		}
		for _, m := range members {
			profiles = append(profiles, r.db.Doc("users/"+m.Ref.ID))
		}
		q = list.StartAfter(members[len(members)-1].Ref.ID)
	}
	b.add("audience of 10,000", "query", map[string]float64{"page_ms": ms(time.Since(start)) * page / float64(n)})

	start = time.Now()
	for some := range slices.Chunk(profiles, commit) {
		if _, err := r.db.GetAll(ctx, some); err != nil {
			return err
		}
	}
	b.add("audience of 10,000", "GetAll", map[string]float64{"reads_per_s": float64(n) / time.Since(start).Seconds()})
	return nil
}
