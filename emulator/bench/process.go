//go:build unix

package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"tidings.dev/emulator/internal/process"
	"tidings.dev/emulator/stack"
	"tidings.dev/emulator/tap"
	"tidings.dev/shared/topology"
)

// The systems that are measured.
const (
	tidings   = "tidings"
	pushing   = "tidings-push"   // the same, where each recipient has a device
	traced    = "tidings-traced" // the same as tidings-push, with telemetry on and one trace in a hundred recorded; only where it is asked for
	older     = "older"          // another build of the functions, which -beside names
	olderPush = "older-push"     // the same, where each recipient has a device
	floorRef  = "floor"
	naiveRef  = "naive"
)

// isOurs tells our subscriber from the references.
func isOurs(system string) bool { return system == tidings || system == older || pushes(system) }

// pushes reports whether the recipients have devices.
func pushes(system string) bool { return system == pushing || system == traced || system == olderPush }

// subscriber is one system, publishing and subscribing in a process of its own, on a stack of its own, behind a tap.
type subscriber struct {
	system string
	target string // the one function to serve; "": all
	binary string // what it runs, where it is ours
	stack  *stack.Stack
	tap    *tap.Tap
	url    string // base
	cmd    *exec.Cmd
	dir    string

	fcm       *httptest.Server
	pushes    atomic.Int64     // that it took
	collector *httptest.Server // takes spans and metrics, and throws them away
}

// startSubscriber brings up a fresh stack, points its subscriptions at a new subscriber process, and waits until it serves.
func startSubscriber(ctx context.Context, system, functions, binary string) (s *subscriber, err error) {
	s = &subscriber{system: system, binary: binary}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.stack, err = stack.Start(ctx, stack.Options{Functions: functions, Still: true}); err != nil {
		return s, err
	}
	if s.tap, err = tap.Open(s.stack.Addresses.Firestore); err != nil {
		return s, err
	}
	if s.dir, err = os.MkdirTemp("", "tidings-bench-"); err != nil {
		return s, err
	}
	// What FCM does with a push is not the subscriber's cost, and the fake's checks would be, on the same two cores.
	s.fcm = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"name": "projects/%s/messages/%d"}`, stack.Project, s.pushes.Add(1))
	}))
	s.collector = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	if _, err = s.run(ctx); err != nil {
		return s, err
	}
	for _, id := range []string{"events-notify", "events-urgent-notify", "events-retry-notify"} {
		s.stack.Pushes[id].SetEndpoints(s.url + "/notify")
	}
	return s, nil
}

// run starts the subscriber's process and returns how long it took from exec to its first answer.
func (s *subscriber) run(ctx context.Context) (time.Duration, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	account := filepath.Join(s.dir, "account.json")
	credentials, err := s.stack.FCM.Credentials(s.stack.Addresses.FCM + "/token")
	if err == nil {
		err = os.WriteFile(account, credentials, 0o600)
	}
	if err != nil {
		return 0, err
	}
	s.cmd = exec.Command(s.binary)
	if !isOurs(s.system) {
		self, err := os.Executable()
		if err != nil {
			return 0, err
		}
		s.cmd = exec.Command(self, "reference", s.system)
	}
	s.cmd.Env = append(os.Environ(), "FUNCTION_TARGET="+s.target, "PORT="+port, "PRODUCER_GRANTS="+stack.ProducerGrants, "GOOGLE_CLOUD_PROJECT="+stack.Project,
		"FIRESTORE_EMULATOR_HOST="+s.tap.Address, "PUBSUB_EMULATOR_HOST="+s.stack.Addresses.PubSub,
		"FIREBASE_AUTH_EMULATOR_HOST="+s.stack.Addresses.Auth, "GOOGLE_APPLICATION_CREDENTIALS="+account, "FCM_ENDPOINT="+s.fcm.URL+"/v1")
	if notify, ok := topology.Deployed().Function("notify"); ok && isOurs(s.system) {
		s.cmd.Env = append(s.cmd.Env, notify.Runtime()...)
	}
	if s.system == traced {
		s.cmd.Env = append(s.cmd.Env, "OTEL_EXPORTER_OTLP_ENDPOINT="+s.collector.URL, "OTEL_TRACES_SAMPLER_ARG=0.01")
	}
	log, err := os.Create(filepath.Join(s.dir, s.system+".log"))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.url = "http://127.0.0.1:" + port
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return 0, err
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Microsecond) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/health", nil)
		if err != nil {
			return 0, err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			return time.Since(start), nil
		}
	}
	return 0, fmt.Errorf("%s does not answer; its log is %s", s.system, log.Name())
}

func (s *subscriber) stop() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// close ends the process and the stack. It may be called twice.
func (s *subscriber) close() {
	s.stop()
	if s.fcm != nil {
		s.fcm.Close()
	}
	if s.collector != nil {
		s.collector.Close()
	}
	if s.tap != nil {
		s.tap.Close()
	}
	if s.stack != nil {
		s.stack.Close()
	}
	s.fcm, s.collector, s.tap, s.stack = nil, nil, nil, nil
	os.RemoveAll(s.dir)
}

// usage is what the process has used so far.
func (s *subscriber) usage() process.Usage { return process.Used(s.cmd.Process.Pid) }

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
