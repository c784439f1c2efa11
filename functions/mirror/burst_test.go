//go:build unix

package mirror_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tidings.dev/emulator/firestoretest"
	"tidings.dev/emulator/tap"
	"tidings.dev/functions/mirror"
)

// One person writes as many device documents at once as they like, as large as the rules allow. Their copies come right by a few
// looks of two instances, and somebody else does not wait for them.
func TestOnePersonsWritesDoNotHoldUpOthers(t *testing.T) { // not parallel: it sets the environment
	const devices = 38
	project := firestoretest.Project(t)
	wire, err := tap.Open(os.Getenv("FIRESTORE_EMULATOR_HOST"))
	must(t, err)
	t.Cleanup(func() { _ = wire.Close() })
	t.Setenv("FIRESTORE_EMULATOR_HOST", wire.Address)
	r := rigOn(t, project)
	other := *r
	other.Handler = mirror.New(mirror.Needs{Store: r.Store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	for i := range devices {
		r.register(t, "mallory", fmt.Sprint("d", i), fmt.Sprint(i)+strings.Repeat("v", 500), now)
	}

	// Firestore does not answer the first two looks, one in each instance, until bob is done.
	var looks, answers atomic.Int64
	held, bobIsDone := make(chan struct{}, 2), make(chan struct{})
	wire.Disturb(func(method string) tap.Fault {
		if method == "RunQuery" && looks.Add(1) <= 2 {
			held <- struct{}{}
			<-bobIsDone
		}
		return tap.Fault{}
	})
	var all sync.WaitGroup
	for i := range devices {
		document := fmt.Sprint("users/mallory/devices/d", i)
		for _, instance := range []*rig{r, &other} {
			all.Go(func() {
				for done := false; !done; answers.Add(1) { // as Eventarc does
					done = instance.written(t, document) == http.StatusNoContent
				}
			})
		}
	}
	<-held
	<-held
	const times = 5
	for i := range times {
		r.register(t, "bob", "phone", fmt.Sprint("b", i), now)
		if code := r.written(t, "users/bob/devices/phone"); code != http.StatusNoContent {
			t.Errorf("bob: got %d", code)
		}
	}
	if got := answers.Load(); got > 0 { // none, unless bob has waited until the function gave up those looks
		t.Errorf("mallory was answered %d times before bob was: bob waits for what is done for others", got)
	}
	close(bobIsDone)
	all.Wait()
	// In each instance mallory's first event costs a look, and all others together the next one; a few more where the two met.
	if got := looks.Load() - times; got > devices {
		t.Errorf("%d events cost %d looks at mallory's devices, want a few", 2*devices, got)
	}
	if got := len(r.known(t, "mallory")); got != devices {
		t.Errorf("got %d copies, want %d", got, devices)
	}
	if got := r.known(t, "bob"); len(got) != 1 || got[0] != "phone=b4" {
		t.Errorf("bob: got %q, want the last address", got)
	}
}
