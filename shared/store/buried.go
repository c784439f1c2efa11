package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cloud.google.com/go/firestore"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// buried is the stored form of a dead letter. What is no text, or has a name that Firestore keeps for itself, stands beside
// the readable fields.
type buried struct {
	DeadLetter
	Raw            []byte      `firestore:"raw,omitempty"` // the data, where they are no text
	MoreAttributes []attribute `firestore:"moreAttributes,omitempty"`
}

// attribute is one that cannot stand in a map of texts.
type attribute struct {
	Key   []byte `firestore:"key"`
	Value []byte `firestore:"value"`
}

// A document holds 1 MiB. The rest of it is for names, small fields and what Firestore counts for each.
const (
	letterRoom     = 950_000 // bytes of data, attributes and recipients together
	attributesRoom = 300_000 // Pub/Sub takes 100 of 1,280 bytes
	recipientsRoom = 300_000
	reasonRoom     = 4_000
	entryCost      = 32 // bytes, for each attribute and recipient
)

// toStored makes of any letter one that can be stored: what is too large is cut, and Cut says which fields were.
func toStored(d DeadLetter) buried {
	b := buried{DeadLetter: d}
	b.Cut, b.DataBytes = nil, len(d.Data)
	b.Reason, b.Subscription = strings.ToValidUTF8(d.Reason, "\uFFFD"), strings.ToValidUTF8(d.Subscription, "\uFFFD")
	if len(b.Reason) > reasonRoom {
		b.Reason = clip(b.Reason, reasonRoom)
		b.Cut = append(b.Cut, "reason")
	}
	b.Subscription = clip(b.Subscription, reasonRoom)
	room := letterRoom
	b.fitAttributes(&room)
	b.fitRecipients(&room)
	if len(d.Data) > room {
		b.Data = d.Data[:room]
		if utf8.ValidString(d.Data) {
			b.Data = clip(d.Data, room)
		}
		b.Cut = append(b.Cut, "data")
	}
	if !utf8.ValidString(b.Data) {
		b.Data, b.Raw = "", []byte(b.Data)
	}
	b.PublishedAt, b.FailedAt = storable(d.PublishedAt), storable(d.FailedAt)
	return b
}

// fitAttributes keeps as many attributes as fit, the small ones first.
func (b *buried) fitAttributes(room *int) {
	all, left := b.Attributes, attributesRoom
	b.Attributes = make(map[string]string, len(all))
	size := func(key string) int { return len(key) + len(all[key]) + entryCost }
	for _, key := range slices.SortedFunc(maps.Keys(all), func(a, c string) int {
		return cmp.Or(cmp.Compare(size(a), size(c)), cmp.Compare(a, c))
	}) {
		if left -= size(key); left < 0 {
			b.Cut = append(b.Cut, "attributes")
			break
		}
		*room -= size(key)
		if value := all[key]; isFieldName(key) && utf8.ValidString(value) {
			b.Attributes[key] = value
		} else {
			b.MoreAttributes = append(b.MoreAttributes, attribute{[]byte(key), []byte(value)})
		}
	}
}

// fitRecipients keeps as many recipients as fit, the first ones.
func (b *buried) fitRecipients(room *int) {
	all, left := b.Recipients, recipientsRoom
	b.Recipients = nil
	for _, uid := range all {
		if left -= len(uid) + entryCost; left < 0 {
			b.Cut = append(b.Cut, "recipients")
			break
		}
		*room -= len(uid) + entryCost
		b.Recipients = append(b.Recipients, strings.ToValidUTF8(uid, "\uFFFD"))
	}
}

// fromStored reads the stored form.
func fromStored(doc *firestore.DocumentSnapshot) (DeadLetter, error) {
	var b buried
	if err := doc.DataTo(&b); err != nil {
		return DeadLetter{}, fmt.Errorf("store: dead letter %s: %w", doc.Ref.ID, err)
	}
	d := b.DeadLetter
	d.ID = doc.Ref.ID
	if b.Raw != nil {
		d.Data = string(b.Raw)
	}
	for _, a := range b.MoreAttributes {
		if d.Attributes == nil {
			d.Attributes = map[string]string{}
		}
		d.Attributes[string(a.Key)] = string(a.Value)
	}
	return d, nil
}

// storedID is the id under which a letter is stored.
func storedID(id string) string {
	if isID(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "odd-" + hex.EncodeToString(sum[:])
}

// isFieldName reports whether Firestore takes s as the name of a field.
func isFieldName(s string) bool {
	return s != "" && len(s) <= 1500 && utf8.ValidString(s) && !(strings.HasPrefix(s, "__") && strings.HasSuffix(s, "__"))
}

// storable is the time if Firestore can hold it, and else the zero time.
func storable(t time.Time) time.Time {
	if timestamppb.New(t).CheckValid() != nil {
		return time.Time{}
	}
	return t
}

// clip is the beginning of a text, at most so many bytes, without half a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
