package mirror

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Callers who come while the person's work is done share the next piece of work: each is answered by one that began after
// the call.
func TestCallsAboutOnePersonShareTheirWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var people coalescer
		var pieces, written atomic.Int64
		work := func(context.Context) error {
			pieces.Add(1)
			seen := written.Load()
			time.Sleep(time.Second) // of the bubble's clock
			if seen < written.Load() && pieces.Load() > 2 {
				t.Error("something was written after the last piece of work began")
			}
			return nil
		}
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				written.Add(1)
				if err := people.do(t.Context(), "bob", work); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if pieces.Load() != 2 {
			t.Errorf("got %d pieces of work for 50 calls, want 2: the first call's, and one for all the others", pieces.Load())
		}
	})
}

func TestPeopleDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var people coalescer
		stuck := make(chan struct{})
		go func() {
			_ = people.do(t.Context(), "mallory", func(context.Context) error { <-stuck; return nil })
		}()
		synctest.Wait()
		if err := people.do(t.Context(), "bob", func(context.Context) error { return nil }); err != nil {
			t.Error(err)
		}
		close(stuck)
	})
}

// A fault is told to those who waited for that piece of work, ends nothing else, and leaves nothing behind.
func TestAFaultEndsItsOwnTurnOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var people coalescer
		broken := errors.New("broken")
		if err := people.do(t.Context(), "bob", func(context.Context) error { return broken }); !errors.Is(err, broken) {
			t.Errorf("got %v, want the error", err)
		}
		if err := people.do(t.Context(), "bob", func(context.Context) error { panic("poison") }); err == nil || !strings.Contains(err.Error(), "panic") || strings.Contains(err.Error(), "poison") {
			t.Errorf("got %v, want the panic as an error, without its text", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := people.do(gone, "bob", func(ctx context.Context) error { return ctx.Err() }); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who has left: got %v", err)
		}
		synctest.Wait()
		if len(people.next) != 0 {
			t.Errorf("%d people are left behind", len(people.next))
		}
	})
}
