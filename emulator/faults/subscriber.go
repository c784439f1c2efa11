//go:build unix

package faults

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tidings.dev/emulator/internal/process"
	"tidings.dev/emulator/tap"
)

// A subscriber is the deployed binary in a process of its own, which can be killed and started again. All it does goes
// through taps of its own, so that whoever kills it knows what it is doing.
type subscriber struct {
	w                 *world
	name, host, url   string
	firestore, pubsub *tap.Tap
	fcm               *httptest.Server
	trap              atomic.Pointer[trap]

	mu      sync.Mutex
	process *process.Child
	lives   int                  // how many processes there were until now
	killed  map[string]time.Time // when each life ended, but the last
}

// life is the number of the process that runs now.
func (s *subscriber) life() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lives
}

// lifeName is what facts call a process.
func (s *subscriber) lifeName(life int) string { return s.name + "-" + strconv.Itoa(life) }

// A trap kills a subscriber when it comes to a point.
type trap struct {
	point
	kill func()
}

func (w *world) newSubscriber(name string) (s *subscriber, err error) {
	s = &subscriber{w: w, name: name, killed: map[string]time.Time{}}
	if s.host, err = w.freeHost(); err != nil {
		return nil, err
	}
	s.url = "http://" + s.host + "/notify"
	if s.firestore, err = tap.Open(w.firestoreHost); err != nil {
		return nil, err
	}
	if s.pubsub, err = tap.Open(w.pubsubHost); err != nil {
		return nil, errors.Join(err, s.firestore.Close())
	}
	s.fcm = httptest.NewServer(http.HandlerFunc(s.serveFCM))
	return s, nil
}

// close ends the taps; the process goes with the world's group.
func (s *subscriber) close() {
	s.kill()
	_ = s.firestore.Close()
	_ = s.pubsub.Close()
	s.fcm.Close()
}

// start runs the process, and returns when it serves.
func (s *subscriber) start(ctx context.Context) error {
	_, port, _ := net.SplitHostPort(s.host)
	s.mu.Lock()
	s.lives++
	s.mu.Unlock()
	p, err := s.w.group.Start(process.Spec{
		Name: s.name, Path: s.w.binary, Dir: s.w.o.Dir, Log: filepath.Join(s.w.o.Dir, s.name+".log"),
		Env: []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(),
			"FUNCTION_TARGET=notify", "PORT=" + port, "GOOGLE_CLOUD_PROJECT=" + project,
			"FIRESTORE_EMULATOR_HOST=" + s.firestore.Address, "PUBSUB_EMULATOR_HOST=" + s.pubsub.Address,
			"GOOGLE_APPLICATION_CREDENTIALS=" + s.w.account, "FCM_ENDPOINT=" + s.fcm.URL + "/v1", "CLOCK_FILE=" + s.w.offset,
			"FACTS_KEY=" + string(factsKey), "K_REVISION=" + s.lifeName(s.life()), // which facts name
		},
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.process = p
	s.mu.Unlock()
	return ready(ctx, p, "http://"+s.host+"/health")
}

// kill ends the process as it stands.
func (s *subscriber) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		s.process.Kill()
		s.killed[s.lifeName(s.lives)] = time.Now()
	}
}

// end ends the process as Cloud Run does: it tells first what it has not told yet.
func (s *subscriber) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process.Stop(10 * time.Second)
}

// spring takes the trap that is set for the call, if there is one.
func (s *subscriber) spring(call string) *trap {
	if t := s.trap.Load(); t != nil && t.call == call && s.trap.CompareAndSwap(t, nil) {
		return t
	}
	return nil
}

// serveFCM is FCM for this subscriber. A push that it is killed after has been taken.
func (s *subscriber) serveFCM(w http.ResponseWriter, r *http.Request) {
	t := s.spring(callFCM)
	if t == nil {
		s.w.fcm.ServeHTTP(w, r)
		return
	}
	if t.late {
		s.w.fcm.ServeHTTP(httptest.NewRecorder(), r)
	}
	t.kill()
	panic(http.ErrAbortHandler) // net/http's way to cut the connection
}
