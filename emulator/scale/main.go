// Command scale says on paper what becomes of Tidings with more people than can be had here: `go run ./emulator/scale`. For each scenario it
// prints the first limit that is met, how long people wait, what it costs, and what lifts the limit.
//
// It is a simulation of discrete events: a message is published, pushed, opened, its people are put into the queues of an instance, a commit
// takes up to a hundred of them, reads, and waits until Firestore lets it write; walks, instances, the push window, the ramp of Firestore
// and FCM's minutes are events too. What is the same and happens at once is one parcel with a number, so 100 million people are some
// million events. An ordinary day is not simulated event by event: a slice of its busiest time is, and a balance of the minutes of the day says
// what is left over where a limit is too small.
//
// The numbers are of three kinds. The platform's and our own limits are in limits.json, each with its source; a number that nobody publishes
// is called assumed there. CPU, reads and writes are measured: they come from the benchmark's output. What people do and prices
// are those of infra/cost. The same seed gives the same table.
//
// -check FILE makes a model of the machine that the benchmark ran on, sets it to some of the figures, and compares what it says of others
// with what was measured.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := realMain(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func realMain(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	name := flags.String("scenario", "", "show one in detail: "+strings.Join(names(), ", "))
	check := flags.String("check", "", "compare the model with the benchmark's output in `FILE`")
	measured := flags.String("measured", "emulator/scale/measured.json", "the benchmark's output that CPU, reads and writes come from")
	dir := flags.String("data", "infra/cost", "the folder of assumptions.json")
	seed := flags.Uint64("seed", 1, "another seed is another day")
	cores := flags.Int("cores", 2, "of the machine that the benchmark ran on")
	limits := flags.Bool("limits", false, "print all limits with their sources")
	other := map[string]float64{}
	flags.Func("set", "`NAME=VALUE`: another value for one of limits.json; may be given again", func(text string) error {
		name, value, _ := strings.Cut(text, "=")
		v, err := strconv.ParseFloat(value, 64)
		other[name] = v
		return err
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *check != "" {
		*measured = *check
	}
	list, settings, err := readLimits(other)
	if err != nil {
		return err
	}
	if *limits {
		printLimits(out, list)
		return nil
	}
	b, err := readBench(*measured)
	if err != nil {
		return err
	}
	e := env{settings: settings, seed: *seed, events: sliceEvents, detail: *name != ""}
	if e.costs, err = b.costs(settings); err != nil {
		return err
	}
	if *check != "" {
		all, err := e.check(b, *cores)
		if err == nil {
			printCheck(out, all)
		}
		return err
	}
	if e.data, err = readData(*dir); err != nil {
		return err
	}
	return e.show(out, *name)
}

// sliceEvents are the events of the slice of a day that is simulated: enough for some ten audiences.
const sliceEvents = 40_000

// show runs one scenario, or all of them.
func (e env) show(out io.Writer, name string) error {
	if name == "" {
		outcomes := make([]outcome, len(scenarios))
		for i, s := range scenarios {
			outcomes[i] = s.run(e)
		}
		printTable(out, scenarios, outcomes)
		return nil
	}
	for _, s := range scenarios {
		if s.name == name {
			printDetail(out, s, s.run(e))
			return nil
		}
	}
	return fmt.Errorf("there is no scenario %q; these are: %s", name, strings.Join(names(), ", "))
}

func names() (all []string) {
	for _, s := range scenarios {
		all = append(all, s.name)
	}
	return all
}
