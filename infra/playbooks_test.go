package infra_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	alertName    = regexp.MustCompile(`(?m)^    ([\w-]+) = \{$`)
	metricName   = regexp.MustCompile("`([a-z]+\\.googleapis\\.com/[\\w/.-]+)`")
	shell        = regexp.MustCompile("(?s)```sh\n(.*?)```")
	loggedField  = regexp.MustCompile(`jsonPayload\.(\w+)`)
	loggedAs     = regexp.MustCompile(`jsonPayload\.message=\\?"([^"\\]+)`)
	playbookForm = []string{"## What it means", "## What to look at", "## What to do", "## How to see that it is over"}
)

// Who is woken at night finds the same four sections under every alert.
func TestEveryAlertHasAPlaybook(t *testing.T) {
	t.Parallel()
	want := firstGroups(alertName, read(t, "alerts.tf"))
	if len(want) == 0 {
		t.Fatal("alerts.tf: no alert was found; the test looks for the wrong thing")
	}
	want = append(want, "budget")
	slices.Sort(want)
	for _, name := range want {
		if !strings.Contains(read(t, "README.md"), "["+name+"](playbooks/"+name+".md)") {
			t.Errorf("README.md: links no playbook of the alert %s", name)
		}
	}
	var got []string
	for file, text := range playbooks(t) {
		got = append(got, file)
		var headings []string
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "## ") {
				headings = append(headings, strings.TrimSpace(line))
			}
		}
		if diff := cmp.Diff(playbookForm, headings); diff != "" {
			t.Errorf("%s: sections (-want +got):\n%s", file, diff)
		}
		if len(text) > 8000 {
			t.Errorf("%s has %d bytes; Cloud Monitoring takes 8 KiB", file, len(text))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("playbooks (-alerts +files):\n%s", diff)
	}
}

// A playbook that names a metric nobody collects sends people looking for nothing.
func TestPlaybooksNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	// What an alert or the dashboard looks at exists: the tofu tests compare the alerts with a list.
	configuration := ""
	for _, file := range []string{"alerts.tf", "dashboard.tf"} {
		configuration += read(t, file)
	}
	replace := strings.NewReplacer("${local.log_metric}", "logging.googleapis.com/user", "${local.run_metric}", "run.googleapis.com", "${local.job_metric}", "run.googleapis.com/job", "${local.sub_metric}", "pubsub.googleapis.com/subscription")
	configuration = replace.Replace(configuration)
	configuration = regexp.MustCompile(`\$\{google_logging_metric\.log\["([\w-]+)"\]\.name\}`).ReplaceAllString(configuration, "tidings/$1")
	for file, text := range playbooks(t) {
		names := firstGroups(metricName, text)
		if len(names) == 0 {
			t.Errorf("%s names no metric", file)
		}
		for _, name := range names {
			if !strings.Contains(configuration, name+`\"`) {
				t.Errorf("%s: nothing here looks at the metric %s", file, name)
			}
		}
		for _, block := range firstGroups(shell, text) {
			if strings.Contains(block, "gcloud") && !strings.Contains(block, "$P") {
				t.Errorf("%s: a gcloud command without --project", file)
			}
		}
	}
}

// A metric that is counted from the log counts nothing once the line is worded differently.
func TestLogLinesAreThoseOfTheCode(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	for _, root := range []string{"../functions", "../shared"} { // shared/problem writes the line of a request that failed
		err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				code.WriteString(read(t, filepath.Join(root, path)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	texts := playbooks(t)
	texts["metrics.tf"] = read(t, "metrics.tf")
	for file, text := range texts {
		for _, message := range firstGroups(loggedAs, text) {
			if !strings.Contains(code.String(), `"`+message+`"`) {
				t.Errorf("%s looks for the log line %q, which no function writes", file, message)
			}
		}
		for _, field := range firstGroups(loggedField, text) {
			if !strings.Contains(code.String(), `"`+field+`"`) {
				t.Errorf("%s looks for the log field %q, which no function writes", file, field)
			}
		}
	}
}

// playbooks are the texts by name.
func playbooks(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("playbooks/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no playbooks: %v", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		texts[strings.TrimSuffix(filepath.Base(file), ".md")] = read(t, file)
	}
	return texts
}
