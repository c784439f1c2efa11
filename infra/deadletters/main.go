// Command deadletters is for operators: it lists what could not be delivered, sends it again, or discards it.
//
//	go run ./infra/deadletters list -url "$(tofu -chdir=infra output -raw dead_letters)" -reason SENDER_ID
//	go run ./infra/deadletters replay -emulator -reason SENDER_ID
//
// It calls the function deadletters (functions/README.md) with the token of whoever runs it: `gcloud auth print-identity-token`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"tidings.dev/infra/operator"
)

const usage = `usage: go run ./infra/deadletters COMMAND [-emulator | -url ADDRESS] [flags] [ID...]

  list      one page of letters, the latest first
  reasons   how many letters there are of each reason
  show      one letter with its data, as JSON
  replay    send letters again: those that are named, or all that -reason and -subscription choose and nobody has replayed
  discard   delete letters: those that are named, or all that -reason and -subscription choose

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := realMain(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "deadletters:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	filter
	cursor string
	most   int
	yes    bool
}

func realMain(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	o, flags := options{}, flag.NewFlagSet("deadletters", flag.ContinueOnError)
	connect := function.Flags(flags)
	flags.StringVar(&o.reason, "reason", "", "only letters whose reason contains this `TEXT`, in small or capital letters")
	flags.StringVar(&o.subscription, "subscription", "", "only letters of this subscription: events-notify, events-urgent-notify, events-retry-notify")
	flags.StringVar(&o.cursor, "cursor", "", "list: where the page before ended")
	flags.IntVar(&o.most, "most", 1000, "reasons, replay and discard: how many letters at most, the latest")
	flags.BoolVar(&o.yes, "yes", false, "discard: do not ask")
	name, ids, err := operator.Parse(flags, usage, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	command, ok := map[string]func(context.Context, *client, options, []string, io.Reader, io.Writer) error{
		"list": list, "reasons": reasons, "show": show, "replay": replay, "discard": discard,
	}[name]
	if !ok {
		flags.Usage()
		return fmt.Errorf("%q is no command", name)
	}
	c, err := connect(ctx)
	if err != nil {
		return err
	}
	return command(ctx, &client{c}, o, ids, in, out)
}

// list prints one page.
func list(ctx context.Context, c *client, o options, _ []string, _ io.Reader, out io.Writer) error {
	letters, next, err := c.page(ctx, o.filter, o.cursor)
	if err != nil {
		return err
	}
	printLetters(out, letters)
	if next != "" {
		fmt.Fprintf(out, "there may be more: -cursor %s\n", next)
	}
	return nil
}

// reasons counts.
func reasons(ctx context.Context, c *client, o options, _ []string, _ io.Reader, out io.Writer) error {
	letters, more, err := c.all(ctx, o.filter, o.most)
	if err != nil {
		return err
	}
	printReasons(out, letters)
	if more {
		fmt.Fprintf(out, "these are the latest %d; -most raises that\n", len(letters))
	}
	return nil
}

func show(ctx context.Context, c *client, _ options, ids []string, _ io.Reader, out io.Writer) error {
	if len(ids) != 1 {
		return errors.New("show: one ID was expected")
	}
	return c.show(ctx, ids[0], out)
}

func replay(ctx context.Context, c *client, o options, ids []string, _ io.Reader, out io.Writer) error {
	o.fresh = true
	ids, err := c.choose(ctx, o, ids, out)
	if err != nil {
		return err
	}
	return each(ctx, out, "replayed", ids, c.replay)
}

// discard asks before it deletes more than one: nobody can bring a letter back.
func discard(ctx context.Context, c *client, o options, ids []string, in io.Reader, out io.Writer) error {
	ids, err := c.choose(ctx, o, ids, out)
	if err != nil {
		return err
	}
	if len(ids) > 1 && !o.yes {
		fmt.Fprintf(out, "%d letters will be deleted, and nobody will be told of these events. Type yes to go on: ", len(ids))
		var answer string
		if _, err := fmt.Fscanln(in, &answer); err != nil || answer != "yes" {
			return errors.New("nothing was discarded; type yes, or give -yes")
		}
	}
	return each(ctx, out, "discarded", ids, c.discard)
}
