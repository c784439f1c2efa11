package cloudevent

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tidings.dev/shared/event"
)

// readBinary reads an event whose attributes are headers and whose data is the body (HTTP binding, section 3.1).
func readBinary(header http.Header, body []byte) (e Event, f event.FieldErrors) {
	all := attributes{}
	for _, key := range slices.Sorted(maps.Keys(header)) {
		name, isAttribute := strings.CutPrefix(strings.ToLower(key), "ce-")
		if !isAttribute {
			continue
		}
		if name == "datacontenttype" {
			f.Add(name, "stands in the header Ce-Datacontenttype; in binary mode it is the header Content-Type")
			continue
		}
		if !checkName(&f, name) {
			continue
		}
		if len(header[key]) > 1 {
			f.Add(name, "is there %d times; which one is meant?", len(header[key]))
			all.refused(name)
			continue
		}
		value, err := headerValue(header[key][0])
		if err != nil {
			f.Add(name, "%v", err)
		} else if checkText(&f, name, value) {
			all[name] = value
			continue
		}
		all.refused(name)
	}
	if media := header.Get("Content-Type"); media != "" {
		all["datacontenttype"] = media
	}
	e = all.event(&f)
	if len(body) > 0 {
		e.Data = body
	}
	return e, f
}

// headerValue decodes the value of a header (HTTP binding, section 3.1.3.2): first what stands between double quotes, where a backslash
// escapes the next character, then percent-encoding, once.
func headerValue(s string) (string, error) {
	s, err := unquote(s)
	if err != nil {
		return "", err
	}
	if !strings.Contains(s, "%") {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) || hex(s[i+1]) < 0 || hex(s[i+2]) < 0 {
			return "", errors.New("has a % that two hexadecimal digits do not follow; send %25 for the character itself")
		}
		b.WriteByte(byte(hex(s[i+1])<<4 | hex(s[i+2])))
		i += 2
	}
	return b.String(), nil
}

func unquote(s string) (string, error) {
	if !strings.Contains(s, `"`) {
		return s, nil
	}
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	if quoted {
		return "", errors.New("has a double quote that is not closed; send %22 for the character itself")
	}
	return b.String(), nil
}

// hex is the value of a hexadecimal digit, or -1.
func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
