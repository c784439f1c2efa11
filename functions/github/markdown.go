package github

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"tidings.dev/shared/source"
)

// markdown renders as GitHub does, with footnotes and with whatever HTML is written in between. It is safe for concurrent use.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote), goldmark.WithRendererOptions(html.WithUnsafe()))

// maxMarkdown is how much of a text is looked at, in bytes. GitHub takes 65,536 characters, and anybody may write them below an
// issue: with that many nested quotes the parser takes 5 s, with a quarter of them 0.3.
const maxMarkdown = 16 << 10

// maxMentions is how many people one text can mention: as many as GitHub itself tells. maxTeams is how many teams.
const (
	maxMentions = 50
	maxTeams    = 5
)

// mention is an @login or @owner/team that is not within a word or an address, nor the beginning of a longer path, of a package's
// version (@org/name@1.0) or of an address elsewhere (@name@server).
var mention = regexp.MustCompile(`(?:^|[^\w@/.\x60-])@([A-Za-z0-9](?:[A-Za-z0-9_]|-[A-Za-z0-9])*)(?:/([A-Za-z0-9][A-Za-z0-9_-]*))?([/@]?)`)

// mentionedNames are the people and the teams ("owner/team") that a text mentions, once each, in order.
type mentionedNames struct{ people, teams []string }

// mentions lists whom a text mentions as GitHub shows it: not what stands in code, in links or in comments.
func mentions(text string) (found mentionedNames) {
	if !strings.Contains(text, "@") && !strings.Contains(text, "&") { // the sign, or an entity that may be the sign
		return found
	}
	seen := map[string]bool{}
	for _, m := range mention.FindAllStringSubmatch(prose(text, false), -1) {
		login, team, more := m[1], m[2], m[3]
		name := strings.ToLower(login + "/" + team)
		if more != "" || seen[name] || !loginPattern.MatchString(login) {
			continue
		}
		seen[name] = true
		switch {
		case team == "" && len(found.people) < maxMentions:
			found.people = append(found.people, login)
		case team != "" && len(found.teams) < maxTeams:
			found.teams = append(found.teams, login+"/"+team)
		}
	}
	return found
}

// teamsOf lists the teams of that owner.
func (m mentionedNames) teamsOf(owner string) (slugs []string) {
	for _, name := range m.teams {
		if org, slug, _ := strings.Cut(name, "/"); strings.EqualFold(org, owner) {
			slugs = append(slugs, strings.ToLower(slug))
		}
	}
	return slugs
}

// excerpt is the beginning of a text, without its markup.
func excerpt(text string) string { return source.Line(prose(text, true), source.Excerpt) }

// prose is what of a text is to be read, each block on a line of its own. With code it has code and links as well; without,
// each of these leaves a backquote, so that nothing grows together across it.
func prose(text string, withCode bool) string {
	src := []byte(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "�"))
	if len(src) > maxMarkdown {
		src = src[:maxMarkdown]
		for !utf8.Valid(src) {
			src = src[:len(src)-1]
		}
	}
	var rendered bytes.Buffer
	if err := markdown.Convert(src, &rendered); err != nil {
		return "" // the renderer writes to memory: it does not happen
	}
	if withCode {
		return visible(rendered.Bytes(), unseen, "")
	}
	return visible(rendered.Bytes(), slices.Concat(unseen, quoted), "`")
}

// unseen are elements whose content nobody sees; quoted are those in which GitHub looks for no mentions.
var (
	unseen = []string{"script", "style"}
	quoted = []string{"pre", "code", "tt", "a"}
)
