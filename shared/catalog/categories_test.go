package catalog

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

var update = flag.Bool("update", false, "write the web's list of categories anew")

// The web's list is made of the catalogue, so a new category is written down once.
func TestTheWebsCategories(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	want, path := webCategories(c), filepath.Join("..", "..", "web", "src", "core", "categories.ts")
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("web/src/core/categories.ts differs from the catalogue; run go test ./shared/catalog -run TestTheWebsCategories -update (-catalogue +file):\n%s", diff)
	}
}

// webCategories is the list as TypeScript, in the form that Biome gives it.
func webCategories(c *Catalog) string {
	var b strings.Builder
	b.WriteString(`// Written by go test ./shared/catalog -run TestTheWebsCategories -update: a change belongs in shared/catalog/types.yaml.

/** What choices are about, as a settings page shows it. */
export interface CategoryInfo {
  readonly category: string;
  /** By language. */
  readonly title: Readonly<Record<string, string>>;
  /** Where at least one of its types goes by default. */
  readonly channels: readonly ("in_app" | "push" | "email")[];
  /** Its types that no choice and no mute holds back. */
  readonly alwaysOn: readonly string[];
  /** False where all of its types are always on: there is nothing to choose. */
  readonly mutable: boolean;
}

export const categories: readonly CategoryInfo[] = [
`)
	for i, k := range c.Categories("") {
		var titles []string
		for _, v := range c.voices {
			titles = append(titles, fmt.Sprintf("%s: %q", v.locale, c.Categories(v.locale)[i].Title))
		}
		fmt.Fprintf(&b, "  {\n    category: %q,\n    title: { %s },\n    channels: %s,\n    alwaysOn: %s,\n    mutable: %t,\n  },\n",
			k.Name, strings.Join(titles, ", "), quoted(k.Channels), quoted(k.AlwaysOn), k.Mutable)
	}
	b.WriteString("];\n")
	return b.String()
}

func quoted[T ~string](all []T) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = fmt.Sprintf("%q", string(s))
	}
	return "[" + strings.Join(names, ", ") + "]"
}
