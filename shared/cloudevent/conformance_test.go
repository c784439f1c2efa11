package cloudevent

import (
	"net/http"
	"strings"
	"testing"
)

// TestThePublishedCases tries what github.com/cloudevents/conformance asks of a receiver, case by case under its name there, with events of
// our own: format/json (all of its four files), features/http-protocol-binding.feature, and yaml/v1.0 (each case in all three modes). Left out
// are what is not HTTP with JSON (Kafka, Protocol Buffers, XML), and version 0.3.
func TestThePublishedCases(t *testing.T) {
	t.Parallel()
	t.Run("invalid-events", func(t *testing.T) { hold(t, invalidEvents) })
	t.Run("valid-events", func(t *testing.T) { hold(t, validEvents) })
	t.Run("batches", func(t *testing.T) { hold(t, batches) })
	t.Run("http", func(t *testing.T) { hold(t, overHTTP()) })
}

// not is a case whose event must be refused by the name of one field.
func not(id, field string, changes ...string) requirement {
	return requirement{id, media(inJSON), structured(changes...), nil, []string{field}}
}

var invalidEvents = []requirement{
	not("invalidNoSpecVersion", "specversion", "specversion", ""),
	not("invalidNoId", "id", "id", ""),
	not("invalidNoType", "type", "type", ""),
	not("invalidNoSource", "source", "source", ""),
	not("invalidTimeGarbage", "time", "time", `"tea time"`),
	not("invalidTimeToMinute", "time", "time", `"2018-04-05T17:31Z"`),
	not("invalidTimeOffsetX", "time", "time", `"2018-04-05T17:31:00X"`),
	not("invalidTimeOffsetOutOfRange", "time", "time", `"2018-04-05T17:31:00+25:00"`),
	not("invalidTimeOffsetNonInteger", "time", "time", `"2018-04-05T17:31:00+xx:00"`),
	not("invalidTimeOffsetHourOnly", "time", "time", `"2018-04-05T17:31:00+05"`),
	not("invalidEmptyId", "id", "id", `""`),
	not("invalidEmptyType", "type", "type", `""`),
	not("invalidEmptySource", "source", "source", `""`),
	not("invalidEmptySpecVersion", "specversion", "specversion", `""`),
	not("invalidUnknownSpecVersion", "specversion", "specversion", `"0.9"`),
	not("invalidNonRfc2046DataContentType", "datacontenttype", "datacontenttype", `"json"`),
	not("invalidEmptyDataContentType", "datacontenttype", "datacontenttype", `""`),
	not("invalidEmptyDataSchema", "dataschema", "dataschema", `""`),
	not("invalidEmptySubject", "subject", "subject", `""`),
	not("invalidNumericId", "id", "id", "17"),
	not("invalidObjectId", "id", "id", `{"a":"b"}`),
	not("invalidCapitalizedExtension", "ShopName", "ShopName", `"x"`),
	not("invalidPunctuatedExtension", "shop.name", "shop.name", `"x"`),
	not("invalidNonIntegerExtensionValue", "shopnumber", "shopnumber", "1.5"), // the published one is refused by its name already
	not("invalidBothDataAndDataBase64", "data_base64", "data", `"x"`, "data_base64", `"e30="`),
}

const (
	nulls = `,"datacontenttype":null,"dataschema":null,"subject":null,"time":null}`
	core  = `,"datacontenttype":"text/plain","dataschema":"https://shop.example/order","subject":"s","time":"2018-04-05T17:31:00Z"}`
	every = `,"exti":-7,"extb":false,"exts":"x","extu":"https://shop.example","extr":"//shop.example/x","extt":"2024-02-29T09:30:00Z","extd":"c2hvcA=="}`
)

func with(members string) string { return strings.TrimSuffix(structured(), "}") + members }

func allCore(e *Event) { e.ContentType, e.Subject, e.Time = "text/plain", "s", at }

func when(id, s string) requirement {
	moment := func(e *Event) { e.Time = at }
	return requirement{id, media(inJSON), structured("time", `"`+s+`"`), one(moment), nil}
}

var validEvents = []requirement{
	{"validMinimal", media(inJSON), structured(), one(bare), nil},
	{"validMinimalWithNullForOptional", media(inJSON), with(nulls), one(bare), nil},
	{"validAllCoreAttributes", media(inJSON), with(core), one(allCore), nil},
	when("validMinimalWithTimeUtc", "2018-04-05T17:31:00Z"),
	when("validMinimalWithTimeToNanosecondsUtc", "2018-04-05T17:31:00.000000000Z"),
	when("validMinimalWithTimeUsingPositiveOffset", "2018-04-05T18:31:00+01:00"),
	when("validMinimalWithTimeUsingNegativeOffset", "2018-04-05T16:31:00-01:00"),
	{"validRelativeSource", media(inJSON), structured("source", `"#part"`), one(func(e *Event) { e.Source = "#part" }), nil},
	{"validSimpleTextData", media(inJSON), structured("datacontenttype", `"text/plain"`, "data", `"A text"`), one(func(e *Event) { e.ContentType, e.Data = "text/plain", []byte("A text") }), nil},
	{"validAllExtensionTypes", media(inJSON), with(every), one(bare), nil},
}

var batches = []requirement{
	{"invalidBatchMixedSpecVersions", media(inBatch), "[" + structured() + "," + structured("specversion", `"0.9"`) + "]", nil, []string{"specversion"}},
	{"invalidBatchContainingInvalidCloudEvent", media(inBatch), "[" + structured("id", "") + "]", nil, []string{"id"}},
	{"invalidBatchContainingNonObject", media(inBatch), `["x",` + structured() + "]", nil, []string{"(request body)"}},
	{"validBatchEmpty", media(inBatch), "[]", []Event{}, nil},
	{"validBatchMinimal", media(inBatch), "[" + structured() + "]", one(bare), nil},
	{"validBatchMinimal2", media(inBatch), "[" + structured() + "," + structured() + "]", append(one(bare), one(bare)...), nil},
	{"validBatchMinimalAndAllCore", media(inBatch), "[" + structured() + "," + with(core) + "]", append(one(bare), one(allCore)...), nil},
	{"validBatchMinimalAndAllExtensionTypes", media(inBatch), "[" + structured() + "," + with(every) + "]", append(one(bare), one(bare)...), nil},
}

// overHTTP are the scenarios of the HTTP binding, and the six events of yaml/v1.0, whose data survives each mode.
func overHTTP() (all []requirement) {
	for _, charset := range []string{"", "; charset=utf-8"} {
		contentType := "application/json" + charset
		read := func(contentType string) []Event {
			return one(func(e *Event) { e.Time, e.ContentType, e.Data = at, contentType, []byte(`{"a": "b"}`) })
		}
		h := binary("Ce-Time", "2018-04-05T17:31:00Z", "Content-Type", contentType)
		all = append(all,
			requirement{"binary" + charset, h, `{"a": "b"}`, read(contentType), nil},
			requirement{"structured" + charset, media(inJSON + charset), structured("time", `"2018-04-05T17:31:00Z"`, "datacontenttype", `"application/json"`, "data", `{"a": "b"}`), read("application/json"), nil},
		)
	}
	for id, c := range map[string]struct{ contentType, inBody, inMember string }{
		"conformance-0001": {"text/plain; charset=us-ascii", "Good day", `"Good day"`},
		"conformance-0002": {"text/plain; charset=utf-8", "Good day, 🌍", `"Good day, 🌍"`},
		"conformance-0003": {"application/json; charset=utf-8", `"Good day, 🌍"`, `"Good day, 🌍"`},
		"conformance-0004": {"application/json; charset=utf-8", `{"say":"🌍"}`, `{"say":"🌍"}`},
		"conformance-0005": {"application/json; charset=utf-8", `["Good day","🌍"]`, `["Good day","🌍"]`},
		"conformance-0006": {"application/xml; charset=utf-8", "<say>🌍</say>", `"<say>🌍</say>"`},
	} {
		read := one(func(e *Event) { e.ContentType, e.Data = c.contentType, []byte(c.inBody) })
		event := structured("datacontenttype", `"`+c.contentType+`"`, "data", c.inMember)
		for mode, r := range map[string]requirement{
			"binary":     {header: binary("Content-Type", c.contentType), body: c.inBody},
			"structured": {header: media(inJSON), body: event},
			"batched":    {header: http.Header{"Content-Type": {inBatch}}, body: "[" + event + "]"},
		} {
			r.section, r.want = id+" "+mode, read
			all = append(all, r)
		}
	}
	return all
}
