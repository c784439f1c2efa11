package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"tidings.dev/shared/topology"
)

// wanted is what a project must be like.
type wanted struct {
	project, region, location string
	sources                   []string
	mail, insight, outgoing   bool
	archive                   bool // what is published is kept
	vapidKey                  string
	table                     topology.Table
	rules                     string
	indexes                   indexFile

	number         string // the project's number, as soon as it is known
	image, imageOf string // of the first function that is there, and its name: all run the same
	marks          bool   // a product wants to be told what people do with items: so says the function webhooks
}

// A finding is one line: what was looked at, and either that it holds or what is missing and what to do.
type finding struct {
	What    string
	Missing string // "" if all is well
	Do      string
}

// A look is one check over answers.
type look struct {
	what string
	at   func(ctx context.Context, w *wanted, a ask) ([]finding, error)
}

// looks are all checks, in the order in which things are set up: what comes first is what the next needs.
var looks = []look{
	{"project", lookAtProject},
	{"billing", lookAtBilling},
	{"APIs", lookAtServices},
	{"Firebase", lookAtFirebase},
	{"web push key", lookAtVAPIDKey},
	{"sign-in", lookAtSignIn},
	{"database", lookAtDatabase},
	{"rules", lookAtRules},
	{"indexes", lookAtIndexes},
	{"field settings", lookAtFields},
	{"secrets", lookAtSecrets},
	{"roles", lookAtRoles},
	{"functions", lookAtFunctions},
	{"commands", lookAtCommands},
	{"topics", lookAtTopics},
	{"subscriptions", lookAtSubscriptions},
	{"archive", lookAtArchive},
	{"triggers", lookAtTriggers},
	{"jobs", lookAtJobs},
}

// apply is the usual way to put something right.
const apply = "tofu apply"

// check runs all checks. One that fails says so and stops nothing. Those whose API is not enabled are one finding.
func check(ctx context.Context, w wanted, a ask) (all []finding) {
	var unknown []string
	for _, l := range looks {
		found, err := l.at(ctx, &w, a)
		switch {
		case errors.Is(err, errDisabled):
			unknown = append(unknown, l.what)
			continue
		case errors.Is(err, errNotFound):
			found = append(found, finding{Missing: "there is none", Do: apply})
		case err != nil:
			found = append(found, finding{Missing: err.Error()})
		case len(found) == 0:
			found = []finding{{}}
		}
		for _, f := range found {
			f.What = l.what
			all = append(all, f)
		}
	}
	if len(unknown) > 0 {
		all = append(all, finding{What: strings.Join(unknown, ", "), Missing: "their APIs are not enabled, so they cannot be looked at", Do: apply})
	}
	return all
}

// report prints the findings and returns how many things are missing.
func report(out io.Writer, all []finding) (missing int) {
	for _, f := range all {
		switch {
		case f.Missing == "":
			fmt.Fprintf(out, "ok       %s\n", f.What)
			continue
		case f.Do == "":
			fmt.Fprintf(out, "MISSING  %s: %s\n", f.What, f.Missing)
		default:
			fmt.Fprintf(out, "MISSING  %s: %s → %s\n", f.What, f.Missing, f.Do)
		}
		missing++
	}
	if missing == 0 {
		fmt.Fprintln(out, "\nall is well")
	} else {
		fmt.Fprintf(out, "\n%d missing; what comes first may be why the rest is\n", missing)
	}
	return missing
}

// functions are those that must be deployed.
func (w *wanted) functions() (deployed []topology.Function) {
	for _, f := range w.table.Functions {
		if (!f.Source || slices.Contains(w.sources, f.Name)) && (!f.Mail || w.mail) && (!f.Insight || w.insight) && (!f.Outgoing || w.outgoing) {
			deployed = append(deployed, f)
		}
	}
	return deployed
}

// commands are those that must be deployed: what they do is about the archive.
func (w *wanted) commands() []topology.Command {
	if !w.archive {
		return nil
	}
	return w.table.Commands
}

// secrets are the variables of a function whose value is a secret, with the secret's id.
func (w *wanted) secrets(f topology.Function) map[string]string {
	read := maps.Clone(f.Secrets)
	maps.DeleteFunc(read, func(_, secret string) bool { return secret == topology.FactsSecret && !w.insight })
	return read
}

// runs reports whether a function must be deployed, and so what calls it.
func (w *wanted) runs(function string) bool {
	return slices.ContainsFunc(w.functions(), func(f topology.Function) bool { return f.Name == function })
}

// url is where a function is.
func (w *wanted) url(function string) string {
	return fmt.Sprintf("https://%s-%s.%s.run.app", function, w.number, w.region)
}

// account is the email of one of the deployment's accounts: of a function, or of a kind of caller.
func (w *wanted) account(name string) string {
	return fmt.Sprintf("tidings-%s@%s.iam.gserviceaccount.com", name, w.project)
}
