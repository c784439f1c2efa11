package main

import (
	"context"
	"errors"
	"fmt"
	"path"

	"tidings.dev/shared/catalog"
	"tidings.dev/shared/endpoints"
	"tidings.dev/shared/webhook"
)

const webhookKeys = "webhook-keys"

// endpointFaults reads what the function webhooks is told of products, as the function itself does when it starts: where that fails, Cloud Run says only that it did not start.
// Whether each endpoint has a key, the secret alone says; findings repeat none.
func (w *wanted) endpointFaults(ctx context.Context, a ask, c container) (found []finding) {
	const name = "webhooks"
	v, _ := c.variable("WEBHOOKS")
	if v.Value == "" {
		return []finding{{Missing: name + ": WEBHOOKS names no endpoint", Do: "the variable webhooks in terraform.tfvars, then " + apply}}
	}
	cat, err := catalog.New()
	if err != nil {
		return []finding{{Missing: err.Error()}}
	}
	all, wrong := endpoints.Read(v.Value, cat.Names(), false)
	for _, fault := range wrong {
		found = append(found, finding{Missing: name + ": " + fault, Do: "the variable webhooks in terraform.tfvars, then " + apply})
	}
	w.marks = all.HearMarks()
	return append(found, w.keyFaults(ctx, a, c, all)...)
}

// keyFaults reads the version of the secret that the function reads.
func (w *wanted) keyFaults(ctx context.Context, a ask, c container, all webhook.Endpoints) (found []finding) {
	v, ok := c.variable("WEBHOOK_KEYS")
	ref := v.ValueSource.SecretKeyRef
	if !ok || path.Base(ref.Secret) != webhookKeys {
		return nil // that it is missing is said already
	}
	var version struct {
		Payload struct {
			Data []byte `json:"data"`
		} `json:"payload"`
	}
	at := fmt.Sprintf("https://secretmanager.googleapis.com/v1/projects/%s/secrets/%s/versions/%s:access", w.project, webhookKeys, ref.Version)
	switch err := a.get(ctx, at, &version); {
	case errors.Is(err, errNotFound):
		return nil // the check of the secrets says so
	case errors.Is(err, errRefused):
		return []finding{{
			Missing: "webhooks: your account may not read the secret webhook-keys, so whether each endpoint has a key is not known",
			Do:      "gcloud secrets add-iam-policy-binding webhook-keys --member=user:YOU --role=roles/secretmanager.secretAccessor --project=" + w.project,
		}}
	case err != nil:
		return []finding{{Missing: "webhooks: " + err.Error()}}
	}
	_, wrong := endpoints.ReadKeys(string(version.Payload.Data), all)
	for _, fault := range wrong {
		found = append(found, finding{
			Missing: fmt.Sprintf("webhooks: %s (version %s of the secret %s)", fault, ref.Version, webhookKeys),
			Do:      "a version that has all keys, and a new revision: infra/README.md, Webhooks",
		})
	}
	return found
}
