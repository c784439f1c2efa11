package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/funcframework"
)

// A capture takes the server that the functions framework makes.
type capture chan *http.Server

func newCapture() capture { return make(capture, 1) }

// take keeps the server that serves r, if it is the first one.
func (c capture) take(r *http.Request) {
	if srv, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		select {
		case c <- srv:
		default:
		}
	}
}

// frameworkHandler returns the handler that the functions framework has made of what is registered: the one function that
// FUNCTION_TARGET names at every path, or all of them, each under its paths; a panic in one is a 500.
//
// The framework exports no handler, only Start, whose server has no time limits and cannot be shut down. But net/http puts
// the server into the context of each request. So we start the framework on a port of the loopback interface that nobody
// knows, ask GET /health, where withHealth hands us the server, and close it again: a millisecond or two at start-up. The
// alternative is a mux of our own beside the framework's, which would leave the framework with nothing to do.
func frameworkHandler(ctx context.Context, c capture) (h http.Handler, err error) {
	for range 3 { // somebody else may take the port between our closing it and the framework's opening it
		if h, err = captureHandler(ctx, c); err == nil {
			return h, nil
		}
	}
	return nil, fmt.Errorf("functions framework: %w", err)
}

func captureHandler(ctx context.Context, c capture) (http.Handler, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	host, port, err := net.SplitHostPort(address)
	if err := errors.Join(err, l.Close()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- funcframework.StartHostPort(host, port) }()
	client := &http.Client{Transport: &http.Transport{}} // no proxy
	defer client.CloseIdleConnections()
	for pause := 200 * time.Microsecond; ; pause *= 2 { // until the framework listens
		if req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", nil); err != nil {
			return nil, err
		} else if res, err := client.Do(req); err == nil {
			res.Body.Close()
		}
		select {
		case srv := <-c:
			_ = srv.Close() // it has answered the one request that it will ever get
			return srv.Handler, nil
		case err := <-ended:
			return nil, err
		case <-ctx.Done():
			return nil, fmt.Errorf("does not answer GET /health at %s: %w", address, ctx.Err())
		case <-time.After(pause):
		}
	}
}
