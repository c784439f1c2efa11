// Package cloudevent reads CloudEvents 1.0 from HTTP requests: the HTTP protocol binding in its three modes, with the JSON event format
// and the JSON batch format (github.com/cloudevents/spec, version 1.0.2). It takes what the specification says is an event, and refuses
// anything else by the name of the attribute. What the data means is for the caller to say.
package cloudevent

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"tidings.dev/shared/event"
)

// Event is one CloudEvent. What is optional is "" or zero where it is absent. Extension attributes are checked and then left out:
// nothing here asks for them.
type Event struct {
	ID, Source, Type string
	Subject          string
	Time             time.Time
	ContentType      string // of the data: its datacontenttype; absent is application/json
	Data             []byte // as the content type says; nil is absent
}

// Mode is how a request brings events (HTTP binding, section 3).
type Mode int

// The modes.
const (
	None        Mode = iota // it brings no CloudEvent
	Binary                  // one, its attributes in headers
	Structured              // one, as JSON
	Batched                 // several, as JSON
	Unsupported             // one or several, in a format that is not JSON
)

// ModeOf looks at a request's headers. A request without a media type of CloudEvents is one in binary mode if it has any of the
// headers that a CloudEvent must have.
func ModeOf(header http.Header) Mode {
	media, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case media == "application/cloudevents+json":
		return Structured
	case media == "application/cloudevents-batch+json":
		return Batched
	case strings.HasPrefix(media, "application/cloudevents"):
		return Unsupported
	}
	for _, name := range required {
		if len(header.Values("Ce-"+name)) > 0 {
			return Binary
		}
	}
	return None
}

// Read reads the events of a request that [ModeOf] knows. The error is an [event.FieldErrors], by the index of the event where they
// come as a batch, which is taken whole or not at all and has at most [event.MaxList] events. It may be empty.
func Read(header http.Header, body []byte) ([]Event, error) {
	var e Event
	var f event.FieldErrors
	switch mode := ModeOf(header); mode {
	case Binary:
		e, f = readBinary(header, body)
	case Structured:
		e, f = readJSON(body)
	case Batched:
		return readBatch(body)
	default:
		return nil, fmt.Errorf("cloudevent: a request of mode %d", mode)
	}
	if len(f) > 0 {
		return nil, f
	}
	return []Event{e}, nil
}

// JSON is the event's data, if it is JSON.
func (e *Event) JSON() ([]byte, error) {
	var f event.FieldErrors
	switch {
	case !isJSON(e.ContentType):
		f.Add("datacontenttype", "is %q; application/json was expected", clip(e.ContentType))
	case len(e.Data) == 0:
		f.Add("data", "is missing")
	default:
		return e.Data, nil
	}
	return nil, f
}

// isJSON reports whether a content type declares JSON (JSON format, section 3.1.1).
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	_, sub, _ := strings.Cut(media, "/")
	return contentType == "" || err == nil && (sub == "json" || strings.HasSuffix(sub, "+json"))
}

var required = []string{"specversion", "id", "source", "type"}

// attributes are those of one event, as text; what is null or absent is not in it.
type attributes map[string]string

// event makes an event of attributes, which are of the right type each.
func (a attributes) event(f *event.FieldErrors) (e Event) {
	for _, name := range required {
		if _, ok := a[name]; !ok {
			f.Add(name, "is missing; a CloudEvent has specversion, id, source and type")
		}
	}
	for _, c := range checks {
		value, ok := a[c.name]
		switch {
		case !ok || value == refused:
		case value == "":
			f.Add(c.name, "is empty; give it a value or leave it out")
		case c.is != nil && !c.is(value):
			f.Add(c.name, "is %q; %s was expected", clip(value), c.expected)
		}
	}
	e = Event{ID: a["id"], Source: a["source"], Type: a["type"], Subject: a["subject"], ContentType: a["datacontenttype"]}
	if at, ok := a["time"]; ok {
		e.Time, _ = event.ParseTime(at)
	}
	return e
}

// refused stands for a value that is refused already, so that nothing else is said of it. It has a character that no value has.
const refused = "\x00"

func (a attributes) refused(name string) { a[name] = refused }

// check is what the specification asks of the value of one of its own attributes, besides not being empty.
type check struct {
	name     string
	expected string
	is       func(string) bool
}

var checks = []check{
	{"specversion", "1.0", func(s string) bool { return s == "1.0" }},
	{"id", "", nil},
	{"source", "a URI reference such as \"/shop\"" + encoded, isURIReference},
	{"type", "", nil},
	{"subject", "", nil},
	{"time", "an RFC 3339 time such as \"2026-11-21T09:30:00Z\"", func(s string) bool { _, err := event.ParseTime(s); return err == nil }},
	{"datacontenttype", "a media type such as \"application/json\", in UTF-8,", isMediaType},
	{"dataschema", "an absolute URI such as \"https://shop.example/order.json\"" + encoded, isURI},
}

// isMediaType takes the charsets whose bytes are UTF-8.
func isMediaType(s string) bool {
	media, params, err := mime.ParseMediaType(s)
	charset := strings.ToLower(params["charset"])
	return err == nil && strings.Contains(media, "/") && (charset == "" || charset == "utf-8" || charset == "us-ascii")
}

// checkName checks the name of an attribute (specification, Naming Conventions).
func checkName(f *event.FieldErrors, name string) bool {
	bad := name == "" || name == "data" || strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if bad {
		f.Add(clip(name), "cannot be an attribute; lower-case letters and digits were expected")
	}
	return !bad
}

// checkText checks the characters of a value (specification, Type System).
func checkText(f *event.FieldErrors, name, value string) bool {
	if !utf8.ValidString(value) {
		f.Add(name, "is not UTF-8")
		return false
	}
	for _, r := range value {
		if unicode.IsControl(r) || r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE {
			f.Add(name, "has a control character or one that Unicode excludes (%s); remove it", strconv.QuoteRuneToASCII(r))
			return false
		}
	}
	return true
}

// clip keeps a foreign value quotable in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// Target is what a subject "order/1001" names: the id up to its end, of that type, within the source. It is zero for other subjects.
func (e *Event) Target() event.Target {
	kind, id, ok := strings.Cut(e.Subject, "/")
	if !ok || kind == "" || id == "" {
		return event.Target{}
	}
	return event.Target{Type: kind, ID: id, Source: e.Source}
}
