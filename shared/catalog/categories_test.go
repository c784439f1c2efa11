package catalog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/event"
)

func TestCategories(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Category{}
	for _, k := range c.Categories("de-AT") {
		found[k.Name] = k
	}
	want := map[string]Category{
		"social":   {Name: "social", Title: "Menschen und Beiträge", Channels: []event.Channel{event.InApp, event.Push}, AlwaysOn: []string{}, Mutable: true},
		"orders":   {Name: "orders", Title: "Bestellungen", Channels: found["orders"].Channels, AlwaysOn: []string{}, Mutable: true},
		"security": {Name: "security", Title: "Sicherheit", Channels: found["security"].Channels, AlwaysOn: found["security"].AlwaysOn, Mutable: found["security"].Mutable},
	}
	for name, k := range want {
		if diff := cmp.Diff(k, found[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if always := found["security"].AlwaysOn; len(always) == 0 {
		t.Error("security: every type may be muted")
	}
	if got := c.Categories("xx")[0].Title; got != "People and posts" {
		t.Errorf("in a language that nobody speaks here: got %q, want the first language's", got)
	}
}

// The rules take choices whose names have 1,000 letters together.
func TestCategoriesThatARuleWouldRefuse(t *testing.T) {
	t.Parallel()
	var more strings.Builder
	for i := range 20 {
		fmt.Fprintf(&more, "{name: %s%d, title: {en: a, de: b}}, ", strings.Repeat("c", 50), i)
	}
	_, err := Parse([]byte(strings.Replace(tiny, "categories: [", "categories: ["+more.String(), 1)))
	if err == nil || !strings.Contains(err.Error(), "letters together") {
		t.Errorf("got %v", err)
	}
}
