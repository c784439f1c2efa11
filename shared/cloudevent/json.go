package cloudevent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"

	"tidings.dev/shared/event"
)

// readBatch reads a JSON array of events (JSON format, section 4).
func readBatch(body []byte) ([]Event, error) {
	parts, err := event.Elements(body)
	if err != nil {
		return nil, err
	}
	var wrong event.FieldErrors
	events := make([]Event, len(parts))
	for i, part := range parts {
		var f event.FieldErrors
		events[i], f = readJSON(part)
		wrong = append(wrong, f.At(i)...)
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return events, nil
}

// readJSON reads one event (JSON format, sections 2 and 3). The order of its members has no meaning.
func readJSON(body []byte) (e Event, f event.FieldErrors) {
	if f = event.CheckJSON(body); len(f) > 0 {
		return e, f
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		f.Add("(request body)", "is no JSON object; a CloudEvent was expected")
		return e, f
	}
	all := attributes{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if raw := members[name]; name != "data" && name != "data_base64" && checkName(&f, name) && string(raw) != "null" {
			all.set(&f, name, raw)
		}
	}
	e = all.event(&f)
	e.Data = dataOf(&f, members, e.ContentType)
	return e, f
}

// set takes a member that is an attribute: a string, or for an extension also true, false or an integer of 32 bits.
func (a attributes) set(f *event.FieldErrors, name string, raw json.RawMessage) {
	var text string
	own := slices.ContainsFunc(checks, func(c check) bool { return c.name == name })
	_, err := strconv.ParseInt(string(raw), 10, 32)
	switch {
	case json.Unmarshal(raw, &text) == nil:
		if checkText(f, name, text) {
			a[name] = text
			return
		}
	case own:
		f.Add(name, "is no JSON string; a string was expected")
	case string(raw) == "true" || string(raw) == "false" || err == nil:
		return
	default:
		f.Add(name, "is no attribute's value; a string, true, false or an integer of 32 bits was expected")
	}
	a.refused(name)
}

// dataOf is the data of an event in JSON (section 3.1.2): what is in data_base64 is decoded, what is in data is JSON, or a text where the
// content type is another one.
func dataOf(f *event.FieldErrors, members map[string]json.RawMessage, contentType string) []byte {
	inline, encoded := members["data"], members["data_base64"]
	if string(encoded) == "null" {
		encoded = nil
	}
	var text string
	switch {
	case inline != nil && encoded != nil:
		f.Add("data_base64", "stands beside data; send one of the two")
	case encoded != nil:
		data, err := decodeBase64(encoded)
		if err != nil {
			f.Add("data_base64", "is no text in Base64")
		}
		return data
	case inline != nil && isJSON(contentType):
		return bytes.TrimSpace(inline)
	case inline != nil && json.Unmarshal(inline, &text) == nil:
		return []byte(text)
	case inline != nil:
		f.Add("data", "is no JSON string; that is how data of the type %q is written", clip(contentType))
	}
	return nil
}

func decodeBase64(raw json.RawMessage) ([]byte, error) {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		return nil, errors.New("no string")
	}
	return base64.StdEncoding.Strict().DecodeString(*text)
}
