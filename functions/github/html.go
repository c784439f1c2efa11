package github

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// inline are the elements whose text continues the text around them. All others stand apart.
var inline = strings.Fields("b i em strong u s strike del ins mark small big q sub sup span font var abbr cite dfn kbd samp wbr bdi bdo ruby")

// void are the elements that have no end.
var void = strings.Fields("area base br col embed hr img input link meta source track wbr")

// visible is the text of a rendered page. The mark stands in the place of each hidden element, of a footnote's number and of its way
// back.
//
// It keeps the elements around in a stack, in which an end tag closes all that is inside. A browser builds a tree by more rules, which
// take time that grows with the square of a hostile text.
func visible(page []byte, hidden []string, mark string) string {
	var b strings.Builder
	var open []string
	hiddenAt := -1 // the depth of the element whose content is hidden
	for z := html.NewTokenizer(bytes.NewReader(page)); z.Next() != html.ErrorToken; {
		token := z.Token()
		switch token.Type {
		case html.TextToken:
			if hiddenAt < 0 {
				b.WriteString(token.Data)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			if hiddenAt < 0 {
				apart(&b, token.Data)
			}
			if slices.Contains(void, token.Data) {
				continue
			}
			if open = append(open, token.Data); hiddenAt < 0 && (slices.Contains(hidden, token.Data) || isFootnote(token)) {
				hiddenAt = len(open) - 1
				b.WriteString(mark)
			}
		case html.EndTagToken:
			if at := lastIndex(open, token.Data); at >= 0 {
				open = open[:at]
			}
			if hiddenAt >= len(open) {
				hiddenAt = -1
			}
			if hiddenAt < 0 {
				apart(&b, token.Data)
			}
		}
	}
	return b.String()
}

// apart begins a new line where an element's text does not continue the text around it.
func apart(b *strings.Builder, element string) {
	if !slices.Contains(inline, element) && element != "a" && element != "code" && element != "tt" {
		b.WriteByte('\n')
	}
}

// isFootnote reports whether a link is a footnote's number, or the way back from it.
func isFootnote(link html.Token) bool {
	return link.Data == "a" && slices.ContainsFunc(link.Attr, func(a html.Attribute) bool {
		return a.Key == "class" && strings.HasPrefix(a.Val, "footnote-")
	})
}

func lastIndex(names []string, name string) int {
	for i := len(names) - 1; i >= 0; i-- {
		if names[i] == name {
			return i
		}
	}
	return -1
}
