package event

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes the texts that people read safe to stand in a sentence, by [Legible]: the actor's name, the target's title, the event's own
// title and body, and the labels of actions. A text in which nothing can be seen becomes "", as if it had been left out.
// Data stays as it is; it is made legible where a sentence uses it.
func (e *Event) Clean() {
	for _, text := range []*string{&e.Actor.Name, &e.Target.Title, &e.Title, &e.Body} {
		*text = Legible(*text)
	}
	for i := range e.Actions {
		e.Actions[i].Label = Legible(e.Actions[i].Label)
	}
}

// Legible is the text without what would change the direction of the words after it, or "" if nothing of it can be seen (white
// space, zero-width characters). Directional embeddings and isolates that are closed in their paragraph stay: a careful
// author puts them around a name. Those that are not closed, closings of what was not opened, and overrides, which show letters in another
// order than they are written, go. What is not UTF-8 is returned as it is, to be refused by [Event.Validate].
func Legible(s string) string {
	if isASCII(s) {
		if strings.TrimSpace(s) == "" {
			return ""
		}
		return s
	}
	if !utf8.ValidString(s) {
		return s
	}
	if strings.IndexFunc(s, isVisible) < 0 {
		return ""
	}
	if strings.IndexFunc(s, isDirection) < 0 {
		return s
	}
	return balance(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isVisible reports whether somebody can see the character. Control characters are not its business.
func isVisible(r rune) bool {
	return !unicode.IsSpace(r) && r != '\u2800' && // an empty braille cell
		!unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// The characters that embed, override or isolate a direction (Unicode Standard Annex 9, section 2).
const (
	lre = '\u202A'
	rle = '\u202B'
	pdf = '\u202C' // closes an embedding or an override
	lro = '\u202D'
	rlo = '\u202E'
	lri = '\u2066'
	rli = '\u2067'
	fsi = '\u2068'
	pdi = '\u2069' // closes an isolate, and with it what is open inside
)

func isDirection(r rune) bool { return r >= lre && r <= rlo || r >= lri && r <= pdi }

// balance removes the directional characters that are not closed in their paragraph or close nothing, and overrides with their ends.
func balance(s string) string {
	runes := []rune(s)
	stays := make([]bool, len(runes))
	var open []int // places of what is open
	for i, r := range runes {
		switch r {
		case lre, rle, lro, rlo, lri, rli, fsi:
			open = append(open, i)
		case pdf:
			if n := len(open) - 1; n >= 0 && runes[open[n]] <= rlo {
				stays[i] = runes[open[n]] < lro
				stays[open[n]] = stays[i]
				open = open[:n]
			}
		case pdi:
			for n := len(open) - 1; n >= 0; n-- {
				if runes[open[n]] >= lri {
					stays[i], stays[open[n]] = true, true
					open = open[:n]
					break
				}
			}
		case '\n', '\u2029': // a paragraph ends
			open, stays[i] = nil, true
		default:
			stays[i] = true
		}
	}
	var b strings.Builder
	for i, r := range runes {
		if stays[i] {
			b.WriteRune(r)
		}
	}
	return b.String()
}
