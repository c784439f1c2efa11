package store_test

import (
	"context"
	"testing"
)

// TestAWalkDoesNotGoBack: a step was delivered twice at once. The slower one is noted when the step after it has been taken, which
// may come a second time, too.
func TestAWalkDoesNotGoBack(t *testing.T) {
	t.Parallel()
	s, ctx := open(t), context.Background()
	for _, steps := range []int{1, 2, 1} {
		if err := s.Walk(ctx, "w", steps, now); err != nil {
			t.Fatal(err)
		}
	}
	for steps, want := range map[int]bool{1: true, 2: true, 3: false} {
		if got, err := s.Walked(ctx, "w", steps); got != want || err != nil {
			t.Errorf("%d steps: got %t, %v; want %t", steps, got, err, want)
		}
	}
}
