package store

import (
	"context"
	"fmt"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// erasureStep goes through one of the places.
type erasureStep struct {
	name string
	most int // documents read for a page: what they need of memory, and of the 10 MiB that a commit takes
	page func(ctx context.Context, e Eraser, uid, cursor string, most int) (erasedPage, error)
}

// erasedPage is what is to be done about some documents of a place.
type erasedPage struct {
	writes []*pb.Write
	erased map[string]int // what these writes erase, by kind
	cursor string         // where the next page begins; "" is the end
}

// read is the page of a query's answers that comes behind the cursor, in the order of names: so that whatever comes in meanwhile, the place has an end. A document
// that comes in behind it is found in the second round.
func (p *erasedPage) read(ctx context.Context, e Eraser, q *pb.StructuredQuery, parent, cursor string, most int) ([]*pb.Document, error) {
	docs, err := e.Store.query(ctx, parent, inNames(q, cursor, most))
	if len(docs) == most {
		p.cursor = docs[most-1].Name
	}
	return docs, err
}

// erases adds a write.
func (p *erasedPage) erases(kind string, w ...*pb.Write) {
	if p.erased == nil {
		p.erased = map[string]int{}
	}
	p.writes = append(p.writes, w...)
	p.erased[kind]++
}

// deletes adds the deletion of a document, whatever it says by now.
func (p *erasedPage) deletes(kind, name string) {
	p.erases(kind, &pb.Write{Operation: &pb.Write_Delete{Delete: name}})
}

// erasureSteps are the places in their order. The person's own come first: so their items are not rewritten before they go.
var erasureSteps = []erasureStep{
	{"what is below the profile, and the profile", 300, eraseOwn},
	{"targets", 300, erasePointers("targets", "targets", false)},
	{"identities", 300, erasePointers("identities", "logins", true)},
	{"memberships and presence", 100, eraseMemberships},
	{"lists of audiences", 10, eraseLists},
	{"scheduled events", 20, eraseSendings},
	{"retractions", 300, eraseNaming("retractions")},
	{"what products are told", 300, eraseNaming("outgoing")},
	{"members of others' large items", 10, eraseParts},
	{"others' items", 100, eraseItems},
	{"dead letters", 10, eraseLetters},
	{"places of the due function", 100, erasePlaces},
}

// below selects everything below a document, whatever the collections are called.
func below() *pb.StructuredQuery {
	return &pb.StructuredQuery{From: []*pb.StructuredQuery_CollectionSelector{{AllDescendants: true}}}
}

// eraseOwn deletes all that is below users/{uid}, and then the profile: the mirror function makes no profile anew where nothing is below it.
func eraseOwn(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	profile := e.Store.resource("users", uid)
	q := below()
	q.Select = only(documentName)
	docs, err := p.read(ctx, e, q, profile, cursor, most)
	if err != nil {
		return p, err
	}
	for _, doc := range docs {
		path := e.Store.path(doc)
		p.deletes(path[len(path)-2], doc.Name)
	}
	if p.cursor != "" {
		return p, nil
	}
	return p, e.Store.get(ctx, []string{profile}, func(doc *pb.Document) error {
		p.deletes("profiles", doc.Name)
		return nil
	})
}

// erasePointers deletes the documents of a collection whose field uid is the person's.
func erasePointers(kind, collection string, everywhere bool) func(ctx context.Context, e Eraser, uid, cursor string, most int) (erasedPage, error) {
	return func(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
		docs, err := p.read(ctx, e, pointers(uid, collection, everywhere), "", cursor, most)
		for _, doc := range docs {
			p.deletes(kind, doc.Name)
		}
		return p, err
	}
}

// pointers selects the documents of a collection whose field uid is the person's.
func pointers(uid, collection string, everywhere bool) *pb.StructuredQuery {
	return &pb.StructuredQuery{
		From:  []*pb.StructuredQuery_CollectionSelector{{CollectionId: collection, AllDescendants: everywhere}},
		Where: where("uid", pb.StructuredQuery_FieldFilter_EQUAL, str(uid)),
	}
}

// eraseMemberships looks for the person in some audiences. A membership has the uid in its name alone, and people write theirs themselves: no query finds it.
func eraseMemberships(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	found, next, err := e.Store.memberships(ctx, uid, cursor, most)
	for _, doc := range found {
		kind := "memberships"
		if e.Store.path(doc)[2] == "presence" {
			kind = "presence"
		}
		p.deletes(kind, doc.Name)
	}
	p.cursor = next
	return p, err
}

// eraseLists takes the person out of the lists of audiences. Others are in these.
func eraseLists(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	docs, err := p.read(ctx, e, listsWith(uid), "", cursor, most)
	for _, doc := range docs {
		if isList(e.Store.path(doc)) {
			p.erases("memberships", unlist(doc.Name, uid))
		}
	}
	return p, err
}

// memberships reads the person's memberships and presence in the next audiences, at most so many. It is billed as three reads for each audience.
func (s *Store) memberships(ctx context.Context, uid, cursor string, most int) (found []*pb.Document, next string, err error) {
	all := s.raw.ListDocuments(ctx, &pb.ListDocumentsRequest{
		Parent: s.database + "/documents", CollectionId: "audiences", ShowMissing: true, Mask: &pb.DocumentMask{FieldPaths: []string{documentName}},
	})
	var audiences []*pb.Document
	if next, err = iterator.NewPager(all, most, cursor).NextPage(&audiences); err != nil {
		return nil, "", fmt.Errorf("audiences: %w", sentinel(err))
	}
	var names []string
	for _, a := range audiences {
		id := s.path(a)[1]
		names = append(names, s.resource("audiences", id, "members", uid), s.resource("audiences", id, "presence", uid))
	}
	if len(names) == 0 {
		return nil, next, nil
	}
	err = s.get(ctx, names, func(doc *pb.Document) error {
		found = append(found, doc)
		return nil
	})
	return found, next, err
}

// erasePlaces has the due function begin at the beginning, where its place is at one of the person's items.
func erasePlaces(ctx context.Context, e Eraser, uid, _ string, most int) (p erasedPage, err error) {
	docs, err := e.Store.query(ctx, "", &pb.StructuredQuery{
		From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "due"}}, Limit: wrapperspb.Int32(int32(most)),
	})
	for _, doc := range docs {
		if placeOf(doc.Fields["place"].GetStringValue()) == uid {
			p.erases("places", &pb.Write{
				Operation:  &pb.Write_Update{Update: &pb.Document{Name: doc.Name, Fields: fields{"place": str("")}}},
				UpdateMask: &pb.DocumentMask{FieldPaths: []string{"place"}}, CurrentDocument: unchanged(doc.UpdateTime.AsTime()),
			})
		}
	}
	return p, err
}
