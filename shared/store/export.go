package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protojson"
)

// exportPage is how many documents are in memory at a time. One has 1 MiB at most, and hardly any has more than a hundredth of that.
const exportPage = 20

// Export hands over the documents that are a person's: the profile with all that is below it, the logins that lead to them, the lists of audiences that they
// are in, and their memberships and presence. Of a list it reads the name alone, and hands it over with the person's uid alone: the others in it are none of theirs.
// Each document comes as JSON, as Firestore's REST API writes a Document, its name without the database: always in the same order, one at a time. It begins
// behind after, the name of a document or what an earlier call returned as next; "" is the beginning. What is neither is [ErrCursor]. When the (real) time is over, it returns where
// to go on; next is "" at the end.
//
// Each document is billed as one read, and each audience as three; what is below the profile, where a page of 20 begins or ends, once more.
func (s *Store) Export(ctx context.Context, uid, after string, until time.Time, take func(document []byte) error) (next string, err error) {
	x := &export{Store: s, uid: uid, until: until, take: take}
	for _, section := range []struct {
		begins string
		run    func(ctx context.Context, after string) (string, error)
	}{{"users/" + uid, x.own}, {"identities/", x.logins}, {exportAudiences, x.audiences}} {
		if after != "" && !strings.HasPrefix(after, section.begins) {
			continue
		}
		next, err := section.run(ctx, after)
		if err != nil || next != "" {
			return next, err
		}
		after = "" // the sections behind begin at their beginning
		x.found = true
	}
	if !x.found {
		return "", fmt.Errorf("store: export of %q: %w", uid, ErrCursor)
	}
	return "", nil
}

// exportAudiences begins the place of an export that has come to the audiences.
const exportAudiences = "audiences/"

type export struct {
	*Store
	uid   string
	until time.Time
	take  func(document []byte) error
	found bool // the section in which the export begins
}

func (x *export) hand(doc *pb.Document) error {
	raw, err := protojson.Marshal(&pb.Document{Name: strings.Join(x.path(doc), "/"), Fields: doc.Fields})
	if err != nil {
		return fmt.Errorf("store: export: %w", err)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil { // protojson puts spaces at random
		return fmt.Errorf("store: export: %w", err)
	}
	return x.take(line.Bytes())
}

// pages gives hand what read finds, page by page. read finds what comes behind a document, and reports whether there may be more.
func (x *export) pages(ctx context.Context, after string, hand func(*pb.Document) error, read func(ctx context.Context, after string) ([]*pb.Document, bool, error)) (next string, err error) {
	for {
		docs, more, err := read(ctx, after)
		if err != nil {
			return "", fmt.Errorf("store: export: %w", err)
		}
		for _, doc := range docs {
			if err := hand(doc); err != nil {
				return "", err
			}
			after = strings.Join(x.path(doc), "/")
		}
		if !more {
			return "", nil
		}
		if time.Now().After(x.until) {
			return after, nil
		}
	}
}

// everywhere reads what a query finds in the whole database.
func (x *export) everywhere(query func() *pb.StructuredQuery) func(ctx context.Context, after string) ([]*pb.Document, bool, error) {
	return func(ctx context.Context, after string) ([]*pb.Document, bool, error) {
		if after != "" {
			after = x.resource(after)
		}
		docs, err := x.query(ctx, "", inNames(query(), after, exportPage))
		return docs, len(docs) == exportPage, err
	}
}

// own is the profile, and all that is below it.
func (x *export) own(ctx context.Context, after string) (string, error) {
	profile := "users/" + x.uid
	switch {
	case after == "":
		if err := x.get(ctx, []string{x.resource(profile)}, x.hand); err != nil {
			return "", err
		}
	case after == profile:
		after = ""
	case !strings.HasPrefix(after, profile+"/") || strings.Count(after, "/")%2 == 0:
		return "", fmt.Errorf("store: export: %q: %w", after, ErrCursor)
	}
	return x.pages(ctx, after, x.hand, func(ctx context.Context, after string) ([]*pb.Document, bool, error) {
		return x.wholeItems(ctx, profile, after)
	})
}

// wholeItems is what is below the profile behind after. An item comes with all of its parts, from one read: with parts of another moment it would have other members
// than it counts. So a page ends before an item of which it may not have all, and an item of which something is behind after comes once more, whole.
func (x *export) wholeItems(ctx context.Context, profile, after string) (docs []*pb.Document, more bool, err error) {
	if after != "" {
		after = x.resource(after)
	}
	for most := exportPage; ; most *= 2 {
		q := inNames(below(), itemOf(after), most)
		if q.StartAt != nil {
			q.StartAt.Before = true
		}
		if docs, err = x.query(ctx, x.resource(profile), q); err != nil {
			return nil, false, err
		}
		begun := 0 // how many are of the item in which it goes on
		for begun < len(docs) && itemOf(docs[begun].Name) == itemOf(after) {
			begun++
		}
		if more = len(docs) == most; more {
			last := itemOf(docs[most-1].Name)
			docs = slices.DeleteFunc(docs, func(doc *pb.Document) bool { return itemOf(doc.Name) == last })
		}
		if begun > 0 && begun <= len(docs) && docs[begun-1].Name <= after {
			docs = docs[begun:]
		}
		if len(docs) > 0 || !more {
			return docs, more, nil
		}
	}
}

func (x *export) logins(ctx context.Context, after string) (string, error) {
	return x.pages(ctx, after, x.hand, x.everywhere(func() *pb.StructuredQuery { return pointers(x.uid, "logins", true) }))
}

// lists are those of audiences that have the person, as if nobody else were in them.
func (x *export) lists(ctx context.Context, after string) (string, error) {
	alone := func(doc *pb.Document) error {
		if !isList(x.path(doc)) {
			return nil
		}
		return x.hand(&pb.Document{Name: doc.Name, Fields: fields{uidsField: just(x.uid)}})
	}
	return x.pages(ctx, after, alone, x.everywhere(func() *pb.StructuredQuery { return listsWith(x.uid) }))
}

// audiences are the lists, and then what each audience has of the person. There it goes on where Firestore's own token says; behind a document, it begins at
// the first audience again.
func (x *export) audiences(ctx context.Context, after string) (string, error) {
	if after == "" || isList(Path(after)) {
		if next, err := x.lists(ctx, after); err != nil || next != "" {
			return next, err
		}
		after = ""
	}
	_, token, _ := strings.Cut(after, "?")
	for {
		found, next, err := x.memberships(ctx, x.uid, token, 100)
		if err != nil {
			return "", fmt.Errorf("store: export: %w", err)
		}
		for _, doc := range found {
			if err := x.hand(doc); err != nil {
				return "", err
			}
		}
		if token = next; next == "" {
			return "", nil
		}
		if time.Now().After(x.until) {
			return exportAudiences + "?" + next, nil
		}
	}
}
