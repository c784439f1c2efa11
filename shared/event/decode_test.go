package event

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeReadsEveryField(t *testing.T) {
	t.Parallel()
	got, err := Decode([]byte(`{
		"id": "1", "source": "shop", "type": "post.liked", "time": "2026-11-21T09:30:00Z",
		"actor": {"id": "alice", "name": "Alice", "imageUrl": "/alice.png"},
		"target": {"type": "post", "id": "42", "source": "/shop", "title": "Holiday", "url": "/posts/42"},
		"recipients": ["bob"], "audience": "topic-news", "retract": true, "instance": "db-a", "except": ["db-b"], "priority": "high", "groupKey": "k",
		"title": "T", "body": "B", "actions": [{"id": "a", "label": "L", "url": "/a", "style": "danger"}],
		"data": {"n": 1.5, "s": "x", "deep": {"list": [null, true]}},
		"sendAt": "2026-11-21T10:00:00Z", "expiresAt": "2026-11-22T09:30:00+01:00"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Event{
		ID: "1", Source: "shop", Type: "post.liked", Time: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC),
		Actor:      Actor{ID: "alice", Name: "Alice", ImageURL: "/alice.png"},
		Target:     Target{Type: "post", ID: "42", Source: "/shop", Title: "Holiday", URL: "/posts/42"},
		Recipients: []string{"bob"}, Audience: "topic-news", Retract: true, Instance: "db-a", Except: []string{"db-b"}, Priority: High, GroupKey: "k",
		Title: "T", Body: "B", Actions: []Action{{ID: "a", Label: "L", URL: "/a", Style: "danger"}},
		Data:   map[string]any{"n": json.Number("1.5"), "s": "x", "deep": map[string]any{"list": []any{nil, true}}},
		SendAt: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2026, 11, 22, 8, 30, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// A field added to Event must be added here too, or nothing shows that producers can set it.
	for field, value := range reflect.ValueOf(got).Fields() {
		if value.IsZero() {
			t.Errorf("%s is not in the example", field.Name)
		}
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw, field, detail string
	}{
		{"broken JSON", `{"id": `, "(request body)", "is not JSON"},
		{"nothing", ``, "(request body)", "is not JSON"},
		{"text after the event", `{} {}`, "(request body)", "is not JSON"},
		{"a string", `"hello"`, "(request body)", "an object was expected"},
		{"a misspelt field", `{"recipient": ["bob"]}`, "recipient", `did you mean "recipients"?`},
		{"a field in other letters", `{"Type": "info"}`, "Type", `did you mean "type"?`},
		{"a misspelt field of the actor", `{"actor": {"ID": "a"}}`, "actor.ID", `did you mean "actor.id"?`},
		{"a misspelt field of an action", `{"actions": [{"id": "a", "label": "A"}, {"lable": "B"}]}`, "actions[1].lable", `did you mean "actions[1].label"?`},
		{"a misspelt field behind its twin", `{"actor": {"nmae": "A"}, "actor": {"id": "a"}}`, "actor", "is there twice"},
		{"a field twice", `{"id": "a", "id": "b"}`, "id", "is there twice"},
		{"a field three times", `{"id": "a", "id": "b", "id": "c"}`, "id", "is there twice"},
		{"null", `null`, "(request body)", "is a JSON null; an object was expected"},
		{"null for an action", `{"actions": [null]}`, "actions[0]", "is a JSON null; an object was expected"},
		{"a number for a string", `{"title": 5}`, "title", "a string was expected"},
		{"a string for an array", `{"recipients": "bob"}`, "recipients", "an array was expected"},
		{"a number among strings", `{"recipients": ["bob", 5]}`, "recipients[1]", "a string was expected"},
		{"a string for a truth", `{"retract": "yes"}`, "retract", "true or false was expected"},
		{"a string for an object", `{"actor": "alice"}`, "actor", "an object was expected"},
		{"an array for an object", `{"data": []}`, "data", "an object was expected"},
		{"an object for an array", `{"actions": {}}`, "actions", "an array was expected"},
		{"a number in an array of objects", `{"actions": [7]}`, "actions[0]", "an object was expected"},
		{"a date for a time", `{"time": "2026-11-21"}`, "time", "RFC 3339"},
		{"a number for a time", `{"expiresAt": 1700000000}`, "expiresAt", "RFC 3339"},
		{"an impossible time", `{"sendAt": "2026-02-30T00:00:00Z"}`, "sendAt", "RFC 3339"},
		{"a field twice, in data", `{"data": {"a": 1, "b": {"c": 1, "c": 2}}}`, "data.b.c", "is there twice"},
		{"half a surrogate pair", `{"id": "a\ud800"}`, "id", "surrogate"},
		{"the other half", `{"title": "\uDC00\uD800"}`, "title", "surrogate"},
		{"two first halves", `{"title": "\ud83d\ud83d\ude00"}`, "title", "surrogate"},
		{"half a pair and another escape", `{"title": "\ud83d\n"}`, "title", "surrogate"},
		{"half a pair in a list", `{"recipients": ["bob", "\udfff"]}`, "recipients[1]", "surrogate"},
		{"half a pair in data", `{"data": {"list": [{"x": "\ud800"}]}}`, "data.list[0].x", "surrogate"},
		{"half a pair in a name", `{"data": {"\ud800": 1}}`, `data["` + "\ufffd" + `"]`, "name"},
		{"bytes that are no text", "{\"groupKey\": \"\xff\"}", "groupKey", "not UTF-8"},
		{"a time in words, in small letters", `{"time": "2026-11-21t25:00:00z"}`, "time", "RFC 3339"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Decode([]byte(test.raw))
			var f FieldErrors
			if !errors.As(err, &f) {
				t.Fatalf("got %v, want FieldErrors", err)
			}
			if len(f) != 1 || f[0].Field != test.field || !strings.Contains(f[0].Detail, test.detail) || f[0].Index != nil {
				t.Errorf("got %+v, want %s … %s", f, test.field, test.detail)
			}
		})
	}
}

func TestDecodeTellsAllUnknownFieldsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Decode([]byte(`{"tilte": "a", "boddy": "b", "target": {"urll": "/"}}`))
	var got []string
	var f FieldErrors
	errors.As(err, &f)
	for _, e := range f {
		got = append(got, e.Field)
	}
	if want := []string{"boddy", "target.urll", "tilte"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDecodeCutsHostileValuesInMessages(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"` + strings.Repeat("x", 100_000) + `": 1}`,
		`{"time": "` + strings.Repeat("é", 50_000) + `"}`,
	} {
		_, err := Decode([]byte(raw))
		if err == nil || len(err.Error()) > 600 {
			t.Errorf("got a message of %d bytes for %.20s…", len(err.Error()), raw)
		}
	}
}

func TestDecodeListNamesTheEventByIndex(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw string
		isList    bool
		events    int
		errors    []string // "index field", or "field" where there is no index
	}{
		{"one event", `{"id": "a"}`, false, 1, nil},
		{"one event with blanks around", "\n {} \t", false, 1, nil},
		{"a list", `[{"id": "a"}, {"id": "b"}]`, true, 2, nil},
		{"a list with blanks before", " \n[{}]", true, 1, nil},
		{"an empty list", `[]`, true, 0, []string{"(request body)"}},
		{"100 events", "[" + strings.Repeat("{},", 99) + "{}]", true, 100, nil},
		{"101 events", "[" + strings.Repeat("7,", 100) + "{}]", true, 0, []string{"(request body)"}},
		{"a single bad one", `{"nope": 1}`, false, 0, []string{"nope"}},
		{"bad ones among good ones", `[{"nope": 1}, {}, {"time": 3}, {"id": 4}]`, true, 0, []string{"0 nope", "2 time", "3 id"}},
		{"a list in a list", `[[]]`, true, 0, []string{"0 (request body)"}},
		{"a broken list", `[{}, `, true, 0, []string{"(request body)"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			events, isList, err := DecodeList([]byte(test.raw))
			var f FieldErrors
			errors.As(err, &f)
			if isList != test.isList {
				t.Errorf("isList: got %t, want %t", isList, test.isList)
			}
			if err == nil && len(events) != test.events {
				t.Errorf("events: got %d, want %d", len(events), test.events)
			}
			if got := fields(f); !slices.Equal(got, test.errors) {
				t.Errorf("errors: got %v, want %v", got, test.errors)
			}
		})
	}
}

func TestNearestIsTheFewestEditsAway(t *testing.T) {
	t.Parallel()
	names := maps.Keys(map[string]bool{"id": true, "title": true, "target": true, "time": true, "type": true})
	for misspelt, want := range map[string]string{"tilte": "title", "TIME": "time", "tyep": "type", "targets": "target", "ids": "id", "": "id"} {
		if got := Nearest(misspelt, names); got != want {
			t.Errorf("%q: got %q, want %q", misspelt, got, want)
		}
	}
}

func TestDecodeTakesWhatLooksWrongButIsNot(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	for raw, want := range map[string]Event{
		`{"title": "\ud83d\ude00 \\ud800 \uFFFD \u2028\u2029"}`: {Title: "😀 \\ud800 \uFFFD \u2028\u2029"},
		`{"time": "2026-11-21t09:30:00z"}`:                      {Time: at},
		`{"expiresAt": "2026-11-21t10:30:00.000+01:00"}`:        {ExpiresAt: at},
		`{"time": null, "data": null}`:                          {},
	} {
		got, err := Decode([]byte(raw))
		got.ExpiresAt = got.ExpiresAt.UTC()
		if got.ExpiresAt.IsZero() {
			got.ExpiresAt = time.Time{}
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", raw, err, diff)
		}
	}
}

func TestErrorsNameNoTypesOfGo(t *testing.T) {
	t.Parallel()
	var into struct {
		A string
		B []struct{ C int }
		D map[string]bool
		E time.Time
	}
	for _, raw := range []string{"", "{", "7", `{"a": 1}`, `{"b": [{"c": "x"}]}`, `{"b": {}}`, `{"b": [{"c": 1.5}]}`, `{"d": {"x": 1}}`, `{"e": 7}`, `{"e": "soon"}`} {
		for name, err := range map[string]error{"Unmarshal": WrongJSON(json.Unmarshal([]byte(raw), &into)), "Decode": func() error { _, err := Decode([]byte(raw)); return err }()} {
			if said := err.Error(); said == "" || strings.Contains(said, "Go ") || strings.Contains(said, "struct") || strings.Contains(said, "time.Time") {
				t.Errorf("%s of %s: %s", name, raw, said)
			}
		}
	}
}

func TestDeepNestingCostsNothing(t *testing.T) {
	t.Parallel()
	for levels, field := range map[int]string{1_000: "data.a.a", 9_000: "data"} {
		deep := strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
		e, err := Decode([]byte(`{"id": "1", "source": "s", "type": "t", "recipients": ["b"], "data": ` + deep + `}`))
		if err == nil {
			if f := e.Validate(now); len(f) > 0 {
				err = f
			}
		}
		if f, ok := err.(FieldErrors); !ok || len(f) != 1 || !strings.HasPrefix(f[0].Field, field) || len(err.Error()) > 300 {
			t.Errorf("got %v", err)
		}
	}
}

// TestDataIsReadAsEncodingJSONReadsIt, with the digits of its numbers, however it is written.
func TestDataIsReadAsEncodingJSONReadsIt(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		`{}`, ` { } `, `{"a":1}`, "{\n\t\"a\" : 1.50 , \"b\":-0e+1 }", `{"a":null,"b":true,"c":false}`, `{"a":[],"b":[ ],"c":{},"d":""}`,
		`{"a":[1,[2,{"b":[null,"x"]}]],"c":{"d":{"e":12345678901234567890}}}`, `{"ü":"\u00fc \ud83d\ude00 \"\\\/\b\f\n\r\t"}`, `{"\u0061":"a","a b":"}{][,:"}`,
		`{"a":1,"a":{"b":1},"a":{"c":2}}`, `null`,
	} {
		var e Event
		if err := Read([]byte(`{"data":`+data+`}`), &e); err != nil {
			t.Errorf("%s: %v", data, err)
		}
		var want map[string]any
		d := json.NewDecoder(strings.NewReader(data))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(e.Data, want) {
			t.Errorf("%s: got %v, want %v", data, e.Data, want)
		}
	}
	for _, data := range []string{`[]`, `"x"`, `1`, `true`} {
		if err := Read([]byte(`{"data":`+data+`}`), new(Event)); err == nil || !strings.HasPrefix(WrongJSON(err).Error(), "data: is a JSON ") {
			t.Errorf("%s: got %v", data, err)
		}
	}
}
