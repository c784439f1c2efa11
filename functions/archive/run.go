package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"google.golang.org/api/option"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topology"
)

// warnings are what a log has of a replay: the subscriber says as much of each event as of a new one.
type warnings struct{ slog.Handler }

func (warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// rebuild replays into a shadow, and compares it with the live database. It prints a line for each difference, and fails where nothing explains one.
func rebuild(ctx context.Context, a *archive.Archive, o options, out io.Writer) (err error) {
	live, err := store.Open(ctx, o.project)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	shadow, err := store.OpenDatabase(ctx, o.project, o.database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shadow.Close()) }()
	r, err := newReplay(ctx, a, o, out, live, shadow)
	if err != nil {
		return err
	}
	report, err := r.Run(ctx)
	if err := errors.Join(err, printed(out, report)); err != nil {
		return err
	}
	return r.compare(ctx, out)
}

// compare compares what was replayed with what is live. It prints the differences; where the checkpoint is an object, they go into one beside it, since what a Cloud Run job prints is a log, which
// names nobody.
func (r *Replay) compare(ctx context.Context, out io.Writer) (err error) {
	kept, err := r.checkpoint()
	if err != nil {
		return err
	}
	s, err := kept.read(ctx, r.job())
	if err != nil {
		return err
	}
	c := Comparison{Live: r.Live, Shadow: r.Into, From: r.Index.From, To: r.Index.To, Groups: s.Groups, Now: r.Now()}
	to := out
	if inCloud(r.Path) {
		note, noteErr := r.Archive.Note(r.Path + ".differences")
		if noteErr != nil {
			return noteErr
		}
		w := note.Writer(ctx)
		defer func() { err = errors.Join(err, w.Close()) }()
		to = w
		fmt.Fprintf(out, "the differences go into %s.differences\n", r.Path)
	}
	unexplained, lines := 0, json.NewEncoder(to)
	same, err := c.Run(ctx, func(d Difference) {
		if d.Reason == "" {
			unexplained++
		}
		_ = lines.Encode(d) // Close tells
	})
	if err := errors.Join(err, printed(out, same)); err != nil {
		return err
	}
	if unexplained > 0 {
		return fmt.Errorf("%d items differ, and nothing explains it", unexplained)
	}
	return nil
}

// repair replays into one person's live inbox.
func repair(ctx context.Context, a *archive.Archive, o options, out io.Writer) (err error) {
	live, err := store.Open(ctx, o.project)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	r, err := newReplay(ctx, a, o, out, live, live)
	if err != nil {
		return err
	}
	if o.ring {
		var opts []option.ClientOption
		if o.fcm != "" {
			opts = append(opts, option.WithEndpoint(o.fcm))
		}
		if r.Sender, err = push.Open(ctx, o.project, opts...); err != nil {
			return err
		}
	}
	report, err := r.Run(ctx)
	return errors.Join(err, printed(out, report))
}

// newReplay makes a replay of the options' span. Without -to, one that has begun ends when it was to end then, so that the same command goes on.
func newReplay(ctx context.Context, a *archive.Archive, o options, out io.Writer, live, into *store.Store) (*Replay, error) {
	words, err := catalog.New()
	if err != nil {
		return nil, err
	}
	if _, ok := words.Type(o.eventType); o.eventType != "" && !ok {
		return nil, fmt.Errorf("-type: %q is not in the catalogue", o.eventType)
	}
	r := &Replay{
		Archive: a, Index: archive.Index{From: o.from}, Live: live, Into: into, Catalog: words, Person: o.person, Type: o.eventType, Ring: o.ring, Now: o.now, Path: o.checkpoint,
		Log: slog.New(warnings{telemetry.NewLog(os.Stderr, o.project, topology.ArchiveCommand).Handler()}),
	}
	if !o.toNow {
		r.Index.To = o.to
	}
	kept, err := r.checkpoint()
	if err != nil {
		return nil, err
	}
	begun, err := kept.read(ctx, r.job())
	if err != nil {
		return nil, err
	}
	if !begun.Job.To.IsZero() {
		o.to = begun.Job.To
	}
	if begun.Done {
		fmt.Fprintf(out, "%s says that this was replayed up to %s: it is compared once more. To replay anew, delete it\n", o.checkpoint, o.to.Format(time.RFC3339))
	}
	r.Index, err = whole(ctx, a, o, out)
	return r, err
}
