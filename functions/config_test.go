package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestConfigReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		env  map[string]string
		want config
	}{
		{"as little as possible", map[string]string{"GOOGLE_CLOUD_PROJECT": "p"}, config{Project: "p", Port: "8080", AlertmanagerTeamLabel: "team"}},
		{"everything", map[string]string{
			"FUNCTION_TARGET": "publish", "PORT": "7401", "GOOGLE_CLOUD_PROJECT": "p", "FCM_ENDPOINT": "http://127.0.0.1:7407/v1", "CLOCK_FILE": "/tmp/clock",
			"PRODUCER_SERVICE_ACCOUNTS": " a@p.iam, b@p.iam ,,", "PRODUCER_AUDIENCE": "https://publish.example",
			"GITHUB_WEBHOOK_SECRETS": "new, old", "GITHUB_SKIP_BOTS": "true", "ALERTMANAGER_SECRETS": "s", "ALERTMANAGER_TEAM_LABEL": "squad",
		}, config{
			Target: "publish", Port: "7401", Project: "p", FCMEndpoint: "http://127.0.0.1:7407/v1", ClockFile: "/tmp/clock",
			ProducerAccounts: []string{"a@p.iam", "b@p.iam"}, ProducerAudience: "https://publish.example",
			GitHubSecrets: []string{"new", "old"}, GitHubSkipBots: true, AlertmanagerSecrets: []string{"s"}, AlertmanagerTeamLabel: "squad",
		}},
		{"an audience without accounts allows nobody", map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "PRODUCER_AUDIENCE": "https://x"}, config{Project: "p", Port: "8080", ProducerAudience: "https://x", AlertmanagerTeamLabel: "team"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readConfig(lookup(test.env))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestConfigTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := readConfig(lookup(map[string]string{"PRODUCER_SERVICE_ACCOUNTS": "a@p.iam", "GITHUB_SKIP_BOTS": "perhaps"}))
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{"GOOGLE_CLOUD_PROJECT", "PRODUCER_AUDIENCE", "GITHUB_SKIP_BOTS"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
}

// Without an audience, a token that a service account made for any other service would do.
func TestServiceAccountsNeedAnAudience(t *testing.T) {
	t.Parallel()
	_, err := readConfig(lookup(map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "PRODUCER_SERVICE_ACCOUNTS": "a@p.iam"}))
	if err == nil || strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
		t.Errorf("got %v", err)
	}
}

// A function that could verify nothing does not start; beside others it refuses every request.
func TestWebhooksNeedASecret(t *testing.T) {
	t.Parallel()
	for target, variable := range map[string]string{"github": "GITHUB_WEBHOOK_SECRETS", "alertmanager": "ALERTMANAGER_SECRETS"} {
		env := map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "FUNCTION_TARGET": target}
		if _, err := readConfig(lookup(env)); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s: got %v", target, err)
		}
		env[variable] = "secret"
		if _, err := readConfig(lookup(env)); err != nil {
			t.Errorf("%s with a secret: %v", target, err)
		}
	}
}
