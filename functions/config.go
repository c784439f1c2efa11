package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/endpoints"
	"tidings.dev/shared/mail"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topology"
	"tidings.dev/shared/webhook"
)

// config is everything that the environment says. The SDKs' own variables (FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST,
// FIREBASE_AUTH_EMULATOR_HOST, GOOGLE_APPLICATION_CREDENTIALS) are the SDKs' to read.
type config struct {
	Target   string // FUNCTION_TARGET: which function to serve; empty serves all
	Port     string // PORT; 8080
	Project  string // GOOGLE_CLOUD_PROJECT
	CloudRun bool   // K_SERVICE is set, as Cloud Run sets it: this is no laptop

	Grants           producers.Grants // PRODUCER_GRANTS: what each producer may do, as YAML or JSON; empty: nothing
	ProducerAudience string           // PRODUCER_AUDIENCE: what tokens of service accounts must be made for
	FactsKey         string           // FACTS_KEY: makes persons of uids in facts; empty: no facts are told
	BeaconURL        string           // BEACON_URL: the address of the function beacon; empty: pushes have none
	FCMEndpoint      string           // FCM_ENDPOINT: another address of FCM's API; empty is Google's
	BigQueryEndpoint string           // BIGQUERY_ENDPOINT: another address of BigQuery's API; empty is Google's
	ClockFile        string           // CLOCK_FILE: an offset to the system's clock, for rehearsals; empty is none

	WebhookRate           float64  // WEBHOOK_RATE: units a second that each source may bring in; 50
	GitHubSecrets         []string // GITHUB_WEBHOOK_SECRETS: of the webhooks at GitHub, comma-separated; two while one is replaced
	GitHubSkipBots        bool     // GITHUB_SKIP_BOTS: true leaves out what bots do
	AlertmanagerSecrets   []string // ALERTMANAGER_SECRETS: what Alertmanager and Grafana send, comma-separated; two while one is replaced
	AlertmanagerTeamLabel string   // ALERTMANAGER_TEAM_LABEL: the label that names the team on duty; team

	Endpoints    webhook.Endpoints       // WEBHOOKS: who is told what became of events, as YAML or JSON; empty: nobody
	EndpointKeys map[string]webhook.Keys // WEBHOOK_KEYS: what messages to each endpoint are signed with
	Callers      callerConfig            // CALLER_…
	Telemetry    telemetry.Config        // OTEL_…: OpenTelemetry's own
	Mail         mail.Config             // SMTP_…, MAIL_…, DKIM_…, UNSUBSCRIBE_KEYS
}

// functionNames returns what FUNCTION_TARGET may say.
func functionNames() (names []string) {
	for _, f := range topology.Deployed().Functions {
		names = append(names, f.Name)
	}
	return names
}

// readConfig reads the environment through lookup. The error names every problem: the variable, what is wrong, and what to do.
func readConfig(lookup func(string) string) (config, error) {
	c := config{
		Target: lookup("FUNCTION_TARGET"), Port: cmp.Or(lookup("PORT"), "8080"), Project: lookup("GOOGLE_CLOUD_PROJECT"), CloudRun: lookup("K_SERVICE") != "",
		ProducerAudience: lookup("PRODUCER_AUDIENCE"), FactsKey: lookup("FACTS_KEY"), BeaconURL: strings.TrimSuffix(lookup("BEACON_URL"), "/"), FCMEndpoint: lookup("FCM_ENDPOINT"), BigQueryEndpoint: lookup("BIGQUERY_ENDPOINT"), ClockFile: lookup("CLOCK_FILE"),
		GitHubSecrets:       list(lookup("GITHUB_WEBHOOK_SECRETS")),
		AlertmanagerSecrets: list(lookup("ALERTMANAGER_SECRETS")), AlertmanagerTeamLabel: cmp.Or(lookup("ALERTMANAGER_TEAM_LABEL"), "team"),
	}
	var problems problems
	c.Callers = readCallers(lookup, &problems)
	var wrong []string
	c.Telemetry, wrong = telemetry.Read(lookup)
	problems = append(problems, wrong...)
	c.Mail, wrong = mail.Read(lookup)
	problems = append(problems, wrong...)
	if grants := lookup("PRODUCER_GRANTS"); grants != "" {
		c.readGrants(grants, &problems)
	}
	if webhooks := lookup("WEBHOOKS"); webhooks != "" {
		c.readWebhooks(webhooks, lookup("WEBHOOK_KEYS"), &problems)
	}
	rate, err := strconv.ParseFloat(cmp.Or(lookup("WEBHOOK_RATE"), "50"), 64)
	if c.WebhookRate = rate; err != nil || !(rate >= 0.1 && rate <= 10_000) { // NaN is neither
		problems.add("WEBHOOK_RATE is %q; units a second were expected, a number from 0.1 to 10000", lookup("WEBHOOK_RATE"))
	}
	if skip := lookup("GITHUB_SKIP_BOTS"); skip != "" {
		var err error
		if c.GitHubSkipBots, err = strconv.ParseBool(skip); err != nil {
			problems.add("GITHUB_SKIP_BOTS is %q; true or false was expected", skip)
		}
	}
	c.check(&problems)
	if cat, err := shipped(); err == nil && c.knowsEndpoints() {
		problems = append(problems, endpoints.CheckCatalogue(cat.Webhooks(), c.Endpoints)...)
	}
	if c.CloudRun {
		c.checkCloudRun(&problems, lookup)
	}
	return c, problems.err()
}

// shipped is the catalogue, read once: grants are held to it, and the functions speak by it.
var shipped = sync.OnceValues(catalog.New)

// readGrants reads what producers may do, and holds it against the catalogue.
func (c *config) readGrants(text string, problems *problems) {
	cat, err := shipped()
	if err != nil {
		problems.add("%v", err)
		return
	}
	var wrong []string
	c.Grants, wrong = producers.Parse(text, cat.Names())
	for _, w := range wrong {
		problems.add("PRODUCER_GRANTS: %s", w)
	}
}

// readWebhooks reads who is told what became of events. The keys are for the function that sends.
func (c *config) readWebhooks(text, keys string, problems *problems) {
	cat, err := shipped()
	if err != nil {
		problems.add("%v", err)
		return
	}
	var wrong []string
	c.Endpoints, wrong = endpoints.Read(text, cat.Names(), !c.CloudRun)
	*problems = append(*problems, wrong...)
	if c.Target == "webhooks" || c.Target == "" {
		c.EndpointKeys, wrong = endpoints.ReadKeys(keys, c.Endpoints)
		*problems = append(*problems, wrong...)
	}
}

// knowsEndpoints reports whether what is served has the variable WEBHOOKS.
func (c config) knowsEndpoints() bool {
	return slices.ContainsFunc(topology.Deployed().Functions, func(f topology.Function) bool {
		return (c.Target == "" || c.Target == f.Name) && slices.Contains(f.Environment, "WEBHOOKS")
	})
}

// check looks for what is wrong everywhere.
func (c config) check(problems *problems) {
	if c.Target != "" && !slices.Contains(functionNames(), c.Target) {
		problems.add("FUNCTION_TARGET is %q; one of %s was expected", c.Target, strings.Join(functionNames(), ", "))
	}
	if port, err := strconv.Atoi(c.Port); err != nil || port < 1 || port > 65535 {
		problems.add("PORT is %q; a number from 1 to 65535 was expected", c.Port)
	}
	if c.Target == "github" && len(c.GitHubSecrets) == 0 {
		problems.add("GITHUB_WEBHOOK_SECRETS is not set; without the webhook's secret nothing can be verified")
	}
	if c.Target == "alertmanager" && len(c.AlertmanagerSecrets) == 0 {
		problems.add("ALERTMANAGER_SECRETS is not set; without a secret nothing can be verified")
	}
	if c.Target == "unsubscribe" && len(c.Mail.Keys) == 0 {
		problems.add("UNSUBSCRIBE_KEYS is not set; without the keys of the mails' links nothing can be verified")
	}
	if n := len(c.FactsKey); n > 0 && n < minFactsKey {
		problems.add("FACTS_KEY has %d characters; %d or more were expected, or uids can be guessed from facts", n, minFactsKey)
	}
	if c.Target == "beacon" && c.FactsKey == "" {
		problems.add("FACTS_KEY is not set; without the key no token of a push can be verified")
	}
	if at, err := url.Parse(c.BeaconURL); c.BeaconURL != "" && (err != nil || at.Host == "" || at.Scheme != "https" && (c.CloudRun || at.Scheme != "http") || at.Path+at.RawQuery != "" || len(c.BeaconURL) > 100) {
		problems.add("BEACON_URL is %.200q; an https address without a path was expected, of 100 characters at most: each push carries it", c.BeaconURL)
	}
	if c.Project == "" {
		problems.add("GOOGLE_CLOUD_PROJECT is not set; name the project")
	}
	if c.Grants.HasServiceAccounts() && c.ProducerAudience == "" {
		problems.add("PRODUCER_AUDIENCE is not set; PRODUCER_GRANTS has service accounts, which need it, or a token that was made for another service would do")
	}
}

// minFactsKey is how long a key must be: 256 bits in hexadecimal are 64, and 32 of any characters are hard to guess.
const minFactsKey = 32

// localOnly are the variables that are for a laptop. On Cloud Run each of them opens a door: with an Auth emulator, say, a token
// needs no signature.
var localOnly = []string{"FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "CLOCK_FILE", "CALLER_KEYS"}

// checkCloudRun looks for what is right on a laptop and wrong on Cloud Run.
func (c config) checkCloudRun(problems *problems, lookup func(string) string) {
	if c.Target == "" {
		problems.add("FUNCTION_TARGET is not set; a Cloud Run service serves one function: set it to one of %s", strings.Join(functionNames(), ", "))
	}
	c.Callers.checkTarget(c.Target, problems)
	for _, name := range localOnly {
		if value := lookup(name); value != "" {
			problems.add("%s is %q; it is for a laptop: remove it from the Cloud Run service", name, value)
		}
	}
	for _, name := range []string{"FCM_ENDPOINT", "BIGQUERY_ENDPOINT"} {
		if value := lookup(name); value != "" && !isGoogle(value) {
			problems.add("%s is %q; on Cloud Run it must be an https address below googleapis.com: remove it from the service", name, value)
		}
	}
}

// isGoogle says whether address is one of Google's APIs.
func isGoogle(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && strings.HasSuffix(u.Hostname(), ".googleapis.com")
}

// address is what to listen on. Only Cloud Run's front end reaches a container there. On a laptop anybody in the same network would
// reach an open port, and who may call notify is known only where CALLER_ACCOUNTS says so.
func (c config) address() string {
	if c.CloudRun {
		return ":" + c.Port
	}
	return net.JoinHostPort("127.0.0.1", c.Port)
}

// problems are what is wrong with the environment, one line each.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return errors.New("configuration:\n  " + strings.Join(p, "\n  "))
}

// list splits a comma-separated value; spaces and empty entries do not count.
func list(value string) (entries []string) {
	for _, entry := range strings.Split(value, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}
