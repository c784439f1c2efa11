//go:build unix

// Command fuzz runs all fuzz targets of the repository, each for the same time, several side by side: `go run ./emulator/fuzz -time 10s`.
//
// `go test -fuzz` runs one target at a time and builds each anew, with every library instrumented. This command builds one binary for each
// package, once, and instruments this repository's own packages only: what the libraries do with an input is not what we look for, and their
// ordinary builds are there already. Everything else is Go's own fuzzing: what is found is kept in testdata/fuzz beside the target, and
// `go test` then fails until it is fixed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := realMain(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

func realMain(ctx context.Context) error {
	each := flag.String("time", "10s", "how long each target runs: a time, or a number of executions such as 400000x")
	together := flag.Int("together", runtime.NumCPU(), "how many targets run side by side, each on one core")
	run := flag.String("run", "", "run the targets whose `package.name` matches the regular expression only")
	list := flag.Bool("list", false, "list the targets, and run none")
	flag.Parse()
	wanted, err := regexp.Compile(*run)
	if err != nil || flag.NArg() > 0 || *together < 1 {
		return errors.Join(err, errors.New("usage: go run ./emulator/fuzz [-time 10s|400000x] [-together N] [-run REGEXP] [-list]"))
	}
	targets, err := find(ctx, wanted)
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return fmt.Errorf("no target matches %q", *run)
	}
	if *list {
		for _, t := range targets {
			fmt.Println(t)
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "fuzz")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("building the binaries of %d targets\n", len(targets))
	if err := build(ctx, targets, dir); err != nil {
		return err
	}
	return runAll(ctx, targets, settings{time: *each, together: *together, binaries: dir, out: os.Stdout})
}
