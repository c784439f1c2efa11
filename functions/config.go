package main

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// config is everything that the environment says. The SDKs' own variables (FIRESTORE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST,
// FIREBASE_AUTH_EMULATOR_HOST, GOOGLE_APPLICATION_CREDENTIALS) are the SDKs' to read.
type config struct {
	Target  string // FUNCTION_TARGET: which function to serve; empty serves all
	Port    string // PORT; 8080
	Project string // GOOGLE_CLOUD_PROJECT

	ProducerAccounts []string // PRODUCER_SERVICE_ACCOUNTS: who may post events by OIDC, comma-separated
	ProducerAudience string   // PRODUCER_AUDIENCE: what their tokens must be made for
	FCMEndpoint      string   // FCM_ENDPOINT: another address of FCM's API; empty is Google's
	ClockFile        string   // CLOCK_FILE: an offset to the system's clock, for rehearsals; empty is none

	GitHubSecrets         []string // GITHUB_WEBHOOK_SECRETS: of the webhooks at GitHub, comma-separated; two while one is replaced
	GitHubSkipBots        bool     // GITHUB_SKIP_BOTS: true leaves out what bots do
	AlertmanagerSecrets   []string // ALERTMANAGER_SECRETS: what Alertmanager and Grafana send, comma-separated; two while one is replaced
	AlertmanagerTeamLabel string   // ALERTMANAGER_TEAM_LABEL: the label that names the team on duty; team
}

// readConfig reads the environment through lookup and reports all problems at once.
func readConfig(lookup func(string) string) (config, error) {
	c := config{
		Target: lookup("FUNCTION_TARGET"), Port: lookup("PORT"), Project: lookup("GOOGLE_CLOUD_PROJECT"),
		ProducerAudience: lookup("PRODUCER_AUDIENCE"), FCMEndpoint: lookup("FCM_ENDPOINT"), ClockFile: lookup("CLOCK_FILE"),
		ProducerAccounts: list(lookup("PRODUCER_SERVICE_ACCOUNTS")), GitHubSecrets: list(lookup("GITHUB_WEBHOOK_SECRETS")),
		AlertmanagerSecrets: list(lookup("ALERTMANAGER_SECRETS")), AlertmanagerTeamLabel: cmp.Or(lookup("ALERTMANAGER_TEAM_LABEL"), "team"),
	}
	if c.Port == "" {
		c.Port = "8080"
	}
	var errs []error
	if skip := lookup("GITHUB_SKIP_BOTS"); skip != "" {
		var err error
		if c.GitHubSkipBots, err = strconv.ParseBool(skip); err != nil {
			errs = append(errs, fmt.Errorf("GITHUB_SKIP_BOTS is %q; true or false was expected", skip))
		}
	}
	if c.Target == "github" && len(c.GitHubSecrets) == 0 {
		errs = append(errs, errors.New("GITHUB_WEBHOOK_SECRETS is not set; without the webhook's secret nothing can be verified"))
	}
	if c.Target == "alertmanager" && len(c.AlertmanagerSecrets) == 0 {
		errs = append(errs, errors.New("ALERTMANAGER_SECRETS is not set; without a secret nothing can be verified"))
	}
	if c.Project == "" {
		errs = append(errs, errors.New("GOOGLE_CLOUD_PROJECT is not set; name the project"))
	}
	if len(c.ProducerAccounts) > 0 && c.ProducerAudience == "" {
		errs = append(errs, errors.New("PRODUCER_AUDIENCE is not set; PRODUCER_SERVICE_ACCOUNTS needs it: a token made for somebody else must not do"))
	}
	if err := errors.Join(errs...); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
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
