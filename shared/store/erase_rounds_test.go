package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/store"
)

var errKilled = status.Error(codes.PermissionDenied, "killed")

// killing opens a store that dies at its n-th commit: before it is carried out, or after that.
func (w *town) killing(t *testing.T, n int64, after bool) *store.Store {
	t.Helper()
	return w.disturbed(t, func(commit int64, _ int, carryOut func() error) error {
		if commit != n {
			return carryOut()
		}
		if after {
			_ = carryOut()
		}
		return errKilled
	})
}

// disturbed opens a store of which each commit, the first is 1, is what the function makes of it; of so many writes.
func (w *town) disturbed(t *testing.T, commit func(n int64, writes int, carryOut func() error) error) *store.Store {
	t.Helper()
	var commits atomic.Int64
	s, err := store.Open(t.Context(), w.project, option.WithGRPCDialOption(grpc.WithChainUnaryInterceptor(
		func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			carryOut := func() error { return invoke(ctx, method, req, reply, cc, opts...) }
			whole, ok := req.(*firestorepb.CommitRequest)
			if !ok {
				return carryOut()
			}
			return commit(commits.Add(1), len(whole.Writes), carryOut)
		})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A round ends also where more comes in all the time than it erases; what is left of that is erased by the second one.
func TestAnErasureEndsWhileMoreComesIn(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	want := w.settle(t, 100)
	first, err := w.eraser(w.disturbed(t, func(n int64, writes int, carryOut func() error) error {
		if e := like(goneActor); writes > 15 { // a page of items
			e.Target.ID = fmt.Sprint("more-", n)
			w.tellAll(t, writes, e)
			want["items"] += writes
		}
		return carryOut()
	})).Erase(t.Context(), gone, time.Now().Add(time.Minute))
	if err != nil || first.AgainAt.IsZero() {
		t.Fatalf("got %+v, %v; want that the first round is over", first, err)
	}
	got, err := w.finish(t.Context(), w.Store)
	if diff := cmp.Diff(want, got.Erased); diff != "" || err != nil {
		t.Errorf("receipt: %v (-want +got):\n%s", err, diff)
	}
	if places := w.search(t, gone+`"`, gone+`\"`, gone+"\n", gone+"/", goneName, gonePicture); len(places) != 0 {
		t.Errorf("the person still stands in %v", places)
	}
}

// Killed before or after any of its commits, an erasure goes on where it was, and its receipt is the same.
func TestAnErasureIsKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprint("after=", after), func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			want := w.settle(t, 3)
			kills, at := 0, int64(2)
			if after {
				at = 1
			}
			for { // each process comes one commit further
				_, err := w.finish(t.Context(), w.killing(t, at, after))
				if err == nil {
					break
				}
				if kills++; status.Code(err) != codes.PermissionDenied || kills > 100 {
					t.Fatalf("process %d: %v", kills, err)
				}
				if got, err := w.Erasure(t.Context(), gone); err == nil && !got.FinishedAt.IsZero() {
					break // it was killed by its last commit
				}
			}
			got, err := w.Erasure(t.Context(), gone)
			if diff := cmp.Diff(want, got.Erased); diff != "" || err != nil {
				t.Errorf("receipt after %d deaths: %v (-want +got):\n%s", kills, err, diff)
			}
			if kills < 8 {
				t.Errorf("it was killed %d times, which is a poor test", kills)
			}
			if places := w.search(t, gone+`"`, gone+`\"`, gone+"\n", gone+"/", goneName, gonePicture); len(places) != 0 {
				t.Errorf("the person still stands in %v", places)
			}
		})
	}
}
