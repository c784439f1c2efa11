//go:build unix

// Package stack brings up the whole of Tidings on this machine: the official Firestore, Pub/Sub and Auth emulators, the
// fake FCM, a clock that can be moved, the functions as the binary that is deployed, the dispatcher that pushes to them,
// the archive, and the web demo. `go run ./emulator` and the end-to-end tests start the same Stack; several can run side by side.
//
// The functions do not know that they run here: they get the SDKs' own variables (FIRESTORE_EMULATOR_HOST and so on), the address
// of the fake FCM with a service account for it, and the file of the clock. All ports are on the loopback interface.
//
// The user's cache folder keeps what is slow to make: downloads, firebase-tools, the functions' binary. A temporary folder holds
// what belongs to one run, logs above all: a clean stop removes it, and an error names it. No process outlives the stack,
// whatever ends it (package process).
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"tidings.dev/emulator/bigquery"
	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/fcm"
	"tidings.dev/emulator/gcs"
	"tidings.dev/emulator/google"
	"tidings.dev/emulator/internal/loopback"
	"tidings.dev/emulator/internal/process"
	"tidings.dev/emulator/mailbox"
	"tidings.dev/emulator/oidc"
	"tidings.dev/emulator/traces"
)

// Project is the stack's project. No client sends anything of a project called demo-… to production.
const Project = "demo-tidings"

// ErrMissing is in every error that goes away when somebody installs Java, Node.js or npm. A test may skip for it.
var ErrMissing = google.ErrMissing

// Options say what to start. The zero value starts everything but the web demo, the archive and facts, on free ports.
type Options struct {
	PortBase  int       // the first of PortCount ports, in the order of ports.go; 0: free ones
	Web       bool      // with the web demo
	Archive   bool      // with the archive of what is published
	Insight   bool      // with facts, what stands in for BigQuery, and the functions that read or hear them
	Progress  io.Writer // one line for each step; nil: none
	Root      string    // the repository; empty: found upwards of the working directory
	Functions string    // a binary to run as the functions; empty: built from Root
	Env       []string  // more of the functions' environment, as "KEY=value"
	Still     bool      // without triggers and scheduler: only what brings an event from its post to the inbox and the devices
	// Unscheduled is without the scheduler: whoever started the stack calls its jobs (Call).
	Unscheduled bool
	// Webhooks is what WEBHOOKS and WEBHOOK_KEYS say to the functions. Empty: no product is told anything, and the function webhooks is not there, with its trigger and its
	// job.
	Webhooks, WebhookKeys string
	// EnvOf is more of one function's environment, which goes before Env. It is asked each time that the function starts; nil: nothing more.
	EnvOf func(function string, a Addresses) ([]string, error)
}

// Addresses says where everything is: the base URL of an HTTP service, host:port where the SDKs want that.
type Addresses struct {
	Project     string `json:"project"`
	Web         string `json:"web"` // empty without the web demo
	Publish     string `json:"publish"`
	Settings    string `json:"settings"` // the function people; takes ProducerToken
	Notify      string `json:"notify"`
	DeadLetters string `json:"deadLetters"`
	Webhooks    string `json:"webhooks"`  // for operators; empty where no product is told anything
	Insight     string `json:"insight"`   // takes ProducerToken
	Firestore   string `json:"firestore"` // host:port
	PubSub      string `json:"pubsub"`    // host:port
	Auth        string `json:"auth"`      // host:port
	FCM         string `json:"fcm"`
	Clock       string `json:"clock"`
	Traces      string `json:"traces"`  // empty without the web demo
	Storage     string `json:"storage"` // Cloud Storage, with the archive; empty without it
	Mailbox     string `json:"mailbox"`
	SMTP        string `json:"smtp"` // host:port; what is sent there is in the mailbox
	Unsubscribe string `json:"unsubscribe"`
	BigQuery    string `json:"bigquery"` // a stand-in, with the facts that the functions tell

	// The webhooks, with their paths, and the secrets that another system proves itself with.
	GitHub             string `json:"github"`
	GitHubSecret       string `json:"githubSecret"`
	Alertmanager       string `json:"alertmanager"`
	AlertmanagerSecret string `json:"alertmanagerSecret"`
	Orders             string `json:"orders"` // takes ProducerToken

	Logs          string   `json:"logs"`          // the folder with the output of all programs
	ProducerToken string   `json:"producerToken"` // an ID token, good for an hour
	OperatorToken string   `json:"operatorToken"` // for dead letters; good for an hour
	People        []Person `json:"people"`
}

// A Stack is a running system. Close must be called.
type Stack struct {
	Addresses Addresses
	Clock     *clock.Clock
	FCM       *fcm.Server
	Mailbox   *mailbox.Server
	Storage   *gcs.Server       // with the archive of what was published; nil without it
	Traces    *traces.Collector // what the functions export, where the stack has a web demo, which shows it
	Facts     *bigquery.Table   // what the functions tell; nil without Options.Insight
	// Pushes has the push of each subscription by its id ("events-notify").
	Pushes map[string]*dispatch.Push

	opts     Options
	root     string // the repository
	dir      string // of this run
	progress *progress
	finder   *google.Finder
	group    *process.Group
	pids     sync.Map // of the emulators that were started here, by name
	pubsub   *pubsub.Client
	accounts *accounts
	account  string            // file with the service account for the fake FCM
	dkim     string            // the key that signs mails, as PEM
	signer   *oidc.Signer      // of the tokens of those who call the functions
	keys     string            // file with its public key
	smtp     net.Listener      // of the mailbox
	web      string            // where the web demo is, or will be; empty without one
	offset   string            // file with the clock's offset
	eventarc string            // host:port of serveTriggers
	binary   string            // of the functions
	urls     map[string]string // of the functions, by name
	triggers triggers          // what Firestore has called, and what became of it
	servers  []*http.Server
	keepers  sync.WaitGroup // of what is published; done is their end
	runs     atomic.Int64   // of commands

	mu        sync.Mutex
	calls     map[string]int64          // requests of Pub/Sub, Eventarc and the scheduler, by the function's URL
	functions map[string]*process.Child // that run, by name
	triggered map[[2]string]int         // how many events came, by trigger and person
	closing   bool
	err       error
	done      chan struct{}           // closed when something failed or Close was called
	cancel    context.CancelCauseFunc // ends a Start that is under way
}

// Start brings everything up and returns when all of it serves. An error names the program that failed, its last lines
// and the folder with all logs; nothing is left running then.
func Start(ctx context.Context, opts Options) (*Stack, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &Stack{opts: opts, progress: newProgress(opts.Progress), Pushes: make(map[string]*dispatch.Push), functions: make(map[string]*process.Child),
		calls: make(map[string]int64), triggered: make(map[[2]string]int), done: make(chan struct{}), cancel: cancel}
	err := s.prepare()
	if err == nil {
		err = s.progress.during(func() error { return s.start(ctx) })
	}
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause // rather than the "context canceled" that it led to elsewhere
	}
	if err != nil {
		s.fail(err)
		s.Close()
		return nil, s.withLogs(err)
	}
	return s, nil
}

// prepare makes the run's folder and the group of its children.
func (s *Stack) prepare() error {
	cache, err := google.CacheDir()
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "tidings-"); err != nil {
		return err
	}
	if err := os.Mkdir(s.logs(), 0o700); err != nil {
		return err
	}
	s.finder = &google.Finder{Cache: cache, Logs: s.logs(), Say: s.progress.say, Doing: s.progress.doing}
	if s.group, err = process.NewGroup(); err != nil {
		return err
	}
	s.watch(s.group.Guardian())
	return nil
}

// Root is the repository that the stack runs.
func (s *Stack) Root() string { return s.root }

func (s *Stack) logs() string { return filepath.Join(s.dir, "logs") }

// Done is closed when the stack has failed or was closed.
func (s *Stack) Done() <-chan struct{} { return s.done }

// Err waits for the end and returns what failed, or nil after a Close of a healthy stack.
func (s *Stack) Err() error {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.withLogs(s.err)
}

func (s *Stack) withLogs(err error) error {
	if err == nil || !s.worthReading(err) {
		return err
	}
	return fmt.Errorf("%w\n    all logs: %s", err, s.logs())
}

// worthReading says whether the logs can tell more about an error.
func (s *Stack) worthReading(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, ErrMissing) {
		return false
	}
	entries, err := os.ReadDir(s.logs())
	return err == nil && len(entries) > 0
}

// fail records the first failure and ends the run.
func (s *Stack) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.err != nil || err == nil {
		return
	}
	s.err = err
	s.cancel(err)
	close(s.done)
}

// watch ends the run when the child ends.
func (s *Stack) watch(p *process.Child) {
	go func() { s.fail(p.Ended()) }()
}

// Close stops everything and returns what had failed before, if anything. The functions stop before the emulators, so that they can
// finish the requests that they are working on. It may be called twice. It takes ten seconds at most, usually less than one.
func (s *Stack) Close() error {
	s.mu.Lock()
	first := !s.closing
	s.closing = true
	if first && s.err == nil {
		close(s.done)
	}
	err, functions := s.err, slices.Collect(maps.Values(s.functions))
	s.mu.Unlock()
	if !first {
		return err
	}
	s.cancel(nil)
	var wg sync.WaitGroup
	for _, p := range s.Pushes {
		wg.Go(func() { _ = p.Stop() }) // its failure, if any, has been reported
	}
	for _, srv := range s.servers {
		wg.Go(func() { _ = srv.Close() })
	}
	if s.smtp != nil {
		_ = s.smtp.Close()
	}
	wg.Wait()
	s.keepers.Wait()
	if s.pubsub != nil {
		_ = s.pubsub.Close()
	}
	for _, p := range functions {
		wg.Go(func() { p.Stop(5 * time.Second) })
	}
	wg.Wait()
	if s.Facts != nil {
		_ = s.Facts.Close()
	}
	if s.group != nil {
		s.group.Close(3 * time.Second)
	}
	if s.dir != "" && (err == nil || !s.worthReading(err)) {
		_ = os.RemoveAll(s.dir)
	}
	return err
}

// serve runs a handler in this process.
func (s *Stack) serve(l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: loopback.Guard(h), ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, srv)
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("serving on %s: %w", l.Addr(), err))
		}
	}()
}
