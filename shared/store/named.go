package store

import (
	"slices"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/event"
	"tidings.dev/shared/inbox"
)

// named is the field by which the documents that name a person are found: a list of hashes, as [inbox.PersonOf] makes them. Writing it is part of a
// write that happens anyway, so knowing where somebody stands costs no operation.
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
