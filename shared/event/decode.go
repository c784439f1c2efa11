package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
)

// MaxList is how many events one request may bring.
const MaxList = 100

// Decode reads one event as a producer writes it. It is strict: a field that does not exist is refused by name, with the
// nearest one that does, because a misspelt field would otherwise be lost without a word. The error is a [FieldErrors].
func Decode(raw []byte) (Event, error) {
	var e Event
	err := json.Unmarshal(raw, &e)
	if broken := new(json.SyntaxError); errors.As(err, &broken) {
		return Event{}, syntax(err)
	}
	var f FieldErrors
	f.keys(raw, "", reflect.TypeFor[Event]())
	if len(f) > 0 {
		return Event{}, f
	}
	if err == nil {
		return e, nil
	}
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return Event{}, FieldErrors{{Field: orBody(wrong.Field), Detail: fmt.Sprintf("is a JSON %s; %s was expected", wrong.Value, kindName(wrong.Type))}}
	}
	if f.badTimes(raw); len(f) > 0 {
		return Event{}, f
	}
	return Event{}, syntax(err)
}

// Read reads an event as this system has written it, fields that this version does not know included.
func Read(raw []byte, e *Event) error { return json.Unmarshal(raw, e) }

// DecodeList reads a JSON array of events, or a single event as a list of one; isList tells which it was. Each event's
// problems carry its index.
func DecodeList(raw []byte) (events []Event, isList bool, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' {
		e, err := Decode(raw)
		return []Event{e}, false, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, true, syntax(err)
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

// count checks how many events a request has.
func (f *FieldErrors) count(n int) {
	if n == 0 || n > MaxList {
		f.Add(orBody(""), "has %d events; 1 to %d were expected", n, MaxList)
	}
}

// keys walks raw, which is JSON, beside the type that receives it, and notes every key that has no field, or that stands in its
// object more than once: of two values encoding/json keeps the last without a word.
func (f *FieldErrors) keys(raw []byte, path string, t reflect.Type) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, _ := d.Token(); open != json.Delim('{') {
		f.Add(orBody(strings.TrimSuffix(path, ".")), "is a JSON %s; an object was expected", kindOf(raw))
		return
	}
	object, times := map[string]json.RawMessage{}, map[string]int{}
	var all []string
	for d.More() {
		var value json.RawMessage
		token, _ := d.Token()
		key, _ := token.(string)
		_ = d.Decode(&value)
		switch times[key]++; times[key] {
		case 1:
			all = append(all, key)
		case 2:
			f.Add(path+clip(key), "is there twice; which of the two is meant?")
		}
		object[key] = value
	}
	slices.Sort(all)
	for _, key := range all {
		value := object[key]
		ft, ok := fieldsOf[t][key]
		switch {
		case !ok:
			f.Add(path+clip(key), "is not a field of an event; did you mean %q?", path+Nearest(key, maps.Keys(fieldsOf[t])))
		case string(value) == "null":
		case fieldsOf[ft] != nil:
			f.keys(value, path+key+".", ft)
		case ft.Kind() == reflect.Slice && fieldsOf[ft.Elem()] != nil:
			var parts []json.RawMessage
			_ = json.Unmarshal(value, &parts) // what is no array is told by the decoding proper
			for i, part := range parts {
				f.keys(part, fmt.Sprintf("%s%s[%d].", path, key, i), ft.Elem())
			}
		}
	}
}

// fieldsOf are those of an event, and of what is inside it, by type and JSON name.
var fieldsOf = func() map[reflect.Type]map[string]reflect.Type {
	all := map[reflect.Type]map[string]reflect.Type{}
	for _, t := range []reflect.Type{reflect.TypeFor[Event](), reflect.TypeFor[Actor](), reflect.TypeFor[Target](), reflect.TypeFor[Action]()} {
		all[t] = map[string]reflect.Type{}
		for i := range t.NumField() {
			name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			all[t][name] = t.Field(i).Type
		}
	}
	return all
}()

// badTimes names the time that did not parse: encoding/json leaves the field out of that one error.
func (f *FieldErrors) badTimes(raw []byte) {
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields)
	for _, name := range []string{"time", "sendAt", "expiresAt"} {
		var e Event
		one, _ := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		if fields[name] != nil && json.Unmarshal(one, &e) != nil {
			f.Add(name, "is %s; an RFC 3339 time such as \"2026-11-21T09:30:00Z\" was expected", clip(string(fields[name])))
		}
	}
}

func syntax(err error) error {
	var s *json.SyntaxError
	if errors.As(err, &s) {
		return FieldErrors{{Field: orBody(""), Detail: fmt.Sprintf("is not JSON: %v at byte %d", s, s.Offset)}}
	}
	return FieldErrors{{Field: orBody(""), Detail: "is not an event: " + err.Error()}}
}

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
	case reflect.Float64:
		return "a number that fits 64 bits"
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
