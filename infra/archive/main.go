// Command archive is for operators: it vouches for what was published, and replays it.
//
//	go run ./infra/archive status -bucket B -from 2026-11-01
//	go run ./infra/archive seal -bucket B -from 2026-11-01
//	go run ./infra/archive check -bucket B -from 2026-11-01 -to 2026-11-08
//	go run ./infra/archive rebuild -bucket B -project P -shadow-database shadow -from 2026-11-01 -to 2026-11-08
//	go run ./infra/archive repair -bucket B -project P -person bob -type post.liked -from 2026-11-07T09:00:00Z -to 2026-11-07T12:00:00Z
//
// It runs with the credentials of whoever runs it (`gcloud auth application-default login`). STORAGE_EMULATOR_HOST and FIRESTORE_EMULATOR_HOST, the SDKs' own variables, are honoured.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/topology"
)

const usage = `usage: go run ./infra/archive COMMAND -bucket B [flags]

  status    the days of the span, and whether each is sealed
  seal      writes the manifest of each day of the span that is over for an hour and has none
  check     reads everything of the span, and names each object that is missing or was changed
  rebuild   gives everything of the span to the subscriber's code, into another database, and compares that with the live one
  repair    gives the events of one type once more to one person's inbox; nobody's phone rings, unless -ring is given

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := realMain(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	bucket, project   string
	database          string // the shadow's
	from, to          time.Time
	person, eventType string
	ring              bool
	checkpoint        string
	now               time.Time
}

func realMain(ctx context.Context, args []string, out, say io.Writer) (err error) {
	if len(args) == 0 {
		fmt.Fprint(say, usage)
		return errors.New("a command is missing")
	}
	o, err := readOptions(args[1:], say)
	if err != nil {
		return err
	}
	run := map[string]func(context.Context, *archive.Archive, options, io.Writer) error{
		"status": status, "seal": seal, "check": check, "rebuild": rebuild, "repair": repair,
	}[args[0]]
	if run == nil {
		fmt.Fprint(say, usage)
		return fmt.Errorf("%q is no command", args[0])
	}
	a, err := archive.Open(ctx, o.bucket, archived())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return run(ctx, a, o, out)
}

// archived are the topics that are archived.
func archived() (topics []string) {
	for _, a := range topology.Deployed().Archives {
		topics = append(topics, a.Topic)
	}
	return topics
}

func readOptions(args []string, say io.Writer) (options, error) {
	o, flags := options{now: time.Now()}, flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.SetOutput(say)
	flags.Usage = func() { fmt.Fprint(say, usage); flags.PrintDefaults() }
	flags.StringVar(&o.bucket, "bucket", "", "the `BUCKET` of the archive: tofu -chdir=infra output -raw archive")
	flags.StringVar(&o.project, "project", os.Getenv("GOOGLE_CLOUD_PROJECT"), "rebuild, repair: the `PROJECT`; also $GOOGLE_CLOUD_PROJECT")
	flags.StringVar(&o.database, "shadow-database", "", "rebuild: the `NAME` of an empty Firestore database of the project")
	from := flags.String("from", "", "what was published from this `TIME` on: 2026-11-01 (UTC), or as RFC 3339 has it")
	to := flags.String("to", "", "and before this `TIME`; empty is now")
	flags.StringVar(&o.person, "person", "", "repair: the `UID` of the recipient")
	flags.StringVar(&o.eventType, "type", "", "repair: the `TYPE` of the events")
	flags.BoolVar(&o.ring, "ring", false, "repair: push what was neither pushed nor noticed since")
	flags.StringVar(&o.checkpoint, "checkpoint", "archive.checkpoint.json", "rebuild, repair: the `FILE` that says how far it has come")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var errs []error
	if o.bucket == "" {
		errs = append(errs, errors.New("-bucket is missing"))
	}
	var err error
	if o.from, err = readTime(*from); err != nil {
		errs = append(errs, fmt.Errorf("-from: %w", err))
	}
	if o.to = o.now; *to != "" {
		if o.to, err = readTime(*to); err != nil {
			errs = append(errs, fmt.Errorf("-to: %w", err))
		}
	}
	if !o.from.Before(o.to) {
		errs = append(errs, errors.New("-from must be before -to"))
	}
	return o, errors.Join(errs...)
}

func readTime(s string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q; a date like 2026-11-01 or a time like 2026-11-01T09:00:00Z was expected", s)
}

func status(ctx context.Context, a *archive.Archive, o options, out io.Writer) error {
	days, err := a.Days(ctx, o.from, o.to)
	for _, d := range days {
		state := "sealed"
		if !d.Sealed {
			state = "not sealed: nobody vouches for it"
		}
		fmt.Fprintf(out, "%s  %d objects, %s\n", d.Day, d.Objects, state)
	}
	return err
}

func seal(ctx context.Context, a *archive.Archive, o options, out io.Writer) error {
	days, err := a.Days(ctx, o.from, o.to)
	if err != nil {
		return err
	}
	for _, d := range days {
		if d.Sealed {
			continue
		}
		day, _ := time.Parse(time.DateOnly, d.Day) // it was formatted so
		switch m, err := a.Seal(ctx, day, o.now); {
		case errors.Is(err, archive.ErrOpen):
			fmt.Fprintf(out, "%s  not over for an hour yet\n", d.Day)
		case err != nil:
			return err
		default:
			fmt.Fprintf(out, "%s  sealed with %d objects\n", d.Day, len(m.Objects))
		}
	}
	return nil
}

func check(ctx context.Context, a *archive.Archive, o options, out io.Writer) error {
	x, err := a.Index(ctx, o.from, o.to, o.now)
	if err != nil {
		return err
	}
	faults, err := a.Check(ctx, x)
	for _, f := range faults {
		fmt.Fprintf(out, "%s %s\n", f.Object, f.What)
	}
	for _, d := range x.Unsealed {
		fmt.Fprintf(out, "%s is not sealed: nobody vouches for it\n", d)
	}
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%d objects are not what they were", len(faults))
	}
	if err == nil {
		fmt.Fprintf(out, "%d objects are as they were\n", len(x.Objects))
	}
	return err
}

// whole is the index of the options' span, if nothing is known to be wrong with it.
func whole(ctx context.Context, a *archive.Archive, o options, out io.Writer) (archive.Index, error) {
	x, err := a.Index(ctx, o.from, o.to, o.now)
	for _, f := range x.Faults {
		err = errors.Join(err, f)
	}
	for _, d := range x.Unsealed {
		fmt.Fprintf(out, "%s is not sealed: nobody vouches for it\n", d)
	}
	return x, err
}

func printed(out io.Writer, what any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(what)
}
