package github

import (
	"strings"
	"testing"
	"time"
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
		{"an HTML block", "<details><summary>Log</summary>\n@octocat can you look?\n</details>", []string{"octocat"}},
		{"its summary", "<details>\n<summary>For @octocat</summary>\n\n@mona\n\n</details>", []string{"octocat", "mona"}},
		{"a centred paragraph", "<p align=\"center\">\n@octocat please review\n</p>", []string{"octocat"}},
		{"an HTML table", "<table><tr><td>a</td><td>@octocat</td><td>@mona</td></tr></table>", []string{"octocat", "mona"}},
		{"HTML in line", "by <b>@octocat</b>, <sub>@mona</sub> and <span>@erin</span>", []string{"octocat", "mona", "erin"}},
		{"a footnote", "text[^1] @mona\n\n[^1]: @octocat", []string{"mona", "octocat"}},
		{"a footnote's code", "text[^1]\n\n[^1]: `@octocat`", nil},
		{"a footnote nobody refers to", "text\n\n[^1]: @octocat", nil},
		{"an entity", "&#64;octocat &commat;mona", []string{"octocat", "mona"}},
		{"code in an HTML block", "<details>\n<code>@octocat</code> <pre>@mona</pre> <tt>@erin</tt> `@dave`\n</details>", nil},
		{"code around Markdown", "<code>\n\n@octocat\n\n</code>\n\n@mona", []string{"mona"}},
		{"code that is not closed", "<p><code>@octocat</p>\n\n@mona", []string{"mona"}},
		{"preformatted over empty lines", "<pre>\n\n@octocat\n\n</pre>\n@mona", []string{"mona"}},
		{"a link in HTML", "<p><a href=\"https://example.com/@mona\">@octocat</a></p>", nil},
		{"attributes", "<p title=\"@octocat\">x</p> <img alt=\"@mona\" src='@erin'>", nil},
		{"a comment over lines", "<!--\n@octocat\n\n@mona\n-->\n@erin", []string{"erin"}},
		{"a comment that is not closed", "<!-- @octocat\n\n@mona", nil},
		{"a script, a style", "<script>@octocat</script>\n\n<style>@mona</style>", nil},
		{"a link's address", "[x](https://example.com/@mona) [y]: https://example.com/@erin", nil},
		{"a keyboard's key", "<kbd>@octocat</kbd>", []string{"octocat"}},
		{"a task, a strike, an alert", "> [!NOTE]\n> @octocat\n\n- [ ] @mona\n- [x] ~~@erin~~", []string{"octocat", "mona", "erin"}},
		{"an e-mail address in HTML", "<p>octocat@example.com</p>", nil},
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

func TestMentionedTeams(t *testing.T) {
	t.Parallel()
	text := "@octo/core, @Octo/Docs @octo/core `@octo/code` @other/team @octo/pkg@1.2 @octo/a/b x@octo/y <p>@octo/html</p>"
	if diff := cmp.Diff([]string{"core", "docs", "html"}, mentions(text).teamsOf("octo")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := len(mentions(strings.Repeat("@octo/a ", 3) + "@octo/b @octo/c @octo/d @octo/e @octo/f").teams); got != maxTeams {
		t.Errorf("got %d teams, want %d", got, maxTeams)
	}
}

// However hostile a text is, it is read in a moment.
func TestHostileTextsAreReadSoon(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]string{"quotes": ">", "elements": "<b>", "ends": "<b></i>", "code": "`", "links": "[", "footnotes": "[^1]", "comments": "<!--", "entities": "&", "stars": "*a ", "tables": "|-", "definitions": "[^1]: @a\n"} {
		begin := time.Now()
		_ = mentions(strings.Repeat(part, maxMarkdown) + "@a")
		if took := time.Since(begin); took > 20*time.Second { // a hundred times what it takes
			t.Errorf("%s: %s instead of a fraction of a second: it takes more than its length", name, took)
		}
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
		"<details><summary>Log</summary>\nIt broke.\n</details>": "Log It broke.",
		"text[^1]\n\n[^1]: a note":                               "text a note",
		"a<br>b &amp; <kbd>Ctrl</kbd>":                           "a b & Ctrl",
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
			if !loginPattern.MatchString(login) || !strings.Contains(prose(text, false), "@"+login) { // an entity may be the sign
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
