//go:build unix

package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/emulator/stack"
)

const (
	inMembers = "audience of 10,000"           // each with a membership
	inLists   = "audience of 10,000, in lists" // of 1,000
)

// fanOut sends an event to 10,000 members, and one to 10,000 people in lists, beside what the emulator needs for as many documents by itself.
func (b *bench) fanOut(ctx context.Context, r *run) error {
	const n, list = 10_000, 1_000
	b.say("%s: an audience of %d", r.system, n)
	wire, err := stack.OpenFirestore(ctx, r.tap.Address)
	if err != nil {
		return err
	}
	defer wire.Close()
	bulk := r.db.BulkWriter(ctx)
	var listed []string
	for i := range n {
		if _, err := bulk.Set(r.db.Doc(fmt.Sprintf("audiences/all/members/m%05d", i)), map[string]any{}); err != nil {
			return err
		}
		listed = append(listed, fmt.Sprintf("l%05d", i))
	}
	for i, uids := range slices.Collect(slices.Chunk(listed, list)) {
		if _, err := bulk.Set(r.db.Doc(fmt.Sprintf("audiences/listed/lists/%d", i)), map[string]any{"uids": uids}); err != nil {
			return err
		}
	}
	bulk.End()

	bulk = wire.BulkWriter(ctx)
	start := time.Now()
	for i := range n {
		if _, err := bulk.Set(wire.Doc(bulkDoc(i)), item(like(i, "a", "p", "u"), 1)); err != nil {
			return err
		}
	}
	bulk.End()
	b.add(inMembers, "BulkWriter", map[string]float64{"writes_per_s": n / time.Since(start).Seconds(), "writes_per_event": 1})
	if err := b.bareBatches(ctx, r, n); err != nil {
		return err
	}
	if err := b.bareSets(ctx, r); err != nil {
		return err
	}
	if err := b.tell(ctx, r, "all", n, inMembers); err != nil {
		return err
	}
	if err := b.bareReads(ctx, r, n); err != nil {
		return err
	}
	return b.tell(ctx, r, "listed", n, inLists)
}

// tell sends an event to an audience of n.
func (b *bench) tell(ctx context.Context, r *run, audience string, n int, workload string) error {
	before, used, others := r.tap.Counts(), r.usage(), r.machine()
	e := like(-60_000, "a", "p", "")
	e.ID += audience
	e.Type, e.Title, e.Recipients, e.Audience = "system.announcement", "Hello", nil, audience
	start := time.Now()
	if _, err := r.accept(ctx, e); err != nil {
		return err
	}
	for r.tap.Counts().Sub(before).Writes < int64(n) {
		if time.Since(start) > time.Minute {
			return fmt.Errorf("wrote %d of %d in a minute", r.tap.Counts().Sub(before).Writes, n)
		}
		time.Sleep(2 * time.Millisecond)
	}
	took, others := time.Since(start), r.machine().since(others)
	for last := -1; last != r.stack.Pushes["events-notify"].Stats().Delivered; time.Sleep(300 * time.Millisecond) {
		last = r.stack.Pushes["events-notify"].Stats().Delivered
	}
	c, after := r.tap.Counts().Sub(before), r.usage()
	each := float64(n)
	figures := map[string]float64{
		"writes_per_s": each / took.Seconds(), "writes_per_event": float64(c.Writes) / each, "reads_per_event": float64(c.Reads) / each,
		"peak_rss_mb": float64(after.PeakRSS) / (1 << 20), "cpu_s_per_1000": (after.CPU - used.CPU).Seconds() * 1000 / each,
	}
	others.note(figures, n)
	b.add(workload, r.system, figures)
	return nil
}

// bulkDoc is the document of the i-th person whom BulkWriter tells.
func bulkDoc(i int) string { return fmt.Sprintf("users/b%05d/notifications/n", i) }

// bareBatches measures what the emulator needs for as many documents in calls as large as a commit of a walk; BulkWriter puts 20 into each. They are
// copies of an item that Tidings has written: it has twice as many fields as the references', each of which the emulator indexes.
func (b *bench) bareBatches(ctx context.Context, r *run, n int) error {
	const batch = 100 // a commit's inboxes
	raw, ctx, err := bare(ctx, r.tap.Address)
	if err != nil {
		return err
	}
	defer raw.Close()
	const alerted = "idle0" // by the workload urgent
	items := raw.ListDocuments(ctx, &pb.ListDocumentsRequest{Parent: database + "/documents/users/" + alerted, CollectionId: "notifications", PageSize: 1})
	ours, err := items.Next()
	if err != nil {
		return fmt.Errorf("an item of %s, whose fields BatchWrite is measured with: %w", alerted, err)
	}
	missing := &pb.Precondition{ConditionType: &pb.Precondition_Exists{}}
	before, start := r.machine(), time.Now()
	for from := 0; from < n; from += batch {
		req := &pb.BatchWriteRequest{Database: database}
		for i := from; i < from+batch; i++ {
			name := fmt.Sprintf("%s/documents/users/c%05d/notifications/n", database, i)
			req.Writes = append(req.Writes, &pb.Write{Operation: &pb.Write_Update{Update: &pb.Document{Name: name, Fields: ours.Fields}}, CurrentDocument: missing})
		}
		answer, err := raw.BatchWrite(ctx, req)
		if err != nil {
			return err
		}
		for _, one := range answer.Status {
			if one.GetCode() != 0 {
				return fmt.Errorf("bare BatchWrite: %s", one.GetMessage())
			}
		}
	}
	figures := map[string]float64{"writes_per_s": float64(n) / time.Since(start).Seconds(), "batch": batch, "fields": float64(len(ours.Fields))}
	r.machine().since(before).note(figures, n)
	b.add(inMembers, "BatchWrite", figures)
	return nil
}

// bareReads measures what the emulator needs to list n members page by page, to read as many profiles by name, of people who have none, and as many items.
func (b *bench) bareReads(ctx context.Context, r *run, n int) error {
	const page, commit = 1000, 100 // as notify asks
	list := r.db.Collection("audiences/all/members").OrderBy(firestore.DocumentID, firestore.Asc).Select().Limit(page)
	var profiles []*firestore.DocumentRef
	before, start := r.machine(), time.Now()
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
	figures := map[string]float64{"page_ms": ms(time.Since(start)) * page / float64(n)}
	r.machine().since(before).note(figures, n)
	b.add(inMembers, "query", figures)

	var items []*firestore.DocumentRef
	for i := range n {
		items = append(items, r.db.Doc(fmt.Sprintf("users/c%05d/notifications/n", i)))
	}
	for _, read := range []struct {
		name string
		all  []*firestore.DocumentRef
	}{{"GetAll", profiles}, {"GetAll, items", items}} {
		before, start := r.machine(), time.Now()
		for some := range slices.Chunk(read.all, commit) {
			if _, err := r.db.GetAll(ctx, some); err != nil {
				return err
			}
		}
		figures := map[string]float64{"reads_per_s": float64(n) / time.Since(start).Seconds()}
		r.machine().since(before).note(figures, n)
		b.add(inMembers, read.name, figures)
	}
	return nil
}
