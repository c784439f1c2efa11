package event

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encoding/json changes two things without a word: what is not UTF-8, or half of a surrogate pair, becomes U+FFFD, and of two values
// under one name it keeps the last. What a producer sent would not be what is stored, so both are found in the raw text, by field.

// MaxNames is how many members an object of JSON may have, and maxElements how many elements a list, which is more than any has a use for.
const (
	MaxNames    = 1_000
	maxElements = 10_000
)

// CheckJSON returns what is wrong with JSON before anybody looks at what it means: that it is no JSON, and the places at which
// encoding/json would change it.
func CheckJSON(raw []byte) FieldErrors {
	if !json.Valid(raw) {
		return notJSON(raw)
	}
	return changed(raw)
}

// changed are the places at which encoding/json would change what is valid JSON.
func changed(raw []byte) FieldErrors {
	s := strict{names: make([][]byte, 0, 24)} // as most have
	s.check(raw, 0)
	return s.wrong
}

// strict goes through JSON that is valid. It remembers where it is as it goes, and writes it down only where something is wrong.
type strict struct {
	wrong FieldErrors
	steps [MaxDepth + 3]step // the way to the value, by level
	names [][]byte           // of the objects that it is in, as they are read
}

// step is one step of the way to a value: by a name as it is read, or where that is nil, by an index.
type step struct {
	name  []byte
	index int
}

// check notes the places at which encoding/json would change the value, which is JSON at that level of nesting. What lies
// deeper than data may go is refused for that.
func (s *strict) check(raw []byte, level int) {
	if level > MaxDepth+2 || s.wrong.isFull() {
		return
	}
	switch kindOf(raw) {
	case "object":
		if n := count(raw) / 2; n > MaxNames {
			s.wrong.Add(orBody(s.path(level)), "has %d names; at most %d are allowed in an object", n, MaxNames)
			return
		}
		before := len(s.names)
		for c := inside(raw); ; {
			name, ok := c.next()
			if !ok {
				break
			}
			value, _ := c.next()
			s.name(name, level)
			s.check(value, level+1)
		}
		s.twice(s.names[before:], level)
		s.names = s.names[:before]
	case "array":
		if n := count(raw); n > maxElements {
			s.wrong.Add(orBody(s.path(level)), "has %d entries; at most %d are allowed in a list", n, maxElements)
			return
		}
		for c, i := inside(raw), 0; ; i++ {
			value, ok := c.next()
			if !ok {
				break
			}
			s.steps[level] = step{index: i}
			s.check(value, level+1)
		}
	default:
		if changes(raw) {
			s.wrong.Add(orBody(s.path(level)), "has %s", notText)
		}
	}
}

// name steps to the member of that name, and notes what is wrong with it.
func (s *strict) name(raw []byte, level int) {
	name := said(raw)
	s.steps[level] = step{name: name}
	if changes(raw) {
		s.wrong.Add(s.path(level+1), "has a name with %s", notText)
		return
	}
	s.names = append(s.names, name)
}

// twice notes which of an object's names are there more than once. It sorts them: to compare each with each would take half a million
// looks at a thousand names.
func (s *strict) twice(names [][]byte, level int) {
	slices.SortFunc(names, bytes.Compare)
	for i := 1; i < len(names); i++ {
		if bytes.Equal(names[i], names[i-1]) && (i == 1 || !bytes.Equal(names[i], names[i-2])) {
			s.steps[level] = step{name: names[i]}
			s.wrong.Add(s.path(level+1), "is there twice; which of the two is meant?")
		}
	}
}

// path is the way to the value at that level, as people write it: "data.a[3]".
func (s *strict) path(level int) (path string) {
	for i, step := range s.steps[:level] {
		switch {
		case step.name == nil:
			path += "[" + strconv.Itoa(step.index) + "]"
		case i == 0:
			path = clip(string(step.name))
		default:
			path = inObject(path, string(step.name))
		}
	}
	return path
}

const notText = "bytes that are not UTF-8, or half of a surrogate pair (\\ud800 to \\udfff); it is no text, remove it"

// changes reports whether encoding/json would put U+FFFD into a string of the JSON text.
func changes(raw []byte) bool {
	if !utf8.Valid(raw) {
		return true
	}
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			return false
		}
		if raw[i+1] != 'u' {
			raw = raw[i+2:]
			continue
		}
		unit := surrogate(raw[i:])
		raw = raw[i+6:]
		switch {
		case unit == 0:
		case unit >= 0xDC00 || surrogate(raw) < 0xDC00: // the second half, or a first one without it
			return true
		default:
			raw = raw[6:]
		}
	}
}

// surrogate is the half of a surrogate pair that is escaped at the beginning of the text, or 0.
func surrogate(raw []byte) uint64 {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(strings.ToLower(string(raw[2:6])), 16, 32)
	if err != nil || unit < 0xD800 || unit > 0xDFFF {
		return 0
	}
	return unit
}
