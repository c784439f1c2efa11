package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"

	"tidings.dev/shared/topology"
)

var update = flag.Bool("update", false, "write testdata anew")

// What a person reads of three projects: all right, fresh, half set up.
func TestThreeProjects(t *testing.T) {
	t.Parallel()
	w := asked(t)
	w.indexes = indexFile{}
	if err := json.Unmarshal([]byte(few), &w.indexes); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		answers answers
		key     string
		all     bool
	}{
		{"all right", right(w), w.vapidKey, true},
		{"fresh", fresh(), "", false},
		{"half set up", halfSetUp(w), "not a key", false},
	} {
		w := w
		w.vapidKey = c.key
		var out strings.Builder
		missing := report(&out, check(context.Background(), w, c.answers.ask))
		if (missing == 0) != c.all {
			t.Errorf("%s: %d missing", c.name, missing)
		}
		golden(t, c.name, out.String())
	}
}

// A project that has the real rules and indexes lacks nothing.
func TestTheRealFiles(t *testing.T) {
	t.Parallel()
	w := asked(t)
	for _, f := range check(context.Background(), w, right(w).ask) {
		if f.Missing != "" {
			t.Errorf("%s: %s", f.What, f.Missing)
		}
	}
}

// Where facts are told, their key must be there; else nobody asks for it.
func TestTheKeyOfFactsIsAskedForWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	w := asked(t)
	w.insight = true
	a := right(w)
	a.missing(secretURL(topology.FactsSecret))
	wrong := lacks(w, a)
	if len(wrong) == 0 || !strings.Contains(wrong[0], "facts-key: there is no such secret") {
		t.Errorf("got %q", wrong)
	}
}

// lacks is what a project lacks, as lines with what to do.
func lacks(w wanted, a answers) (lines []string) {
	for _, f := range check(context.Background(), w, a.ask) {
		if f.Missing != "" {
			lines = append(lines, f.What+": "+f.Missing+" → "+f.Do)
		}
	}
	return lines
}

// halfSetUp is what is left of an afternoon: something of each kind is missing or wrong.
func halfSetUp(w wanted) answers {
	a := right(w)
	w.number = number
	a.get("https://firebase.googleapis.com/v1beta1/projects/"+id+"/webApps", object{})
	a.missing("https://identitytoolkit.googleapis.com/admin/v2/projects/" + id + "/config")
	a.get(secretURL("github-webhook-secrets"), object{})
	a.get(w.database(), object{"type": "DATASTORE_MODE", "locationId": "nam5"})
	a.missing("https://firebaserules.googleapis.com/v1/projects/" + id + "/releases/cloud.firestore")
	a.get(w.database()+"/collectionGroups/-/indexes", object{"indexes": []object{{
		"name": "projects/" + id + "/databases/(default)/collectionGroups/notifications/indexes/i0", "queryScope": "COLLECTION", "state": "CREATING",
		"fields": []indexField{{FieldPath: "archivedAt", Order: "ASCENDING"}, {FieldPath: "updatedAt", Order: "DESCENDING"}, {FieldPath: "__name__", Order: "DESCENDING"}},
	}}})
	a.get(w.database()+"/collectionGroups/-/fields?filter=indexConfig.usesAncestorConfig:false%20OR%20ttlConfig:*&pageSize=300", object{"fields": []object{
		{"name": "projects/" + id + "/databases/(default)/collectionGroups/notifications/fields/expireAt", "indexConfig": object{}, "ttlConfig": object{"state": "CREATING"}},
	}})
	a.missing(runURL("github"))
	a.get(runURL("notify"), object{
		"ingress": "INGRESS_TRAFFIC_ALL", "terminalCondition": object{"state": "CONDITION_FAILED", "message": "The user-provided container failed to start and listen on the port defined by the PORT=8080 environment variable."},
		"template": object{"serviceAccount": "123456789012-compute@developer.gserviceaccount.com"},
	})
	a.get(runURL("notify")+":getIamPolicy", object{"bindings": []object{{"role": "roles/run.invoker", "members": []string{"allUsers"}}}})
	a.get(runURL("publish")+":getIamPolicy", object{})
	a.say("POST", "https://cloudresourcemanager.googleapis.com/v1/projects/"+id+":getIamPolicy", object{"bindings": []object{
		{"role": "roles/editor", "members": []string{"serviceAccount:" + w.account("publish")}},
		{"role": "roles/eventarc.eventReceiver", "members": []string{"serviceAccount:" + w.account("eventarc")}},
	}})
	a.get("https://pubsub.googleapis.com/v1/projects/"+id+"/topics/dead-letters:getIamPolicy", object{})
	urgent := subscription(w, w.table.Subscriptions[0])
	urgent["ackDeadlineSeconds"], urgent["expirationPolicy"] = 10, object{"ttl": "2678400s"}
	urgent["pushConfig"] = object{"pushEndpoint": w.url("notify") + "/notify"}
	a.get(subscriptionURL(w.table.Subscriptions[0].Name), urgent)
	a.missing(triggerURL("withdraw"))
	a.get(jobURL("due"), object{"state": "PAUSED", "schedule": "* * * * *", "httpTarget": object{"uri": w.url("due") + "/due"}})
	a.get(jobURL("mirror-prune"), object{"state": "ENABLED", "schedule": "17 3 * * *", "status": object{"code": 7}, "httpTarget": object{"uri": w.url("mirror") + "/mirror/prune", "oidcToken": object{"serviceAccountEmail": w.account("scheduler")}}})
	a.missing(archiveJob)
	a.missing(bucketURL("archive-notes"))
	return a
}

// Each setting of each subscription is looked at: a wrong one is found.
func TestEverySettingOfASubscriptionCounts(t *testing.T) {
	t.Parallel()
	w := asked(t)
	w.number = number
	s := w.table.Subscriptions[0]
	for name, spoil := range map[string]func(o object){
		"state":            func(o object) { o["state"] = "RESOURCE_ERROR" },
		"topic":            func(o object) { o["topic"] = "_deleted-topic_" },
		"endpoint":         func(o object) { o["pushConfig"].(object)["pushEndpoint"] = "https://elsewhere.example/notify" },
		"token's account":  func(o object) { delete(o["pushConfig"].(object)["oidcToken"].(object), "serviceAccountEmail") },
		"token's audience": func(o object) { o["pushConfig"].(object)["oidcToken"].(object)["audience"] = "x" },
		"ack deadline":     func(o object) { o["ackDeadlineSeconds"] = 10 },
		"least wait":       func(o object) { delete(o, "retryPolicy") },
		"longest wait":     func(o object) { o["retryPolicy"].(object)["maximumBackoff"] = "60s" },
		"dead letter":      func(o object) { delete(o, "deadLetterPolicy") },
		"attempts":         func(o object) { o["deadLetterPolicy"].(object)["maxDeliveryAttempts"] = 5 },
		"expiry":           func(o object) { o["expirationPolicy"] = object{"ttl": "2678400s"} },
	} {
		a, o := right(w), subscription(w, s)
		spoil(o)
		a.get(subscriptionURL(s.Name), o)
		found, err := lookAtSubscriptions(context.Background(), &w, a.ask)
		if err != nil || len(found) == 0 || !strings.Contains(found[0].Missing, name) {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

// What runs in a service is looked at: the image, which is one for all, its account and its variables.
func TestWhatRunsInAServiceCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(o object)
		want  string
	}{
		"image":    {func(o object) { dig(o, "template", "containers", 0)["image"] = "older" }, "github runs the image older; " + image + " was expected, as publish runs it"},
		"account":  {func(o object) { dig(o, "template")["serviceAccount"] = "x" }, "github runs as x; tidings-github@"},
		"target":   {func(o object) { find(o, "FUNCTION_TARGET")["name"] = "TARGET" }, `github has the variable FUNCTION_TARGET ""; "github" was expected`},
		"variable": {func(o object) { find(o, "WEBHOOK_RATE")["name"] = "RATE" }, "github lacks the variables WEBHOOK_RATE"},
		"secret":   {func(o object) { find(o, "GITHUB_WEBHOOK_SECRETS")["name"] = "SECRETS" }, "github lacks the variable GITHUB_WEBHOOK_SECRETS, from the secret github-webhook-secrets"},
	} {
		w := asked(t)
		a := right(w)
		a.spoil("GET", runURL("github"), c.spoil)
		if got := lacks(w, a); len(got) != 1 || !strings.HasPrefix(got[0], "functions: "+c.want) {
			t.Errorf("%s: got %q\nwant %q", name, got, c.want)
		}
	}
}

// What Google answers instead of what was asked for is said in words, and stops no other check.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   error
	}{
		{"disabled", http.StatusForbidden, `{"error": {"details": [{"reason": "SERVICE_DISABLED"}]}}`, errDisabled},
		{"refused", http.StatusForbidden, `{"error": {"message": "caller lacks run.services.get"}}`, errRefused},
		{"signed out", http.StatusUnauthorized, `not JSON`, errRefused},
		{"not there", http.StatusNotFound, ``, errNotFound},
	} {
		a := answers{"GET https://x": {c.status, c.body}}
		if err := ask(a.ask).get(context.Background(), "https://x", &struct{}{}); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	w := wanted{project: id, table: topology.Deployed()}
	broken := func(context.Context, string, string) (int, []byte, error) { return 0, nil, errors.New("no network") }
	if got, want := len(check(context.Background(), w, broken)), len(looks); got != want {
		t.Errorf("%d findings without a network, want one for each of %d checks", got, want)
	}
}
