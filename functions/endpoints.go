package main

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/event"
	"tidings.dev/shared/webhook"
)

// endpointConfig is to whom it is told what became of events.
type endpointConfig struct {
	All  webhook.Endpoints       // WEBHOOKS: the endpoints, as YAML or JSON; empty: nobody is told anything
	Keys map[string]webhook.Keys // WEBHOOK_KEYS: what messages to each endpoint are signed with, comma-separated entries NAME=KEY; several of a name while one is replaced
}

// local reports whether an endpoint is on this machine, which only a laptop may have.
func (c endpointConfig) local() bool {
	return slices.ContainsFunc(c.All, func(e webhook.Endpoint) bool { return strings.HasPrefix(e.URL, "http:") })
}

// isEndpoint is the form of a name: it is a document's id, and stands in addresses.
var isEndpoint = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// endpointFields are what an endpoint may say.
var endpointFields = []string{"url", "outcomes", "types", "sources"}

// readEndpoints reads WEBHOOKS. types are the names in the catalogue.
func (c *endpointConfig) readEndpoints(text string, types []string, cloudRun bool, problems *problems) {
	var file map[string]map[string]any
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		problems.add("WEBHOOKS: is not an object of endpoints: %s", strings.ReplaceAll(yaml.FormatError(err, false, false), "\n", " "))
		return
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
		if problem := wrongURL(e.URL, cloudRun); problem != "" {
			bad("url", "%s", problem)
		}
		c.All = append(c.All, e)
	}
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

// checkCatalogue looks for actions of types that name an endpoint which is not there: whoever takes one would be heard by nobody.
func (c endpointConfig) checkCatalogue(cat *catalog.Catalog, problems *problems) {
	named := cat.Webhooks()
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if _, known := c.All.Named(name); !known {
			problems.add("WEBHOOKS: has no endpoint %q, which actions of %s name in the catalogue (shared/catalog/types.yaml); it has %q", name, strings.Join(named[name], ", "), c.All.Names())
		}
	}
}

// wrongURL says what is wrong with an endpoint's address; "" is nothing. What a name stands for is looked at whenever it is dialled (functions/webhooks/guard).
func wrongURL(address string, cloudRun bool) string {
	u, err := url.Parse(address)
	switch {
	case address == "":
		return "is missing; an https address was expected"
	case err != nil || u.Host == "":
		return fmt.Sprintf("%q is no address; https://HOST/PATH was expected", address)
	case u.User != nil || u.Fragment != "":
		return "has a name, a password or a fragment; leave it out: messages are signed"
	case u.Scheme == "http" && !cloudRun && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1"):
		return ""
	case u.Scheme != "https":
		return fmt.Sprintf("%q is not https; only on a laptop http://localhost is allowed", address)
	case u.Port() != "" && u.Port() != "443":
		return fmt.Sprintf("has the port %s; only 443 is connected to", u.Port())
	}
	return ""
}

// readKeys reads WEBHOOK_KEYS. Errors repeat no key. A key of an endpoint that is not there is none's mistake: the secret gets it before the endpoint comes, and has it
// until after the endpoint has gone.
func (c *endpointConfig) readKeys(text string, problems *problems) {
	for i, entry := range list(text) {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || !isEndpoint.MatchString(name) {
			problems.add("WEBHOOK_KEYS: entry %d is not NAME=KEY, with an endpoint's name", i+1)
			continue
		}
		key, err := webhook.ParseKey(value)
		if err != nil {
			problems.add("WEBHOOK_KEYS: the key of %s (entry %d) %v; whsec_ or whsk_ and base64 were expected", name, i+1, err)
			continue
		}
		if c.Keys == nil {
			c.Keys = map[string]webhook.Keys{}
		}
		c.Keys[name] = append(c.Keys[name], key)
	}
	for _, e := range c.All {
		if len(c.Keys[e.Name]) == 0 {
			problems.add("WEBHOOK_KEYS: has no key of %s; make one: echo \"%s=whsec_$(openssl rand -base64 32)\"", e.Name, e.Name)
		}
	}
}
