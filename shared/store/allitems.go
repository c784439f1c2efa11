package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/inbox"
)

// Placed is an item with its place.
type Placed struct {
	Ref
	Item *inbox.Item
}

// AllItems reads the items of all inboxes, one page of at most limit, in the order of uids, then ids, with all their members. after is the last one of the page before, zero for
// the first page; fewer than limit means that it was the last page. Each item and each part of its members is billed as one read.
func (s *Store) AllItems(ctx context.Context, after Ref, limit int) (all []Placed, err error) {
	from := ""
	if after != (Ref{}) {
		from = s.resource("users", after.UID, "notifications", after.ID)
	}
	docs, err := s.query(ctx, "", inNames(&pb.StructuredQuery{
		From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications", AllDescendants: true}},
	}, from, limit))
	if err != nil {
		return nil, fmt.Errorf("store: all items: %w", err)
	}
	parts := map[PartRef]*inbox.Item{}
	for _, doc := range docs {
		item, err := readItem(doc)
		if err != nil {
			return nil, err
		}
		path := s.path(doc)
		ref := Ref{UID: path[1], ID: path[3]}
		all = append(all, Placed{ref, item})
		for n := range item.PartCount {
			parts[PartRef{ref, n}] = item
		}
	}
	if len(parts) == 0 {
		return all, nil
	}
	for some := range slices.Chunk(slices.Collect(maps.Keys(parts)), MaxBatch) {
		page := map[PartRef]*inbox.Item{}
		for _, ref := range some {
			page[ref] = parts[ref]
		}
		failed, err := s.LoadParts(ctx, page)
		if err := errors.Join(append(slices.Collect(maps.Values(failed)), err)...); err != nil {
			return nil, err
		}
	}
	return all, nil
}
