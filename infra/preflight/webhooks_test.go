package main

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

const (
	keysURL = "https://secretmanager.googleapis.com/v1/projects/" + id + "/secrets/webhook-keys/versions/latest:access"
	key     = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
)

// What the function webhooks would say of its variables in a log that nobody has found yet, preflight says. No finding repeats a key.
func TestWebhooksAreLookedAt(t *testing.T) {
	t.Parallel()
	const configure = " → the variable webhooks in terraform.tfvars, then tofu apply"
	shop := func(url, outcome string) string {
		return `{"shop":{"url":"` + url + `","outcomes":["` + outcome + `"]}}`
	}
	for name, c := range map[string]struct {
		hooks string // WEBHOOKS; "" is what right has
		keys  string
		spoil func(a answers)
		want  string // "" is nothing
	}{
		"good":               {"", "shop=" + key, nil, ""},
		"another key too":    {"", "shop=" + key + ",gone=" + key, nil, ""},
		"none":               {"", "shop=" + key, func(a answers) { setHooks(a, "") }, "functions: webhooks: WEBHOOKS names no endpoint" + configure},
		"wrong URL":          {shop("http://shop.example", "delivered"), "shop=" + key, nil, `functions: webhooks: WEBHOOKS: shop.url: "http://shop.example" is not https`},
		"unknown outcome":    {shop("https://shop.example", "delivred"), "shop=" + key, nil, `functions: webhooks: WEBHOOKS: shop.outcomes: "delivred" is none; did you mean "delivered"?` + configure},
		"a name without key": {"", "desk=" + key, nil, "functions: webhooks: WEBHOOK_KEYS: has no key of shop"},
		"a short key":        {"", "shop=whsec_AQEB", nil, "functions: webhooks: WEBHOOK_KEYS: the key of shop (entry 1) has 3 bytes"},
		"no secret":          {"", "", func(a answers) { a.missing(secretURL("webhook-keys")); a.missing(keysURL) }, "secrets: webhook-keys: there is no such secret → tofu apply"},
		"no version":         {"", "", func(a answers) { a.get(secretURL("webhook-keys"), object{}); a.missing(keysURL) }, "secrets: webhook-keys has no version that is enabled, so webhooks cannot start"},
		"a secret not read": {"", "", func(a answers) { a["GET "+keysURL] = answer{http.StatusForbidden, `{}`} },
			"functions: webhooks: your account may not read the secret webhook-keys, so whether each endpoint has a key is not known → gcloud secrets add-iam-policy-binding webhook-keys"},
		"a key in plain text": {"", "", func(a answers) {
			a.spoil("GET", runURL("webhooks"), func(o object) {
				delete(find(o, "WEBHOOK_KEYS"), "valueSource")
			})
		}, `functions: webhooks has the variable WEBHOOK_KEYS from the secret ""; "webhook-keys" was expected → tofu apply`},
		"marks without a trigger": {shop("https://shop.example", "seen"), "shop=" + key, func(a answers) { a.missing(triggerURL("webhooks-marks")) }, "triggers: webhooks-marks is missing in us-central1 → tofu apply"},
	} {
		w := asked(t)
		w.outgoing = true
		a := right(w)
		a.missing(triggerURL("webhooks-marks")) // nobody wants to know of marks
		if c.hooks != "" {
			setHooks(a, c.hooks)
		}
		a.get(keysURL, object{"payload": object{"data": base64.StdEncoding.EncodeToString([]byte(c.keys))}})
		if c.spoil != nil {
			c.spoil(a)
		}
		got := lacks(w, a)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
			t.Errorf("%s: got %q\nwant %q", name, got, c.want)
		}
		if strings.Contains(strings.Join(got, ""), key[6:]) {
			t.Errorf("%s: a finding repeats a key", name)
		}
		if w.outgoing = false; len(lacks(w, a)) > 0 {
			t.Errorf("%s: without -webhooks, got %q", name, lacks(w, a))
		}
	}
}

// setHooks is what the function webhooks is told.
func setHooks(a answers, text string) {
	a.spoil("GET", runURL("webhooks"), func(o object) { find(o, "WEBHOOKS")["value"] = text })
}

// find is a variable of a service.
func find(o object, name string) object {
	for _, v := range dig(o, "template", "containers", 0)["env"].([]any) {
		if v.(object)["name"] == name {
			return v.(object)
		}
	}
	panic(name + " is no variable") // a test's own mistake
}
