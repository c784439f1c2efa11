package event

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// nested is data whose objects, or objects and lists in turn, have that many levels.
func nested(levels int, lists bool) string {
	s, end := "", ""
	for i := range levels {
		if lists && i%2 == 1 {
			s, end = s+`[`, `]`+end
		} else {
			s, end = s+`{"a":`, `}`+end
		}
	}
	return s + "1" + end
}

func TestDataIsTakenOnlyAsItCanBeStored(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, data string
		want       []string // the fields that are named
	}{
		{"what JSON has", `{"s": "x", "n": null, "t": true, "o": {}, "l": [], "deep": {"list": [{"x": [1]}, null, "y"]}}`, nil},
		{"names with anything in them", `{"a.b": 1, "a b": 1, "é": 1, "a/b": 1, "__": 1, "___": 1, "__a": 1, "a__": 1, "\u0000": "\u0000"}`, nil},
		{"an empty name", `{"": 1, "o": {"": 1}, "l": [{"": 1}]}`, []string{`data[""]`, `data.l[0][""]`, `data.o[""]`}},
		{"reserved names", `{"__x__": 1, "____": 1, "o": {"__type__": 1}, "__a\nb__": 1}`, []string{"data.____", `data["__a\nb__"]`, "data.__x__", "data.o.__type__"}},
		{"a name of 1,495 bytes", `{"` + strings.Repeat("k", 1495) + `": 1}`, nil},
		{"a name of 1,496 bytes", `{"` + strings.Repeat("k", 1496) + `": 1}`, []string{"data." + strings.Repeat("k", 60) + "…"}},
		{"names of 1,501 bytes together", `{"a": {"b": {"` + strings.Repeat("é", 746) + `": 1}}}`, []string{`data.a.b["` + strings.Repeat("é", 60) + `…"]`}},
		{"20 levels", nested(20, false), nil},
		{"20 levels with lists", nested(20, true), nil},
		{"21 levels", nested(21, false), []string{"data" + strings.Repeat(".a", 20)}},
		{"21 levels with lists", nested(21, true), []string{"data" + strings.Repeat(".a[0]", 10)}},
		{"a list in a list", `{"points": [[1, 2], {"a": [[]]}]}`, []string{"data.points[0]", "data.points[1].a[0]"}},
		{"numbers that lose digits", `{"n": [1, 12345678901234567890, 1e400]}`, []string{"data.n[1]", "data.n[2]"}},
		{"2,049 bytes", `{"x": "` + strings.Repeat("x", 2041) + `"}`, []string{"data"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e, err := Decode([]byte(`{"id": "1", "source": "s", "type": "t", "recipients": ["b"], "data": ` + test.data + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := fields(e.Validate(now)); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatOnlyGoHasIsNoData(t *testing.T) {
	t.Parallel()
	e := valid()
	e.Data = map[string]any{"bytes": []byte("x"), "names": []string{"x"}, "small": int8(1), "text": "a\xff", "a\xff": 1}
	if got, want := fields(e.Validate(now)), []string{`data["a\xff"]`, "data.bytes", "data.names", "data.small", "data.text"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumbersKeepTheirValue(t *testing.T) {
	t.Parallel()
	const lost = "lost"
	for text, want := range map[string]string{
		"0": "int 0", "-1": "int -1", "9007199254740993": "int 9007199254740993", "9223372036854775807": "int 9223372036854775807", "-9223372036854775808": "int -9223372036854775808",
		"1.0": "int 1", "1e2": "int 100", "1.5e1": "int 15", "-0.1E+1": "int -1", "0e99999999999999999999": "int 0", "0.0": "int 0",
		"9223372036854775807.0": "int 9223372036854775807", "1e18": "int 1000000000000000000",
		"-0": "double -0", "-0.0": "double -0", "1.5": "double 1.5", "0.1": "double 0.1", "1.10": "double 1.1", "100.250e-1": "double 10.025",
		"1e19": "double 10000000000000000000", "1e21": "double 1000000000000000000000", "3.141592653589793": "double 3.141592653589793", "0.30000000000000004": "double 0.30000000000000004", "5e-324": "double 0." + strings.Repeat("0", 323) + "5",
		"9223372036854775808": lost, "9223372036854775809": lost, "12345678901234567890": lost, "-9223372036854775809": lost, "18446744073709551615": lost, "3.14159265358979323846": lost, "0.1000000000000000000001": lost,
		"1e400": lost, "-1e400": lost, "1e-400": lost, "1e99999999999999999999": lost, "9007199254740992.5": lost, "1.7976931348623159e308": lost,
	} {
		got := lost
		if n, err := NumberOf(json.Number(text)); err == nil {
			got = map[bool]string{true: "int ", false: "double "}[n.IsInteger] + n.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"0", "-0", "1.10", "1e2", "12345678901234567890", "1e-400", "0.1000000000000000055511151231257827"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) || strings.Trim(text, "0123456789+-.eE") != "" {
			return
		}
		n, err := NumberOf(json.Number(text))
		if err != nil {
			return
		}
		again, err := NumberOf(json.Number(n.String()))
		if fmt.Sprint(n) != fmt.Sprint(again) || err != nil {
			t.Errorf("%s is %v, and that is %v, %v", text, n, again, err)
		}
	})
}
