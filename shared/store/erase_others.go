package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store/wire"
)

// placeOf is the uid in a place, as [Waiting] has it; "" where there is none.
func placeOf(place string) string {
	if parts := strings.Split(place, "/"); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// eraseItems takes the person out of others' items. One that somebody else writes at the same time is read again.
func eraseItems(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	docs, err := p.read(ctx, e, whoName(uid, "notifications", true), "", cursor, most)
	if err != nil {
		return p, err
	}
	items := map[Ref]*inbox.Item{}
	parts := map[PartRef]*inbox.Item{}
	for _, doc := range docs {
		path := e.Store.path(doc)
		ref := Ref{UID: path[1], ID: path[3]}
		item, err := readItem(doc)
		if err != nil { // nobody can read it any more, so nobody can tell what it says of them
			p.deletes("unreadable", doc.Name)
			continue
		}
		if items[ref] = item; item.PartCount > 0 {
			parts[PartRef{Ref: ref, Part: item.PartOf(uid)}] = item
		}
	}
	failed, err := e.Store.LoadParts(ctx, parts)
	if err != nil {
		return p, err
	}
	for ref, item := range items {
		switch err := failed[item]; {
		case errors.Is(err, ErrConflict):
			return p, err
		case err != nil:
			p.erases("unreadable", remove(e.Store.resource("users", ref.UID, "notifications", ref.ID), item.Version))
			delete(items, ref)
		}
	}
	return p, e.forget(ctx, &p, uid, items, "items")
}

// itemOf is the name of the item whose part the document of that name is. Of another document, it is that name.
func itemOf(name string) string {
	at := strings.LastIndex(name, "/parts/")
	if at < 0 || strings.Contains(name[at+len("/parts/"):], "/") { // "parts" can be a uid, too
		return name
	}
	return name[:at]
}

// eraseParts takes the person out of the members of others' large items, and out of these items.
func eraseParts(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	docs, err := p.read(ctx, e, whoName(uid, "parts", true), "", cursor, most)
	if err != nil || len(docs) == 0 {
		return p, err
	}
	var names []string
	for _, doc := range docs {
		names = append(names, itemOf(doc.Name))
	}
	found := map[string]*inbox.Item{}
	err = e.Store.get(ctx, slices.Compact(slices.Clone(names)), func(doc *pb.Document) error {
		if item, err := readItem(doc); err == nil {
			found[doc.Name] = item
		}
		return nil
	}, wire.Unread())
	if err != nil {
		return p, err
	}
	items := map[Ref]*inbox.Item{}
	for i, doc := range docs {
		path, item := e.Store.path(doc), found[names[i]]
		number, err := strconv.Atoi(path[5])
		part := inbox.Part{Known: true, Version: doc.UpdateTime.AsTime()}
		if item == nil || err != nil || number >= item.PartCount || part.Members.UnmarshalBinary(doc.Fields["members"].GetBytesValue()) != nil || !item.Knows(&part.Members) {
			p.erases("unreadable", remove(doc.Name, part.Version)) // or its item is gone, and this one is kept longer: also where the item has begun anew
			continue
		}
		item.Attach(number, part)
		items[Ref{UID: path[1], ID: path[3]}] = item
	}
	return p, e.forget(ctx, &p, uid, items, "parts")
}

// forget rewrites items in their recipients' languages.
func (e Eraser) forget(ctx context.Context, p *erasedPage, uid string, items map[Ref]*inbox.Item, kind string) error {
	var owners []string
	for ref := range items {
		owners = append(owners, ref.UID)
	}
	slices.Sort(owners)
	snap, err := e.Store.Load(ctx, slices.Compact(owners), nil)
	if err != nil {
		return err
	}
	for ref, item := range items {
		item.Forget(uid, e.Words(snap.Profiles[ref.UID].Locale))
		if slices.Contains(item.Named(), inbox.PersonOf(uid)) {
			return fmt.Errorf("store: item %s still names the person", ref.ID)
		}
		writes, err := e.Store.whole(Write{UID: ref.UID, Item: item})
		if err != nil {
			return err
		}
		p.erases(kind, writes...)
	}
	return nil
}

// eraseSendings deletes what the person was going to do, and tells the others alone of what they were to be told.
func eraseSendings(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	docs, err := p.read(ctx, e, whoName(uid, "sendings", false), "", cursor, most)
	for _, doc := range docs {
		s := readSending(doc)
		if s.Event.Recipients = slices.DeleteFunc(s.Event.Recipients, func(r string) bool { return r == uid }); s.Broken != nil ||
			s.Event.Actor.ID == uid || len(s.Event.Recipients) == 0 {
			p.erases("scheduled", remove(doc.Name, s.read))
			continue
		}
		raw, err := json.Marshal(s.Event)
		if err != nil {
			return p, err
		}
		inside(doc.Fields["content"])["event"] = blob(raw)
		p.erases("scheduled", &pb.Write{
			Operation: &pb.Write_Update{Update: &pb.Document{Name: doc.Name, Fields: fields{
				"content": doc.Fields["content"], named: people(namedBy(&s.Event)),
			}}},
			UpdateMask: &pb.DocumentMask{FieldPaths: []string{"content", named}}, CurrentDocument: unchanged(s.read),
		})
	}
	return p, err
}

// eraseNaming deletes the documents of a collection that name the person.
func eraseNaming(collection string) func(ctx context.Context, e Eraser, uid, cursor string, most int) (erasedPage, error) {
	return func(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
		docs, err := p.read(ctx, e, whoName(uid, collection, false), "", cursor, most)
		for _, doc := range docs {
			p.deletes(collection, doc.Name)
		}
		return p, err
	}
}

// eraseLetters reads the next dead letters. Often nobody can tell what a letter's data are, so all of them are searched: there are few, or somebody has
// a larger worry.
func eraseLetters(ctx context.Context, e Eraser, uid, cursor string, most int) (p erasedPage, err error) {
	q := &pb.StructuredQuery{From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "deadLetters"}}}
	docs, err := p.read(ctx, e, q, "", cursor, most)
	for _, doc := range docs {
		if !mentions(mapOf(doc.Fields), uid) {
			continue
		}
		if !withoutRecipient(doc.Fields, uid) {
			p.erases("deadLetters", remove(doc.Name, doc.UpdateTime.AsTime()))
			continue
		}
		p.erases("deadLetters", &pb.Write{
			Operation: &pb.Write_Update{Update: &pb.Document{Name: doc.Name, Fields: doc.Fields}}, CurrentDocument: unchanged(doc.UpdateTime.AsTime()),
		})
	}
	return p, err
}

// mentions reports whether a value has the uid as a word in any text, or among its bytes.
func mentions(v *pb.Value, uid string) bool {
	switch v := v.GetValueType().(type) {
	case *pb.Value_StringValue:
		return inbox.Mentions(v.StringValue, uid)
	case *pb.Value_BytesValue:
		return bytes.Contains(v.BytesValue, []byte(uid))
	case *pb.Value_ArrayValue:
		return slices.ContainsFunc(v.ArrayValue.GetValues(), func(x *pb.Value) bool { return mentions(x, uid) })
	case *pb.Value_MapValue:
		for key, x := range v.MapValue.GetFields() {
			if inbox.Mentions(key, uid) || mentions(x, uid) {
				return true
			}
		}
	}
	return false
}

// withoutRecipient takes one of several recipients out of a letter. It returns false where the letter names the person in another way, too, or was for
// nobody else.
func withoutRecipient(letter fields, uid string) bool {
	var data map[string]json.RawMessage
	if json.Unmarshal([]byte(letter["data"].GetStringValue()), &data) != nil {
		return false
	}
	if raw, ok := data["recipients"]; ok {
		var uids []string
		if json.Unmarshal(raw, &uids) != nil {
			return false
		}
		uids = slices.DeleteFunc(uids, func(r string) bool { return r == uid })
		if len(uids) == 0 {
			return false
		}
		data["recipients"], _ = json.Marshal(uids) // texts always can be written
	}
	if missing := letter["recipients"].GetArrayValue(); len(missing.GetValues()) > 0 {
		missing.Values = slices.DeleteFunc(missing.Values, func(v *pb.Value) bool { return v.GetStringValue() == uid })
		if len(missing.Values) == 0 {
			return false
		}
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return false
	}
	letter["data"], letter["dataBytes"] = str(string(raw)), num(int64(len(raw)))
	return !mentions(mapOf(letter), uid)
}
