package event

import "strconv"

// fields lists what the errors name: "field", or "index field" in a batch.
func fields(f FieldErrors) []string {
	var all []string
	for _, e := range f {
		name := e.Field
		if e.Index != nil {
			name = strconv.Itoa(*e.Index) + " " + name
		}
		all = append(all, name)
	}
	return all
}
