// Command webhooks is for operators: it shows what products were told of their events and what came of it, sends it once more, and switches endpoints on again.
//
//	go run ./infra/webhooks list -url "$(tofu -chdir=infra output -raw webhooks)" -state failed
//	go run ./infra/webhooks replay -emulator -state failed -endpoint shop
//
// It calls the function webhooks (functions/README.md) with the token of whoever runs it: `gcloud auth print-identity-token`.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tidings.dev/infra/operator"
)

const usage = `usage: go run ./infra/webhooks COMMAND [-emulator | -url ADDRESS] [flags] [ID... | NAME]

  endpoints  who is told what, and who is switched off
  list       one page of messages, the latest first
  show       one message with all that is known of it, as JSON
  replay     send messages now, once more: those that are named, or all that -state and -endpoint choose
  on         send to the endpoint NAME again

`

// function is what is called.
var function = operator.Function{Path: "/v1", Output: "webhooks", Local: "http://127.0.0.1:7425/v1"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := realMain(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "webhooks:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	state, endpoint, cursor string
	most                    int
}

// command is a run of the program.
type command struct {
	*operator.Client
	options
	args []string
	out  io.Writer
}

func realMain(ctx context.Context, args []string, out io.Writer) error {
	c, flags := command{out: out}, flag.NewFlagSet("webhooks", flag.ContinueOnError)
	connect := function.Flags(flags)
	flags.StringVar(&c.state, "state", "", "only messages of this state: pending, delivered, failed")
	flags.StringVar(&c.endpoint, "endpoint", "", "only messages to the endpoint of this `NAME`")
	flags.StringVar(&c.cursor, "cursor", "", "list: where the page before ended")
	flags.IntVar(&c.most, "most", 1000, "replay: how many messages at most, the latest")
	name, ids, err := operator.Parse(flags, usage, args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	run, ok := map[string]func(*command, context.Context) error{
		"endpoints": (*command).endpoints, "list": (*command).list, "show": (*command).show, "replay": (*command).replay, "on": (*command).on,
	}[name]
	if !ok {
		flags.Usage()
		return fmt.Errorf("%q is no command", name)
	}
	c.args = ids
	if c.Client, err = connect(ctx); err != nil {
		return err
	}
	return run(&c, ctx)
}

// A message is what the list says of one.
type message struct {
	ID       string    `json:"id"`
	Endpoint string    `json:"endpoint"`
	Type     string    `json:"type"`
	State    string    `json:"state"`
	Attempts int       `json:"attempts"`
	ToldAt   time.Time `json:"toldAt"`
	NextAt   time.Time `json:"nextAt"`
	Status   int       `json:"status"`
	Answer   string    `json:"answer"`
}

// read asks for something and reads the answer.
func (c *command) read(ctx context.Context, method, rest string, into any) error {
	body, err := c.Call(ctx, method, rest)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the answer from %s is not the function's: %w", c.URL, err)
	}
	return nil
}

// endpoints prints a line for each endpoint.
func (c *command) endpoints(ctx context.Context) error {
	var answer struct {
		Endpoints []struct {
			Name, URL                string
			Outcomes, Types, Sources []string
			Keys                     int
			Off                      *struct {
				At     time.Time
				Reason string
			}
		}
	}
	if err := c.read(ctx, http.MethodGet, "/webhooks", &answer); err != nil {
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tURL\tOUTCOMES\tTYPES\tSOURCES\tKEYS\tSTATE")
	all := func(list []string) string { return cmp.Or(strings.Join(list, ","), "all") }
	for _, e := range answer.Endpoints {
		state := "on"
		if e.Off != nil {
			state = "off since " + e.Off.At.UTC().Format(time.RFC3339) + ": " + operator.Line(e.Off.Reason, 100)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", e.Name, e.URL, all(e.Outcomes), all(e.Types), all(e.Sources), e.Keys, state)
	}
	return w.Flush()
}

// page returns one page of messages and the cursor of the next one, "" at the end. Pages of which nothing was asked for are passed over.
func (c *command) page(ctx context.Context, cursor string) (found []message, next string, err error) {
	for next = cursor; ; {
		query := url.Values{}
		for key, value := range map[string]string{"state": c.state, "endpoint": c.endpoint, "cursor": next} {
			if value != "" {
				query.Set(key, value)
			}
		}
		var answer struct {
			Messages []message
			Cursor   string
		}
		if err := c.read(ctx, http.MethodGet, "/outgoing?"+query.Encode(), &answer); err != nil {
			return nil, "", err
		}
		if found, next = answer.Messages, answer.Cursor; next == "" || len(found) > 0 {
			return found, next, nil
		}
	}
}

// list prints one page.
func (c *command) list(ctx context.Context) error {
	messages, next, err := c.page(ctx, c.cursor)
	if err != nil {
		return err
	}
	if len(messages) == 0 {
		fmt.Fprintln(c.out, "no message is like that")
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TOLD\tENDPOINT\tID\tTYPE\tSTATE\tATTEMPTS\tNEXT\tANSWER")
	for _, m := range messages {
		upcoming, answer := "-", operator.Line(m.Answer, 80)
		if !m.NextAt.IsZero() {
			upcoming = m.NextAt.UTC().Format(time.RFC3339)
		}
		if m.Status != 0 {
			answer = strings.TrimSpace(fmt.Sprint(m.Status, " ", answer))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", m.ToldAt.UTC().Format(time.RFC3339), m.Endpoint, m.ID, m.Type, m.State, m.Attempts, upcoming, answer)
	}
	_ = w.Flush() // out's own errors are nobody's business here
	if next != "" {
		fmt.Fprintf(c.out, "there may be more: -cursor %s\n", next)
	}
	return nil
}

// one is the only argument.
func (c *command) one(what string) (string, error) {
	if len(c.args) != 1 {
		return "", fmt.Errorf("one %s was expected", what)
	}
	return c.args[0], nil
}

// show prints a message.
func (c *command) show(ctx context.Context) error {
	id, err := c.one("ID")
	if err != nil {
		return err
	}
	body, err := c.Call(ctx, http.MethodGet, "/outgoing/"+url.PathEscape(id))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, strings.TrimSpace(text.String()))
	return err
}

// on switches an endpoint on.
func (c *command) on(ctx context.Context) error {
	name, err := c.one("NAME of an endpoint")
	if err != nil {
		return err
	}
	if _, err := c.Call(ctx, http.MethodPost, "/webhooks/"+url.PathEscape(name)+":on"); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "%s is on; what waits for it is sent within a minute\n", name)
	return nil
}

// choose returns the ids that were given, or those of the messages that the flags choose, the oldest first.
func (c *command) choose(ctx context.Context) (ids []string, err error) {
	chosen := c.state != "" || c.endpoint != ""
	switch {
	case len(c.args) > 0 && chosen:
		return nil, errors.New("IDs were given and -state or -endpoint too; one of the two was expected")
	case len(c.args) > 0:
		return c.args, nil
	case !chosen:
		return nil, errors.New("nothing was chosen; IDs, -state or -endpoint was expected")
	}
	for cursor := ""; ; {
		messages, next, err := c.page(ctx, cursor)
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			ids = append(ids, m.ID)
		}
		if cursor = next; cursor == "" || len(ids) >= c.most {
			if len(ids) > c.most || cursor != "" {
				ids = ids[:min(len(ids), c.most)]
				fmt.Fprintf(c.out, "there are more than %d; these are the latest ones\n", len(ids))
			}
			slices.Reverse(ids)
			return ids, nil
		}
	}
}

// replay sends messages, one after the other. It stops where the function itself fails, or the endpoint cannot be sent to: the next ones would not fare better.
func (c *command) replay(ctx context.Context) error {
	ids, err := c.choose(ctx)
	if err != nil {
		return err
	}
	taken := 0
	for i, id := range ids {
		var m message
		if err := c.read(ctx, http.MethodPost, "/outgoing/"+url.PathEscape(id)+":replay", &m); err != nil {
			return fmt.Errorf("%s: %w; %d of %d were replayed before", id, err, i, len(ids))
		}
		if m.State == "delivered" {
			taken++
			continue
		}
		fmt.Fprintf(c.out, "%s: not taken: %d %s\n", id, m.Status, operator.Line(m.Answer, 100))
	}
	fmt.Fprintf(c.out, "%d of %d taken\n", taken, len(ids))
	if taken < len(ids) {
		return fmt.Errorf("%d of %d messages were not taken; they are tried again by themselves", len(ids)-taken, len(ids))
	}
	return nil
}
