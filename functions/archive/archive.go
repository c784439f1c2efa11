// Package archive is the command that looks after the archive: it vouches for what was published, and replays it, through the subscriber's own code.
//
// job: a Cloud Run job runs the deployed binary with FUNCTION_TARGET=archive and the command's arguments; no request could take as long. Cloud Scheduler has it seal.
//
// operator: `go run ./infra/archive` is the same on a laptop.
package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/clock"
	"tidings.dev/shared/topology"
)

const usage = `usage: archive COMMAND [flags]

  status    the days of the span, and whether each is sealed
  seal      writes the manifest of each day of the span that is over for an hour and has none
  check     reads everything of the span, and names each object that is missing or was changed
  rebuild   gives everything of the span to the subscriber's code, into another database, and compares that with the live one
  repair    gives the events of one type once more to one person's inbox; nobody's phone rings, unless -ring is given

`

// options are the flags.
type options struct {
	bucket, project   string
	database          string // the shadow's
	from, to          time.Time
	toNow             bool // -to was not given
	person, eventType string
	ring              bool
	fcm               string // another address of FCM's API; empty is Google's
	checkpoint        string
	now               clock.Clock
}

// Run runs one command. It reads the environment through lookup: defaults of flags, CLOCK_FILE and FCM_ENDPOINT; the SDKs read their own variables. What is found goes to out, and what is
// wrong with the arguments to say.
func Run(ctx context.Context, args []string, lookup func(string) string, out, say io.Writer) (err error) {
	if len(args) == 0 {
		fmt.Fprint(say, usage)
		return errors.New("a command is missing")
	}
	run := map[string]func(context.Context, *archive.Archive, options, io.Writer) error{
		"status": status, "seal": seal, "check": check, "rebuild": rebuild, "repair": repair,
	}[args[0]]
	if run == nil {
		fmt.Fprint(say, usage)
		return fmt.Errorf("%q is no command", args[0])
	}
	o, err := readOptions(args[0], args[1:], lookup, say)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
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

// recent is how far back status and seal look, in days, where nobody says.
const recent = 31

func readOptions(command string, args []string, lookup func(string) string, say io.Writer) (options, error) {
	o, flags := options{now: clock.FromFile(lookup("CLOCK_FILE")), fcm: lookup("FCM_ENDPOINT")}, flag.NewFlagSet("archive", flag.ContinueOnError)
	flags.SetOutput(say)
	flags.Usage = func() { fmt.Fprint(say, usage); flags.PrintDefaults() }
	flags.StringVar(&o.bucket, "bucket", lookup("ARCHIVE_BUCKET"), "the `BUCKET` of the archive: tofu -chdir=infra output -raw archive; also $ARCHIVE_BUCKET")
	flags.StringVar(&o.project, "project", lookup("GOOGLE_CLOUD_PROJECT"), "rebuild, repair: the `PROJECT`; also $GOOGLE_CLOUD_PROJECT")
	flags.StringVar(&o.database, "shadow-database", "", "rebuild: the `NAME` of an empty Firestore database of the project")
	from := flags.String("from", "", fmt.Sprintf("what was published from this `TIME` on: 2026-11-01 (UTC), or as RFC 3339 has it; empty is %d days ago for status and seal", recent))
	to := flags.String("to", "", "and before this `TIME`; empty is now, or, for what goes on from a checkpoint, when it began")
	flags.StringVar(&o.person, "person", "", "repair: the `UID` of the recipient")
	flags.StringVar(&o.eventType, "type", "", "repair: the `TYPE` of the events")
	flags.BoolVar(&o.ring, "ring", false, "repair: push what was neither pushed nor noticed since")
	flags.StringVar(&o.checkpoint, "checkpoint", cmp.Or(lookup("ARCHIVE_CHECKPOINT"), "archive.checkpoint.json"),
		"rebuild, repair: the `FILE` that says how far it has come, or gs://BUCKET/NAME; also $ARCHIVE_CHECKPOINT")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("unexpected argument %q; see -help", flags.Arg(0)))
	}
	errs = append(errs, o.readSpan(command, *from, *to)...)
	for _, needed := range []struct {
		flag, value string
		by          []string
	}{
		{"-bucket", o.bucket, []string{"status", "seal", "check", "rebuild", "repair"}},
		{"-project", o.project, []string{"rebuild", "repair"}},
		{"-shadow-database", o.database, []string{"rebuild"}},
		{"-person", o.person, []string{"repair"}},
		{"-type", o.eventType, []string{"repair"}},
	} {
		if needed.value == "" && slices.Contains(needed.by, command) {
			errs = append(errs, fmt.Errorf("%s is missing", needed.flag))
		}
	}
	if o.database == "(default)" {
		errs = append(errs, errors.New("-shadow-database is the live database; an empty one was expected"))
	}
	return o, errors.Join(errs...)
}

// readSpan reads -from and -to.
func (o *options) readSpan(command, from, to string) (errs []error) {
	var err error
	switch {
	case from != "":
		if o.from, err = readTime(from); err != nil {
			errs = append(errs, fmt.Errorf("-from: %w", err))
		}
	case command == "status" || command == "seal":
		o.from = o.now().AddDate(0, 0, -recent).UTC()
	default:
		errs = append(errs, errors.New("-from is missing; "+timeForm))
	}
	if o.to, o.toNow = o.now().UTC(), to == ""; !o.toNow {
		if o.to, err = readTime(to); err != nil {
			errs = append(errs, fmt.Errorf("-to: %w", err))
		}
	}
	if len(errs) == 0 && !o.from.Before(o.to) {
		errs = append(errs, errors.New("-from must be before -to"))
	}
	return errs
}

const timeForm = "a date like 2026-11-01 or a time like 2026-11-01T09:00:00Z was expected"

func readTime(s string) (time.Time, error) {
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q; %s", s, timeForm)
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
		switch m, err := a.Seal(ctx, day, o.now()); {
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
	x, err := a.Index(ctx, o.from, o.to, o.now())
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
	x, err := a.Index(ctx, o.from, o.to, o.now())
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
