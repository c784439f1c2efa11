package main

import (
	"strings"
	"testing"
)

// The archive's job is looked at as the services are, and so is what it needs: whatever is wrong is named, alone.
func TestEverySettingOfTheArchiveCounts(t *testing.T) {
	t.Parallel()
	inner := func(o object) object { return dig(o, "template", "template") }
	first := func(o object) object { return dig(inner(o), "containers", 0) }
	account := "tidings-archive@" + id + ".iam.gserviceaccount.com"
	for name, c := range map[string]struct {
		url   string
		spoil func(o object)
		want  string // "" says that url is missing
	}{
		"image":     {archiveJob, func(o object) { first(o)["image"] = "elsewhere" }, "commands: archive runs the image elsewhere; " + image + " was expected, as publish runs it → tofu apply"},
		"account":   {archiveJob, func(o object) { inner(o)["serviceAccount"] = "x" }, "commands: archive runs as x; " + account + " was expected → tofu apply"},
		"target":    {archiveJob, func(o object) { dig(first(o), "env", 0)["value"] = "notify" }, `commands: archive has the variable FUNCTION_TARGET "notify"; "archive" was expected → tofu apply`},
		"variable":  {archiveJob, func(o object) { first(o)["env"] = first(o)["env"].([]any)[:3] }, "commands: archive lacks the variables ARCHIVE_CHECKPOINT → tofu apply"},
		"bucket":    {archiveJob, func(o object) { dig(first(o), "env", 2)["value"] = "b" }, `commands: archive has the variable ARCHIVE_BUCKET "b"; "tidings-demo-archive" was expected → tofu apply`},
		"arguments": {archiveJob, func(o object) { first(o)["args"] = []string{"rebuild"} }, `commands: archive has the arguments ["rebuild"]; ["seal"] was expected → tofu apply`},
		"timeout":   {archiveJob, func(o object) { inner(o)["timeout"] = "600s" }, "commands: archive is killed after 600s; 86400s was expected → tofu apply"},
		"condition": {archiveJob, func(o object) { o["terminalCondition"] = object{"state": "CONDITION_FAILED", "message": "no image"} }, "commands: archive cannot run: no image → tofu apply"},
		"last run": {archiveJob, func(o object) { dig(o, "latestCreatedExecution")["completionStatus"] = "EXECUTION_FAILED" },
			"commands: archive: its last run, archive-x7k2p, failed → infra/playbooks/archive.md"},
		"job":     {archiveJob, nil, "commands: the job archive is not deployed in us-central1 → tofu apply"},
		"invoker": {archiveJob + ":getIamPolicy", func(o object) { delete(o, "bindings") }, "commands: archive cannot be run by scheduler: tidings-scheduler@tidings-demo.iam.gserviceaccount.com lacks roles/run.invoker → tofu apply"},
		"anybody": {archiveJob + ":getIamPolicy", func(o object) {
			dig(o, "bindings", 0)["members"] = append(dig(o, "bindings", 0)["members"].([]any), "allUsers")
		}, "commands: archive may be run by anybody → tofu apply"},
		"schedule":     {jobURL("command-archive"), func(o object) { o["schedule"] = "* * * * *" }, `jobs: command-archive calls ` + archiveJob + `:run at "* * * * *"; ` + archiveJob + `:run at "17 */6 * * *" was expected → tofu apply`},
		"caller":       {jobURL("command-archive"), func(o object) { delete(dig(o, "httpTarget"), "oauthToken") }, `jobs: command-archive calls as ""; "tidings-scheduler@tidings-demo.iam.gserviceaccount.com" was expected → tofu apply`},
		"paused":       {jobURL("command-archive"), func(o object) { o["state"] = "PAUSED" }, "jobs: command-archive is PAUSED → gcloud scheduler jobs resume command-archive --location=us-central1 --project=tidings-demo"},
		"call":         {jobURL("command-archive"), func(o object) { o["status"] = object{"code": 7} }, "jobs: command-archive: its last call failed (code 7) → infra/playbooks/archive.md"},
		"scheduled":    {jobURL("command-archive"), nil, "jobs: command-archive is missing → tofu apply"},
		"notes":        {bucketURL("archive-notes"), func(o object) { delete(o, "bindings") }, "archive: " + account + " lacks roles/storage.objectUser on the bucket tidings-demo-archive-notes → tofu apply"},
		"no bucket":    {bucketURL("archive-notes"), nil, "archive: the bucket tidings-demo-archive-notes is missing → tofu apply"},
		"filter":       {subscriptionURL("events-archive"), func(o object) { o["filter"] = "" }, `archive: events-archive: its filter is ""; "NOT attributes:why AND NOT attributes:walk AND NOT attributes:second AND NOT attributes:origin AND NOT attributes:item" was expected → tofu apply`},
		"state":        {subscriptionURL("events-archive"), func(o object) { dig(o, "cloudStorageConfig")["state"] = "PERMISSION_DENIED" }, `archive: events-archive: its state is "PERMISSION_DENIED"; "ACTIVE" was expected → infra/playbooks/archive.md`},
		"subscription": {subscriptionURL("events-urgent-archive"), nil, "archive: events-urgent-archive is missing → tofu apply"},
	} {
		w := asked(t)
		a := right(w)
		if c.spoil == nil {
			a.missing(c.url)
		} else {
			a.spoil("GET", c.url, c.spoil)
		}
		if got := lacks(w, a); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: got %q\nwant %q", name, got, c.want)
		}
		if w.archive = false; len(lacks(w, a)) > 0 {
			t.Errorf("%s: without an archive, got %q", name, lacks(w, a))
		}
	}
}

// The archive's account needs its roles in the project, and may not have more.
func TestTheArchivesAccountHasItsRoles(t *testing.T) {
	t.Parallel()
	w := asked(t)
	a := right(w)
	a.spoil("POST", "https://cloudresourcemanager.googleapis.com/v1/projects/"+id+":getIamPolicy", func(o object) {
		var left []any
		for _, b := range o["bindings"].([]any) {
			if m := b.(object)["members"].([]any); !strings.Contains(m[0].(string), "tidings-archive@") {
				left = append(left, b)
			}
		}
		o["bindings"] = append(left, object{"role": "roles/editor", "members": []string{"serviceAccount:" + w.account("archive")}})
	})
	got := strings.Join(lacks(w, a), "\n")
	for _, want := range []string{" lacks roles/datastore.user", " lacks roles/firebasecloudmessaging.admin", " has roles/editor, which is far too much"} {
		if !strings.Contains(got, "roles: "+w.account("archive")+want) {
			t.Errorf("got %s\nwant %q", got, want)
		}
	}
}
