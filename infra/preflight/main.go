// Command preflight reads a project's settings and says in one line each what holds and what is missing, with what to do about it:
//
//	go run ./infra/preflight -project my-project -vapid-key BPx…
//
// It only reads, by Google's REST APIs, with the credentials of `gcloud auth application-default login`; of secrets it reads webhook-keys alone, with -webhooks. It ends with 1 if
// something is missing. What must be there is the table shared/topology and the files firestore.rules and firestore.indexes.json. What is in Terraform's variables, it sees in what is deployed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/oauth2/google"

	"tidings.dev/shared/topology"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	missing, err := realMain(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "preflight:", err)
	}
	if err != nil || missing > 0 {
		os.Exit(1)
	}
}

func realMain(ctx context.Context, args []string, out io.Writer) (missing int, err error) {
	flags := flag.NewFlagSet("preflight", flag.ContinueOnError)
	w := wanted{table: topology.Deployed()}
	flags.StringVar(&w.project, "project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "the project's id")
	flags.StringVar(&w.region, "region", "us-central1", "where the functions are")
	flags.StringVar(&w.location, "firestore-location", "", "where the database is to be; the region if empty")
	flags.StringVar(&w.vapidKey, "vapid-key", os.Getenv("VAPID_KEY"), "the public key of web push, from the Firebase console")
	flags.BoolVar(&w.mail, "mail", false, "mails are sent")
	flags.BoolVar(&w.outgoing, "webhooks", false, "products are told what became of their events")
	flags.BoolVar(&w.insight, "insight", false, "what became of events is told, into BigQuery")
	flags.BoolVar(&w.archive, "archive", true, "what is published is kept; -archive=false where archive_days is 0")
	sources := flags.String("sources", "", "the sources that are deployed, comma-separated: github,alertmanager,orders")
	dir := flags.String("infra", "infra", "the folder infra")
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	if w.project == "" {
		return 0, errors.New("-project is empty; the id of a project was expected")
	}
	if w.location == "" {
		w.location = w.region
	}
	if *sources != "" {
		w.sources = strings.Split(*sources, ",")
	}
	if err := w.readFiles(*dir); err != nil {
		return 0, err
	}
	client, err := google.DefaultClient(ctx, "https://www.googleapis.com/auth/cloud-platform")
	if err != nil {
		return 0, fmt.Errorf("no credentials; run gcloud auth application-default login: %w", err)
	}
	return report(out, check(ctx, w, overHTTP(client, w.project))), nil
}

// readFiles reads what the database must have.
func (w *wanted) readFiles(dir string) error {
	rules, err := os.ReadFile(filepath.Join(dir, "firestore.rules"))
	if err != nil {
		return err
	}
	indexes, err := os.ReadFile(filepath.Join(dir, "firestore.indexes.json"))
	if err != nil {
		return err
	}
	w.rules = string(rules)
	if err := json.Unmarshal(indexes, &w.indexes); err != nil {
		return fmt.Errorf("firestore.indexes.json: %w", err)
	}
	return nil
}

// overHTTP asks Google's APIs. Some of them want to know which project's quota a request counts against.
func overHTTP(client *http.Client, project string) ask {
	return func(ctx context.Context, method, url string) (int, []byte, error) {
		ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, method, url, nil)
		if err != nil {
			return 0, nil, err
		}
		req.Header.Set("X-Goog-User-Project", project)
		res, err := client.Do(req)
		if err != nil {
			return 0, nil, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
		return res.StatusCode, body, err
	}
}
