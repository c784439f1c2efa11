package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/event"
)

// Who is in an audience: whoever has a membership, and whoever is in one of its lists.
//
// A membership is a document for each member (audiences/{id}/members/{uid}), so people can join and leave by themselves. A list
// (audiences/{id}/lists/{list}) names many at once in its field uids: a product that knows its audience as a whole fills it by few documents, and reading
// a list is billed as one read.

// inLists begins the cursor of a place in the lists: "lists/L" is behind the list L, and "lists/L/U" is in it, behind U. No uid has a slash.
const inLists = "lists/"

// Members reads some members of an audience: at most limit of those behind cursor, which is "" for the first ones, and else what an earlier call
// returned as next. next is "" at the end. Who is in several lists, or has a membership besides, may come on several pages.
//
// A list is billed as one read on each page, and each membership as one; where there is none of either, asking for it is one.
func (s *Store) Members(ctx context.Context, audience, cursor string, limit int) (uids []string, next string, err error) {
	if !isID(audience) {
		return nil, "", fmt.Errorf("store: members of %.200q: not the id of an audience", audience)
	}
	ref := s.client.Collection("audiences").Doc(audience)
	lists := cursor == "" || strings.HasPrefix(cursor, inLists)
	for lists && len(uids) < limit {
		some, behind, err := listed(ctx, ref, cursor, limit-len(uids))
		if err != nil {
			return nil, "", fmt.Errorf("store: members of %s: %w", audience, err)
		}
		uids, cursor, lists = append(uids, some...), behind, behind != ""
	}
	if lists {
		next = cursor
	} else {
		some, behind, err := joined(ctx, ref, cursor, limit-len(uids))
		if err != nil {
			return nil, "", fmt.Errorf("store: members of %s: %w", audience, err)
		}
		uids, next = append(uids, some...), behind
	}
	slices.Sort(uids)
	return slices.Compact(uids), next, nil
}

// listed reads on in the first list that is behind cursor. next is "" where there is none.
func listed(ctx context.Context, audience *firestore.DocumentRef, cursor string, limit int) (uids []string, next string, err error) {
	list, after, within := strings.Cut(strings.TrimPrefix(cursor, inLists), "/")
	q := audience.Collection("lists").OrderBy(firestore.DocumentID, firestore.Asc).Limit(1)
	switch {
	case within:
		q = q.StartAt(list)
	case list != "":
		q = q.StartAfter(list)
	}
	docs, err := q.Documents(ctx).GetAll()
	if err != nil || len(docs) == 0 {
		return nil, "", sentinel(err)
	}
	doc := docs[0]
	if uids, err = uidsOf(doc); err != nil {
		return nil, "", err
	}
	if within && doc.Ref.ID == list {
		uids = slices.DeleteFunc(uids, func(uid string) bool { return uid <= after })
	}
	next = inLists + doc.Ref.ID
	if len(uids) > limit {
		uids = uids[:limit]
		next += "/" + uids[limit-1]
	}
	return uids, next, nil
}

// uidsOf are those in a list, in order.
func uidsOf(list *firestore.DocumentSnapshot) ([]string, error) {
	values, ok := list.Data()[uidsField].([]any)
	if !ok {
		return nil, fmt.Errorf("list %s: %s: an array of uids was expected", list.Ref.ID, uidsField)
	}
	uids := make([]string, len(values))
	for i, value := range values {
		uid, ok := value.(string)
		if !ok || !isID(uid) || len(uid) > event.MaxUID {
			return nil, fmt.Errorf("list %s: %s[%d]: %.200q cannot be the id of a person", list.Ref.ID, uidsField, i, fmt.Sprint(value))
		}
		uids[i] = uid
	}
	slices.Sort(uids)
	return uids, nil
}

// joined reads those with a membership, behind the uid after.
func joined(ctx context.Context, audience *firestore.DocumentRef, after string, limit int) (uids []string, next string, err error) {
	q := audience.Collection("members").OrderBy(firestore.DocumentID, firestore.Asc).Select().Limit(limit)
	if after != "" {
		q = q.StartAfter(after)
	}
	docs, err := q.Documents(ctx).GetAll()
	if err != nil {
		return nil, "", sentinel(err)
	}
	for _, doc := range docs {
		uids = append(uids, doc.Ref.ID)
	}
	if len(docs) == limit {
		next = uids[limit-1]
	}
	return uids, next, nil
}

// IsMember reports whether a person is in the audience. It is billed as one read, and as two where they have no membership.
func (s *Store) IsMember(ctx context.Context, audience, uid string) (is bool, err error) {
	err = s.get(ctx, []string{s.resource("audiences", audience, "members", uid)}, func(*pb.Document) error {
		is = true
		return nil
	})
	if err != nil || is {
		return is, err
	}
	docs, err := s.client.Collection("audiences").Doc(audience).Collection("lists").Where(uidsField, "array-contains", uid).Select().Limit(1).Documents(ctx).GetAll()
	if err != nil {
		return false, fmt.Errorf("store: lists of %s: %w", audience, sentinel(err))
	}
	return len(docs) > 0, nil
}

// HasMembers reports whether anybody is in the audience. It is billed as one read, and as two where it has no list.
func (s *Store) HasMembers(ctx context.Context, audience string) (bool, error) {
	for cursor := ""; ; {
		uids, next, err := s.Members(ctx, audience, cursor, 1)
		if err != nil || len(uids) > 0 || next == "" {
			return len(uids) > 0, err
		}
		cursor = next
	}
}
