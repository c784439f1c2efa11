//go:build unix

// Command emulator runs the whole of Tidings on this machine: `go run ./emulator`. It needs Go, Java and Node.js, fetches
// the rest by itself, prints where everything is, and runs until Ctrl-C.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"tidings.dev/emulator/bench"
	"tidings.dev/emulator/bill"
	"tidings.dev/emulator/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := realMain(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "emulator:", err)
		os.Exit(1)
	}
}

func realMain(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "bench" {
		return bench.Main(ctx, args[1:], os.Stdout)
	}
	if len(args) > 0 && args[0] == "bill" {
		return bill.Main(ctx, args[1:], os.Stdout)
	}
	if len(args) == 2 && args[0] == "reference" { // the benchmark starts this program once more as a reference
		return bench.Serve(ctx, args[1])
	}
	base := flag.Int("port-base", 7400, fmt.Sprintf("the first of %d ports; several stacks can run side by side", stack.PortCount))
	file := flag.String("addresses", "", "when everything is ready, write all addresses and tokens as JSON to `FILE`")
	web := flag.Bool("web", true, "also build and serve the web demo (needs npm)")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see -help", flag.Arg(0))
	}
	if *base < 1 || *base > 65536-stack.PortCount {
		return fmt.Errorf("-port-base %d leaves no room: %d ports are needed, and the last port is 65535", *base, stack.PortCount)
	}
	fmt.Println("Starting Tidings on this machine. The first start installs what is missing and takes a few minutes.")
	s, err := stack.Start(ctx, stack.Options{
		PortBase: *base, Web: *web, Archive: true, Insight: true, Progress: os.Stdout, Webhooks: os.Getenv("WEBHOOKS"), WebhookKeys: os.Getenv("WEBHOOK_KEYS"),
	})
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Println("Stopped.")
		return nil
	}
	if err != nil {
		return err
	}
	defer s.Close()
	if *file != "" {
		if err := writeAddresses(*file, s.Addresses); err != nil {
			return err
		}
		defer os.Remove(*file) // the addresses are free again
	}
	printTable(os.Stdout, s.Addresses)
	select {
	case <-ctx.Done():
		fmt.Println("\nStopping …")
	case <-s.Done():
	}
	return s.Close()
}

// writeAddresses writes the file in one step, so that a program that waits for it never reads half of it.
func writeAddresses(file string, a stack.Addresses) error {
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}
