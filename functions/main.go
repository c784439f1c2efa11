// Command functions is everything that is deployed: one binary and one image, a Cloud Run service for each function, chosen by
// FUNCTION_TARGET. Without it all functions are served, each under its paths.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // recipients' time zones, wherever the image has none

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
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
	cfg, err := readConfig(os.Getenv)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // little lives long here: collect half as often
	}
	clients, err := connect(ctx, cfg)
	if err != nil {
		return err
	}
	var requests inFlight
	if err := register(ctx, cfg, clients, &requests); err != nil {
		return err
	}
	// The framework's server cannot be shut down. Cloud Run sends SIGTERM once it routes no more requests here, so what is
	// in flight is finished and the process ends.
	failed := make(chan error, 1)
	go func() { failed <- funcframework.Start(cfg.Port) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		requests.drain()
		return clients.Close()
	}
}
