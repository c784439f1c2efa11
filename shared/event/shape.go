package event

import (
	"encoding/json"
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
		var object map[string]json.RawMessage
		_ = json.Unmarshal(raw, &object)
		for _, key := range slices.Sorted(maps.Keys(object)) {
			s.check(object[key], inObject(path, key), t.Elem())
		}
	case t.Kind() == reflect.Slice:
		var parts []json.RawMessage
		_ = json.Unmarshal(raw, &parts)
		for i, part := range parts {
			s.check(part, fmt.Sprintf("%s[%d]", path, i), t.Elem())
		}
	}
}

// fields checks an object whose names are those of a struct.
func (s *shape) fields(raw []byte, path string, known map[string]reflect.Type) {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(raw, &object)
	if path != "" {
		path += "."
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		t, ok := known[key]
		switch {
		case ok && string(object[key]) == "null": // left out
		case ok:
			s.check(object[key], path+key, t)
		default:
			s.wrong.Add(path+clip(key), "is not a field of %s; did you mean %q?", s.what, path+Nearest(key, maps.Keys(known)))
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
