package event

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encoding/json changes two things without a word: what is not UTF-8, or half of a surrogate pair, becomes U+FFFD, and of two values
// under one name it keeps the last. What a producer sent would not be what is stored, so both are found in the raw text, by field.

// CheckJSON returns what is wrong with JSON before anybody looks at what it means: that it is no JSON, and the places at which
// encoding/json would change it.
func CheckJSON(raw []byte) (f FieldErrors) {
	var whole json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		return WrongJSON(err)
	}
	f.unchanged(raw, "", 0)
	return f
}

// unchanged notes every place at which encoding/json would change the value, which is JSON at that level of nesting. What lies
// deeper than data may go is refused for that.
func (f *FieldErrors) unchanged(raw []byte, path string, level int) {
	if level > MaxDepth+2 {
		return
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	open, _ := d.Token()
	switch open {
	case json.Delim('{'):
		times := map[string]int{}
		for d.More() {
			from := d.InputOffset()
			token, _ := d.Token()
			key, _ := token.(string)
			at := inObject(path, key)
			if path == "" {
				at = clip(key)
			}
			if times[key]++; changes(raw[from:d.InputOffset()]) {
				f.Add(at, "has a name with %s", notText)
			} else if times[key] == 2 {
				f.Add(at, "is there twice; which of the two is meant?")
			}
			var value json.RawMessage
			_ = d.Decode(&value)
			f.unchanged(value, at, level+1)
		}
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			var value json.RawMessage
			_ = d.Decode(&value)
			f.unchanged(value, path+"["+strconv.Itoa(i)+"]", level+1)
		}
	default:
		if changes(raw) {
			f.Add(orBody(path), "has %s", notText)
		}
	}
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
