//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type settings struct {
	time     string // of each target, as -test.fuzztime takes it
	together int
	binaries string // the folder
	out      io.Writer
}

// result is what became of one target.
type result struct {
	target
	executions int
	took       time.Duration
	output     string // where it failed
	err        error
}

// runAll runs the targets and prints a line for each as it ends, and one for all. With a finding, or a target that did not run, it
// returns an error; the others run all the same.
func runAll(ctx context.Context, targets []target, s settings) error {
	cache, err := goCommand(ctx, "env", "GOCACHE")
	if err != nil {
		return err
	}
	corpus := filepath.Join(strings.TrimSpace(string(cache)), "fuzz") // where go test -fuzz keeps what it finds interesting
	waiting, ended := make(chan target), make(chan result)
	var runners sync.WaitGroup
	for range s.together {
		runners.Go(func() {
			for t := range waiting {
				ended <- run(ctx, t, s, filepath.Join(corpus, t.pkg))
			}
		})
	}
	go func() {
		for _, t := range targets {
			waiting <- t
		}
		close(waiting)
		runners.Wait()
		close(ended)
	}()
	total, failed, done := 0, 0, 0
	for r := range ended {
		done++
		total += r.executions
		fmt.Fprintf(s.out, "%3d/%d  %-55s %12d executions in %4.0f s, %13d in all\n", done, len(targets), r.target, r.executions, r.took.Seconds(), total)
		if r.err != nil {
			failed++
			fmt.Fprintf(s.out, "FAILED: %s: %v\n%s\n", r.target, r.err, r.output)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d targets failed, after %d executions", failed, len(targets), total)
	}
	fmt.Fprintf(s.out, "%d targets, %d executions, nothing found\n", len(targets), total)
	return nil
}

// run runs one target on one core.
func run(ctx context.Context, t target, s settings, corpus string) result {
	cmd := exec.CommandContext(ctx, filepath.Join(s.binaries, t.binary()),
		"-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzztime="+s.time, "-test.fuzzcachedir="+corpus, "-test.parallel=1",
		"-test.fuzzminimizetime=20x") // else an input of 20 kB that is new is made shorter for a minute, and nothing else is tried
	cmd.Dir = t.dir
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the target starts a process of its own for the work
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	start := time.Now()
	err := cmd.Run()
	r := result{target: t, took: time.Since(start), executions: executions(output.String()), output: output.String(), err: err}
	if err != nil && endedInTime(r.output) {
		r.err = nil
	}
	if r.err == nil && strings.Contains(r.output, "not built with coverage instrumentation") {
		r.err = fmt.Errorf("it ran blindly: the binary is not instrumented")
	}
	if r.err == nil && r.executions == 0 {
		r.err = fmt.Errorf("it executed nothing")
	}
	return r
}

// endedInTime reports whether the target "failed" only because its time was over: when that comes at a wrong moment, Go's fuzzing takes its
// own deadline for a failure. What is found is written to a file, which the output names.
func endedInTime(output string) bool {
	return strings.Contains(output, "    context deadline exceeded\n") && !strings.Contains(output, "Failing input written")
}

// progress is a line of Go's fuzzing: "fuzz: elapsed: 3s, execs: 325017 (108336/sec), new interesting: 11 (total: 202)".
var progress = regexp.MustCompile(`^fuzz: elapsed: .*, execs: (\d+) `)

// executions is the number in the last line of progress.
func executions(output string) (n int) {
	for lines := bufio.NewScanner(strings.NewReader(output)); lines.Scan(); {
		if found := progress.FindStringSubmatch(lines.Text()); found != nil {
			n, _ = strconv.Atoi(found[1]) // digits
		}
	}
	return n
}
