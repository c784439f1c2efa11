package producers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"tidings.dev/shared/event"
	"tidings.dev/shared/limit"
	"tidings.dev/shared/topology"
)

// Grants are what all producers may do. The zero value lets nobody do anything.
type Grants struct {
	byProducer map[string]*Grant // "serviceAccount:EMAIL", "uid:UID"
}

// The kinds of producers, before the colon.
const (
	serviceAccount = "serviceAccount:"
	firebaseUser   = "uid:"
)

// HasServiceAccounts reports whether any service account has a grant.
func (g Grants) HasServiceAccounts() bool {
	for who := range g.byProducer {
		if strings.HasPrefix(who, serviceAccount) {
			return true
		}
	}
	return false
}

// of is the grant of a producer.
func (g Grants) of(kind, name string) (*Producer, bool) {
	grant, ok := g.byProducer[kind+name]
	return &Producer{ID: kind + name, Name: name, Grant: grant}, ok
}

// Parse reads grants from YAML (or JSON, which is YAML): an object of grants by name, each with the fields of [Grant] in small letters. types
// are the names in the catalogue. It returns all that is wrong, a line each: which grant, which field, and what was expected.
func Parse(text string, types []string) (Grants, []string) {
	var file map[string]map[string]any
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return Grants{}, []string{"is not an object of grants: " + strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " ")}
	}
	all := Grants{byProducer: map[string]*Grant{}}
	var grants []*Grant
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(file)) {
		g := &Grant{Name: name, Rate: limit.Of(defaultRate)}
		bad := func(field, format string, args ...any) {
			wrong = append(wrong, name+"."+field+": "+fmt.Sprintf(format, args...))
		}
		g.read(file[name], bad)
		g.check(types, bad)
		for _, who := range g.Producers {
			if other := all.byProducer[who]; other != nil {
				bad("producers", "%q has the grant %q already; a producer has one", who, other.Name)
				continue
			}
			all.byProducer[who] = g
		}
		grants = append(grants, g)
	}
	return all, append(wrong, inTwo(grants)...)
}

// fields are what a grant may say.
var fields = []string{"producers", "types", "sources", "recipients", "audiences", "everybody", "priority", "actors", "rate", "settings", "erase", "insight"}

// How many units a second a producer may post.
const (
	defaultRate = 20
	maxRate     = 10_000
)

// read takes the values from what the file says.
func (g *Grant) read(said map[string]any, bad func(field, format string, args ...any)) {
	lists := g.patterns()
	lists["producers"] = &g.Producers
	switches := map[string]*bool{"recipients": &g.Recipients, "everybody": &g.Everybody, "settings": &g.Settings, "erase": &g.Erase, "insight": &g.Insight}
	for _, field := range slices.Sorted(maps.Keys(said)) {
		value, ok := said[field], true
		switch {
		case lists[field] != nil:
			if *lists[field], ok = texts(value); !ok {
				bad(field, "is %v; a list of texts was expected", value)
			}
		case switches[field] != nil:
			if *switches[field], ok = value.(bool); !ok {
				bad(field, "is %v; true or false was expected", value)
			}
		case field == "priority":
			text, _ := value.(string)
			if g.Priority = event.Priority(text); g.Priority.Rank() < 0 {
				bad(field, "is %v; one of %v was expected", value, event.Priorities)
			}
		case field == "rate":
			perSecond, is := number(value)
			if !is || perSecond < 0.1 || perSecond > maxRate {
				bad(field, "is %v; units a second were expected, a number from 0.1 to %d", value, maxRate)
				continue
			}
			g.Rate = limit.Of(perSecond)
		default:
			bad(field, "does not exist; did you mean %q?", event.Nearest(field, slices.Values(fields)))
		}
	}
}

// patterns are the fields whose entries may end in "*".
func (g *Grant) patterns() map[string]*[]string {
	return map[string]*[]string{"types": &g.Types, "sources": &g.Sources, "audiences": &g.Audiences, "actors": &g.Actors}
}

func texts(value any) (all []string, ok bool) {
	list, ok := value.([]any)
	for _, v := range list {
		text, is := v.(string)
		if !is || text == "" {
			return nil, false
		}
		all = append(all, text)
	}
	return all, ok
}

func number(value any) (n float64, ok bool) {
	switch v := value.(type) {
	case uint64: // as YAML has whole numbers
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// check looks for what is wrong with the grant by itself.
func (g *Grant) check(types []string, bad func(field, format string, args ...any)) {
	g.checkProducers(bad)
	g.checkPatterns(types, bad)
	if len(g.Types) > 0 && g.Priority == "" {
		bad("priority", "is missing; name the highest that an event may have, one of %v", event.Priorities)
	}
	if len(g.Types) > 0 && !g.Recipients && len(g.Audiences) == 0 && !g.Everybody {
		bad("recipients", "is not true, and there are no audiences, so that nobody could be told; name one of the two, or everybody")
	}
	if len(g.Types) == 0 && !g.Settings && !g.Erase && !g.Insight {
		bad("types", "is missing, so that the grant allows nothing; list types of the catalogue, such as \"order.*\"")
	}
}

func (g *Grant) checkProducers(bad func(field, format string, args ...any)) {
	if len(g.Producers) == 0 {
		bad("producers", "is missing; list who has the grant: \"serviceAccount:EMAIL\" or \"uid:UID\"")
	}
	for _, who := range g.Producers {
		account, isAccount := strings.CutPrefix(who, serviceAccount)
		uid, isUser := strings.CutPrefix(who, firebaseUser)
		switch {
		case isAccount && strings.Contains(account, "@") || isUser && uid != "" && !isWebhook(uid):
		case isUser && isWebhook(uid):
			bad("producers", "%q speaks as %q, which is a webhook's source; use an account of another uid", who, uid)
		default:
			bad("producers", "%q is no producer; \"serviceAccount:EMAIL\" or \"uid:UID\" was expected", who)
		}
	}
}

func (g *Grant) checkPatterns(types []string, bad func(field, format string, args ...any)) {
	for _, pattern := range g.Types {
		if !slices.ContainsFunc(types, func(name string) bool { return covers([]string{pattern}, name) }) {
			bad("types", "%q stands for no type of the catalogue; did you mean %q?", pattern, event.Nearest(pattern, slices.Values(types)))
		}
	}
	patterns := g.patterns()
	for _, field := range slices.Sorted(maps.Keys(patterns)) {
		for _, pattern := range *patterns[field] {
			if strings.Contains(strings.TrimSuffix(pattern, "*"), "*") {
				bad(field, "%q has a \"*\" before its end; it stands for the rest of a name, so put it last", pattern)
			}
		}
	}
	if slices.Contains(g.Audiences, event.Everybody) {
		bad("audiences", "%q is no audience with members; to allow announcements to everybody, write \"everybody: true\"", event.Everybody)
	}
	for _, source := range g.Sources {
		if isWebhook(source) {
			bad("sources", "%q is a webhook's source, in whose name no producer speaks; remove it", source)
		}
	}
}

// inTwo returns the sources that two grants have: whoever speaks in a source's name can cancel and repeat its events.
func inTwo(grants []*Grant) (wrong []string) {
	own := func(g *Grant) (names []string) { // what is theirs without being listed
		for _, who := range g.Producers {
			_, name, _ := strings.Cut(who, ":")
			names = append(names, name)
		}
		return names
	}
	for i, g := range grants {
		for k, other := range grants {
			for _, a := range g.Sources {
				for _, b := range other.Sources {
					if i < k && overlap(a, b) {
						wrong = append(wrong, fmt.Sprintf("%s.sources: %q overlaps with %q of the grant %q; a source has one grant, so name them apart or put their producers into one", g.Name, a, b, other.Name))
					}
				}
				for _, name := range own(other) {
					if i != k && covers([]string{a}, name) {
						wrong = append(wrong, fmt.Sprintf("%s.sources: %q covers %q, who has the grant %q and speaks in their own name; name sources of your own", g.Name, a, name, other.Name))
					}
				}
			}
		}
	}
	return wrong
}

// webhooks are the sources that speak with a secret of their own, and not with a producer's token.
var webhooks = func() (names []string) {
	for _, f := range topology.Deployed().Functions {
		if f.Source && !slices.Contains(f.Environment, "PRODUCER_GRANTS") {
			names = append(names, f.Name)
		}
	}
	return names
}()

func isWebhook(source string) bool { return slices.Contains(webhooks, source) }
