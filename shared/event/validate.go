package event

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// FieldError says what is wrong with one field, and what was expected instead.
type FieldError struct {
	Field  string `json:"field"`           // as written in JSON: "target.url", "recipients[3]"
	Detail string `json:"detail"`          // a sentence that says what to do
	Index  *int   `json:"index,omitempty"` // which event of a batch; nil for a single one
}

// FieldErrors is all that is wrong with a request, in the order of its fields. It is an error when it is not empty.
type FieldErrors []FieldError

func (f FieldErrors) Error() string {
	parts := make([]string, len(f))
	for i, e := range f {
		parts[i] = e.Field + ": " + e.Detail
		if e.Index != nil {
			parts[i] = fmt.Sprintf("event %d: %s", *e.Index, parts[i])
		}
	}
	return strings.Join(parts, "; ")
}

// ForLog is the text of an error as a log may have it: names of fields that are not ours, which whoever sent the event chose, are quoted
// like every other text of theirs.
func ForLog(err error) string {
	var f FieldErrors
	if !errors.As(err, &f) {
		return err.Error()
	}
	quoted := slices.Clone(f)
	for i := range quoted {
		if !isOurs(f[i].Field) {
			quoted[i].Field = strconv.Quote(f[i].Field)
		}
	}
	return strings.Replace(err.Error(), f.Error(), quoted.Error(), 1)
}

// index is the place of an element in a list, in a path of fields.
var index = regexp.MustCompile(`\[\d+\]`)

// ofEvents are the types of which an event is made.
var ofEvents = []reflect.Type{reflect.TypeFor[Event](), reflect.TypeFor[Actor](), reflect.TypeFor[Target](), reflect.TypeFor[Action]()}

// isOurs reports whether each step of a path is a field of an event.
func isOurs(path string) bool {
	if strings.HasPrefix(path, "(") { // (request body)
		return true
	}
	for step := range strings.SplitSeq(index.ReplaceAllString(path, ""), ".") {
		if !slices.ContainsFunc(ofEvents, func(t reflect.Type) bool { return fieldsOf(t)[step] != nil }) {
			return false
		}
	}
	return true
}

// MaxProblems is how many problems are told of an event: a request of a hundred thousand wrong fields must not get an answer, and a log
// line, of a hundred times its size.
const MaxProblems = 50

// Add notes a problem of the field, if there are not too many already.
func (f *FieldErrors) Add(field, format string, args ...any) {
	if f.isFull() {
		return
	}
	*f = append(*f, FieldError{Field: field, Detail: fmt.Sprintf(format, args...)})
}

// isFull reports whether no further problem is told, so that there is no need to look for any.
func (f FieldErrors) isFull() bool { return len(f) >= MaxProblems }

// At marks every problem as one of the event at index i of a batch.
func (f FieldErrors) At(i int) FieldErrors {
	for k := range f {
		f[k].Index = &i
	}
	return f
}

// Within names each field as one inside another: "recipients" is "data.recipients", and the whole is "data".
func (f FieldErrors) Within(outer string) FieldErrors {
	for k := range f {
		if f[k].Field == orBody("") {
			f[k].Field = outer
		} else {
			f[k].Field = outer + "." + f[k].Field
		}
	}
	return f
}

// Validate returns all that is wrong with the event by itself, or nil. What its type asks for is the catalogue's
// to say. It looks at the recipients as the producer wrote them, so call it before [Event.Normalize], and at texts as people will
// see them, so call it after [Event.Clean].
//
// A time may be long past: what counts from it is the order of events and the window they fall into, while an item lives from its
// acceptance. It may be [MaxAhead] in the future, since clocks differ, or as long after sendAt. For sendAt itself there is
// [Event.ValidateSendAt], since messages are validated here too, whenever they come.
func (e *Event) Validate(now time.Time) FieldErrors {
	var f FieldErrors
	f.text("id", e.ID, required|inBytes, MaxID)
	f.text("source", e.Source, required|inBytes, MaxID)
	f.text("type", e.Type, required|inBytes, MaxID)
	f.text("groupKey", e.GroupKey, inBytes, MaxID)
	if ahead := e.Time.Sub(now); ahead > MaxAhead && e.Time.Sub(e.SendAt) > MaxAhead {
		f.Add("time", "lies %s in the future; at most %s is allowed for clocks that differ, or until sendAt", ahead.Round(time.Second), MaxAhead)
	} else if !e.Time.IsZero() && e.Time.Unix() < 0 {
		f.Add("time", "lies before 1970; leave it out or name the time when it happened")
	}
	if e.Actor != (Actor{}) {
		f.uid("actor.id", e.Actor.ID)
		f.text("actor.name", e.Actor.Name, 0, MaxName)
		f.url("actor.imageUrl", e.Actor.ImageURL)
	}
	if e.Target != (Target{}) {
		f.text("target.type", e.Target.Type, required|inBytes, MaxID)
		f.text("target.id", e.Target.ID, required|inBytes, MaxID)
		f.text("target.source", e.Target.Source, inBytes, MaxID)
		f.text("target.title", e.Target.Title, 0, MaxTitle)
		f.url("target.url", e.Target.URL)
	}
	f.recipients(e)
	f.announcement(e, now)
	f.text("instance", e.Instance, inBytes, MaxID)
	switch {
	case len(e.Except) > 0 && !e.Retract:
		f.Add("except", "stands beside an event that takes nothing back; it names what a retraction leaves")
	case len(e.Except) > MaxExcept:
		f.Add("except", "has %d entries; at most %d are allowed", len(e.Except), MaxExcept)
	default:
		for i, instance := range e.Except {
			f.text(fmt.Sprintf("except[%d]", i), instance, inBytes, MaxID)
		}
	}
	if e.Priority != "" && e.Priority.Rank() < 0 {
		f.Add("priority", "is %q; one of urgent, high, medium, low was expected", clip(string(e.Priority)))
	}
	f.text("title", e.Title, 0, MaxTitle)
	f.text("body", e.Body, multiline, MaxBody)
	f.actions(e.Actions)
	f.data(e.Data)
	if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(now) {
		f.Add("expiresAt", "is past (%s); leave it out or name a later time", e.ExpiresAt.Format(time.RFC3339))
	} else if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(e.SendAt) {
		f.Add("expiresAt", "is not after sendAt; leave it out or name a time after %s", e.SendAt.Format(time.RFC3339))
	} else if !e.ExpiresAt.IsZero() && !e.ExpiresAt.After(e.Time) {
		f.Add("expiresAt", "is not after the event's own time")
	} else if e.ExpiresAt.UTC().Year() > 9999 {
		f.Add("expiresAt", "lies beyond the year 9999, in UTC; leave it out or name an earlier time")
	}
	return f
}

func (f *FieldErrors) recipients(e *Event) {
	switch {
	case len(e.Recipients) > 0 && e.Audience != "":
		f.Add("audience", "stands beside recipients; name one of the two")
	case len(e.Recipients) > MaxRecipients:
		f.Add("recipients", "has %d entries; at most %d are allowed, larger circles are an audience", len(e.Recipients), MaxRecipients)
		return
	}
	for i, uid := range e.Recipients {
		f.uid(fmt.Sprintf("recipients[%d]", i), uid)
	}
	if e.Audience != "" {
		f.uid("audience", e.Audience)
	}
}

func (f *FieldErrors) actions(actions []Action) {
	if len(actions) > MaxActions {
		f.Add("actions", "has %d entries; at most %d are allowed", len(actions), MaxActions)
		return
	}
	ids := map[string]bool{}
	for i, a := range actions {
		at := func(name string) string { return fmt.Sprintf("actions[%d].%s", i, name) }
		f.text(at("id"), a.ID, required|inBytes, MaxID)
		if ids[a.ID] {
			f.Add(at("id"), "%q is there twice; the ids of one event's actions differ", clip(a.ID))
		}
		ids[a.ID] = true
		f.text(at("label"), a.Label, required, MaxName)
		f.url(at("url"), a.URL)
		if a.Style != "" && a.Style != "primary" && a.Style != "danger" {
			f.Add(at("style"), "is %q; primary, danger or nothing was expected", clip(a.Style))
		}
		f.text(at("webhook"), a.Webhook, inBytes, MaxID)
	}
}

type textRule int

const (
	required  textRule = 1 << iota
	multiline          // may have line breaks and tabs
	inBytes            // the limit counts bytes: machines read it
)

// text checks a string that people read or that identifies something: present where required, at most limit characters
// (or bytes), valid UTF-8 (a header can bring what is not, and Pub/Sub refuses it), and without control characters, which have no place in a name and hide what follows them in logs.
func (f *FieldErrors) text(field, s string, rule textRule, limit int) {
	if s == "" {
		if rule&required != 0 {
			f.Add(field, "is missing")
		}
		return
	}
	n, unit := utf8.RuneCountInString(s), "characters"
	if rule&inBytes != 0 {
		n, unit = len(s), "bytes"
	}
	switch {
	case !utf8.ValidString(s):
		f.Add(field, "is not UTF-8")
		return
	case n > limit:
		f.Add(field, "has %d %s; at most %d are allowed", n, unit, limit)
		return
	}
	bad := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && (rule&multiline == 0 || r != '\n' && r != '\t')
	})
	if bad >= 0 {
		r, _ := utf8.DecodeRuneInString(s[bad:])
		f.Add(field, "has a control character (%q) at byte %d; remove it", r, bad)
	}
}

// uid checks the name of a person or an audience, which is a segment of a Firestore path.
func (f *FieldErrors) uid(field, s string) {
	before := len(*f)
	f.text(field, s, required, MaxUID)
	if len(*f) > before {
		return
	}
	if len(s) > MaxUID || strings.Contains(s, "/") || s == "." || s == ".." || strings.HasPrefix(s, "__") {
		f.Add(field, "%q cannot be an id: at most %d bytes, no '/', not '.' or '..', no leading '__'", clip(s), MaxUID)
	}
}

// url takes absolute http(s) addresses and paths of the product itself: whatever else a link can be (javascript:, data:, a
// scheme-relative //host) would run or lead somewhere that the recipient did not expect.
func (f *FieldErrors) url(field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	path := err == nil && u.Scheme == "" && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.Contains(s, `\`)
	switch {
	case len(s) > MaxURL:
		f.Add(field, "has %d bytes; at most %d are allowed", len(s), MaxURL)
	case !web && !path || !utf8.ValidString(s):
		f.Add(field, "is %q; an http(s) address or a path that begins with one '/' was expected", clip(s))
	}
}

// clip keeps a foreign value quotable in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
