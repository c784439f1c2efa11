package event

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// CheckShape returns every place at which JSON does not fit the type that receives it: a name that has no field, with the nearest one that
// does, a value of another kind, a time that is not of RFC 3339. raw must be JSON; what names the whole for people ("an event"). encoding/json would
// drop the first without a word, and tell only one of the others.
func CheckShape(raw []byte, into reflect.Type, what string) FieldErrors {
	s := shape{what: what}
	s.check(raw, "", into)
	return s.wrong
}

type shape struct {
	what  string
	wrong FieldErrors
}

func (s *shape) check(raw []byte, path string, t reflect.Type) {
	if t.Kind() == reflect.Pointer { // what may be missing
		t = t.Elem()
	}
	kind := kindOf(raw)
	switch {
	case t.Kind() == reflect.Interface:
	case t == reflect.TypeFor[time.Time]():
		if new(Moment).UnmarshalJSON(raw) != nil {
			s.wrong.Add(path, "is %s; an RFC 3339 time such as \"2026-11-21T09:30:00Z\" was expected", clip(string(raw)))
		}
	case kind != jsonKind(t):
		s.wrong.Add(orBody(path), "is a JSON %s; %s was expected", kind, kindName(t))
	case t.Kind() == reflect.Struct:
		s.fields(raw, path, fieldsOf(t))
	case t.Kind() == reflect.Map && t.Elem().Kind() != reflect.Interface:
		for _, m := range membersOf(raw) {
			s.check(m.value, inObject(path, m.name), t.Elem())
		}
	case t.Kind() == reflect.Map:
		if n := written(raw); n > MaxData*longestEscape { // which takes many times that once it is read
			s.wrong.Add(path, "is %d bytes as JSON; at most %d are allowed", n, MaxData)
		}
	case t.Kind() == reflect.Slice:
		s.list(raw, path, t.Elem())
	}
}

// maxEntries is how many entries a list has that is looked at: twice as many as any list may have.
const maxEntries = 2 * MaxRecipients

func (s *shape) list(raw []byte, path string, t reflect.Type) {
	if n := count(raw); n > maxEntries {
		s.wrong.Add(path, "has %d entries; at most %d are allowed", n, MaxRecipients)
		return
	}
	for c, i := inside(raw), 0; ; i++ {
		part, ok := c.next()
		if !ok {
			return
		}
		s.check(part, fmt.Sprintf("%s[%d]", path, i), t)
	}
}

// longestEscape is how many bytes one byte of a text can be in JSON: the A of \u0041.
const longestEscape = 6

// written is how many bytes JSON has without the white space between its values.
func written(raw []byte) (n int) {
	for i := skip(raw, 0); i < len(raw); i = skip(raw, i) {
		to := i + 1
		if raw[i] == '"' {
			to = end(raw, i)
		}
		n, i = n+to-i, to
	}
	return n
}

// member is one of an object.
type member struct {
	name  string
	value []byte
}

// membersOf are an object's members in the order of their names, each once, as it is there last; at most MaxNames.
func membersOf(raw []byte) []member {
	all := make([]member, 0, 12) // as most have
	for c := inside(raw); len(all) < MaxNames; {
		name, ok := c.next()
		if !ok {
			break
		}
		value, _ := c.next()
		all = append(all, member{string(said(name)), value})
	}
	slices.SortStableFunc(all, func(a, b member) int { return strings.Compare(a.name, b.name) })
	last := all[:0]
	for i, m := range all {
		if i+1 == len(all) || all[i+1].name != m.name {
			last = append(last, m)
		}
	}
	return last
}

// fields checks an object whose names are those of a struct.
func (s *shape) fields(raw []byte, path string, known map[string]reflect.Type) {
	if path != "" {
		path += "."
	}
	for _, m := range membersOf(raw) {
		t, ok := known[m.name]
		switch {
		case s.wrong.isFull(): // to find what a name was meant to be costs more than to read it
			return
		case ok && string(m.value) == "null": // left out
		case ok:
			s.check(m.value, path+m.name, t)
		default:
			s.wrong.Add(path+clip(m.name), "is not a field of %s; did you mean %q?", s.what, path+Nearest(m.name, maps.Keys(known)))
		}
	}
}

// knownFields remembers fieldsOf by type: every event is checked against the same few.
var knownFields sync.Map

// fieldsOf are the fields of a struct by their names in JSON, for reading only.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if known, ok := knownFields.Load(t); ok {
		return known.(map[string]reflect.Type)
	}
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields[name] = t.Field(i).Type
	}
	knownFields.Store(t, fields)
	return fields
}

// jsonKind is what a value of the type is in JSON.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Slice:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	default:
		return "number"
	}
}
