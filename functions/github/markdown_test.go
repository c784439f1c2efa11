package github

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/source"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"plain", "Hi @octocat, and (@hub-bot): @Mona's idea", []string{"octocat", "hub-bot", "Mona"}},
		{"at the beginning and the end", "@a b @c", []string{"a", "c"}},
		{"once", "@octocat @Octocat @OCTOCAT", []string{"octocat"}},
		{"emphasised", "**@octocat** _@mona_ ~~@erin~~", []string{"octocat", "mona", "erin"}},
		{"in a list, a quote, a heading, a table", "- @a\n\n> @b\n\n# @c\n\n|x|y|\n|-|-|\n|@d|z|", []string{"a", "b", "c", "d"}},
		{"over two lines", "see\n@octocat\n@mona", []string{"octocat", "mona"}},
		{"a managed user's", "@mona_corp", []string{"mona_corp"}},
		{"inline code", "`@octocat` ``@mona``", nil},
		{"fenced code", "```java\n@Override\n```\n\n~~~\n@octocat\n~~~", nil},
		{"indented code", "text\n\n    @octocat", nil},
		{"an open fence", "```\n@octocat", nil},
		{"in a link", "[@octocat](https://example.com) <https://medium.com/@mona> https://medium.com/@erin ![@dave](x.png)", nil},
		{"HTML", "<code>@octocat</code> <a href='x'>@mona</a> <!-- @erin -->\n\n<pre>@dave</pre>", nil},
		{"after HTML", "<code>x</code> @octocat <br> @mona", []string{"octocat", "mona"}},
		{"an e-mail address", "octocat@example.com a.@b -@c", nil},
		{"a team, a package, an address elsewhere", "@octo/core @octokit/webhooks @octocat@example.social", nil},
		{"grown together", "x`y`@octocat", nil},
		{"no login", "@ @- @@octocat @_x", nil},
		{"escaped code", "\\`@octocat\\`", nil},
		{"none", "", nil},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, mentions(test.text).people); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", test.name, test.text, diff)
		}
	}
	if got := mentions("@a " + strings.Repeat("x ", maxMarkdown) + "@b").people; !cmp.Equal(got, []string{"a"}) {
		t.Errorf("a text without end: got %q, want what its beginning mentions", got)
	}
	var many strings.Builder
	for i := range 200 {
		many.WriteString(" @u" + strings.Repeat("x", i%30) + string(rune('a'+i%26)))
	}
	if got := len(mentions(many.String()).people); got != maxMentions {
		t.Errorf("got %d of many, want %d", got, maxMentions)
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"Hello **world**, see [the docs](https://example.com).": "Hello world, see the docs.",
		"# Title\n\nText with `code`\nand more":                 "Title Text with code and more",
		"```go\nx := 1\n```":                                    "x := 1",
		"<!-- template -->\n\nReal text":                        "Real text",
		"https://example.com/x":                                 "https://example.com/x",
		"a\x00b\x1b[31m\u200b":                                  "ab[31m\u200b",
		"":                                                      "",
	}
	for text, want := range tests {
		if got := excerpt(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := excerpt(strings.Repeat("ä ", 1000)); utf8.RuneCountInString(got) > source.Excerpt || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text: got %q", got)
	}
}

// Whatever is written as code mentions nobody, however it is put together with text.
func FuzzMentions(f *testing.F) {
	f.Add("Hi @octocat", "@mona")
	f.Add("> - 1. `", "x\ny")
	f.Fuzz(func(t *testing.T, text, code string) {
		for _, login := range mentions(text).people {
			if !loginPattern.MatchString(login) || !strings.Contains(text, "@"+login) {
				t.Errorf("%q mentions %q", text, login)
			}
		}
		if strings.Contains(code, "```") || strings.Contains(code, "~") {
			return
		}
		if got := mentions("````\n" + code + "\n````\n").people; len(got) > 0 {
			t.Errorf("code %q mentions %q", code, got)
		}
		_ = excerpt(text)
	})
}
