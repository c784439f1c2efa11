package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tidings.dev/shared/topology"
)

// bucket is the archive's.
func (w *wanted) bucket() string { return w.project + "-archive" }

// command is where Cloud Run's API has the job of a command.
func (w *wanted) command(name string) string {
	return fmt.Sprintf("https://run.googleapis.com/v2/projects/%s/locations/%s/jobs/%s", w.project, w.region, name)
}

// job is a Cloud Run job as its API tells of it.
type job struct {
	Template struct {
		Template struct {
			container
			Timeout string `json:"timeout"`
		} `json:"template"`
	} `json:"template"`
	TerminalCondition      condition `json:"terminalCondition"`
	LatestCreatedExecution struct {
		Name             string `json:"name"`
		CompletionStatus string `json:"completionStatus"`
	} `json:"latestCreatedExecution"`
}

// lookAtCommands looks at the Cloud Run jobs as lookAtFunctions does at the services.
func lookAtCommands(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	for _, c := range w.commands() {
		var j job
		if err := a.get(ctx, w.command(c.Name), &j); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: "the job " + c.Name + " is not deployed in " + w.region, Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		var p policy
		if err := a.get(ctx, w.command(c.Name)+":getIamPolicy", &p); err != nil {
			return found, err
		}
		found = append(found, w.jobFaults(c, j, p.members("roles/run.invoker"))...)
	}
	return found, nil
}

// jobFaults compares a job with the command that it is to be.
func (w *wanted) jobFaults(c topology.Command, j job, invokers []string) []finding {
	all, is := faults{name: c.Name}, j.Template.Template
	if j.TerminalCondition.State != "CONDITION_SUCCEEDED" {
		all.add("cannot run: %s", j.TerminalCondition.Message)
	}
	all.addContainer(w, is.container, c.Environment, nil)
	for name, want := range map[string]string{"GOOGLE_CLOUD_PROJECT": w.project, "ARCHIVE_BUCKET": w.bucket()} {
		if v, ok := is.variable(name); ok && v.Value != want {
			all.add("has the variable %s %q; %q was expected", name, v.Value, want)
		}
	}
	for _, one := range is.Containers {
		if !slices.Equal(one.Args, c.Arguments) {
			all.add("has the arguments %q; %q was expected", one.Args, c.Arguments)
		}
	}
	if want := fmt.Sprintf("%ds", c.Timeout); is.Timeout != want {
		all.add("is killed after %s; %s was expected", is.Timeout, want)
	}
	if slices.Contains(invokers, "allUsers") {
		all.add("may be run by anybody")
	}
	if scheduler := w.account(string(topology.Scheduler)); !slices.Contains(invokers, "serviceAccount:"+scheduler) {
		all.add("cannot be run by %s: %s lacks roles/run.invoker", topology.Scheduler, scheduler)
	}
	if last := j.LatestCreatedExecution; last.CompletionStatus == "EXECUTION_FAILED" {
		all.found = append(all.found, finding{Missing: fmt.Sprintf("%s: its last run, %s, failed", c.Name, last.Name), Do: "infra/playbooks/archive.md"})
	}
	return all.found
}

// lookAtArchive asks whether Pub/Sub may write what is published, whether it does, and whether the commands may read it and keep their notes.
func lookAtArchive(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	if !w.archive {
		return nil, nil
	}
	command := "serviceAccount:" + w.account(topology.ArchiveCommand)
	for _, b := range []struct {
		name   string
		member string
		roles  []string
	}{
		{w.bucket(), w.pubsubAgent(), []string{"roles/storage.objectCreator", "roles/storage.legacyBucketReader"}},
		{w.bucket(), command, []string{"roles/storage.objectViewer", "roles/storage.objectCreator"}},
		{w.bucket() + "-notes", command, []string{"roles/storage.objectUser"}},
	} {
		var p policy
		if err := a.get(ctx, "https://storage.googleapis.com/storage/v1/b/"+b.name+"/iam", &p); errors.Is(err, errNotFound) {
			found = append(found, finding{Missing: "the bucket " + b.name + " is missing", Do: apply})
			continue
		} else if err != nil {
			return found, err
		}
		for _, role := range b.roles {
			if !slices.Contains(p.members(role), b.member) {
				found = append(found, finding{Missing: fmt.Sprintf("%s lacks %s on the bucket %s", strings.TrimPrefix(b.member, "serviceAccount:"), role, b.name), Do: apply})
			}
		}
	}
	for _, want := range w.table.Archives {
		some, err := w.archiveFaults(ctx, a, want)
		if found = append(found, some...); err != nil {
			return found, err
		}
	}
	return found, nil
}

// archiveFaults compares one of the archive's subscriptions with the table.
func (w *wanted) archiveFaults(ctx context.Context, a ask, want topology.Archive) (found []finding, err error) {
	var got struct {
		Topic              string `json:"topic"`
		Filter             string `json:"filter"`
		CloudStorageConfig struct {
			Bucket string `json:"bucket"`
			State  string `json:"state"`
		} `json:"cloudStorageConfig"`
	}
	if err := a.get(ctx, "https://pubsub.googleapis.com/v1/projects/"+w.project+"/subscriptions/"+want.Name, &got); errors.Is(err, errNotFound) {
		return []finding{{Missing: want.Name + " is missing", Do: apply}}, nil
	} else if err != nil {
		return nil, err
	}
	var without []string
	for _, attribute := range want.Without {
		without = append(without, "NOT attributes:"+attribute)
	}
	for _, c := range []struct{ what, got, want, do string }{
		{"topic", got.Topic, "projects/" + w.project + "/topics/" + want.Topic, apply},
		{"filter", got.Filter, strings.Join(without, " AND "), apply},
		{"bucket", got.CloudStorageConfig.Bucket, w.bucket(), apply},
		{"state", got.CloudStorageConfig.State, "ACTIVE", "infra/playbooks/archive.md"},
	} {
		if c.got != c.want {
			found = append(found, finding{Missing: fmt.Sprintf("%s: its %s is %q; %q was expected", want.Name, c.what, c.got, c.want), Do: c.do})
		}
	}
	return found, nil
}
