package store

import (
	"errors"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"

	"tidings.dev/shared/inbox"
	"tidings.dev/shared/store/wire"
)

// Change is what Firestore's event about a changed item says.
type Change struct {
	Before, After inbox.Notification
	At            time.Time // when it was changed
}

// The fields of a google.events.cloud.firestore.v1.DocumentEventData. Both are documents that have the same form on the wire as Firestore's own, so the types of its
// client read them (proto/google/events/cloud/firestore/v1/data.proto in github.com/googleapis/google-cloudevents).
const (
	eventAfter  protowire.Number = 1
	eventBefore protowire.Number = 2
)

// ReadChange reads the data of an event google.cloud.firestore.document.v1.updated about an item, as application/protobuf.
func ReadChange(data []byte) (c Change, err error) {
	read := map[protowire.Number]bool{}
	for len(data) > 0 {
		number, kind, size := protowire.ConsumeField(data)
		if size < 0 {
			return c, fmt.Errorf("store: an item's change: %w", protowire.ParseError(size))
		}
		field := data[:size]
		data = data[size:]
		if kind != protowire.BytesType || number != eventAfter && number != eventBefore {
			continue
		}
		_, _, tag := protowire.ConsumeTag(field)
		raw, _ := protowire.ConsumeBytes(field[tag:])
		var doc pb.Document
		if err := wire.Unmarshal(raw, &doc); err != nil {
			return c, fmt.Errorf("store: an item's change: %w", err)
		}
		n, err := decode(wire.Read(&doc))
		if err != nil {
			return c, fmt.Errorf("store: an item's change: %w", err)
		}
		if read[number] = true; number == eventAfter {
			c.After, c.At = n, doc.UpdateTime.AsTime()
		} else {
			c.Before = n
		}
	}
	if !read[eventAfter] || !read[eventBefore] {
		return c, errors.New("store: an item's change: the item before or after it is missing")
	}
	return c, nil
}
