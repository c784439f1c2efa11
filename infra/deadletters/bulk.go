package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"tidings.dev/infra/operator"
)

// choose returns the ids that were given, or those of the letters that the flags choose, the oldest first: what happened first is told
// first.
func (c *client) choose(ctx context.Context, o options, ids []string, out io.Writer) ([]string, error) {
	chosen := o.reason != "" || o.subscription != ""
	switch {
	case len(ids) > 0 && chosen:
		return nil, errors.New("IDs were given and -reason or -subscription too; one of the two was expected")
	case len(ids) > 0:
		return ids, nil
	case !chosen:
		return nil, errors.New("nothing was chosen; IDs, -reason or -subscription was expected")
	}
	letters, more, err := c.all(ctx, o.filter, o.most)
	if err != nil {
		return nil, err
	}
	if len(letters) == 0 {
		fmt.Fprintln(out, "no letter is like that")
	}
	if more {
		fmt.Fprintf(out, "there are more than %d; these are the latest ones, so run the command once more afterwards\n", len(letters))
	}
	for _, l := range slices.Backward(letters) {
		ids = append(ids, l.ID)
	}
	return ids, nil
}

// A run stops after so many failures of the function in a row, since the next letters would not fare better.
const maxFailures = 5

// progressTime is how often a run says how far it is.
const progressTime = 2 * time.Second

// each does something to each letter, one after the other. It says how far it is, which letters failed and why, and goes on with the
// others.
func each(ctx context.Context, out io.Writer, done string, ids []string, do func(context.Context, string) error) error {
	failed, inRow := 0, 0
	said := time.Now()
	for i, id := range ids {
		if err := do(ctx, id); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("stopped: %d of %d letters %s, %d failed", i-failed, len(ids), done, failed)
			}
			fmt.Fprintf(out, "%s: %v\n", id, err)
			failed++
			if refusal := new(operator.Refusal); errors.As(err, &refusal) && (refusal.Status == 404 || refusal.Status == 409) {
				inRow = 0 // this letter's own fault
			} else if inRow++; inRow == maxFailures {
				return fmt.Errorf("stopped after %d failures in a row: %d of %d letters %s", inRow, i+1-failed, len(ids), done)
			}
			continue
		}
		inRow = 0
		if time.Since(said) > progressTime {
			fmt.Fprintf(out, "%d of %d %s …\n", i+1-failed, len(ids), done)
			said = time.Now()
		}
	}
	if len(ids) > 0 {
		fmt.Fprintf(out, "%d of %d %s\n", len(ids)-failed, len(ids), done)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d letters failed", failed, len(ids))
	}
	return nil
}
