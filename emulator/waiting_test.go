//go:build unix

package main

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// patience bounds every wait. It is not a promise of the product: this machine may be busy, and the official Pub/Sub emulator may
// give a message to a stream that was just reset, and again only when its lease has run out.
const patience = 3 * time.Minute

// impatience bounds every wait after one that was in vain. What stopped that test most likely stops the next ones, too, and sixty tests
// that wait for three minutes each say nothing more, hours later.
const impatience = 30 * time.Second

var (
	inVain        atomic.Bool           // a test has waited in vain
	broken        atomic.Pointer[error] // what a test has done to the stack, so that no other test can use it
	patientClient = &http.Client{Timeout: patience}
)

// stackFailed says why no test can use the stack any more, or nil.
func stackFailed() error {
	if err := broken.Load(); err != nil {
		return *err
	}
	select {
	case <-system.Done():
		return fmt.Errorf("the stack has ended: %v", system.Err())
	default:
		return nil
	}
}

// A wait has an end: when its time is over, or as soon as the stack has failed.
type wait struct {
	t    *testing.T
	what string
	late <-chan time.Time
}

func waitFor(t *testing.T, what string) wait {
	limit := patience
	if inVain.Load() {
		limit = impatience
	}
	return wait{t, what, time.After(limit)}
}

// fail ends the test whose wait is over. found is what is there instead.
func (w wait) fail(found any) {
	w.t.Helper()
	if err := stackFailed(); err != nil {
		w.t.Fatalf("waiting for %s: %v", w.what, err)
	}
	inVain.Store(true)
	w.t.Fatalf("waiting for %s: there is %v", w.what, found)
}

// eventually looks again and again until look says that it has found what the test waits for. What it has found instead is told when the
// wait is over. Documents are asked for, and not listened for: see listen.
func eventually(t *testing.T, what string, look func() (found any, ok bool)) {
	t.Helper()
	w, again := waitFor(t, what), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for {
		found, ok := look()
		if ok {
			return
		}
		select {
		case <-again.C:
		case <-w.late:
			w.fail(found)
		case <-system.Done():
			w.fail(found)
		}
	}
}
