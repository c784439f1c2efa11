package wire

import (
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"tidings.dev/shared/event"
)

// Writer writes the fields of a document one after the other. What is empty it leaves out: a text, bytes, a list, the zero time. The zero value is
// ready to use.
type Writer struct {
	b     []byte
	inMap bool
	err   error
}

// Fields are what was written so far. It is an error where a text is not UTF-8, as Firestore demands, or where [Writer.JSON] was given what JSON has not.
func (w *Writer) Fields() ([]byte, error) { return w.b, w.err }

// Grow makes room for so many bytes.
func (w *Writer) Grow(bytes int) { w.b = slices.Grow(w.b, bytes) }

// Text writes a text.
func (w *Writer) Text(name, s string) {
	if s != "" {
		w.field(name, func() { w.text(s) })
	}
}

// Int writes an integer.
func (w *Writer) Int(name string, i int64) {
	w.field(name, func() { w.integer(i) })
}

// Bool writes true or false.
func (w *Writer) Bool(name string, is bool) {
	w.field(name, func() { w.boolean(is) })
}

// Null writes null.
func (w *Writer) Null(name string) {
	w.field(name, w.null)
}

// Bytes writes bytes.
func (w *Writer) Bytes(name string, b []byte) {
	if len(b) > 0 {
		w.field(name, func() {
			w.b = protowire.AppendTag(w.b, valueBytes, protowire.BytesType)
			w.b = protowire.AppendBytes(w.b, b)
		})
	}
}

// Time writes a time. Firestore keeps its microseconds.
func (w *Writer) Time(name string, t time.Time) {
	if !t.IsZero() {
		w.field(name, func() {
			start := w.open(valueTimestamp)
			w.varint(timestampSeconds, uint64(t.Unix()))
			w.varint(timestampNanos, uint64(t.Nanosecond()))
			w.close(start)
		})
	}
}

// Map writes a map, whose fields are what fill writes.
func (w *Writer) Map(name string, fill func()) {
	w.field(name, func() { w.fields(fill) })
}

// Maps writes a list of so many maps.
func (w *Writer) Maps(name string, count int, fill func(i int)) {
	w.list(name, count, func(i int) {
		w.fields(func() { fill(i) })
	})
}

// Ints writes a list of integers.
func (w *Writer) Ints(name string, all []int64) {
	w.list(name, len(all), func(i int) { w.integer(all[i]) })
}

// JSON writes what JSON can hold, unchanged: numbers as [event.NumberOf] has them. Anything else is an error.
func (w *Writer) JSON(name string, value any) {
	w.field(name, func() { w.json(name, value) })
}

func (w *Writer) field(name string, value func()) {
	number := documentFields
	if w.inMap {
		number = mapFields
	}
	entry := w.open(number)
	w.check(name)
	w.bytes(entryKey, name)
	start := w.open(entryValue)
	value()
	w.close(start)
	w.close(entry)
}

func (w *Writer) fields(fill func()) {
	start := w.open(valueMap)
	before := w.inMap
	w.inMap = true
	fill()
	w.inMap = before
	w.close(start)
}

func (w *Writer) list(name string, count int, element func(i int)) {
	if count > 0 {
		w.field(name, func() { w.elements(count, element) })
	}
}

func (w *Writer) elements(count int, element func(i int)) {
	start := w.open(valueArray)
	for i := range count {
		v := w.open(arrayValues)
		element(i)
		w.close(v)
	}
	w.close(start)
}

// json writes a value that is at that place.
func (w *Writer) json(place string, value any) {
	switch v := value.(type) {
	case nil:
		w.null()
	case string:
		w.text(v)
	case bool:
		w.boolean(v)
	case map[string]any:
		w.fields(func() {
			for key, x := range v {
				w.field(key, func() { w.json(place+"."+key, x) })
			}
		})
	case []any:
		w.elements(len(v), func(i int) { w.json(place+"[]", v[i]) })
	default:
		switch n, err := event.NumberOf(value); {
		case err != nil:
			w.err = fmt.Errorf("wire: %s: %T %w", place, value, err)
		case n.IsInteger:
			w.integer(n.Integer)
		default:
			w.b = protowire.AppendTag(w.b, valueDouble, protowire.Fixed64Type)
			w.b = protowire.AppendFixed64(w.b, math.Float64bits(n.Double))
		}
	}
}

func (w *Writer) null() { w.varint(valueNull, 0) }

func (w *Writer) boolean(is bool) { w.varint(valueBoolean, protowire.EncodeBool(is)) }

func (w *Writer) text(s string) {
	w.check(s)
	w.bytes(valueString, s)
}

func (w *Writer) integer(i int64) { w.varint(valueInteger, uint64(i)) }

func (w *Writer) varint(number protowire.Number, v uint64) {
	w.b = protowire.AppendTag(w.b, number, protowire.VarintType)
	w.b = protowire.AppendVarint(w.b, v)
}

func (w *Writer) bytes(number protowire.Number, s string) {
	w.b = protowire.AppendTag(w.b, number, protowire.BytesType)
	w.b = protowire.AppendString(w.b, s)
}

func (w *Writer) check(s string) {
	if !utf8.ValidString(s) {
		w.err = fmt.Errorf("wire: %.100q is not UTF-8", s)
	}
}

// open begins a message within another and leaves one byte for its length, which is enough for most.
func (w *Writer) open(number protowire.Number) (start int) {
	w.b = protowire.AppendTag(w.b, number, protowire.BytesType)
	w.b = append(w.b, 0)
	return len(w.b)
}

// close ends the message that began there.
func (w *Writer) close(start int) {
	size := len(w.b) - start
	if size <= math.MaxInt8 {
		w.b[start-1] = byte(size)
		return
	}
	var length [10]byte
	w.b = slices.Replace(w.b, start-1, start, protowire.AppendVarint(length[:0], uint64(size))...)
}
