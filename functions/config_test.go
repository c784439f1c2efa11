package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tidings.dev/shared/producers"
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
		{"as little as possible", map[string]string{"GOOGLE_CLOUD_PROJECT": "p"}, config{Project: "p", Port: "8080", WebhookRate: 50, AlertmanagerTeamLabel: "team"}},
		{"everything", map[string]string{
			"FUNCTION_TARGET": "publish", "PORT": "7401", "GOOGLE_CLOUD_PROJECT": "p", "BEACON_URL": "http://127.0.0.1:7424/", "FCM_ENDPOINT": "http://127.0.0.1:7407/v1", "BIGQUERY_ENDPOINT": "http://127.0.0.1:7423/bigquery/v2/", "CLOCK_FILE": "/tmp/clock",
			"PRODUCER_AUDIENCE": "https://publish.example", "WEBHOOK_RATE": "2.5",
			"GITHUB_WEBHOOK_SECRETS": "new, old", "GITHUB_SKIP_BOTS": "true", "ALERTMANAGER_SECRETS": "s", "ALERTMANAGER_TEAM_LABEL": "squad",
		}, config{
			Target: "publish", Port: "7401", Project: "p", BeaconURL: "http://127.0.0.1:7424", FCMEndpoint: "http://127.0.0.1:7407/v1", BigQueryEndpoint: "http://127.0.0.1:7423/bigquery/v2/", ClockFile: "/tmp/clock",
			ProducerAudience: "https://publish.example", WebhookRate: 2.5,
			GitHubSecrets: []string{"new", "old"}, GitHubSkipBots: true, AlertmanagerSecrets: []string{"s"}, AlertmanagerTeamLabel: "squad",
		}},
		{"an audience without grants allows nobody", map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "PRODUCER_AUDIENCE": "https://x"}, config{Project: "p", Port: "8080", ProducerAudience: "https://x", WebhookRate: 50, AlertmanagerTeamLabel: "team"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := readConfig(lookup(test.env))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(producers.Grants{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestConfigTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	cloudRun := map[string]string{"K_SERVICE": "publish", "GOOGLE_CLOUD_PROJECT": "p", "FUNCTION_TARGET": "publish"}
	with := func(more ...string) map[string]string {
		env := maps.Clone(cloudRun)
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	tests := []struct {
		name string
		env  map[string]string
		want []string // the variables that the error names, one line each
	}{
		{"nothing is set", nil, []string{"GOOGLE_CLOUD_PROJECT"}},
		{"everywhere", map[string]string{"PRODUCER_GRANTS": `{shop: {producers: ["serviceAccount:a@p.iam"], typs: [info], settings: 1}}`, "WEBHOOK_RATE": "NaN", "GITHUB_SKIP_BOTS": "perhaps", "FUNCTION_TARGET": "publsh", "PORT": "http"},
			[]string{"PRODUCER_GRANTS:", "PRODUCER_GRANTS:", "PRODUCER_GRANTS:", "WEBHOOK_RATE", "GITHUB_SKIP_BOTS", "FUNCTION_TARGET", "PORT", "GOOGLE_CLOUD_PROJECT", "PRODUCER_AUDIENCE"}},
		{"on Cloud Run", cloudRun, nil},
		{"Google's own FCM on Cloud Run", with("FCM_ENDPOINT", "https://fcm.googleapis.com/v1"), nil},
		{"no function on Cloud Run", with("FUNCTION_TARGET", ""), []string{"FUNCTION_TARGET"}},
		{"a laptop's variables on Cloud Run", with("FUNCTION_TARGET", "", "FIRESTORE_EMULATOR_HOST", "x", "PUBSUB_EMULATOR_HOST", "x", "FIREBASE_AUTH_EMULATOR_HOST", "x", "CLOCK_FILE", "x", "FCM_ENDPOINT", "http://127.0.0.1:1/v1"),
			[]string{"FUNCTION_TARGET", "FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST", "CLOCK_FILE", "FCM_ENDPOINT"}},
		{"who calls is not said on Cloud Run", with("FUNCTION_TARGET", "mirror"), []string{"CALLER_ACCOUNTS", "CALLER_ACCOUNTS"}},
		{"who calls is said on Cloud Run", with("FUNCTION_TARGET", "mirror", "CALLER_ACCOUNTS", "eventarc=e@p.iam, scheduler=s@p.iam"), nil},
		{"no operators yet", with("FUNCTION_TARGET", "deadletters", "CALLER_ACCOUNTS", "pubsub=s@p.iam"), nil},
		{"a kind of caller that there is not, and no address", with("CALLER_ACCOUNTS", "pubsb=a@p.iam,operator=anna,public=a@b"), []string{"CALLER_ACCOUNTS", "CALLER_ACCOUNTS", "CALLER_ACCOUNTS"}},
		{"keys of a laptop on Cloud Run", with("CALLER_KEYS", "keys.json"), []string{"CALLER_KEYS"}},
		{"a beacon that knows no key", with("FUNCTION_TARGET", "beacon"), []string{"FACTS_KEY"}},
		{"a beacon with a path", with("BEACON_URL", "https://beacon.example/beacon"), []string{"BEACON_URL"}},
		{"an unencrypted beacon on Cloud Run", with("BEACON_URL", "http://beacon.example"), []string{"BEACON_URL"}},
		{"a beacon that fills a push", with("BEACON_URL", "https://"+strings.Repeat("b", 100)), []string{"BEACON_URL"}},
		{"somebody else's FCM on Cloud Run", with("FCM_ENDPOINT", "https://googleapis.com.example/v1"), []string{"FCM_ENDPOINT"}},
		{"somebody else's BigQuery on Cloud Run", with("BIGQUERY_ENDPOINT", "http://127.0.0.1:1/bigquery/v2/"), []string{"BIGQUERY_ENDPOINT"}},
		{"an unencrypted FCM on Cloud Run", with("FCM_ENDPOINT", "http://fcm.googleapis.com/v1"), []string{"FCM_ENDPOINT"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := readConfig(lookup(test.env))
			var got []string
			if err != nil {
				for _, line := range strings.Split(err.Error(), "\n")[1:] {
					name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
					got = append(got, name)
				}
			}
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(producers.Grants{})); diff != "" {
				t.Errorf("-want +got:\n%s\n%v", diff, err)
			}
		})
	}
}

// On a laptop nobody else in the network may call the functions; on Cloud Run its front end must reach them.
func TestWhereToListen(t *testing.T) {
	t.Parallel()
	for service, want := range map[string]string{"": "127.0.0.1:8080", "publish": ":8080"} {
		c, err := readConfig(lookup(map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "FUNCTION_TARGET": "publish", "K_SERVICE": service}))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.address(); got != want {
			t.Errorf("K_SERVICE %q: got %q, want %q", service, got, want)
		}
	}
}

// Without an audience, a token that a service account made for any other service would do.
func TestServiceAccountsNeedAnAudience(t *testing.T) {
	t.Parallel()
	_, err := readConfig(lookup(map[string]string{"GOOGLE_CLOUD_PROJECT": "p", "PRODUCER_GRANTS": `{shop: {producers: ["serviceAccount:a@p.iam"], settings: true}}`}))
	if err == nil || !strings.Contains(err.Error(), "PRODUCER_AUDIENCE") || strings.Contains(err.Error(), "GOOGLE_CLOUD_PROJECT") {
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
