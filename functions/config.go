package main

import (
	"errors"
	"fmt"
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
}

// readConfig reads the environment through lookup and reports all problems at once.
func readConfig(lookup func(string) string) (config, error) {
	c := config{
		Target: lookup("FUNCTION_TARGET"), Port: lookup("PORT"), Project: lookup("GOOGLE_CLOUD_PROJECT"),
		ProducerAudience: lookup("PRODUCER_AUDIENCE"), FCMEndpoint: lookup("FCM_ENDPOINT"), ClockFile: lookup("CLOCK_FILE"),
	}
	for _, account := range strings.Split(lookup("PRODUCER_SERVICE_ACCOUNTS"), ",") {
		if account = strings.TrimSpace(account); account != "" {
			c.ProducerAccounts = append(c.ProducerAccounts, account)
		}
	}
	if c.Port == "" {
		c.Port = "8080"
	}
	var errs []error
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
