// Command functions is everything that is deployed: one binary and one image, a Cloud Run service for each function, chosen by
// FUNCTION_TARGET. Without it all functions are served, each under its paths. The target archive is a Cloud Run job, which serves nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // recipients' time zones, wherever the image has none

	"tidings.dev/functions/archive"
	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topology"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	err := realMain(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "functions:", err)
		os.Exit(1)
	}
}

func realMain(ctx context.Context) error {
	if os.Getenv("FUNCTION_TARGET") == topology.ArchiveCommand {
		return archive.Run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	}
	cfg, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	// A client keeps its context for later, say, to renew a token. Requests that are in flight at SIGTERM still need it.
	lasting := context.WithoutCancel(ctx)
	log := telemetry.NewLog(os.Stdout, cfg.Project, cfg.Target)
	tel, err := telemetry.Open(lasting, cfg.Telemetry, log)
	if err != nil {
		return err
	}
	clients, err := connect(lasting, cfg, tel, log)
	if err != nil {
		return err
	}
	server := newCapture()
	if err := register(lasting, cfg, clients, tel, log, server); err != nil {
		return err
	}
	handler, err := frameworkHandler(ctx, server)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", cfg.address())
	if err != nil {
		return err
	}
	err = serve(ctx, newServer(handler), l, log)
	flush(lasting, clients.facts, tel, log)
	return errors.Join(err, clients.Close())
}
