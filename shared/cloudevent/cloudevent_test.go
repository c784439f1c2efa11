package cloudevent

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

var at = time.Date(2018, 4, 5, 17, 31, 0, 0, time.UTC)

// structured is an event as JSON, with members added, changed or, with the value "", left out.
func structured(changes ...string) string {
	members := []string{"specversion", `"1.0"`, "id", `"1"`, "source", `"/shop"`, "type", `"order.placed"`}
	for i := 0; i < len(changes); i += 2 {
		if k := slices.Index(members, changes[i]); k >= 0 {
			members[k+1] = changes[i+1]
		} else {
			members = append(members, changes[i:i+2]...)
		}
	}
	var parts []string
	for i := 0; i < len(members); i += 2 {
		if members[i+1] != "" {
			parts = append(parts, `"`+members[i]+`":`+members[i+1])
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// binary are the headers of an event, changed in the same way.
func binary(changes ...string) http.Header {
	h := http.Header{"Ce-Specversion": {"1.0"}, "Ce-Id": {"1"}, "Ce-Source": {"/shop"}, "Ce-Type": {"order.placed"}}
	for i := 0; i < len(changes); i += 2 {
		h[changes[i]] = strings.Split(changes[i+1], "|")
	}
	return h
}

func media(contentType string) http.Header { return http.Header{"Content-Type": {contentType}} }

const (
	inJSON  = "application/cloudevents+json"
	inBatch = "application/cloudevents-batch+json"
)

// requirement is what a MUST of the specification says of one request.
type requirement struct {
	section string
	header  http.Header
	body    string
	want    []Event  // what is read
	refused []string // or the fields that are named
}

func hold(t *testing.T, all []requirement) {
	for _, r := range all {
		t.Run(r.section, func(t *testing.T) {
			t.Parallel()
			got, err := Read(r.header, []byte(r.body))
			var f event.FieldErrors
			errors.As(err, &f)
			var names []string
			for _, one := range f {
				names = append(names, one.Field)
			}
			if diff := cmp.Diff(r.want, got); diff != "" {
				t.Errorf("read (-want +got):\n%s%v", diff, err)
			}
			if !slices.Equal(names, r.refused) {
				t.Errorf("refused %v, want %v: %v", names, r.refused, err)
			}
		})
	}
}

func one(change func(*Event)) []Event {
	e := Event{ID: "1", Source: "/shop", Type: "order.placed"}
	change(&e)
	return []Event{e}
}

func bare(*Event) {}

// Each MUST that concerns a receiver in the HTTP protocol binding, 1.0.2.
func TestTheHTTPBinding(t *testing.T) {
	t.Parallel()
	subject := func(s string) []Event { return one(func(e *Event) { e.Subject = s }) }
	json := func(e *Event) { e.Data = []byte(`{"a":1}`) }
	hold(t, []requirement{
		{"1.4 the JSON event format", media(inJSON), structured("data", `{"a":1}`), one(json), nil},
		{"2.2 data is the bytes that the content type declares", binary("Content-Type", "text/plain"), "{", one(func(e *Event) { e.ContentType, e.Data = "text/plain", []byte("{") }), nil},
		{"3 the mode is the content type's, structured", media("Application/CloudEvents+JSON; charset=UTF-8"), structured(), one(bare), nil},
		{"3 the mode is the content type's, batched", media(inBatch + ";charset=utf-8"), "[" + structured() + "]", one(bare), nil},
		{"3 what does not adhere to all of this is no event", binary("Ce-Specversion", ""), "", nil, []string{"specversion"}},
		{"3.1.1 Content-Type is datacontenttype", binary("Content-Type", "application/json; charset=utf-8"), `{"a":1}`, one(func(e *Event) { json(e); e.ContentType = "application/json; charset=utf-8" }), nil},
		{"3.1.1 ce-datacontenttype must not be present", binary("Ce-Datacontenttype", "application/json"), "", nil, []string{"datacontenttype"}},
		{"3.1.2 the body is the data", binary(), ` {"a":1}`, one(func(e *Event) { e.Data = []byte(` {"a":1}`) }), nil},
		{"3.1.3 attributes are distinct headers", binary("Ce-Subject", "a|b"), "", nil, []string{"subject"}},
		{"3.1.3 all attributes, extensions too", binary("Ce-Time", "2018-04-05T17:31:00Z", "Ce-Subject", "s", "Ce-Dataschema", "https://x/y", "Ce-Ext1", "x"), "", one(func(e *Event) { e.Subject, e.Time = "s", at }), nil},
		{"3.1.3.1 the prefix ce-, in any letters", http.Header{"CE-specversion": {"1.0"}, "ce-ID": {"1"}, "cE-source": {"/shop"}, "Ce-Type": {"order.placed"}}, "", one(bare), nil},
		{"3.1.3.1 a name is an attribute's name", binary("Ce-My-Ext", "x"), "", nil, []string{"my-ext"}},
		{"3.1.3.1 data is no attribute", binary("Ce-Data", "x"), "", nil, []string{"data"}},

		{"3.1.3.2 the example", binary("Ce-Subject", "Euro%20%E2%82%AC%20%F0%9F%98%80"), "", subject("Euro € 😀"), nil},
		{"3.1.3.2 decoding takes lower case", binary("Ce-Subject", "Euro%20%e2%82%ac"), "", subject("Euro €"), nil},
		{"3.1.3.2 what need not be encoded is taken", binary("Ce-Subject", "%45uro%2f1"), "", subject("Euro/1"), nil},
		{"3.1.3.2 a single round", binary("Ce-Subject", "100%2525"), "", subject("100%25"), nil},
		{"3.1.3.2 double-quoted strings", binary("Ce-Subject", `"Euro € 😀"`), "", subject("Euro € 😀"), nil},
		{"3.1.3.2 a backslash inside of them", binary("Ce-Subject", `"a \"b\" \\ \c"`), "", subject(`a "b" \ c`), nil},
		{"3.1.3.2 a backslash outside of them is one", binary("Ce-Subject", `a\b`), "", subject(`a\b`), nil},
		{"3.1.3.2 quotes first, then percent", binary("Ce-Subject", `"a%22b"`), "", subject(`a"b`), nil},
		{"3.1.3.2 parentheses are no comment", binary("Ce-Subject", "a(b)"), "", subject("a(b)"), nil},
		{"3.1.3.2 an overlong encoding", binary("Ce-Subject", "%C0%A0"), "", nil, []string{"subject"}},
		{"3.1.3.2 half a surrogate pair, encoded", binary("Ce-Subject", "%ED%A0%80"), "", nil, []string{"subject"}},
		{"3.1.3.2 bytes that are not UTF-8", binary("Ce-Id", "a\xff"), "", nil, []string{"id"}},
		{"3.1.3.2 every attribute is decoded, extensions too", binary("Ce-Ext", "%FF"), "", nil, []string{"ext"}},
		{"3.1.3.2 a percent sign alone", binary("Ce-Subject", "100%"), "", nil, []string{"subject"}},
		{"3.1.3.2 a percent sign before other letters", binary("Ce-Subject", "%zz"), "", nil, []string{"subject"}},
		{"3.1.3.2 a quote that is not closed", binary("Ce-Subject", `"a\"`), "", nil, []string{"subject"}},

		{"3.2.1 the content type is the format's", media(inJSON), structured(), one(bare), nil},
		{"3.2.3 the payload decides, whatever the headers say", func() http.Header {
			h := binary("Ce-Id", "other", "Ce-Datacontenttype", "x")
			h.Set("Content-Type", inJSON)
			return h
		}(), structured(), one(bare), nil},
		{"3.3 the JSON batch format", media(inBatch), "[" + structured() + "," + structured("subject", `"s"`) + "]", append(one(bare), subject("s")...), nil},
		{"3.3.2 a batch may be empty", media(inBatch), "[]", []Event{}, nil},
		{"3.3.2 the same specversion", media(inBatch), "[" + structured() + "," + structured("specversion", `"0.3"`) + "]", nil, []string{"specversion"}},
		{"3.3.2 data may be of different types", media(inBatch), "[" + structured("data", "1") + "," + structured("data", `"x"`, "datacontenttype", `"text/plain"`) + "]",
			append(one(func(e *Event) { e.Data = []byte("1") }), one(func(e *Event) { e.ContentType, e.Data = "text/plain", []byte("x") })...), nil},
	})
}

// Each MUST that concerns a receiver in the JSON event format, 1.0.2.
func TestTheJSONFormat(t *testing.T) {
	t.Parallel()
	data := func(contentType, data string) []Event {
		return one(func(e *Event) { e.ContentType, e.Data = contentType, []byte(data) })
	}
	encoded := `"` + base64.StdEncoding.EncodeToString([]byte(`{"a":1}`)) + `"`
	hold(t, []requirement{
		{"2 extensions are top-level members", media(inJSON), structured("ext", `"x"`), one(bare), nil},
		{"2.2 a boolean and an integer", media(inJSON), structured("extb", "true", "exti", "-2147483648"), one(bare), nil},
		{"2.2 only the integer component", media(inJSON), structured("exti", "1.5", "extj", "1e2", "extk", "2147483648"), nil, []string{"exti", "extj", "extk"}},
		{"2.2 no object and no array", media(inJSON), structured("exta", "[]", "exto", "{}"), nil, []string{"exta", "exto"}},
		{"2.2 a string is a string", media(inJSON), structured("id", "25", "type", "{}", "time", "7"), nil, []string{"id", "time", "type"}},
		{"2.2 a timestamp", media(inJSON), structured("time", `"2018-04-05t19:31:00.0+02:00"`), one(func(e *Event) { e.Time = at.In(time.FixedZone("", 7200)) }), nil},
		{"2.2 no timestamp", media(inJSON), structured("time", `"lunchtime"`), nil, []string{"time"}},
		{"2.2 null is unset", media(inJSON), structured("time", "null", "subject", "null", "datacontenttype", "null", "dataschema", "null", "ext", "null"), one(bare), nil},
		{"2.2 null is unset, where it is required", media(inJSON), structured("id", "null"), nil, []string{"id"}},
		{"3 a JSON object", media(inJSON), "[" + structured() + "]", nil, []string{"(request body)"}},
		{"3 no JSON", media(inJSON), "{", nil, []string{"(request body)"}},
		{"3 what is required is a member", media(inJSON), `{}`, nil, []string{"specversion", "id", "source", "type"}},
		{"3 the order of members has no meaning", media(inJSON), `{"data_base64":` + encoded + `,` + structured("datacontenttype", `"application/json"`)[1:], data("application/json", `{"a":1}`), nil},
		{"3 nor with text", media(inJSON), `{"data":"x",` + structured("datacontenttype", `"text/plain"`)[1:], data("text/plain", "x"), nil},
		{"3 which of two members is meant", media(inJSON), `{"id":"2",` + structured()[1:], nil, []string{"id"}},
		{"3.1.1 data or data_base64", media(inJSON), structured("data", "1", "data_base64", encoded), nil, []string{"data_base64"}},
		{"3.1.1 null is a payload", media(inJSON), structured("data", "null"), data("", "null"), nil},
		{"3.1.1 */json and */*+json are JSON", media(inJSON), structured("data", `{"a": 1}`, "datacontenttype", `"text/vnd.x+json;v=1"`), data("text/vnd.x+json;v=1", `{"a": 1}`), nil},
		{"3.1.2 data_base64 is decoded", media(inJSON), structured("data_base64", `"AP8="`, "datacontenttype", `"image/png"`), data("image/png", "\x00\xff"), nil},
		{"3.1.2 data_base64 that is null is absent, as the format's schema has it", media(inJSON), structured("data_base64", "null", "data", "1"), data("", "1"), nil},
		{"3.1.2 data_base64 is base64", media(inJSON), structured("data_base64", `"%%%"`), nil, []string{"data_base64"}},
		{"3.1.2 data_base64 is a string", media(inJSON), structured("data_base64", "7"), nil, []string{"data_base64"}},
		{"3.1.2 a string is a JSON string, and read no further", media(inJSON), structured("data", `"{\"a\":1}"`), data("", `"{\"a\":1}"`), nil},
		{"3.1.2 other data is a string", media(inJSON), structured("data", `"<a/>"`, "datacontenttype", `"application/xml"`), data("application/xml", "<a/>"), nil},
		{"3.1.2 other data that is not a text", media(inJSON), structured("data", "7", "datacontenttype", `"application/xml"`), nil, []string{"data"}},
		{"3.1.2 no datacontenttype is application/json", media(inJSON), structured("data", "[1]"), data("", "[1]"), nil},
		{"4.1 a JSON array", media(inBatch), structured(), nil, []string{"(request body)"}},
		{"4.1 null is not an array", media(inBatch), "null", nil, []string{"(request body)"}},
		{"4.1 of events", media(inBatch), `["x",` + structured() + "]", nil, []string{"(request body)"}},
	})
}

// What the specification itself asks of the attributes, in whatever format they come.
func TestTheAttributes(t *testing.T) {
	t.Parallel()
	hold(t, []requirement{
		{"Naming: small letters and digits", media(inJSON), structured("MyExtension", `"x"`, "my_ext", `"x"`, "", `"x"`), nil, []string{"", "MyExtension", "my_ext"}},
		{"Naming: digits may stand first", media(inJSON), structured("1ext", `"x"`), one(bare), nil},
		{"Type System: no control characters", media(inJSON), structured("id", `"a\u0000b"`, "ext", `"\u009f"`), nil, []string{"ext", "id"}},
		{"Type System: no noncharacters", media(inJSON), structured("subject", `"\ufdd0"`, "ext", `"\udbff\udfff"`), nil, []string{"ext", "subject"}},
		{"Type System: no half surrogate pairs", media(inJSON), structured("subject", `"\udead"`), nil, []string{"subject"}},
		{"Type System: a whole pair is a character", media(inJSON), structured("subject", `"\ud800\udead"`), one(func(e *Event) { e.Subject = "\U000102AD" }), nil},
		{"id, source, type, specversion: not empty", media(inJSON), structured("id", `""`, "source", `""`, "type", `""`, "specversion", `""`), nil, []string{"specversion", "id", "source", "type"}},
		{"source: a URI reference", media(inJSON), structured("source", `"#fragment"`), one(func(e *Event) { e.Source = "#fragment" }), nil},
		{"source: no URI reference", media(inJSON), structured("source", `":"`), nil, []string{"source"}},
		{"source: a blank", media(inJSON), structured("source", `"/a b"`), nil, []string{"source"}},
		{"source: a blank, percent-encoded", media(inJSON), structured("source", `"/a%20b"`), one(func(e *Event) { e.Source = "/a%20b" }), nil},
		{"source: the same in a header, which is decoded once", binary("Ce-Source", "/a%2520b"), "", one(func(e *Event) { e.Source = "/a%20b" }), nil},
		{"source: and encoded once in a header", binary("Ce-Source", "/a%20b"), "", nil, []string{"source"}},
		{"specversion: 1.0", media(inJSON), structured("specversion", `"0.9"`), nil, []string{"specversion"}},
		{"datacontenttype: a media type", media(inJSON), structured("datacontenttype", `"xyz"`), nil, []string{"datacontenttype"}},
		{"datacontenttype: not empty", media(inJSON), structured("datacontenttype", `""`), nil, []string{"datacontenttype"}},
		{"datacontenttype: a charset that we read", media(inJSON), structured("datacontenttype", `"application/json;charset=latin1"`), nil, []string{"datacontenttype"}},
		{"dataschema: a URI", media(inJSON), structured("dataschema", `"x/y"`), nil, []string{"dataschema"}},
		{"dataschema: a blank", media(inJSON), structured("dataschema", `"https://shop.example/a b"`), nil, []string{"dataschema"}},
		{"dataschema: not empty", media(inJSON), structured("dataschema", `""`), nil, []string{"dataschema"}},
		{"subject: not empty", binary("Ce-Subject", ""), "", nil, []string{"subject"}},
		{"time: to the second at least", media(inJSON), structured("time", `"2018-04-05T18:31Z"`), nil, []string{"time"}},
		{"time: an offset that is one", media(inJSON), structured("time", `"2018-04-05T18:31:00+25:00"`), nil, []string{"time"}},
		{"time: an offset with minutes", binary("Ce-Time", "2018-04-05T18:31:00+05"), "", nil, []string{"time"}},
	})
}

func TestTheModeOfARequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header http.Header
		want   Mode
	}{
		"nothing":               {http.Header{}, None},
		"JSON":                  {media("application/json"), None},
		"JSON and other header": {http.Header{"Content-Type": {"application/json"}, "Ce-Ext": {"x"}}, None},
		"binary":                {binary(), Binary},
		"binary, incomplete":    {http.Header{"Ce-Id": {"1"}}, Binary},
		"structured":            {media(inJSON), Structured},
		"batched":               {media(inBatch), Batched},
		"another format":        {media("application/cloudevents+avro"), Unsupported},
		"no format":             {media("application/cloudevents"), Unsupported},
		"another batch":         {media("application/cloudevents-batch+xml"), Unsupported},
	} {
		if got := ModeOf(test.header); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestDataThatIsNoJSONIsNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		e    Event
		want string // the field; "" is JSON
	}{
		{Event{Data: []byte("{}")}, ""},
		{Event{ContentType: "application/vnd.shop.order+json; v=1", Data: []byte("{}")}, ""},
		{Event{ContentType: "text/json", Data: []byte("{}")}, ""},
		{Event{ContentType: "text/plain", Data: []byte("{}")}, "datacontenttype"},
		{Event{}, "data"},
	} {
		_, err := test.e.JSON()
		var f event.FieldErrors
		if errors.As(err, &f); (test.want == "") != (err == nil) || err != nil && f[0].Field != test.want {
			t.Errorf("%+v: got %v, want %s", test.e, err, test.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(inJSON, "%22", []byte(structured("data", `{"a":1}`)))
	f.Add(inBatch, `"\"`, []byte("["+structured("data_base64", `"AP8="`)+"]"))
	f.Add("", "%C0", []byte("{}"))
	f.Fuzz(func(t *testing.T, contentType, id string, body []byte) {
		h := binary("Ce-Id", id)
		h.Set("Content-Type", contentType)
		events, err := Read(h, body)
		for _, e := range events {
			if err != nil || e.ID == "" || e.Source == "" || e.Type == "" {
				t.Errorf("got %+v, %v", e, err)
			}
		}
	})
}
