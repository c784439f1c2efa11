package facts_test

import (
	"strings"
	"testing"

	"tidings.dev/infra/facts"
)

// A view that joins steps with steps takes time by the square of what an item tells: a post with 10,000 likes has told its author as often.
func TestViewsReadEachStepOnce(t *testing.T) {
	t.Parallel()
	for _, v := range facts.Views()[1:] {
		if reads := strings.Count(v.SQL, "FROM facts_once") + strings.Count(v.SQL, "JOIN facts_once"); reads != 1 {
			t.Errorf("%s reads the facts %d times, want once", v.Name, reads)
		}
		if strings.Contains(v.SQL, ".person =") || strings.Contains(v.SQL, ".item =") {
			t.Errorf("%s joins by the person or the item", v.Name)
		}
	}
}
