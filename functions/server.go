package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"tidings.dev/shared/telemetry"
	"tidings.dev/shared/topics"
)

// The limits of the server. The functions framework's own server has none of them and cannot be shut down, so that the
// framework's handler runs on a server of ours.
const (
	// headerTime is how long a client may take over the headers of a request. A client that sends a byte now and then
	// would otherwise hold a connection, and the memory that goes with it, for ever.
	headerTime = 10 * time.Second
	// requestTime is how long a client may take over a whole request, body included. It does not limit the answer: Cloud
	// Run's request timeout does that.
	requestTime = 60 * time.Second
	// idleTime is longer than the 600 s for which Google's front ends keep a connection: whoever opened a connection
	// should be the one to close it, or a request may be sent into a connection that is being closed.
	idleTime = 620 * time.Second
	// maxHeader is many times what a webhook or a Pub/Sub push sends.
	maxHeader = 64 << 10 // bytes
	// maxBody holds the largest Pub/Sub message (10 MB, a third more in base64). The functions have lower limits.
	maxBody = 16 << 20 // bytes
	// drainTime and flushTime together are less than the 10 s that Cloud Run leaves between SIGTERM and SIGKILL.
	drainTime = 7500 * time.Millisecond
	flushTime = 1500 * time.Millisecond // to tell facts and export spans and metrics; a collector that does not answer gets no more
)

// newServer returns a server with time and size limits.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           http.MaxBytesHandler(h, maxBody),
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
	}
}

// flush tells the facts that are left, and exports the spans and metrics. Without them nothing is lost but the view of it, so that a failure is
// only told.
func flush(ctx context.Context, facts *topics.Teller, tel *telemetry.Telemetry, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(ctx, flushTime)
	defer cancel()
	facts.Close(ctx)
	if err := tel.Shutdown(ctx); err != nil {
		log.Warn("the last spans and metrics could not be exported", "error", err.Error())
	}
}

// serve answers requests until ctx ends, which SIGTERM brings about. Then it takes no new connections and waits until the
// requests in flight are answered, at most drainTime. It returns an error if it had to cut some off.
func serve(ctx context.Context, srv *http.Server, l net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	start := time.Now()
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := srv.Shutdown(deadline); err != nil {
		return errors.Join(fmt.Errorf("shut down: some requests took more than %s and were cut off: %w", drainTime, err), srv.Close())
	}
	log.Info("drained", "took_ms", time.Since(start).Milliseconds())
	return nil
}
