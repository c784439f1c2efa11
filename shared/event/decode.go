package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strings"
	"time"
)

// MaxList is how many events one request may bring.
const MaxList = 100

// Decode reads one event as a producer writes it. It is strict: a field that does not exist is refused by name, with the
// nearest one that does, because a misspelt field would otherwise be lost without a word; so is what would be stored otherwise than it was
// sent. Numbers in data keep their digits, as [json.Number]. The error is a [FieldErrors].
func Decode(raw []byte) (Event, error) {
	if !json.Valid(raw) {
		return Event{}, notJSON(raw)
	}
	if f := append(changed(raw), CheckShape(raw, reflect.TypeFor[Event](), "an event")...); len(f) > 0 {
		return Event{}, f
	}
	var e Event
	if err := Read(raw, &e); err != nil {
		return Event{}, WrongJSON(err)
	}
	return e, nil
}

// UnmarshalJSON reads an event as JSON: its times in small letters too ("2026-11-21t09:30:00z"), which RFC 3339 allows, and the numbers of its data
// with their digits.
func (e *Event) UnmarshalJSON(raw []byte) error {
	type bare Event // without this method
	wire := struct {
		*bare
		Time      *Moment `json:"time"`
		SendAt    *Moment `json:"sendAt"`
		ExpiresAt *Moment `json:"expiresAt"`
		Data      *digits `json:"data"`
	}{(*bare)(e), (*Moment)(&e.Time), (*Moment)(&e.SendAt), (*Moment)(&e.ExpiresAt), (*digits)(&e.Data)}
	return json.Unmarshal(raw, &wire)
}

// digits is an object of JSON whose numbers keep their digits, as [json.Number].
type digits map[string]any

// UnmarshalJSON reads an object.
func (d *digits) UnmarshalJSON(raw []byte) error {
	object, ok := valueOf(raw).(map[string]any)
	if !ok {
		return &json.UnmarshalTypeError{Value: kindOf(raw), Type: reflect.TypeFor[map[string]any]()}
	}
	*d = object
	return nil
}

// Moment is a time as JSON has it, in capital or small letters.
type Moment time.Time

// UnmarshalJSON reads a time of RFC 3339.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	return (*time.Time)(m).UnmarshalJSON(bytes.ToUpper(raw))
}

// Read reads an event as this system has written it, fields that this version does not know included.
func Read(raw []byte, e *Event) error { return e.UnmarshalJSON(raw) } // [json.Unmarshal] would go through it twice

// ParseTime reads a time of RFC 3339, strictly, in capital or small letters.
func ParseTime(s string) (t time.Time, err error) {
	err = t.UnmarshalText([]byte(strings.ToUpper(s)))
	return t, err
}

// DecodeList reads a JSON array of events, or a single event as a list of one; isList tells which it was. Each event's
// problems carry its index.
func DecodeList(raw []byte) (events []Event, isList bool, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		e, err := Decode(raw)
		return []Event{e}, false, err
	}
	parts, err := Elements(raw)
	if err != nil {
		return nil, true, err
	}
	var all FieldErrors
	if all.count(len(parts)); len(all) > 0 {
		return nil, true, all
	}
	for i, part := range parts {
		e, err := Decode(part)
		var f FieldErrors
		if errors.As(err, &f) {
			all = append(all, f.At(i)...)
		}
		events = append(events, e)
	}
	if len(all) > 0 {
		return nil, true, all
	}
	return events, true, nil
}

// Elements are the elements of a JSON array, which may be at most [MaxList]. The error is a [FieldErrors].
func Elements(raw []byte) (parts [][]byte, err error) {
	if !json.Valid(raw) {
		return nil, notJSON(raw)
	}
	var f FieldErrors
	if kind := kindOf(raw); kind != "array" {
		f.Add(orBody(""), "is a JSON %s; an array was expected", kind)
		return nil, f
	}
	if n := count(raw); n > MaxList {
		f.Add(orBody(""), "has %d events; at most %d were expected", n, MaxList)
		return nil, f
	}
	for c := inside(raw); ; {
		part, ok := c.next()
		if !ok {
			return parts, nil
		}
		parts = append(parts, part)
	}
}

// count checks how many events a request has.
func (f *FieldErrors) count(n int) {
	if n == 0 || n > MaxList {
		f.Add(orBody(""), "has %d events; 1 to %d were expected", n, MaxList)
	}
}

// WrongJSON says what encoding/json found wrong, by field and without the names of Go's types.
func WrongJSON(err error) FieldErrors {
	var broken *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &broken):
		return FieldErrors{{Field: orBody(""), Detail: fmt.Sprintf("is not JSON: %v at byte %d", broken, broken.Offset)}}
	case errors.As(err, &kind):
		return FieldErrors{{Field: orBody(strings.TrimPrefix(kind.Field, "bare.")), Detail: fmt.Sprintf("is a JSON %s; %s was expected", kind.Value, kindName(kind.Type))}}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return FieldErrors{{Field: orBody(""), Detail: "is not JSON: it ends early"}}
	}
	return FieldErrors{{Field: orBody(""), Detail: "is JSON of another form than was expected"}}
}

// notJSON says why something is no JSON.
func notJSON(raw []byte) FieldErrors { return WrongJSON(json.Unmarshal(raw, new(json.RawMessage))) }

// orBody names the whole request where there is no field to name.
func orBody(field string) string {
	if field == "" {
		return "(request body)"
	}
	return field
}

// kindOf names what a JSON value is.
func kindOf(raw []byte) string {
	switch raw = bytes.TrimSpace(raw); raw[0] {
	case '{':
		return "object"
	case '"':
		return "string"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	case 'n':
		return "null"
	default:
		return "number"
	}
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	default:
		return "an object"
	}
}

// Nearest is the name that takes the fewest edits to reach from a misspelt one; of several, one of the same length, since
// letters are swapped more often than two others are wrong.
func Nearest(misspelt string, names iter.Seq[string]) string {
	best, least := "", math.MaxInt
	for name := range names {
		d := 2 * distance(strings.ToLower(misspelt), strings.ToLower(name))
		if len(name) != len(misspelt) {
			d++
		}
		if d < least || d == least && name < best {
			best, least = name, d
		}
	}
	return best
}

// distance is Levenshtein's: the insertions, deletions and substitutions from a to b.
func distance(a, b string) int {
	if len(a) > 64 { // a hostile key must not cost anything
		a = a[:64]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
