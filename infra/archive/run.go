package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"tidings.dev/shared/archive"
	"tidings.dev/shared/catalog"
	"tidings.dev/shared/push"
	"tidings.dev/shared/store"
)

// rebuild replays into a shadow, and compares it with the live database. It prints a line for each difference, and fails where nothing explains one.
func rebuild(ctx context.Context, a *archive.Archive, o options, out io.Writer) (err error) {
	if o.project == "" || o.database == "" || o.database == "(default)" {
		return errors.New("-project and -shadow-database are needed, and the shadow is not the live database")
	}
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

// compare compares what was replayed with what is live.
func (r *Replay) compare(ctx context.Context, out io.Writer) error {
	s, err := readState(r.Path, r.job())
	if err != nil {
		return err
	}
	c := Comparison{Live: r.Live, Shadow: r.Into, From: r.Index.From, To: r.Index.To, Groups: s.Groups, Now: r.Now()}
	unexplained, lines := 0, json.NewEncoder(out)
	same, err := c.Run(ctx, func(d Difference) {
		if d.Reason == "" {
			unexplained++
		}
		_ = lines.Encode(d)
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
	if o.project == "" || o.person == "" || o.eventType == "" {
		return errors.New("-project, -person and -type are needed")
	}
	live, err := store.Open(ctx, o.project)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, live.Close()) }()
	r, err := newReplay(ctx, a, o, out, live, live)
	if err != nil {
		return err
	}
	if r.Person, r.Type = o.person, o.eventType; o.ring {
		r.Ring = true
		if r.Sender, err = push.Open(ctx, o.project); err != nil {
			return err
		}
	}
	report, err := r.Run(ctx)
	return errors.Join(err, printed(out, report))
}

func newReplay(ctx context.Context, a *archive.Archive, o options, out io.Writer, live, into *store.Store) (*Replay, error) {
	x, err := whole(ctx, a, o, out)
	if err != nil {
		return nil, err
	}
	words, err := catalog.New()
	if err != nil {
		return nil, err
	}
	return &Replay{
		Archive: a, Index: x, Live: live, Into: into, Catalog: words, Now: time.Now, Path: o.checkpoint,
		Log: slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}, nil
}
