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

// Decode reads one event as a producer writes it. It is strict: a field that does not exist is refused by name, with the
// nearest one that does, because a misspelt field would otherwise be lost without a word. The error is a [FieldErrors].
func Decode(raw []byte) (Event, error) {
	var e Event
	if err := decodeObject(raw, "", &e); err != nil {
		return Event{}, err
	}
	return e, nil
}

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

// decodeObject fills into from a JSON object, after checking its keys and those of the objects inside against the fields.
func decodeObject(raw []byte, path string, into any) error {
	var f FieldErrors
	if err := checkKeys(raw, path, reflect.TypeOf(into).Elem(), &f); err != nil {
		return err
	}
	if len(f) > 0 {
		return f
	}
	err := json.Unmarshal(raw, into)
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return FieldErrors{{Field: orBody(wrong.Field), Detail: fmt.Sprintf("is a JSON %s; %s was expected", wrong.Value, kindName(wrong.Type))}}
	}
	if f.badTimes(raw); len(f) > 0 {
		return f
	}
	return syntax(err)
}

// checkKeys walks raw beside the type that will receive it and notes every key that has no field.
func checkKeys(raw []byte, path string, t reflect.Type, f *FieldErrors) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return FieldErrors{{Field: orBody(strings.TrimSuffix(path, ".")), Detail: fmt.Sprintf("is a JSON %s; an object was expected", wrong.Value)}}
		}
		return syntax(err)
	}
	for _, key := range twice(raw) {
		f.Add(path+clip(key), "is there twice; which of the two is meant?")
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = t.Field(i).Type
	}
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		ft, ok := fields[key]
		switch {
		case !ok:
			f.Add(path+clip(key), "is not a field of an event; did you mean %q?", path+Nearest(key, maps.Keys(fields)))
		case string(object[key]) == "null" || ft.PkgPath() == "time":
		case ft.Kind() == reflect.Struct:
			if err := checkKeys(object[key], path+key+".", ft, f); err != nil {
				return err
			}
		case ft.Kind() == reflect.Slice && ft.Elem().Kind() == reflect.Struct:
			var parts []json.RawMessage
			_ = json.Unmarshal(object[key], &parts) // what is no array is told by the decoding proper
			for i, part := range parts {
				if err := checkKeys(part, fmt.Sprintf("%s%s[%d].", path, key, i), ft.Elem(), f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// twice lists the keys that stand in the object more than once: of two values encoding/json keeps the last without a word.
func twice(raw []byte) (keys []string) {
	seen := map[string]int{}
	d := json.NewDecoder(bytes.NewReader(raw))
	_, _ = d.Token() // what is no valid object has been refused before
	for d.More() {
		var value json.RawMessage
		token, _ := d.Token()
		if key, ok := token.(string); !ok || d.Decode(&value) != nil {
			return keys
		} else if seen[key]++; seen[key] == 2 {
			keys = append(keys, key)
		}
	}
	return keys
}

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
