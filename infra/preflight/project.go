package main

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strings"
)

func lookAtProject(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	var project struct {
		ProjectNumber  string `json:"projectNumber"`
		LifecycleState string `json:"lifecycleState"`
	}
	err := a.get(ctx, "https://cloudresourcemanager.googleapis.com/v1/projects/"+w.project, &project)
	switch {
	case errors.Is(err, errNotFound), errors.Is(err, errRefused): // Google says 403 where there is none
		return []finding{{Missing: "there is no project " + w.project + " that you may see", Do: "gcloud projects create " + w.project}}, nil
	case errors.Is(err, errDisabled):
		return []finding{{Missing: "cloudresourcemanager.googleapis.com is not enabled", Do: "gcloud services enable cloudresourcemanager.googleapis.com"}}, nil
	case err != nil:
		return nil, err
	}
	w.number = project.ProjectNumber
	if project.LifecycleState != "ACTIVE" {
		return []finding{{Missing: "it is " + project.LifecycleState + "; ACTIVE was expected"}}, nil
	}
	return nil, nil
}

func lookAtBilling(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	var billing struct {
		BillingEnabled bool `json:"billingEnabled"`
	}
	err := a.get(ctx, "https://cloudbilling.googleapis.com/v1/projects/"+w.project+"/billingInfo", &billing)
	if err != nil || billing.BillingEnabled {
		return nil, err
	}
	return []finding{{Missing: "the project has no billing account that is open", Do: "gcloud billing projects link " + w.project + " --billing-account=…"}}, nil
}

func lookAtServices(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	type service struct {
		Config struct {
			Name string `json:"name"`
		} `json:"config"`
	}
	enabled, err := listOf[service](ctx, a, "https://serviceusage.googleapis.com/v1/projects/"+w.project+"/services?filter=state:ENABLED&pageSize=200", "services")
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range w.table.Services {
		if !slices.ContainsFunc(enabled, func(s service) bool { return s.Config.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	return []finding{{Missing: strings.Join(missing, " ") + " not enabled", Do: apply}}, nil
}

func lookAtFirebase(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	var project struct {
		ProjectID string `json:"projectId"`
	}
	at := "https://firebase.googleapis.com/v1beta1/projects/" + w.project
	if err := a.get(ctx, at, &project); errors.Is(err, errNotFound) {
		return []finding{{Missing: "the project is not a Firebase project", Do: "npx firebase-tools projects:addfirebase " + w.project}}, nil
	} else if err != nil {
		return nil, err
	}
	apps, err := listOf[struct{}](ctx, a, at+"/webApps", "apps")
	if err == nil && len(apps) == 0 {
		return []finding{{Missing: "there is no web app", Do: "npx firebase-tools apps:create WEB tidings --project " + w.project}}, nil
	}
	return nil, err
}

// lookAtVAPIDKey looks at the key's form only: no API of Google's tells which keys a project has.
func lookAtVAPIDKey(_ context.Context, w *wanted, _ ask) ([]finding, error) {
	const where = "Firebase console, Project settings, Cloud Messaging, Web Push certificates"
	if w.vapidKey == "" {
		return []finding{{Missing: "no -vapid-key was given, so whether there is one is not known", Do: where + ", Generate key pair"}}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(w.vapidKey, "="))
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(raw)
	}
	if err != nil {
		return []finding{{Missing: "it is not a public key of P-256 in base64url (87 characters that begin with B)", Do: where + ": the key pair's public key"}}, nil
	}
	return nil, nil
}

func lookAtSignIn(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	type method struct {
		Enabled bool `json:"enabled"`
	}
	var config struct {
		SignIn struct {
			Email       method `json:"email"`
			PhoneNumber method `json:"phoneNumber"`
			Anonymous   method `json:"anonymous"`
		} `json:"signIn"`
	}
	none := []finding{{Missing: "nobody can sign in", Do: "Firebase console, Authentication, Get started, and one method"}}
	at := "https://identitytoolkit.googleapis.com/admin/v2/projects/" + w.project
	if err := a.get(ctx, at+"/config", &config); errors.Is(err, errNotFound) {
		return none, nil
	} else if err != nil {
		return nil, err
	}
	if in := config.SignIn; in.Email.Enabled || in.PhoneNumber.Enabled || in.Anonymous.Enabled {
		return nil, nil
	}
	others, err := listOf[method](ctx, a, at+"/defaultSupportedIdpConfigs", "defaultSupportedIdpConfigs")
	if err != nil || slices.ContainsFunc(others, func(m method) bool { return m.Enabled }) {
		return nil, err
	}
	return none, nil
}

func lookAtSecrets(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	for _, f := range w.functions() {
		for _, secret := range slices.Sorted(maps.Values(w.secrets(f))) {
			versions, err := listOf[struct{}](ctx, a, "https://secretmanager.googleapis.com/v1/projects/"+w.project+"/secrets/"+secret+"/versions?filter=state:ENABLED", "versions")
			switch {
			case errors.Is(err, errNotFound):
				found = append(found, finding{Missing: secret + ": there is no such secret", Do: apply})
			case err != nil:
				return nil, err
			case len(versions) == 0:
				found = append(found, finding{Missing: secret + " has no version that is enabled, so " + f.Name + " cannot start",
					Do: "printf %s THE-SECRET | gcloud secrets versions add " + secret + " --data-file=- --project=" + w.project})
			}
		}
	}
	return found, nil
}
