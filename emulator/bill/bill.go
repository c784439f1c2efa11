//go:build unix

// Package bill counts everything that a team pays for: `go run ./emulator bill`. It runs the whole local stack, every function as the process that is
// deployed, with a tap in front of Firestore for each of them and for the person's page, and one in front of Pub/Sub; lets a case happen; and multiplies what went
// over the wire, in all processes, by the list prices. A case is one entry of the table in cases.go.
//
// What goes over the wire is counted, not assumed, so the same run gives the same counts; only CPU is a matter of the machine. What no emulator does is computed,
// and says so: that expired documents are deleted, and what Eventarc's messages cost.
package bill

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tidings.dev/infra/cost/prices"
)

// Report is what `-json` writes, and what infra/cost computes with.
type Report struct {
	Measured time.Time `json:"measured"`
	Cases    []Result  `json:"cases"`
}

// Main is `go run ./emulator bill`: it runs the cases and prints what each costs.
func Main(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bill", flag.ContinueOnError)
	file := flags.String("json", "", "also write all counts to `FILE`, for infra/cost")
	only := flags.String("cases", "", "run these only, comma-separated: "+strings.Join(keys(), ", "))
	if err := flags.Parse(args); err != nil {
		return err
	}
	list, err := prices.Read()
	if err != nil {
		return err
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	report, err := run(ctx, chosen, os.Stderr)
	if err != nil {
		return err
	}
	if *file != "" {
		raw, err := json.MarshalIndent(report, "", "  ")
		if err == nil {
			err = os.WriteFile(*file, append(raw, '\n'), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return print(out, list, report)
}

// choose returns the cases of these names, comma-separated, and what they need; "" is all.
func choose(names string) ([]Case, error) {
	if names == "" {
		return cases, nil
	}
	wanted := strings.Split(names, ",")
	for _, name := range wanted {
		if !slices.Contains(keys(), name) {
			return nil, fmt.Errorf("-cases: there is no case %q; there are %s", name, strings.Join(keys(), ", "))
		}
	}
	if slices.Contains(wanted, "day") {
		wanted = append(wanted, emptyKey) // what the scheduler's calls cost by themselves is not the day's
	}
	return slices.DeleteFunc(slices.Clone(cases), func(c Case) bool { return !slices.Contains(wanted, c.Key) }), nil
}

func keys() (all []string) {
	for _, c := range cases {
		all = append(all, c.Key)
	}
	return all
}

// run lets the cases happen on one stack, one after the other.
func run(ctx context.Context, chosen []Case, progress io.Writer) (r Report, err error) {
	start := time.Now()
	say := func(format string, args ...any) {
		fmt.Fprintf(progress, "%6.1f s  %s\n", time.Since(start).Seconds(), fmt.Sprintf(format, args...))
	}
	say("starting the whole stack, with a tap in front of each function")
	s, err := startSystem(ctx, say)
	if err != nil {
		return r, err
	}
	defer s.close()
	r.Measured = start.UTC().Truncate(time.Second)
	for _, c := range chosen {
		say("%s", c.Name)
		result, err := s.measure(ctx, c)
		if err != nil {
			return r, fmt.Errorf("%s: %w", c.Name, err)
		}
		r.Cases = append(r.Cases, result)
	}
	return r, nil
}
