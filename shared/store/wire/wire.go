// Package wire reads and writes Firestore documents in the form in which they are sent, without the tree of values that the generated code makes
// of them: an object for each value, and by reflection a map for each level. For an inbox item that tree takes some 45 µs when it is written and as
// much when it is read, of 200 for an event; this takes 9 and 13 (store's BenchmarkItem). The tests hold both ways to the generated code.
//
// It is for the documents that every event reads and writes. Everything else uses the generated types, which are easier.
package wire

import (
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The numbers in google/firestore/v1/document.proto and google/protobuf/timestamp.proto.
const (
	documentName       protowire.Number = 1
	documentFields     protowire.Number = 2
	documentUpdateTime protowire.Number = 4

	mapFields   protowire.Number = 1
	arrayValues protowire.Number = 1
	entryKey    protowire.Number = 1
	entryValue  protowire.Number = 2

	valueBoolean   protowire.Number = 1
	valueInteger   protowire.Number = 2
	valueDouble    protowire.Number = 3
	valueMap       protowire.Number = 6
	valueArray     protowire.Number = 9
	valueTimestamp protowire.Number = 10
	valueNull      protowire.Number = 11
	valueString    protowire.Number = 17
	valueBytes     protowire.Number = 18

	timestampSeconds protowire.Number = 1
	timestampNanos   protowire.Number = 2
)

// Document is a document with fields that a [Writer] wrote, for the generated client to send: it has them among the unknown fields, which are sent as
// they are.
func Document(name string, fields []byte) *pb.Document {
	doc := &pb.Document{Name: name}
	doc.ProtoReflect().SetUnknown(fields)
	return doc
}

// Unmarshal reads a document's name and when it was changed, and leaves its fields as they are. It keeps raw. An error is [ErrMalformed].
func Unmarshal(raw []byte, doc *pb.Document) error {
	r := new(Reader)
	var fields []byte // a part of raw, from the first on; if others stand between them, they are copied
	first, last := 0, 0
	for rest := raw; len(rest) > 0; {
		at := len(raw) - len(rest)
		var p part
		p, rest = r.next(rest)
		switch p.number {
		case documentName:
			doc.Name = string(p.bytes)
		case documentUpdateTime:
			doc.UpdateTime = timestamppb.New(r.timestamp(p.bytes))
		case documentFields:
			end := len(raw) - len(rest)
			switch {
			case fields == nil:
				first, fields = at, raw[at:end:end]
			case last == at && first >= 0:
				fields = raw[first:end:end]
			default:
				first, fields = -1, append(fields, raw[at:end]...)
			}
			last = end
		}
	}
	doc.ProtoReflect().SetUnknown(fields)
	return r.Err()
}
