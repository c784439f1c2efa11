// Package hostile has input that costs a decoder as much as input can, and measures what it costs: for tests of whatever reads what anybody
// may send.
package hostile

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// JSON are texts of about so many bytes each, by what is hard about them. Prefix and suffix stand around each: `{"data":` and `}` put it into
// a field.
func JSON(size int, prefix, suffix string) map[string][]byte {
	size -= len(prefix) + len(suffix)
	all := map[string][]byte{}
	for what, text := range map[string]string{
		"a long text":             `"` + strings.Repeat("x", size) + `"`,
		"a text of escapes":       `"` + strings.Repeat(`\u0041`, size/6) + `"`,
		"a long number":           strings.Repeat("1", size),
		"white space":             strings.Repeat(" ", size) + "1",
		"a list of numbers":       "[" + strings.Repeat("1,", size/2) + "1]",
		"a list of empty texts":   "[" + strings.Repeat(`"",`, size/3) + `""]`,
		"a list of lists":         "[" + strings.Repeat("[],", size/3) + "[]]",
		"a list of objects":       "[" + strings.Repeat("{},", size/3) + "{}]",
		"a list of nulls":         "[" + strings.Repeat("null,", size/5) + "null]",
		"lists in lists":          nested("[", "]", size/2),
		"lists in lists, open":    strings.Repeat("[", min(size, 9_999)),
		"objects in objects":      nested(`{"a":`, "}", size/6),
		"many names":              "{" + names(size, "") + `"last":1}`,
		"names of escapes":        "{" + names(min(size, 12_000), `\u0061`) + `"last":1}`,
		"one name many times":     "{" + strings.Repeat(`"a":1,`, size/6) + `"a":1}`,
		"names in 20 levels":      strings.Repeat(`{"a":`, 19) + `{"a":"` + strings.Repeat("x", max(0, size-120)) + `"}` + strings.Repeat("}", 19),
		"a list below 20 levels":  strings.Repeat(`{"a":`, 19) + "[" + strings.Repeat("1,", max(0, size-120)/2) + "1]" + strings.Repeat("}", 19),
		"no texts in 20 levels":   strings.Repeat(`{"\"":`, 19) + "[" + strings.Repeat(`"\ud800",`, min(9_999, size/10)) + "1]" + strings.Repeat("}", 19),
		"what is not JSON at all": strings.Repeat("\xff", size),
	} {
		all[what] = []byte(prefix + text + suffix)
	}
	return all
}

// nested is a value within so many others; encoding/json takes 10,000 levels.
func nested(open, end string, levels int) string {
	levels = min(levels, 9_000)
	return strings.Repeat(open, levels) + "1" + strings.Repeat(end, levels)
}

// names are members of an object. Each name begins alike; those with an escape in it are as many as an object of ours may have.
func names(size int, begin string) string {
	var b strings.Builder
	for i := 0; b.Len() < size-10; i++ {
		fmt.Fprintf(&b, `"%s%x":1,`, begin, i)
	}
	return b.String()
}

// Allocated is how many bytes the call allocates, all that it frees meanwhile included. It is the least of three runs, since whatever else
// the process does counts too.
func Allocated(call func()) (least uint64) {
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		call()
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; least == 0 || took < least {
			least = took
		}
	}
	return least
}

// Costs fails the test where reading an input allocates more than ten times its size and a constant, in bytes. The constant is for what any
// input costs, an empty one and one of 10,000 open brackets included. The test must not be parallel, since all that the process allocates
// counts.
func Costs(t *testing.T, constant int, inputs map[string][]byte, read func(input []byte)) {
	t.Helper()
	if raced {
		t.Skip("the race detector makes it last a minute, and allocates too; CI has a step without it")
	}
	for what, input := range inputs {
		limit := uint64(10*len(input) + constant)
		if got := Allocated(func() { read(input) }); got > limit {
			t.Errorf("%s: %d bytes cost %d, at most %d were expected", what, len(input), got, limit)
		}
	}
}
