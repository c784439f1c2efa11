package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"tidings.dev/shared/topology"
)

// answers are what a project's APIs say, by URL, in the shapes of Google's discovery documents. What is not in it is an API that is
// not enabled.
type answers map[string]answer

type answer struct {
	status int
	body   string
}

const (
	id     = "tidings-demo"
	number = "123456789012"
)

func (a answers) ask(_ context.Context, method, url string) (int, []byte, error) {
	if got, ok := a[method+" "+url]; ok {
		return got.status, []byte(got.body), nil
	}
	return http.StatusForbidden, []byte(`{"error": {"code": 403, "message": "The API has not been used in project 123456789012 before or it is disabled.", "status": "PERMISSION_DENIED",
		"details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com"}]}}`), nil
}

func (a answers) get(url string, body any) { a.say("GET", url, body) }

func (a answers) say(method, url string, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // a test's own mistake
	}
	a[method+" "+url] = answer{http.StatusOK, string(raw)}
}

func (a answers) missing(url string) {
	a["GET "+url] = answer{http.StatusNotFound, `{"error": {"code": 404, "message": "not found", "status": "NOT_FOUND"}}`}
}

type object = map[string]any

// spoil changes an answer.
func (a answers) spoil(method, url string, change func(o object)) {
	var o object
	if err := json.Unmarshal([]byte(a[method+" "+url].body), &o); err != nil {
		panic(fmt.Sprintf("%s: %v", url, err)) // a test's own mistake
	}
	change(o)
	a.say(method, url, o)
}

// dig is what is in there, by keys and indexes.
func dig(v any, steps ...any) object {
	for _, step := range steps {
		switch at := step.(type) {
		case string:
			v = v.(object)[at]
		case int:
			v = v.([]any)[at]
		}
	}
	return v.(object)
}

// asked is what the tests ask for: what each project has, and the sources, in us-central1.
func asked(t *testing.T) wanted {
	t.Helper()
	w := wanted{
		project: id, region: "us-central1", location: "us-central1", table: topology.Deployed(), sources: []string{"github", "alertmanager", "orders"},
		archive: true, vapidKey: "BHQ73HIefQAcjbzhzV8z09YZKiG1ZLvU9kscOHgTPosDc9mGXuHpk5MkaSv3LHgZcWV8qssD3OXNW5CzaKM_0bQ",
	}
	if err := w.readFiles(".."); err != nil {
		t.Fatal(err)
	}
	return w
}

// few are indexes of their own for the golden files, which do not change with the real ones.
const few = `{
	"indexes": [{"collectionGroup": "notifications", "queryScope": "COLLECTION", "fields": [
		{"fieldPath": "archivedAt", "order": "ASCENDING"}, {"fieldPath": "updatedAt", "order": "DESCENDING"}]}],
	"fieldOverrides": [
		{"collectionGroup": "notifications", "fieldPath": "dueAt", "indexes": [{"queryScope": "COLLECTION_GROUP", "order": "ASCENDING"}]},
		{"collectionGroup": "notifications", "fieldPath": "expireAt", "ttl": true, "indexes": []},
		{"collectionGroup": "parts", "fieldPath": "expireAt", "ttl": true, "indexes": []},
		{"collectionGroup": "parts", "fieldPath": "members", "indexes": []},
		{"collectionGroup": "users", "fieldPath": "devices", "indexes": []}]}`

// fresh is a new project with a billing account, and nothing else.
func fresh() answers {
	a := answers{}
	a.get("https://cloudresourcemanager.googleapis.com/v1/projects/"+id, object{"projectNumber": number, "projectId": id, "lifecycleState": "ACTIVE"})
	a.get("https://cloudbilling.googleapis.com/v1/projects/"+id+"/billingInfo", object{"projectId": id, "billingEnabled": true})
	a.get("https://serviceusage.googleapis.com/v1/projects/"+id+"/services?filter=state:ENABLED&pageSize=200", object{"services": []object{
		{"config": object{"name": "cloudresourcemanager.googleapis.com"}, "state": "ENABLED"},
	}})
	return a
}

// right is a project that has all that w asks for.
func right(w wanted) answers {
	a, p := fresh(), "projects/"+id
	w.number = number
	var services []object
	for _, name := range w.table.Services {
		services = append(services, object{"config": object{"name": name}, "state": "ENABLED"})
	}
	half := len(services) / 2
	list := "https://serviceusage.googleapis.com/v1/" + p + "/services?filter=state:ENABLED&pageSize=200"
	a.get(list, object{"services": services[:half], "nextPageToken": "a b"}) // in two pages
	a.get(list+"&pageToken=a+b", object{"services": services[half:]})
	a.get("https://firebase.googleapis.com/v1beta1/"+p, object{"projectId": id})
	a.get("https://firebase.googleapis.com/v1beta1/"+p+"/webApps", object{"apps": []object{{"appId": "1:123:web:456"}}})
	a.get("https://identitytoolkit.googleapis.com/admin/v2/"+p+"/config", object{"signIn": object{"email": object{"enabled": true}}})
	for _, f := range w.functions() {
		for _, secret := range w.secrets(f) {
			a.get(secretURL(secret), object{"versions": []object{{"state": "ENABLED"}}})
		}
	}
	a.database(w)
	a.functions(w)
	a.messages(w)
	a.archive(w)
	return a
}

func (a answers) database(w wanted) {
	db := w.database()
	a.get(db, object{"name": "projects/" + id + "/databases/(default)", "type": "FIRESTORE_NATIVE", "locationId": w.location})
	a.get("https://firebaserules.googleapis.com/v1/projects/"+id+"/releases/cloud.firestore", object{"rulesetName": "projects/" + id + "/rulesets/r1"})
	a.get("https://firebaserules.googleapis.com/v1/projects/"+id+"/rulesets/r1", object{"source": object{"files": []object{{"name": "firestore.rules", "content": w.rules}}}})
	groups := "projects/" + id + "/databases/(default)/collectionGroups/"
	var indexes, fields []object
	for n, i := range w.indexes.Indexes {
		all := append(slices.Clone(i.Fields), indexField{FieldPath: "__name__", Order: i.Fields[len(i.Fields)-1].Order})
		indexes = append(indexes, object{"name": fmt.Sprintf("%s%s/indexes/i%d", groups, i.CollectionGroup, n), "queryScope": i.QueryScope, "fields": all, "state": "READY"})
	}
	a.get(db+"/collectionGroups/-/indexes", object{"indexes": indexes})
	for _, o := range w.indexes.FieldOverrides {
		var single []object
		for _, i := range o.Indexes {
			single = append(single, object{"queryScope": i.QueryScope, "state": "READY", "fields": []indexField{{o.FieldPath, i.Order, i.ArrayConfig}}})
		}
		f := object{"name": groups + o.CollectionGroup + "/fields/" + o.FieldPath, "indexConfig": object{"indexes": single}}
		if o.TTL {
			f["ttlConfig"] = object{"state": "ACTIVE"}
		}
		fields = append(fields, f)
	}
	a.get(db+"/collectionGroups/-/fields?filter=indexConfig.usesAncestorConfig:false%20OR%20ttlConfig:*&pageSize=300", object{"fields": fields})
}

func (a answers) functions(w wanted) {
	var bindings []object
	for _, f := range w.functions() {
		for _, role := range f.Roles {
			bindings = append(bindings, object{"role": role, "members": []string{"serviceAccount:" + w.account(f.Name)}})
		}
		ingress, invokers := "INGRESS_TRAFFIC_INTERNAL_ONLY", []string{}
		for _, c := range f.Callers {
			switch c {
			case topology.Public:
				ingress, invokers = "INGRESS_TRAFFIC_ALL", append(invokers, "allUsers")
			case topology.Operator:
				ingress, invokers = "INGRESS_TRAFFIC_ALL", append(invokers, "user:olive@example.com")
			default:
				invokers = append(invokers, "serviceAccount:"+w.account(string(c)))
			}
		}
		a.get(runURL(f.Name), object{
			"ingress": ingress, "terminalCondition": object{"type": "Ready", "state": "CONDITION_SUCCEEDED"},
			"template": running(w, f.Name, f.Environment, w.secrets(f)),
		})
		a.get(runURL(f.Name)+":getIamPolicy", object{"bindings": []object{{"role": "roles/run.invoker", "members": invokers}}})
	}
	for _, c := range w.commands() {
		for _, role := range c.Roles {
			bindings = append(bindings, object{"role": role, "members": []string{"serviceAccount:" + w.account(c.Name)}})
		}
	}
	for _, r := range w.table.CallerRoles {
		bindings = append(bindings, object{"role": r.Role, "members": []string{"serviceAccount:" + w.account(string(r.Caller))}})
	}
	a.say("POST", "https://cloudresourcemanager.googleapis.com/v1/projects/"+id+":getIamPolicy", object{"bindings": bindings})
}

const image = "us-central1-docker.pkg.dev/tidings-demo/tidings/functions@sha256:1"

// values are what Terraform gives to variables, where a test or preflight looks at it.
var values = map[string]string{
	"GOOGLE_CLOUD_PROJECT": id, "ARCHIVE_BUCKET": id + "-archive",
	"WEBHOOKS": `{"shop":{"outcomes":["delivered"],"types":["order.*"],"url":"https://shop.example/tidings"}}`,
}

// running is the container of a service or a job.
func running(w wanted, name string, environment []string, secrets map[string]string) object {
	env := []object{{"name": "FUNCTION_TARGET", "value": name}}
	for _, v := range environment {
		env = append(env, object{"name": v, "value": values[v]})
	}
	for v, secret := range secrets {
		env = append(env, object{"name": v, "valueSource": object{"secretKeyRef": object{"secret": secret, "version": "latest"}}})
	}
	return object{"serviceAccount": w.account(name), "containers": []object{{"image": image, "env": env}}}
}

// archive is what Pub/Sub keeps, and the job that looks after it.
func (a answers) archive(w wanted) {
	for _, s := range w.table.Archives {
		a.get(subscriptionURL(s.Name), object{
			"topic": "projects/" + id + "/topics/" + s.Topic, "filter": "NOT attributes:why AND NOT attributes:walk AND NOT attributes:second AND NOT attributes:origin AND NOT attributes:item",
			"cloudStorageConfig": object{"bucket": id + "-archive", "state": "ACTIVE"},
		})
	}
	command := []string{"serviceAccount:" + w.account("archive")}
	a.get(bucketURL("archive"), object{"bindings": []object{
		{"role": "roles/storage.objectCreator", "members": append(command, w.pubsubAgent())}, {"role": "roles/storage.objectViewer", "members": command},
		{"role": "roles/storage.legacyBucketReader", "members": []string{w.pubsubAgent()}},
	}})
	a.get(bucketURL("archive-notes"), object{"bindings": []object{{"role": "roles/storage.objectUser", "members": command}}})
	a.get(archiveJob, theJob(w))
	a.get(archiveJob+":getIamPolicy", object{"bindings": []object{{"role": "roles/run.invoker", "members": []string{"serviceAccount:" + w.account("scheduler")}}}})
	a.get(jobURL("command-archive"), object{"state": "ENABLED", "schedule": "17 */6 * * *", "httpTarget": object{"uri": archiveJob + ":run", "oauthToken": object{"serviceAccountEmail": w.account("scheduler")}}})
}

const archiveJob = "https://run.googleapis.com/v2/projects/" + id + "/locations/us-central1/jobs/archive"

func bucketURL(name string) string {
	return "https://storage.googleapis.com/storage/v1/b/" + id + "-" + name + "/iam"
}

// theJob is the archive's.
func theJob(w wanted) object {
	c := w.table.Commands[0]
	is := running(w, c.Name, c.Environment, nil)
	is["containers"].([]object)[0]["args"], is["timeout"] = c.Arguments, fmt.Sprintf("%ds", c.Timeout)
	return object{
		"template": object{"taskCount": 1, "template": is}, "terminalCondition": object{"state": "CONDITION_SUCCEEDED"},
		"latestCreatedExecution": object{"name": "archive-x7k2p", "completionStatus": "EXECUTION_SUCCEEDED"},
	}
}

func runURL(function string) string {
	return "https://run.googleapis.com/v2/projects/" + id + "/locations/us-central1/services/" + function
}

func (a answers) messages(w wanted) {
	for _, topic := range w.table.Topics {
		members := []string{w.pubsubAgent()}
		for _, f := range w.functions() {
			if slices.Contains(f.Publishes, topic) {
				members = append(members, "serviceAccount:"+w.account(f.Name))
			}
		}
		a.get("https://pubsub.googleapis.com/v1/projects/"+id+"/topics/"+topic+":getIamPolicy", object{"bindings": []object{{"role": "roles/pubsub.publisher", "members": members}}})
	}
	for _, s := range w.table.Subscriptions {
		a.get(subscriptionURL(s.Name), subscription(w, s))
		a.get(subscriptionURL(s.Name)+":getIamPolicy", object{"bindings": []object{{"role": "roles/pubsub.subscriber", "members": []string{w.pubsubAgent()}}}})
	}
	for _, t := range w.table.Triggers {
		a.get(triggerURL(t.Name), object{
			"serviceAccount": w.account("eventarc"), "destination": object{"cloudRun": object{"service": t.Function, "region": w.region, "path": t.Path}},
			"eventFilters": []object{{"attribute": "type", "value": t.Event}, {"attribute": "document", "value": t.Document, "operator": "match-path-pattern"}},
		})
	}
	for _, j := range w.table.Jobs {
		a.get(jobURL(j.Name), object{"state": "ENABLED", "schedule": j.Schedule, "status": object{}, "httpTarget": object{"uri": w.url(j.Function) + j.Path, "oidcToken": object{"serviceAccountEmail": w.account("scheduler")}}})
	}
}

func secretURL(name string) string {
	return "https://secretmanager.googleapis.com/v1/projects/" + id + "/secrets/" + name + "/versions?filter=state:ENABLED"
}

func triggerURL(name string) string {
	return "https://eventarc.googleapis.com/v1/projects/" + id + "/locations/us-central1/triggers/" + name
}

func subscriptionURL(name string) string {
	return "https://pubsub.googleapis.com/v1/projects/" + id + "/subscriptions/" + name
}

func jobURL(name string) string {
	return "https://cloudscheduler.googleapis.com/v1/projects/" + id + "/locations/us-central1/jobs/" + name
}

func subscription(w wanted, s topology.Subscription) object {
	o := object{
		"name": "projects/" + id + "/subscriptions/" + s.Name, "topic": "projects/" + id + "/topics/" + s.Topic, "state": "ACTIVE", "ackDeadlineSeconds": s.AckDeadline,
		"pushConfig":  object{"pushEndpoint": w.url(s.Function) + s.Path, "oidcToken": object{"serviceAccountEmail": w.account("pubsub"), "audience": w.url(s.Function)}},
		"retryPolicy": object{"minimumBackoff": fmt.Sprintf("%ds", s.MinBackoff), "maximumBackoff": fmt.Sprintf("%ds", s.MaxBackoff)}, "expirationPolicy": object{},
	}
	if s.DeadLetter != "" {
		o["deadLetterPolicy"] = object{"deadLetterTopic": "projects/" + id + "/topics/" + s.DeadLetter, "maxDeliveryAttempts": s.Attempts}
	}
	return o
}

// golden compares with a file, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + strings.ReplaceAll(name, " ", "-") + ".txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}
