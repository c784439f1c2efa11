package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/endpoints"
	"tidings.dev/shared/webhook"
)

const aKey = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"

func TestWebhooksAreRead(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"GOOGLE_CLOUD_PROJECT": "p",
		"WEBHOOKS": `
shop: {url: "https://shop.example/tidings", outcomes: [delivered, deadLettered], types: ["order.*"], sources: ["/shop"]}
crm:
  url: http://localhost:8080/
  outcomes: [seen, acted]
`,
		"WEBHOOK_KEYS": "shop=" + aKey + ", shop=whsk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=,crm=" + aKey + ",gone=" + aKey,
	}
	got, err := readConfig(lookup(env))
	if err != nil {
		t.Fatal(err)
	}
	want := webhook.Endpoints{
		{Name: "crm", URL: "http://localhost:8080/", Outcomes: []webhook.Outcome{"seen", "acted"}},
		{Name: "shop", URL: "https://shop.example/tidings", Outcomes: []webhook.Outcome{"delivered", "deadLettered"}, Types: []string{"order.*"}, Sources: []string{"/shop"}},
	}
	if diff := cmp.Diff(want, got.Endpoints); diff != "" || !endpoints.Local(got.Endpoints) {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n, m := len(got.EndpointKeys["shop"]), len(got.EndpointKeys["crm"]); n != 2 || m != 1 {
		t.Errorf("%d and %d keys", n, m)
	}
	delete(env, "WEBHOOK_KEYS")
	for _, target := range []string{"notify", "publish", "orders"} { // the last two hold actions to them
		env["FUNCTION_TARGET"] = target
		if got, err := readConfig(lookup(env)); err != nil || len(got.Endpoints) != 2 || !got.knowsEndpoints() {
			t.Errorf("%s signs nothing, and says %v; it knows %v", target, err, got.Endpoints)
		}
	}
	if (config{Target: "mirror"}).knowsEndpoints() {
		t.Error("mirror is held to WEBHOOKS, which it does not have")
	}
}

// The catalogue's actions are held to WEBHOOKS at the start, where there are types whose actions name an endpoint.
func TestTheCataloguesActionsNameEndpointsThatAreThere(t *testing.T) {
	t.Parallel()
	types, err := os.ReadFile("../shared/catalog/types.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Parse(bytes.Replace(types, []byte("- {id: accept, style: primary, "), []byte("- {id: accept, style: primary, webhook: friends, "), 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		endpoints webhook.Endpoints
		want      string
	}{
		{webhook.Endpoints{{Name: "friends"}}, ""},
		{webhook.Endpoints{{Name: "friends", Outcomes: []webhook.Outcome{webhook.Seen}}}, `WEBHOOKS: friends.outcomes: is ["seen"], and actions of friend.requested name the endpoint`},
		{webhook.Endpoints{{Name: "shop"}}, `WEBHOOKS: has no endpoint "friends", which actions of friend.requested name in the catalogue (shared/catalog/types.yaml); it has ["shop"]`},
		{nil, `WEBHOOKS: has no endpoint "friends"`},
	} {
		got := endpoints.CheckCatalogue(cat.Webhooks(), test.endpoints)
		if text := strings.Join(got, ";"); !strings.HasPrefix(text, test.want) || test.want == "" && text != "" || len(got) > 1 {
			t.Errorf("%v: got %q, want %q", test.endpoints, text, test.want)
		}
	}
}

// Whatever is wrong is told at once, by its place and with what to do. No error repeats a key.
func TestMistakesInWebhooksNameTheirPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hooks, keys string
		cloud       bool
		want        string
	}{
		"no object":           {"[1]", "", false, "WEBHOOKS: is not an object of endpoints"},
		"no YAML":             {"shop: {", "", false, "WEBHOOKS: is not an object of endpoints"},
		"a name":              {`Shop: {url: "https://s.example", outcomes: [seen]}`, "", false, `WEBHOOKS: "Shop" is no name`},
		"no address":          {"shop: {outcomes: [seen]}", "shop=" + aKey, false, "WEBHOOKS: shop.url: is missing"},
		"an address":          {"shop: {url: 7, outcomes: [seen]}", "shop=" + aKey, false, "WEBHOOKS: shop.url: is 7; an https address"},
		"http":                {`shop: {url: "http://s.example", outcomes: [seen]}`, "shop=" + aKey, false, `"http://s.example" is not https`},
		"this machine":        {`shop: {url: "http://localhost:1/", outcomes: [seen]}`, "shop=" + aKey, true, "is not https"},
		"another port":        {`shop: {url: "https://s.example:8443", outcomes: [seen]}`, "shop=" + aKey, false, "has the port 8443"},
		"a password":          {`shop: {url: "https://a:b@s.example", outcomes: [seen]}`, "shop=" + aKey, false, "a password"},
		"no host":             {`shop: {url: "https:///x", outcomes: [seen]}`, "shop=" + aKey, false, "is no address"},
		"no outcomes":         {`shop: {url: "https://s.example"}`, "shop=" + aKey, false, "WEBHOOKS: shop.outcomes: is missing"},
		"no outcome, said so": {`shop: {url: "https://s.example", outcomes: [], typs: []}`, "shop=" + aKey, false, `shop.typs: does not exist`},
		"an outcome":          {`shop: {url: "https://s.example", outcomes: [delivred]}`, "shop=" + aKey, false, `shop.outcomes: "delivred" is none; did you mean "delivered"?`},
		"outcomes, as a text": {`shop: {url: "https://s.example", outcomes: seen}`, "shop=" + aKey, false, "shop.outcomes: is seen; a list of texts"},
		"a type":              {`shop: {url: "https://s.example", outcomes: [seen], types: [post.likd]}`, "shop=" + aKey, false, `shop.types: "post.likd" stands for no type of the catalogue; did you mean "post.liked"?`},
		"a star":              {`shop: {url: "https://s.example", outcomes: [delivered], sources: ["/*/x"]}`, "shop=" + aKey, false, `shop.sources: "/*/x" has a "*" before its end`},
		"sources of marks":    {`shop: {url: "https://s.example", outcomes: [acted], sources: ["/x"]}`, "shop=" + aKey, false, "shop.sources: goes with delivered and deadLettered alone"},
		"a field":             {`shop: {uri: "https://s.example", outcomes: [seen]}`, "shop=" + aKey, false, `shop.uri: does not exist; did you mean "url"?`},
		"no key":              {`shop: {url: "https://s.example", outcomes: [seen]}`, "", false, "WEBHOOK_KEYS: has no key of shop"},
		"a key of another":    {`shop: {url: "https://s.example", outcomes: [seen]}`, "crm=" + aKey, false, "WEBHOOK_KEYS: has no key of shop"},
		"a key alone":         {`shop: {url: "https://s.example", outcomes: [seen]}`, aKey, false, "WEBHOOK_KEYS: entry 1 is not NAME=KEY"},
		"a short key":         {`shop: {url: "https://s.example", outcomes: [seen]}`, "shop=whsec_AQEB", false, "the key of shop (entry 1) has 3 bytes"},
		"a key without whsec": {`shop: {url: "https://s.example", outcomes: [seen]}`, "shop=" + aKey[6:], false, "begins with neither"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "WEBHOOKS": test.hooks, "WEBHOOK_KEYS": test.keys, "FUNCTION_TARGET": "webhooks"}
			if test.cloud {
				env["K_SERVICE"] = "webhooks"
			}
			_, err := readConfig(lookup(env))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), aKey[6:]) {
				t.Errorf("%v repeats a key", err)
			}
		})
	}
}
