package event

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"tidings.dev/shared/hostile"
)

// What is wrong with a request costs no more than what is right: neither memory nor, in the answer, words.
func TestHostileRequestsCostLittle(t *testing.T) {
	for where, around := range map[string][2]string{
		"whole": {"", ""}, "data": {`{"type":"info","data":`, "}"}, "data, in a list": {`[{"data":`, "}]"}, "recipients": {`{"recipients":`, "}"}, "actions": {`{"actions":`, "}"}, "a field": {`{"title":`, "}"},
	} {
		hostile.Costs(t, 1<<20, named(where, hostile.JSON(120_000, around[0], around[1])), func(input []byte) {
			_, _, err := DecodeList(input)
			var f FieldErrors
			if errors.As(err, &f) && (len(f) > 2*MaxProblems || len(f.Error()) > 20_000) {
				t.Errorf("%s: %d problems in %d bytes", where, len(f), len(f.Error()))
			}
		})
	}
}

func named(where string, inputs map[string][]byte) map[string][]byte {
	all := map[string][]byte{}
	for what, input := range maps.All(inputs) {
		all[where+": "+what] = input
	}
	return all
}

func TestWhatIsTooMuchIsNamed(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"recipients: has 2001 entries":   `{"recipients":[` + strings.Repeat(`"a",`, 2_000) + `"a"]}`,
		"data: is 12290 bytes":           `{"data": {"a" : "` + strings.Repeat("x", 12_282) + `" }}`,
		"data: has 1001 names":           `{"data":{` + manyNames(1_001) + `}}`,
		"(request body): has 101 events": "[" + strings.Repeat("{},", 100) + "{}]",
		"(request body): has 1001 names": "{" + manyNames(1_001) + "}",
		"actions[0]: is a JSON number":   `{"actions":[1]}`,
		"data[\"\\\"\"]: is there twice": `{"data":{"\"":1,"\u0022":2}}`,
	} {
		if _, _, err := DecodeList([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %.300v, want … %s …", err, want)
		}
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"` + strings.Repeat("x", 1+i/26) + string(rune('a'+i%26)) + `":1`)
		if i < n-1 {
			b.WriteByte(',')
		}
	}
	return b.String()
}
