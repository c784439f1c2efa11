package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/shared/topology"
)

// lookAtTopics asks whether each topic is there, and whether the functions and Pub/Sub itself may publish on it.
func lookAtTopics(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	for _, topic := range w.table.Topics {
		var p policy
		if err := a.get(ctx, "https://pubsub.googleapis.com/v1/projects/"+w.project+"/topics/"+topic+":getIamPolicy", &p); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: topic + " is missing", Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		may := p.members("roles/pubsub.publisher")
		for _, f := range w.functions() {
			if slices.Contains(f.Publishes, topic) && !slices.Contains(may, "serviceAccount:"+w.account(f.Name)) {
				found = append(found, finding{Missing: w.account(f.Name) + " may not publish on " + topic, Do: apply})
			}
		}
		dead := slices.ContainsFunc(w.table.Subscriptions, func(s topology.Subscription) bool { return s.DeadLetter == topic })
		if dead && !slices.Contains(may, w.pubsubAgent()) {
			found = append(found, finding{Missing: "Pub/Sub itself may not publish on " + topic + ", so dead letters stay where they are", Do: apply})
		}
	}
	return found, nil
}

func (w *wanted) pubsubAgent() string {
	return "serviceAccount:service-" + w.number + "@gcp-sa-pubsub.iam.gserviceaccount.com"
}

// storedSubscription is a subscription as Pub/Sub's API tells of it.
type storedSubscription struct {
	Name       string `json:"name"`
	Topic      string `json:"topic"`
	State      string `json:"state"`
	PushConfig struct {
		PushEndpoint string `json:"pushEndpoint"`
		OidcToken    struct {
			ServiceAccountEmail string `json:"serviceAccountEmail"`
			Audience            string `json:"audience"`
		} `json:"oidcToken"`
	} `json:"pushConfig"`
	AckDeadlineSeconds int `json:"ackDeadlineSeconds"`
	RetryPolicy        struct {
		MinimumBackoff string `json:"minimumBackoff"`
		MaximumBackoff string `json:"maximumBackoff"`
	} `json:"retryPolicy"`
	DeadLetterPolicy struct {
		DeadLetterTopic     string `json:"deadLetterTopic"`
		MaxDeliveryAttempts int    `json:"maxDeliveryAttempts"`
	} `json:"deadLetterPolicy"`
	ExpirationPolicy struct {
		TTL string `json:"ttl"`
	} `json:"expirationPolicy"`
}

func lookAtSubscriptions(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	for _, want := range w.table.Subscriptions {
		if !w.runs(want.Function) {
			continue
		}
		at := "https://pubsub.googleapis.com/v1/projects/" + w.project + "/subscriptions/" + want.Name
		var got storedSubscription
		if err := a.get(ctx, at, &got); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: want.Name + " is missing", Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		found = append(found, w.differences(want, got)...)
		if want.DeadLetter == "" {
			continue
		}
		var p policy
		if err := a.get(ctx, at+":getIamPolicy", &p); err != nil {
			return found, err
		}
		if !slices.Contains(p.members("roles/pubsub.subscriber"), w.pubsubAgent()) {
			found = append(found, finding{Missing: want.Name + ": Pub/Sub itself may not take dead letters off it", Do: apply})
		}
	}
	return found, nil
}

// differences compares a subscription with the table, setting by setting.
func (w *wanted) differences(want topology.Subscription, got storedSubscription) (found []finding) {
	topic := func(name string) string {
		if name == "" {
			return ""
		}
		return "projects/" + w.project + "/topics/" + name
	}
	seconds := func(s topology.Seconds) string { return fmt.Sprintf("%ds", s) }
	expiry := got.ExpirationPolicy.TTL // absent is for ever
	for _, c := range []struct{ what, got, want string }{
		{"state", got.State, "ACTIVE"},
		{"topic", got.Topic, topic(want.Topic)},
		{"endpoint", got.PushConfig.PushEndpoint, w.url(want.Function) + want.Path},
		{"token's account", got.PushConfig.OidcToken.ServiceAccountEmail, w.account(string(topology.PubSub))},
		{"token's audience", got.PushConfig.OidcToken.Audience, w.url(want.Function)},
		{"ack deadline", fmt.Sprint(got.AckDeadlineSeconds), fmt.Sprint(int(want.AckDeadline))},
		{"least wait after a refusal", got.RetryPolicy.MinimumBackoff, seconds(want.MinBackoff)},
		{"longest wait after a refusal", got.RetryPolicy.MaximumBackoff, seconds(want.MaxBackoff)},
		{"dead letter topic", got.DeadLetterPolicy.DeadLetterTopic, topic(want.DeadLetter)},
		{"attempts", fmt.Sprint(got.DeadLetterPolicy.MaxDeliveryAttempts), fmt.Sprint(want.Attempts)},
		{"expiry", expiry, ""},
	} {
		if c.got != c.want {
			found = append(found, finding{Missing: fmt.Sprintf("%s: its %s is %q; %q was expected", want.Name, c.what, c.got, c.want), Do: apply})
		}
	}
	return found
}

func lookAtTriggers(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	type trigger struct {
		ServiceAccount string                              `json:"serviceAccount"`
		EventFilters   []struct{ Attribute, Value string } `json:"eventFilters"`
		Destination    struct {
			CloudRun struct{ Service, Path string } `json:"cloudRun"`
		} `json:"destination"`
	}
	for _, want := range w.table.Triggers {
		if !w.runs(want.Function) || want.Function == "webhooks" && !w.marks {
			continue
		}
		var got trigger
		at := fmt.Sprintf("https://eventarc.googleapis.com/v1/projects/%s/locations/%s/triggers/%s", w.project, w.location, want.Name)
		if err := a.get(ctx, at, &got); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: want.Name + " is missing in " + w.location, Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		filters := map[string]string{}
		for _, f := range got.EventFilters {
			filters[f.Attribute] = f.Value
		}
		is := strings.Join([]string{filters["type"], filters["document"], got.Destination.CloudRun.Service, got.Destination.CloudRun.Path, got.ServiceAccount}, " ")
		if be := strings.Join([]string{string(want.Event), want.Document, want.Function, want.Path, w.account(string(topology.Eventarc))}, " "); is != be {
			found = append(found, finding{Missing: fmt.Sprintf("%s: it is %q; %q was expected", want.Name, is, be), Do: apply})
		}
	}
	return found, nil
}

// lookAtJobs asks Cloud Scheduler what it calls: functions, and the commands, which Cloud Run starts for it.
func lookAtJobs(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	look := func(name, schedule, uri, playbook string) error {
		var got scheduled
		err := a.get(ctx, fmt.Sprintf("https://cloudscheduler.googleapis.com/v1/projects/%s/locations/%s/jobs/%s", w.project, w.region, name), &got)
		switch {
		case errors.Is(err, errNotFound):
			found = append(found, finding{Missing: name + " is missing", Do: apply})
		case err != nil:
			return err
		case got.State != "ENABLED":
			found = append(found, finding{Missing: name + " is " + got.State, Do: fmt.Sprintf("gcloud scheduler jobs resume %s --location=%s --project=%s", name, w.region, w.project)})
		case got.Schedule != schedule || got.HTTPTarget.URI != uri:
			found = append(found, finding{Missing: fmt.Sprintf("%s calls %s at %q; %s at %q was expected", name, got.HTTPTarget.URI, got.Schedule, uri, schedule), Do: apply})
		case got.caller() != w.account(string(topology.Scheduler)):
			found = append(found, finding{Missing: fmt.Sprintf("%s calls as %q; %q was expected", name, got.caller(), w.account(string(topology.Scheduler))), Do: apply})
		case got.Status.Code != 0:
			found = append(found, finding{Missing: fmt.Sprintf("%s: its last call failed (code %d)", name, got.Status.Code), Do: playbook})
		}
		return nil
	}
	for _, j := range w.table.Jobs {
		if !w.runs(j.Function) {
			continue
		}
		if err := look(j.Name, j.Schedule, w.url(j.Function)+j.Path, "infra/playbooks/clock.md"); err != nil {
			return found, err
		}
	}
	for _, c := range w.commands() {
		if err := look("command-"+c.Name, c.Schedule, w.command(c.Name)+":run", "infra/playbooks/archive.md"); err != nil {
			return found, err
		}
	}
	return found, nil
}

// scheduled is a job of Cloud Scheduler as its API tells of it.
type scheduled struct {
	State    string `json:"state"`
	Schedule string `json:"schedule"`
	Status   struct {
		Code int `json:"code"` // of the last attempt, as gRPC numbers them
	} `json:"status"`
	HTTPTarget struct {
		URI        string `json:"uri"`
		OIDCToken  token  `json:"oidcToken"`  // of calls to functions
		OAuthToken token  `json:"oauthToken"` // of calls to Google's APIs
	} `json:"httpTarget"`
}

type token struct {
	ServiceAccountEmail string `json:"serviceAccountEmail"`
}

// caller is the account in whose name it calls.
func (s scheduled) caller() string {
	return cmp.Or(s.HTTPTarget.OIDCToken.ServiceAccountEmail, s.HTTPTarget.OAuthToken.ServiceAccountEmail)
}
