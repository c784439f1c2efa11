package event

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What Firestore keeps of data as it was sent. The limits are its own (firebase.google.com/docs/firestore/quotas): a document's
// maps and lists nest to 20 levels, of which data itself is the first; the names from data down to a value have 1,500 bytes.
const (
	MaxDepth = 20
	MaxPath  = 1_500
)

// data checks that Firestore can hold the data, and changes nothing of it.
func (f *FieldErrors) data(data map[string]any) {
	if len(data) == 0 {
		return
	}
	before := len(*f)
	f.object(data, "data", len("data"), 1)
	if len(*f) > before {
		return
	}
	if raw, err := json.Marshal(data); err != nil {
		f.Add("data", "cannot be written as JSON")
	} else if len(raw) > MaxData {
		f.Add("data", "is %d bytes as JSON; at most %d are allowed", len(raw), MaxData)
	}
}

// object checks a map whose names, from "data" on, have that many bytes, and which lies at that level.
func (f *FieldErrors) object(object map[string]any, path string, size, level int) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		at, size := inObject(path, key), size+1+len(key)
		switch {
		case key == "":
			f.Add(at, "has an empty name; give it one")
		case !utf8.ValidString(key):
			f.Add(at, "has a name that is not UTF-8")
		case len(key) >= 4 && strings.HasPrefix(key, "__") && strings.HasSuffix(key, "__"):
			f.Add(at, "has a name that begins and ends with \"__\"; Firestore reserves those, choose another")
		case size > MaxPath:
			f.Add(at, "has names of %d bytes from \"data\" on; at most %d are allowed", size, MaxPath)
		default:
			f.value(object[key], at, size, level)
		}
	}
}

// value checks a value that lies at that level.
func (f *FieldErrors) value(value any, path string, size, level int) {
	switch v := value.(type) {
	case map[string]any:
		if f.fits(path, level+1) {
			f.object(v, path, size, level+1)
		}
	case []any:
		if !f.fits(path, level+1) {
			return
		}
		for i, x := range v {
			at := path + "[" + strconv.Itoa(i) + "]"
			if _, nested := x.([]any); nested {
				f.Add(at, "is a list in a list, which Firestore cannot hold; put an object between them, or send it as text")
			} else {
				f.value(x, at, size, level+1)
			}
		}
	case string:
		if !utf8.ValidString(v) {
			f.Add(path, "is not UTF-8")
		}
	case json.Number, float64, int, int64:
		if _, err := NumberOf(v); err != nil {
			f.Add(path, "%v", err)
		}
	case bool, nil:
	default:
		f.Add(path, "is of a kind that JSON does not have")
	}
}

func (f *FieldErrors) fits(path string, level int) bool {
	if level > MaxDepth {
		f.Add(path, "lies deeper than %d levels of objects and lists, data among them; flatten it, or send it as text", MaxDepth)
	}
	return level <= MaxDepth
}

// inObject is the path of a member: "data.a", or "data[\"a b\"]" where the name is no plain word.
func inObject(path, key string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-'
	}
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !plain(r) }) {
		return clip(path) + fmt.Sprintf("[%q]", clip(key))
	}
	return clip(path) + "." + clip(key)
}
