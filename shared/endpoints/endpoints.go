// Package endpoints reads from the configuration which products are told what became of their events, and the keys of the messages to them: for the functions,
// and for infra/preflight, which finds the same mistakes in what is deployed.
package endpoints

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"tidings.dev/shared/event"
	"tidings.dev/shared/webhook"
)

// Local reports whether an endpoint is on this machine, which only a laptop may have.
func Local(all webhook.Endpoints) bool {
	return slices.ContainsFunc(all, func(e webhook.Endpoint) bool { return strings.HasPrefix(e.URL, "http:") })
}

// isEndpoint is the form of a name: it is a document's id, and stands in addresses.
var isEndpoint = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// endpointFields are what an endpoint may say.
var endpointFields = []string{"url", "outcomes", "types", "sources"}

// problems are what is wrong with the configuration, one line each.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// Read reads the endpoints, by name, from the text of WEBHOOKS (YAML or JSON). types are the names in the catalogue; on a laptop, an endpoint may be on the machine itself.
// wrong has a line for each mistake: its place, and what was expected.
func Read(text string, types []string, laptop bool) (all webhook.Endpoints, wrong []string) {
	var file map[string]map[string]any
	var problems problems
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		problems.add("WEBHOOKS: is not an object of endpoints: %s", strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " "))
		return nil, problems
	}
	for _, name := range slices.Sorted(maps.Keys(file)) {
		bad := func(field, format string, args ...any) {
			problems.add("WEBHOOKS: %s.%s: %s", name, field, fmt.Sprintf(format, args...))
		}
		e := webhook.Endpoint{Name: name}
		lists := map[string]*[]string{"outcomes": new([]string), "types": &e.Types, "sources": &e.Sources}
		for _, field := range slices.Sorted(maps.Keys(file[name])) {
			value := file[name][field]
			switch list, isText := lists[field], false; {
			case list != nil:
				if !texts(value, list) {
					bad(field, "is %v; a list of texts was expected", value)
				}
			case field == "url":
				if e.URL, isText = value.(string); !isText {
					bad(field, "is %v; an https address was expected", value)
				}
			default:
				bad(field, "does not exist; did you mean %q?", event.Nearest(field, slices.Values(endpointFields)))
			}
		}
		for _, o := range *lists["outcomes"] {
			e.Outcomes = append(e.Outcomes, webhook.Outcome(o))
		}
		if !isEndpoint.MatchString(name) {
			problems.add("WEBHOOKS: %q is no name of an endpoint; a small letter and up to 39 small letters, digits and hyphens were expected", name)
		}
		_, said := file[name]["outcomes"]
		checkEndpoint(e, said, types, bad)
		if problem := wrongURL(e.URL, laptop); problem != "" {
			bad("url", "%s", problem)
		}
		all = append(all, e)
	}
	return all, problems
}

// texts reads a list of texts.
func texts(value any, into *[]string) bool {
	list, ok := value.([]any)
	for _, v := range list {
		text, is := v.(string)
		ok = ok && is && text != ""
		*into = append(*into, text)
	}
	return ok
}

// checkEndpoint looks for what is wrong with what an endpoint wants to be told; said is that it says of which outcomes.
func checkEndpoint(e webhook.Endpoint, said bool, types []string, bad func(field, format string, args ...any)) {
	if !said {
		bad("outcomes", "is missing; list what it is told of, some of %v, or [] where only actions name it", webhook.Outcomes)
	}
	for _, o := range e.Outcomes {
		if !slices.Contains(webhook.Outcomes, o) {
			bad("outcomes", "%q is none; did you mean %q?", o, event.Nearest(string(o), slices.Values([]string{"delivered", "seen", "acted", "deadLettered"})))
		}
	}
	if len(e.Sources) > 0 && (slices.Contains(e.Outcomes, webhook.Seen) || slices.Contains(e.Outcomes, webhook.Acted)) {
		bad("sources", "goes with delivered and deadLettered alone: an item that is seen does not know its events' sources; name types, or make two endpoints of it")
	}
	for _, t := range e.Types {
		beginning, open := strings.CutSuffix(t, "*")
		if !slices.ContainsFunc(types, func(name string) bool { return name == t || open && strings.HasPrefix(name, beginning) }) {
			bad("types", "%q stands for no type of the catalogue; did you mean %q?", t, event.Nearest(t, slices.Values(types)))
		}
	}
	for field, patterns := range map[string][]string{"types": e.Types, "sources": e.Sources} {
		for _, p := range patterns {
			if strings.Contains(strings.TrimSuffix(p, "*"), "*") {
				bad(field, "%q has a \"*\" before its end; it stands for the rest of a name, so put it last", p)
			}
		}
	}
}

// CheckCatalogue looks for actions of the catalogue's types that name an endpoint which is not there, or is not for actions: whoever takes one would be heard by nobody. named are
// the endpoints that they name, with the types of each.
func CheckCatalogue(named map[string][]string, all webhook.Endpoints) (wrong []string) {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		e, known := all.Named(name)
		switch types := strings.Join(named[name], ", "); {
		case !known:
			wrong = append(wrong, fmt.Sprintf("WEBHOOKS: has no endpoint %q, which actions of %s name in the catalogue (shared/catalog/types.yaml); it has %q", name, types, all.Names()))
		case !e.ForActions():
			wrong = append(wrong, fmt.Sprintf("WEBHOOKS: %s.outcomes: is %q, and actions of %s name the endpoint in the catalogue; add acted", name, e.Outcomes, types))
		}
	}
	return wrong
}

// wrongURL says what is wrong with an endpoint's address; "" is nothing. What a name stands for is looked at whenever it is dialled (functions/webhooks/guard).
func wrongURL(address string, laptop bool) string {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return "is missing; an https address was expected"
	case err != nil || u.Host == "":
		return fmt.Sprintf("%q is no address; https://HOST/PATH was expected", address)
	case u.User != nil || u.Fragment != "":
		return "has a name, a password or a fragment; leave it out: messages are signed"
	case u.Scheme == "http" && laptop && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"):
		return ""
	case u.Scheme != "https":
		return fmt.Sprintf("%q is not https; only on a laptop http://localhost is allowed", address)
	case u.Port() != "" && u.Port() != "443":
		return fmt.Sprintf("has the port %s; only 443 is connected to", u.Port())
	}
	return ""
}

// ReadKeys reads what messages to each endpoint are signed with, from the text of WEBHOOK_KEYS: comma-separated entries NAME=KEY, several of a name while one is replaced.
// wrong repeats no key. A key of an endpoint that is not there is none's mistake: the secret gets it before the endpoint comes, and has it until after the endpoint has gone.
func ReadKeys(text string, all webhook.Endpoints) (keys map[string]webhook.Keys, wrong []string) {
	var problems problems
	keys = map[string]webhook.Keys{}
	broken, i := map[string]bool{}, 0
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry == "" {
			continue
		}
		i++
		name, value, ok := strings.Cut(entry, "=")
		if !ok || !isEndpoint.MatchString(name) {
			problems.add("WEBHOOK_KEYS: entry %d is not NAME=KEY, with an endpoint's name", i)
			continue
		}
		key, err := webhook.ParseKey(value)
		if err != nil {
			broken[name] = true
			problems.add("WEBHOOK_KEYS: the key of %s (entry %d) %v; whsec_ or whsk_ and base64 were expected", name, i, err)
			continue
		}
		keys[name] = append(keys[name], key)
	}
	for _, e := range all {
		if len(keys[e.Name]) == 0 && !broken[e.Name] {
			problems.add("WEBHOOK_KEYS: has no key of %s; make one: echo \"%s=whsec_$(openssl rand -base64 32)\"", e.Name, e.Name)
		}
	}
	return keys, problems
}
