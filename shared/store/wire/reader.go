package wire

import (
	"errors"
	"iter"
	"math"
	"time"
	"unicode/utf8"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// ErrMalformed says that bytes are not a document of Firestore's.
var ErrMalformed = errors.New("wire: not a document as Firestore sends it")

// Reader reads one document: those of its fields that are asked for, when they are. What it finds malformed is as if it were not there;
// [Reader.Err] tells.
type Reader struct {
	Fields
	bad bool
}

// NewReader reads a document, or what a [Writer] wrote.
func NewReader(document []byte) *Reader {
	r := new(Reader)
	r.Fields = r.fields(make([]place, 0, 40), document, documentFields)
	return r
}

// Read reads a document that the generated client got, whether with [Unread] or without.
func Read(doc *pb.Document) *Reader {
	raw := doc.ProtoReflect().GetUnknown()
	if len(doc.Fields) == 0 {
		return NewReader(raw)
	}
	raw, err := proto.Marshal(&pb.Document{Fields: doc.Fields})
	r := NewReader(raw)
	r.bad = r.bad || err != nil
	return r
}

// Err is nil, or [ErrMalformed] where something that was asked for cannot be read.
func (r *Reader) Err() error {
	if r.bad {
		return ErrMalformed
	}
	return nil
}

// Fields are those of a document or of a map. They are few, so looking through them takes less than to make a map of them.
type Fields struct {
	r       *Reader
	message []byte
	places  []place
}

// place is where in the message a field's name and its value are.
type place struct{ name, nameEnd, value, valueEnd uint32 }

// Len is how many there are.
func (f Fields) Len() int { return len(f.places) }

// All gives each with its name.
func (f Fields) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, at := range f.places {
			if !yield(string(f.message[at.name:at.nameEnd]), f.value(at)) {
				return
			}
		}
	}
}

// Get is the field of that name. Where there is none, it is as one of another kind.
func (f Fields) Get(name string) Value {
	for _, at := range f.places {
		if string(f.message[at.name:at.nameEnd]) == name {
			return f.value(at)
		}
	}
	return Value{}
}

func (f Fields) value(at place) Value { return Value{f.r, f.message[at.value:at.valueEnd]} }

// Value is one of a document's. Each method gives what it is asked for where the value is of that kind, and nothing where it is of another.
type Value struct {
	r       *Reader
	message []byte
}

// Text is a text, or "".
func (v Value) Text() string {
	p := v.of(valueString)
	if !utf8.Valid(p.bytes) {
		v.r.bad = true
		return ""
	}
	return string(p.bytes)
}

// Int is an integer, or 0.
func (v Value) Int() int64 { return int64(v.of(valueInteger).word) }

// Bool is true or false.
func (v Value) Bool() bool { return v.of(valueBoolean).word != 0 }

// Bytes are bytes, or nil. They are a part of what is read.
func (v Value) Bytes() []byte { return v.of(valueBytes).bytes }

// Time is a time, or the zero one.
func (v Value) Time() (t time.Time) {
	message := v.of(valueTimestamp).bytes
	if message == nil {
		return t
	}
	return v.r.timestamp(message)
}

// Map are the fields of a map.
func (v Value) Map() Fields { return v.r.fields(make([]place, 0, 6), v.of(valueMap).bytes, mapFields) }

// List are the values of a list.
func (v Value) List() iter.Seq[Value] {
	list := v.of(valueArray).bytes
	return func(yield func(Value) bool) {
		for len(list) > 0 {
			var p part
			if p, list = v.r.next(list); p.number == arrayValues && !yield(Value{v.r, p.bytes}) {
				return
			}
		}
	}
}

// JSON is what [Writer.JSON] wrote: an int64 for an integer, a float64 for a double. As JSON it is what was sent. Times, bytes and
// what else JSON has not are nil.
func (v Value) JSON() any { return v.json(maxDepth) }

// maxDepth is how deep maps and lists may lie in each other. Firestore takes 20 levels; what goes on for ever would end the process.
const maxDepth = 100

func (v Value) json(levels int) any {
	if levels == 0 {
		v.r.bad = true
		return nil
	}
	switch p := v.part(); p.number {
	case valueString:
		return v.Text()
	case valueDouble:
		return math.Float64frombits(p.word)
	case valueInteger:
		return int64(p.word)
	case valueBoolean:
		return p.word != 0
	case valueMap:
		m := map[string]any{}
		for name, x := range v.Map().All() {
			m[name] = x.json(levels - 1)
		}
		return m
	case valueArray:
		a := []any{}
		for x := range v.List() {
			a = append(a, x.json(levels-1))
		}
		return a
	}
	return nil
}

// part is a field of a message.
type part struct {
	number protowire.Number
	word   uint64 // of a number
	bytes  []byte // of anything else; never nil
}

// part is what the value has.
func (v Value) part() (p part) {
	for rest := v.message; len(rest) > 0; {
		p, rest = v.r.next(rest) // the last one counts
	}
	return p
}

// of is what the value has, if it is of that kind.
func (v Value) of(kind protowire.Number) part {
	if p := v.part(); p.number == kind {
		return p
	}
	return part{}
}

// next takes the next field from a message.
func (r *Reader) next(message []byte) (p part, rest []byte) {
	number, kind, n := protowire.ConsumeTag(message)
	if n < 0 {
		r.bad = true
		return part{}, nil
	}
	p.number, rest = number, message[n:]
	switch kind {
	case protowire.VarintType:
		p.word, n = protowire.ConsumeVarint(rest)
	case protowire.BytesType:
		p.bytes, n = protowire.ConsumeBytes(rest)
	case protowire.Fixed64Type:
		p.word, n = protowire.ConsumeFixed64(rest)
	default:
		n = protowire.ConsumeFieldValue(number, kind, rest)
	}
	if n < 0 {
		r.bad = true
		return part{}, nil
	}
	return p, rest[n:]
}

func (r *Reader) fields(places []place, message []byte, number protowire.Number) Fields {
	for rest := message; len(rest) > 0; {
		var entry part
		if entry, rest = r.next(rest); entry.number != number {
			continue
		}
		var at place
		end := len(message) - len(rest) // of the entry, which is its field's last
		for inner := entry.bytes; len(inner) > 0; {
			var p part
			p, inner = r.next(inner)
			pEnd := uint32(end - len(inner))
			switch start := pEnd - uint32(len(p.bytes)); p.number {
			case entryKey:
				at.name, at.nameEnd = start, pEnd
				r.bad = r.bad || !utf8.Valid(p.bytes)
			case entryValue:
				at.value, at.valueEnd = start, pEnd
			}
		}
		if at.name < at.nameEnd { // Firestore has no field without a name
			places = append(places, at)
		}
	}
	return Fields{r, message, places}
}

func (r *Reader) timestamp(message []byte) time.Time {
	var seconds, nanos int64
	for len(message) > 0 {
		var p part
		switch p, message = r.next(message); p.number {
		case timestampSeconds:
			seconds = int64(p.word)
		case timestampNanos:
			nanos = int64(p.word)
		}
	}
	return time.Unix(seconds, nanos).UTC()
}
