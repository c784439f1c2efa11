package store

import (
	"context"
	"fmt"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Told finds who was told of a group: the items of that group in all inboxes, one page of at most limit, in the order of
// uids, then ids. after is the last page's next, "" for the first page; next is "" when nothing more follows. What
// is no cursor is [ErrCursor].
// Each item is billed as one read (an empty page too), and only its name is transferred. Items that were taken back are
// among them for as long as their documents are kept.
func (s *Store) Told(ctx context.Context, groupID, after string, limit int) (refs []Ref, next string, err error) {
	q := &pb.StructuredQuery{
		From:    []*pb.StructuredQuery_CollectionSelector{{CollectionId: "notifications", AllDescendants: true}},
		Where:   where("groupId", pb.StructuredQuery_FieldFilter_EQUAL, str(groupID)),
		OrderBy: ascending(documentName),
		Select:  only(documentName),
		Limit:   wrapperspb.Int32(int32(limit)),
	}
	if after != "" {
		uid, id, ok := strings.Cut(after, "/")
		if !ok || !isID(uid) || !isID(id) {
			return nil, "", fmt.Errorf("store: told of group %s: %q: %w", groupID, after, ErrCursor)
		}
		q.StartAt = past(reference(s.resource("users", uid, "notifications", id)))
	}
	docs, err := s.query(ctx, "", q)
	if err != nil {
		return nil, "", fmt.Errorf("store: told of group %s: %w", groupID, err)
	}
	for _, doc := range docs {
		path := s.path(doc)
		refs = append(refs, Ref{UID: path[1], ID: path[3]})
	}
	if len(refs) == limit {
		next = refs[limit-1].UID + "/" + refs[limit-1].ID
	}
	return refs, next, nil
}
