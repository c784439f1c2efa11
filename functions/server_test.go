package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// listen opens a port on the loopback interface.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestServerHasLimits(t *testing.T) {
	t.Parallel()
	srv := newServer(http.NotFoundHandler())
	if srv.ReadHeaderTimeout <= 0 || srv.ReadTimeout <= srv.ReadHeaderTimeout || srv.IdleTimeout <= 600*time.Second || srv.MaxHeaderBytes <= 0 {
		t.Errorf("a limit is missing: %+v", srv)
	}
}

// Two hundred clients never finish their headers. The others are served at once meanwhile, and the two hundred lose their connections.
func TestSlowHeadersDoNotStopOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
		l, stopped := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}, make(chan error, 1)
		ctx, stop := context.WithCancel(t.Context())
		go func() { stopped <- serve(ctx, srv, l, slog.New(slog.DiscardHandler)) }()
		send := func(text string) net.Conn {
			client, server := net.Pipe()
			l.conns <- server
			fmt.Fprint(client, text)
			return client
		}
		start := time.Now()
		var slow []net.Conn
		for range 200 {
			slow = append(slow, send("POST /notify HTTP/1.1\r\nHost: x\r\nX-Slow: "))
		}
		for i := range 20 {
			conn := send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || res.StatusCode != http.StatusNoContent {
				t.Errorf("request %d beside the slow ones: %v", i, err)
			}
			conn.Close()
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the others waited for %s", took)
		}
		for i, conn := range slow {
			if answer, err := io.ReadAll(conn); err != nil || len(answer) > 0 {
				t.Errorf("slow connection %d: got %q, %v, want its end", i, answer, err)
			}
		}
		if took := time.Since(start); took != headerTime {
			t.Errorf("the slow connections were open for %s, want %s", took, headerTime)
		}
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

// What the server has taken when SIGTERM comes is answered, however slow the handler is; what comes later is refused, so that
// nobody believes it to be accepted.
func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	t.Parallel()
	const requests = 50
	taken, release := make(chan struct{}, requests), make(chan struct{})
	srv := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		taken <- struct{}{}
		<-release
		w.WriteHeader(http.StatusAccepted)
	}))
	l, stopped := listen(t), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	var out bytes.Buffer
	go func() { stopped <- serve(ctx, srv, l, slog.New(slog.NewJSONHandler(&out, nil))) }()
	url := "http://" + l.Addr().String()
	answers := make(chan string, requests)
	for range requests {
		go func() {
			res, err := http.Post(url, "application/json", strings.NewReader("{}"))
			if err != nil {
				answers <- err.Error()
				return
			}
			res.Body.Close()
			answers <- res.Status
		}()
	}
	for range requests {
		<-taken
	}
	stop()
	for { // until the port is closed
		if _, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}).Get(url); errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if len(taken) > 0 {
			<-taken // this one was in time
		}
	}
	close(release)
	for range requests {
		if got := <-answers; got != "202 Accepted" {
			t.Errorf("a request in flight: got %s, want 202", got)
		}
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), `"drained"`) {
		t.Errorf("the log does not say that all is done: %s", out.String())
	}
}

// pipes is a listener whose connections stay within the process, for synctest.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func TestShutdownEndsBeforeCloudRunKills(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- serve(ctx, srv, l, slog.New(slog.DiscardHandler)) }()
		client, server := net.Pipe()
		l.conns <- server
		fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		synctest.Wait()
		stop()
		start := time.Now()
		err := <-stopped
		if took := time.Since(start); took != drainTime {
			t.Errorf("it took %s, want %s", took, drainTime)
		}
		if err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("error %v, want one that says that something was cut off", err)
		}
		client.Close()
	})
}
