package github

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"tidings.dev/shared/source"
)

// parser reads Markdown as GitHub writes it. It is safe for concurrent use.
var parser = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// maxMarkdown is how much of a text is looked at, in bytes. GitHub takes 65,536 characters, and anybody may write them below an
// issue: with that many nested quotes the parser takes 5 s, with a quarter of them 0.3.
const maxMarkdown = 16 << 10

// maxMentions is how many people one text can mention: as many as GitHub itself tells.
const maxMentions = 50

// mention is an @login that is not within a word or an address, nor the beginning of a team, a package
// (@org/name) or an address elsewhere (@name@server).
var mention = regexp.MustCompile(`(?:^|[^\w@/.\x60-])@([A-Za-z0-9](?:[A-Za-z0-9_]|-[A-Za-z0-9])*)([/@]?)`)

// mentions lists the logins that a text mentions, once each, in order: not those in code, in links or in comments.
func mentions(markdown string) (logins []string) {
	seen := map[string]bool{}
	for _, m := range mention.FindAllStringSubmatch(prose(markdown, false), -1) {
		login, small := m[1], strings.ToLower(m[1])
		if m[2] == "" && !seen[small] && loginPattern.MatchString(login) && len(logins) < maxMentions {
			seen[small] = true
			logins = append(logins, login)
		}
	}
	return logins
}

// excerpt is the beginning of a text, without its markup.
func excerpt(markdown string) string { return source.Line(prose(markdown, true), source.Excerpt) }

// prose is what of a text is to be read, each block on a line of its own. With code it has code and links as well; without,
// each of these leaves a backquote, so that nothing grows together across it.
func prose(markdown string, withCode bool) string {
	src := []byte(strings.ToValidUTF8(markdown, "�"))
	if len(src) > maxMarkdown {
		src = src[:maxMarkdown]
		for !utf8.Valid(src) {
			src = src[:len(src)-1]
		}
	}
	var b strings.Builder
	var html []string // names of the HTML elements around, as far as they are written in line
	_ = ast.Walk(parser.Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte('\n')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			if withCode {
				b.Write(n.Lines().Value(src))
			}
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			return ast.WalkSkipChildren, nil
		case *ast.CodeSpan, *ast.Link, *ast.AutoLink, *ast.Image:
			if !withCode {
				b.WriteByte('`')
				return ast.WalkSkipChildren, nil
			}
			if link, ok := n.(*ast.AutoLink); ok {
				b.Write(link.Label(src))
			}
		case *ast.RawHTML:
			html = within(html, string(n.Segments.Value(src)))
		case *ast.Text:
			if withCode || len(html) == 0 {
				b.Write(n.Segment.Value(src))
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

var htmlTag = regexp.MustCompile(`(?i)^<(/?)(code|pre|a|kbd|samp)[\s>]`)

// within follows a tag into or out of an element whose text is not prose.
func within(open []string, tag string) []string {
	m := htmlTag.FindStringSubmatch(tag)
	switch {
	case m == nil:
	case m[1] == "":
		return append(open, strings.ToLower(m[2]))
	case len(open) > 0 && open[len(open)-1] == strings.ToLower(m[2]):
		return open[:len(open)-1]
	}
	return open
}
