//go:build unix

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"tidings.dev/emulator/clock"
	"tidings.dev/emulator/dispatch"
	"tidings.dev/emulator/fcm"
	"tidings.dev/emulator/google"
	"tidings.dev/emulator/internal/process"
	"tidings.dev/shared/fact"
)

const project = "demo-faults"

// world is what a run runs on: emulators of its own, since one of them is going to be restarted, the fake FCM, and two
// subscribers, each with its own taps to the emulators.
type world struct {
	o       Options
	group   *process.Group
	finder  *google.Finder
	port    int // the last one chosen
	binary  string
	account string // file with the service account for the fake FCM
	offset  string // file with the clock's offset

	firestoreHost, pubsubHost string
	firestore                 *process.Child // replaced by a restart
	db                        *firestore.Client
	pubsub                    *pubsub.Client
	dead                      *pubsub.Publisher
	fcm                       *fcm.Server
	fcmServer, router         *httptest.Server
	clock                     *clock.Clock // the functions'
	pace                      *clock.Clock // the retry topic's: see startPushes
	subscribers               []*subscriber
	pushes                    []*dispatch.Push
	retried                   atomic.Int64

	mu      sync.Mutex
	letters []*pubsub.Message    // what came to the dead-letter topic
	told    []fact.Fact          // what came to the topic of facts
	last    map[string]time.Time // when each subscriber's life published there last
	bad     []string             // what came there and is none
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
}

// newWorld brings everything up but the pushes. An error that wraps google.ErrMissing is a reason to skip.
func newWorld(ctx context.Context, o Options) (w *world, err error) {
	w = &world{o: o, last: map[string]time.Time{}, account: filepath.Join(o.Dir, "account.json"), offset: filepath.Join(o.Dir, "clock"), binary: filepath.Join(o.Dir, "functions"), pace: new(clock.Clock), cancel: func() {}}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.group, err = process.NewGroup(); err != nil {
		return w, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return w, err
	}
	quiet := func(string) {}
	w.finder = &google.Finder{Cache: filepath.Join(cache, "tidings"), Logs: o.Dir, Say: quiet, Doing: func(string) func() { return func() {} }}
	if w.clock, err = clock.New(w.offset); err != nil {
		return w, err
	}
	if err := w.clock.Advance(timeOf(0).Sub(w.clock.Now())); err != nil {
		return w, err
	}
	if w.fcm, err = fcm.New(project, w.clock.Now); err != nil {
		return w, err
	}
	w.fcmServer = httptest.NewServer(w.fcm)
	account, err := w.fcm.Credentials(w.fcmServer.URL + "/token")
	if err != nil {
		return w, err
	}
	if err := os.WriteFile(w.account, account, 0o600); err != nil {
		return w, err
	}
	if w.firestoreHost, err = w.freeHost(); err != nil {
		return w, err
	}
	if w.pubsubHost, err = w.freeHost(); err != nil {
		return w, err
	}
	if err := w.startServers(ctx); err != nil {
		return w, err
	}
	for i := range 2 {
		s, err := w.newSubscriber(fmt.Sprintf("notify-%d", i))
		if err != nil {
			return w, err
		}
		w.subscribers = append(w.subscribers, s)
		if err := s.start(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

// startServers starts the official emulators, and builds the functions meanwhile.
func (w *world) startServers(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.startFirestore(gctx) })
	g.Go(func() error { return w.startPubSub(gctx) })
	g.Go(func() error {
		build := exec.CommandContext(gctx, "go", "build", "-buildvcs=false", "-o", w.binary, "./functions")
		build.Dir = w.o.Root
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./functions: %w\n%s", err, out)
		}
		return nil
	})
	return g.Wait()
}

// close ends everything that newWorld and startPushes started.
func (w *world) close() {
	for _, p := range w.pushes {
		_ = p.Stop()
	}
	w.cancel()
	w.tasks.Wait()
	for _, s := range w.subscribers {
		s.close()
	}
	if w.group != nil {
		w.group.Close(0)
	}
	for _, server := range []*httptest.Server{w.fcmServer, w.router} {
		if server != nil {
			server.Close()
		}
	}
	if w.db != nil {
		_ = w.db.Close()
	}
	if w.pubsub != nil {
		_ = w.pubsub.Close()
	}
}

// startFirestore starts the emulator with the data of an export, if arguments say so.
func (w *world) startFirestore(ctx context.Context, arguments ...string) error {
	host, port, _ := net.SplitHostPort(w.firestoreHost)
	command, err := w.finder.Firestore(ctx, w.group, host, port)
	if err != nil {
		return err
	}
	args := append(command[1:], arguments...)
	w.firestore, err = w.group.Start(process.Spec{Name: "Firestore emulator", Path: command[0], Args: args, Dir: w.o.Dir, Log: filepath.Join(w.o.Dir, "firestore.log")})
	if err != nil {
		return err
	}
	if err := ready(ctx, w.firestore, "http://"+w.firestoreHost+"/"); err != nil || w.db != nil {
		return err
	}
	w.db, err = firestore.NewClient(ctx, project, append(local(w.firestoreHost), option.WithGRPCDialOption(grpc.WithUnaryInterceptor(asOwner)),
		option.WithGRPCDialOption(grpc.WithStreamInterceptor(asOwnerStream)))...)
	return err
}

// restartFirestore stops the emulator and starts it with the same data. It keeps nothing on disk, so this has to be arranged:
// calls have been refused for a while, those under way are waited for, everything is exported, and only then it is killed.
// What Firestore has acknowledged it never forgets; what this leaves of an outage is that it is away, and that every
// document comes back with another update time.
func (w *world) restartFirestore(ctx context.Context) error {
	deadline := time.Now().Add(30 * time.Second)
	for busy := true; busy; {
		busy = false
		for _, s := range w.subscribers {
			busy = busy || s.firestore.UnderWay() > 0
		}
		if time.Now().After(deadline) {
			return errors.New("restart of Firestore: some calls do not end")
		}
		time.Sleep(5 * time.Millisecond)
	}
	name := fmt.Sprintf("export-%d", time.Now().UnixNano())
	body := fmt.Sprintf(`{"database": "projects/%s/databases/(default)", "export_directory": %q, "export_name": %q}`, project, w.o.Dir, name)
	url := fmt.Sprintf("http://%s/emulator/v1/projects/%s:export", w.firestoreHost, project)
	res, err := http.Post(url, "application/json", bytes.NewBufferString(body))
	if err != nil {
		return fmt.Errorf("export of Firestore: %w", err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("export of Firestore: %s", res.Status)
	}
	w.firestore.Kill()
	return w.startFirestore(ctx, "--import-data", filepath.Join(w.o.Dir, name, name+".overall_export_metadata"))
}

func (w *world) startPubSub(ctx context.Context) error {
	host, port, _ := net.SplitHostPort(w.pubsubHost)
	command, err := w.finder.PubSub(ctx, w.group, host, port)
	if err != nil {
		return err
	}
	p, err := w.group.Start(process.Spec{Name: "Pub/Sub emulator", Path: command[0], Args: command[1:], Dir: w.o.Dir, Log: filepath.Join(w.o.Dir, "pubsub.log")})
	if err != nil {
		return err
	}
	if err := ready(ctx, p, "http://"+w.pubsubHost+"/"); err != nil {
		return err
	}
	w.pubsub, err = pubsub.NewClient(ctx, project, local(w.pubsubHost)...)
	return err
}

// local are the options of a client of an emulator.
func local(host string) []option.ClientOption {
	return []option.ClientOption{option.WithEndpoint(host), option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}

// The emulator's administrator, who is asked for no rules.
func owner(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer owner")
}

func asOwner(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return invoke(owner(ctx), method, req, reply, cc, opts...)
}

func asOwnerStream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, stream grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return stream(owner(ctx), desc, cc, method, opts...)
}

// freeHost is an address below those that systems give to outgoing connections, so that it is still free after a restart.
func (w *world) freeHost() (string, error) {
	for w.port = max(w.port, 12000+os.Getpid()%7000) + 1; w.port < 32000; w.port++ {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", w.port)); err == nil {
			return l.Addr().String(), l.Close()
		}
	}
	return "", errors.New("no free port up to 32000")
}

// ready waits until the child answers at url.
func ready(ctx context.Context, p *process.Child, url string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 90*time.Second, fmt.Errorf("%s: not ready in time", p.Name))
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-p.Done():
			return p.Ended()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
