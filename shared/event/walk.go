package event

import (
	"encoding/json"
	"unicode/utf8"
)

// cursor goes through the elements of a list or the members of an object of JSON, which must be valid. It copies nothing: a request of a
// few bytes for each of a hundred thousand elements must not cost a hundred times as many.
type cursor struct {
	raw []byte
	at  int // the next element; len(raw) is the end
}

// inside is a cursor at the first element of a list or an object, or at the end of anything else.
func inside(raw []byte) cursor {
	c := cursor{raw: raw, at: skip(raw, 0)}
	if c.at == len(raw) || raw[c.at] != '[' && raw[c.at] != '{' {
		return cursor{}
	}
	c.at = skip(raw, c.at+1)
	if raw[c.at] == ']' || raw[c.at] == '}' {
		return cursor{}
	}
	return c
}

// next is the next element. Of an object, it is a name and then its value.
func (c *cursor) next() (value []byte, ok bool) {
	if c.at >= len(c.raw) {
		return nil, false
	}
	from := c.at
	to := end(c.raw, from)
	c.at = skip(c.raw, to)
	switch {
	case c.at < len(c.raw) && (c.raw[c.at] == ',' || c.raw[c.at] == ':'):
		c.at = skip(c.raw, c.at+1)
	default:
		c.at = len(c.raw)
	}
	return c.raw[from:to], true
}

// count is how many elements a list has. Of an object, it is twice the number of its members.
func count(raw []byte) (n int) {
	for c := inside(raw); ; n++ {
		if _, ok := c.next(); !ok {
			return n
		}
	}
}

// skip is the first byte from i on that is no white space.
func skip(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	return i
}

// end is where the value ends that begins at i.
func end(raw []byte, i int) int {
	for depth := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth > 0 {
				continue
			}
			for i+1 < len(raw) && !ends(raw[i+1]) {
				i++
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(raw)
}

// ends reports whether a number or a word ends before the byte.
func ends(c byte) bool {
	return c == ',' || c == ']' || c == '}' || c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

// said is what a text of JSON says, as encoding/json reads it. It is a part of the JSON where that says it as it is.
func said(raw []byte) []byte {
	if inner := raw[1 : len(raw)-1]; utf8.Valid(inner) && !hasEscape(inner) {
		return inner
	}
	var s string
	_ = json.Unmarshal(raw, &s) // it is a text
	return []byte(s)
}

func hasEscape(raw []byte) bool {
	for _, c := range raw {
		if c == '\\' {
			return true
		}
	}
	return false
}

// valueOf is what valid JSON says: nil, a bool, a string, a [json.Number], a map[string]any or a []any. Of two values under one name, it is the last.
func valueOf(raw []byte) any {
	switch kindOf(raw) {
	case "object":
		object := map[string]any{}
		for c := inside(raw); ; {
			name, ok := c.next()
			if !ok {
				return object
			}
			value, _ := c.next()
			object[string(said(name))] = valueOf(value)
		}
	case "array":
		list := []any{}
		for c := inside(raw); ; {
			value, ok := c.next()
			if !ok {
				return list
			}
			list = append(list, valueOf(value))
		}
	case "string":
		return string(said(raw))
	case "bool":
		return raw[0] == 't'
	case "null":
		return nil
	default:
		return json.Number(raw)
	}
}

// Extent is the largest number of elements or members that any list or object in valid JSON has, and how deep they lie in one another. It
// tells what reading it will cost: in memory, an element takes a hundred times as much as the two bytes that "1," has.
func Extent(raw []byte) (entries, depth int) {
	var counts []int
	for i := skip(raw, 0); i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = end(raw, i) - 1
		case '[', '{':
			counts = append(counts, 1)
			depth = max(depth, len(counts))
		case ']', '}':
			counts = counts[:len(counts)-1]
		case ',':
			counts[len(counts)-1]++
			entries = max(entries, counts[len(counts)-1])
		}
	}
	return entries, depth
}
