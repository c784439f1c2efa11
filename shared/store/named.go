package store

import (
	"context"
	"fmt"
	"slices"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store/wire"
	"tidings.dev/shared/tasks"
)

// named is the field by which the documents that name a person, or have another trace of them, are found: a list of hashes, as [inbox.PersonOf]
// makes them. Writing it is part of a write that happens anyway, so knowing where somebody stands costs no operation.
const named = "named"

// people is the value of that field; nil where there is nobody.
func people(hashes []int64) *pb.Value {
	values := make([]*pb.Value, len(hashes))
	for i, hash := range hashes {
		values[i] = num(hash)
	}
	return list(values)
}

// namedBy are the people whom an event names: who did it, and who is told.
func namedBy(e *event.Event) (all []int64) {
	if e.Actor.ID != "" {
		all = append(all, inbox.PersonOf(e.Actor.ID))
	}
	for _, uid := range e.Recipients {
		all = append(all, inbox.PersonOf(uid))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// whoName selects the documents of a collection, or of all collections of that name, that name a person.
func whoName(uid, collection string, everywhere bool) *pb.StructuredQuery {
	return &pb.StructuredQuery{
		From:  []*pb.StructuredQuery_CollectionSelector{{CollectionId: collection, AllDescendants: everywhere}},
		Where: where(named, pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS, num(inbox.PersonOf(uid))),
	}
}

// MaxTraces is how many values Firestore takes in one array-contains-any.
const MaxTraces = 30

// Traced reads those of a group's items, whatever their window, that list one of the traces, themselves or in one of their parts: at most
// [MaxTraces]. Both queries are billed as one read at least. They select by a range of names, for which the index of the whole database is enough.
func (s *Store) Traced(ctx context.Context, uid, groupID string, traces []int64) ([]*inbox.Item, error) {
	in := func(collection string, below ...string) *pb.StructuredQuery {
		edge := func(id string) *pb.Cursor {
			return past(reference(s.resource(append([]string{"users", uid, "notifications", id}, below...)...)))
		}
		return &pb.StructuredQuery{
			From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: collection, AllDescendants: true}},
			Where:   where(named, pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS_ANY, people(traces)),
			OrderBy: ascending(documentName), StartAt: edge(groupID + "-"), EndAt: edge(groupID + "."), // the sign that comes next
		}
	}
	var items []*inbox.Item
	var places []Ref // of parts
	var both tasks.Group
	both.Go(func() error {
		docs, err := s.query(ctx, "", in("notifications"), wire.Unread())
		for _, doc := range docs {
			item, err := readItem(doc)
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		return err
	})
	both.Go(func() error {
		q := in("parts", "parts", "0")
		q.Select = only(documentName)
		docs, err := s.query(ctx, "", q)
		for _, doc := range docs {
			places = append(places, Ref{UID: uid, ID: s.path(doc)[3]})
		}
		return err
	})
	if err := both.Wait(); err != nil {
		return nil, fmt.Errorf("store: traces in group %s of %q: %w", groupID, uid, err)
	}
	places = slices.DeleteFunc(slices.Compact(places), func(r Ref) bool {
		return slices.ContainsFunc(items, func(n *inbox.Item) bool { return n.ID == r.ID })
	})
	snap, err := s.Load(ctx, nil, places)
	for _, item := range snap.Items {
		items = append(items, item)
	}
	return items, err
}
