package github_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tidings.dev/functions/internal/door/sourcetest"
)

// odd is what a field may hold against all expectation.
var odd = []any{nil, true, -1, 1e300, "", " ", "\x00\u202e\n", "é/ö\\..", strings.Repeat("x", 5000), "@" + strings.Repeat("a/", 300), []any{}, []any{nil, "x", map[string]any{}}, map[string]any{"login": "x y", "id": -3}}

// mutate puts something odd into some fields of a JSON value.
func mutate(rnd *rand.Rand, v any) any {
	if rnd.IntN(30) == 0 {
		return odd[rnd.IntN(len(odd))]
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if v[key] = mutate(rnd, v[key]); rnd.IntN(40) == 0 {
				delete(v, key)
			}
		}
	case []any:
		for i := range v {
			v[i] = mutate(rnd, v[i])
		}
	}
	return v
}

// Whatever stands in a payload's fields, what is made of it can be accepted.
func TestOddPayloadsMakeAcceptableEvents(t *testing.T) {
	t.Parallel()
	all := payloads(t, selection)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		rnd := rand.New(rand.NewPCG(7, 7))
		event, _, _ := strings.Cut(name, "/")
		for range 50 {
			var body any
			if err := json.Unmarshal(all[name], &body); err != nil {
				t.Fatal(err)
			}
			action := body.(map[string]any)["action"]
			if body, _ := mutate(rnd, body).(map[string]any); body != nil {
				body["action"] = action // else most of them make nothing
				raw, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				sourcetest.Holds(t, newSource(), header(event), raw)
			}
		}
	}
}
