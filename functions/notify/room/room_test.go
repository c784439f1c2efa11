package room

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestAWalkWaitsForAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := New(500)
		first, second := r.Take(250), r.Take(300)
		start := time.Now()
		waited := func() time.Duration { return time.Since(start) }
		go func() {
			time.Sleep(time.Second)
			first()
		}()
		if r.Wait(t.Context(), 10*time.Second); waited() != time.Second {
			t.Errorf("full with 550 of 500: waited %s, want until 250 leave after 1 s", waited())
		}
		if r.Wait(t.Context(), 10*time.Second); waited() != time.Second {
			t.Errorf("with 300 of 500: waited until %s, want no wait", waited())
		}
		defer r.Take(200)()
		if r.Wait(t.Context(), 10*time.Second); waited() != 11*time.Second {
			t.Errorf("full, and nobody leaves: waited until %s, want 10 s more", waited())
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if r.Wait(ctx, 10*time.Second); waited() != 14*time.Second {
			t.Errorf("the request ends: waited until %s, want 3 s more", waited())
		}
		second()
		if r.Wait(t.Context(), 10*time.Second); waited() != 14*time.Second {
			t.Errorf("after all: waited until %s, want no wait", waited())
		}
	})
}

// Each walk that is woken looks whether it can go on. A hundred of them must not do so for each person who leaves.
func TestNobodyIsWokenBeforeAPlaceIsFree(t *testing.T) {
	t.Parallel()
	r := New(10)
	leave := r.Take(1)
	r.Take(9)
	over := r.Take(5)
	woken := r.full()
	over()
	select {
	case <-woken:
		t.Error("with 10 of 10, those who wait were woken")
	default:
	}
	leave()
	select {
	case <-woken:
	default:
		t.Error("with 9 of 10, nobody was woken")
	}
}
