//go:build unix

package mirror_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tidings.dev/functions/mirror"
)

// One person writes as many device documents at once as they like, as large as the rules allow. Their copies come right soon,
// with two instances at work, and somebody else does not notice.
func TestOnePersonsWritesDoNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	const devices = 38
	r := newRig(t)
	other := *r
	other.Handler = mirror.New(mirror.Needs{Store: r.Store, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)})
	for i := range devices {
		r.register(t, "mallory", fmt.Sprint("d", i), fmt.Sprint(i)+strings.Repeat("v", 500), now)
	}
	start := time.Now()
	var all sync.WaitGroup
	for i := range devices {
		document := fmt.Sprint("users/mallory/devices/d", i)
		for _, instance := range []*rig{r, &other} {
			all.Go(func() {
				for instance.written(t, document) != http.StatusNoContent { // as Eventarc does
				}
			})
		}
	}
	slowest := time.Duration(0)
	for i := range 20 {
		began := time.Now()
		r.register(t, "bob", "phone", fmt.Sprint("b", i), now)
		if code := r.written(t, "users/bob/devices/phone"); code != http.StatusNoContent {
			t.Errorf("bob: got %d", code)
		}
		slowest = max(slowest, time.Since(began))
	}
	all.Wait()
	if took := time.Since(start); took > 15*time.Second || slowest > 3*time.Second {
		t.Errorf("the burst took %s and held bob up for %s; a second and some milliseconds were expected", took, slowest)
	}
	if got := len(r.known(t, "mallory")); got != devices {
		t.Errorf("got %d copies, want %d", got, devices)
	}
	if got := r.known(t, "bob"); len(got) != 1 || got[0] != "phone=b19" {
		t.Errorf("bob: got %q, want the last address", got)
	}
}
