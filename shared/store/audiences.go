package store

import (
	"context"
	"fmt"

	"cloud.google.com/go/firestore"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// Members reads one page of an audience in the order of uids: at most limit members after the given one ("" for the
// first page). Fewer than limit means that it was the last page. Each member is billed
// as one read.
func (s *Store) Members(ctx context.Context, audience, after string, limit int) ([]string, error) {
	if !isID(audience) {
		return nil, fmt.Errorf("store: members of %.200q: not the id of an audience", audience)
	}
	q := s.client.Collection("audiences").Doc(audience).Collection("members").OrderBy(firestore.DocumentID, firestore.Asc).Select().Limit(limit)
	if after != "" {
		q = q.StartAfter(after)
	}
	docs, err := q.Documents(ctx).GetAll()
	if err != nil {
		return nil, fmt.Errorf("store: members of %s: %w", audience, sentinel(err))
	}
	uids := make([]string, len(docs))
	for i, doc := range docs {
		uids[i] = doc.Ref.ID
	}
	return uids, nil
}

// IsMember reports whether a person is in the audience. It is billed as one read.
func (s *Store) IsMember(ctx context.Context, audience, uid string) (is bool, err error) {
	err = s.get(ctx, []string{s.resource("audiences", audience, "members", uid)}, func(*pb.Document) error {
		is = true
		return nil
	})
	return is, err
}

// HasMembers reports whether anybody is in the audience. It is billed as one read.
func (s *Store) HasMembers(ctx context.Context, audience string) (bool, error) {
	first, err := s.Members(ctx, audience, "", 1)
	return len(first) > 0, err
}
